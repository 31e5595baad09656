"""The generated text: what a lecturer shows, on its own two feet, the same every time, and nobody else's code."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from symnorm.errors import SymnormError, Unsupported
from symnorm.kernels import Kernel, kernel, of_plan, plan
from symnorm.normalizers import find
from symnorm.normalizers.definition import Equations, Normalizer, normalizer
from symnorm.normalizers.definition import equations as name_equations
from symnorm.tensors import Tensor, axes, scalar, tensor, total
from tests.kernels.group_norm import group_norm_kernel
from tests.kernels.textbook import FORMS, kernel_of

N, C = axes("N C")
KERNELS = {name: (lambda name=name: kernel_of(name)) for name in FORMS} | {"group_norm": group_norm_kernel}


def body(source: str, name: str) -> list[str]:
    """The lines of a function after its docstring."""
    lines = source.splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith(f"def {name}("))
    start = next(at for at in range(start, len(lines)) if lines[at].startswith('    """')) + 1
    end = next(at for at in range(start, len(lines)) if lines[at] and not lines[at].startswith(" "))
    return [line[4:] for line in lines[start:end] if line]


@pytest.mark.parametrize(
    ("name", "function", "lines"),
    [
        (
            "batch_norm",
            "forward_body",
            [
                "# mu = mean(x)",
                "mu = xp.mean(x, axis=over_N, keepdims=True)",
                "# var = mean((x - mu)**2)",
                "var = xp.mean((x - mu)**2, axis=over_N, keepdims=True)",
                "# x_hat = (x - mu)/sqrt(var + eps)",
                "x_hat = (x - mu)/xp.sqrt(var + eps)",
                "# y = gamma*x_hat + beta",
                "y = gamma*x_hat + beta",
                "return mu, var, x_hat, y",
            ],
        ),
        (
            "batch_norm",
            "backward_body",
            [
                "# dgamma = sum(dy*x_hat)",
                "dgamma = xp.sum(dy*x_hat, axis=over_N, keepdims=True)",
                "# dbeta = sum(dy)",
                "dbeta = xp.sum(dy, axis=over_N, keepdims=True)",
                "# dx = gamma/sqrt(var + eps)*(dy - mean(dy) - x_hat*mean(dy*x_hat))",
                "dx = gamma/xp.sqrt(var + eps)*(dy - dbeta/N - x_hat*(dgamma/N))",
                'return {"x": dx, "gamma": dgamma, "beta": dbeta}',
            ],
        ),
        (
            "weight_norm",
            "backward_body",
            [
                "# dg = sum(dw*v)/norm",
                "dg = xp.sum(dw*v, axis=over_K, keepdims=True)/norm",
                "# dv = g/norm*dw - g*dg/norm**2*v",
                "dv = g/norm*dw - g*dg/norm**2*v",
                'return {"v": dv, "g": dg}',
            ],
        ),
        (
            "layer_norm",
            "backward_body",
            [
                "# mean_1 = mean[C](gamma*dy)",
                "mean_1 = xp.mean(gamma*dy, axis=over_C, keepdims=True)",
                "# mean_2 = mean[C](gamma*dy*x_hat)",
                "mean_2 = xp.mean(gamma*dy*x_hat, axis=over_C, keepdims=True)",
                "# dx = (gamma*dy - mean[C](gamma*dy) - x_hat*mean[C](gamma*dy*x_hat))/sqrt(var + eps)",
                "dx = (gamma*dy - mean_1 - x_hat*mean_2)/xp.sqrt(var + eps)",
                "# dgamma = sum[N](dy*x_hat)",
                "dgamma = xp.sum(dy*x_hat, axis=over_N, keepdims=True)",
                "# dbeta = sum[N](dy)",
                "dbeta = xp.sum(dy, axis=over_N, keepdims=True)",
                'return {"x": dx, "gamma": dgamma, "beta": dbeta}',
            ],
        ),
    ],
)
def test_the_body_is_what_a_lecturer_would_write(name: str, function: str, lines: list[str]) -> None:
    assert body(kernel_of(name).source, function) == lines


@pytest.mark.parametrize("name", ["batch_norm", "batch_norm.inference", "layer_norm", "weight_norm"])
def test_the_derived_gradients_give_the_module_that_the_books_give(name: str) -> None:
    assert kernel(name).source == kernel_of(name).source


def test_the_derived_gradient_of_renorm_gives_the_line_that_the_paper_gives() -> None:
    (line,) = [line for line in body(kernel("batch_renorm").source, "backward_body") if line.startswith("dx = ")]
    assert line in body(kernel_of("batch_renorm").source, "backward_body")


@pytest.mark.parametrize("name", KERNELS)
def test_one_formula_stands_above_each_line(name: str) -> None:
    for function in ("forward_body", "backward_body"):
        lines = body(KERNELS[name]().source, function)
        statements = [at for at, line in enumerate(lines) if " = " in line and line[0] not in "# "]
        assert statements
        for at in statements:
            assert lines[at - 1].startswith("# ")
            comment = next(lines[up] for up in range(at - 1, -1, -1) if not lines[up].startswith("#  "))
            assert comment.startswith(f"# {lines[at].split(' = ')[0]} = ")


@pytest.mark.parametrize("name", KERNELS)
def test_the_text_is_plain_python_that_needs_numpy_only(name: str) -> None:
    source = KERNELS[name]().source
    tree = ast.parse(source)
    found = {
        node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert found == {"__future__", "math", "collections.abc", "functools", "types", "typing", "numpy", "numpy.typing"}
    assert all(len(line) <= 120 and line == line.rstrip() for line in source.splitlines())
    assert source.endswith("\n") and not source.endswith("\n\n")
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    for function in functions:
        assert ast.get_docstring(function), function.name
        given = [arg for arg in function.args.args + function.args.kwonlyargs if arg.arg != "self"]
        assert function.returns is not None and all(arg.annotation is not None for arg in given), function.name


@pytest.mark.parametrize("name", KERNELS)
def test_the_docstring_gives_formulas_source_and_shapes(name: str) -> None:
    kernel = KERNELS[name]()
    head = ast.get_docstring(ast.parse(kernel.source)) or ""
    assert kernel.plan.title in head and kernel.plan.source in head
    for equation in (*kernel.plan.equations, *kernel.plan.updates, *(f"d{wrt}" for wrt in kernel.plan.gradients)):
        assert f"    {equation} " in head
    documented = kernel.module.forward.__doc__
    for declared in kernel.plan.declared:
        assert f"        {declared}: " in documented


MADE = """
import sys
from symnorm.kernels import kernel
for name, style in {made!r}:
    sys.stdout.write(kernel(name, style=style).source)
"""


@pytest.mark.parametrize("seed", ["0", "1", "20"])
def test_the_text_is_the_same_in_every_process(seed: str) -> None:
    made = [(name, style) for name in ("batch_renorm", "group_norm", "z_score") for style in ("reference", "fast")]
    made.append(("zca_whitening", "reference"))
    there = subprocess.run(
        [sys.executable, "-c", MADE.format(made=made)],
        capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )  # fmt: skip
    assert there.stdout == "".join(kernel(name, style=style).source for name, style in made)


@pytest.mark.parametrize("name", KERNELS)
def test_the_written_file_runs_without_symnorm(name: str, tmp_path: Path) -> None:
    made = KERNELS[name]()
    target = tmp_path / "made.py"
    made.write(target)
    assert target.read_text(encoding="utf-8") == made.source
    assert [path.name for path in tmp_path.iterdir()] == ["made.py"]
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import made"
    code += "; print('symnorm' in sys.modules, made.Saved._fields)"
    done = subprocess.run([sys.executable, "-I", "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("False ") and "'updates'" in done.stdout


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "made.py"
    target.write_text("before")
    made = replace(kernel_of("weight_norm"), source="half a surrogate \ud800")  # cannot be encoded
    with pytest.raises(UnicodeEncodeError):
        made.write(target)
    assert target.read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["made.py"]


def test_writing_into_a_directory_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        kernel_of("weight_norm").write(tmp_path / "nowhere" / "made.py")


def test_words_of_a_definition_cannot_leave_their_docstring() -> None:
    hostile = 'end""" + __import__("os").abort() + """\\'
    found = replace(kernel_of("weight_norm").plan, title=hostile, source=hostile + "\nimport os")
    tree, harmless = ast.parse(of_plan(found).source), ast.parse(kernel_of("weight_norm").source)
    assert [type(node) for node in tree.body] == [type(node) for node in harmless.body]
    assert not any(isinstance(node, ast.Name) and node.id in ("os", "__import__") for node in ast.walk(tree))


def scaled(named: str = "z", layout: str = "N C") -> Normalizer:
    """``y = s x`` by way of a quantity of some name."""

    def body(x: Tensor = tensor("x", N, C), s: Tensor = scalar("s")) -> Equations:
        product = x * s
        return name_equations(**{named: product}, y=1 * product)

    return normalizer(title="Scaled", source="none", layout=layout, constants=("s",), register=False)(body)


FORM = {"x": tensor("dy", N, C) * scalar("s")}


@pytest.mark.parametrize("name", ["xp", "out", "saved", "over_N", "N", "dy", "dx", "Grid", "isinstance", "count"])
def test_a_name_that_the_kernel_uses_itself(name: str) -> None:
    with pytest.raises(SymnormError, match=f"'{name}' has another meaning"):
        plan(scaled(name), FORM)


@pytest.mark.parametrize("name", ["lambda", "_hidden", "λ", "a b", "x=1; import os"])
def test_a_name_that_python_does_not_take(name: str) -> None:
    with pytest.raises(SymnormError, match="cannot be a variable"):
        plan(scaled(name), FORM)


def test_a_missing_gradient_is_named() -> None:
    with pytest.raises(SymnormError, match="gradients of x, gamma, beta; x came"):
        plan(find("batch_norm"), {"x": tensor("dy", N, C)})


def test_a_gradient_over_a_name_that_is_not_there() -> None:
    forms = {**FORMS["batch_norm"](), "x": tensor("dy", N, C) * tensor("sigma", C)}
    with pytest.raises(Unsupported, match="formula of x uses sigma"):
        plan(find("batch_norm"), forms)


def test_an_axis_that_the_layout_does_not_have() -> None:
    with pytest.raises(Unsupported, match="x has axis C"):
        plan(scaled(layout="N K"), FORM)


def test_a_gradient_that_is_the_cotangent_itself_is_an_array_of_its_own() -> None:
    made: Kernel = of_plan(plan(scaled(), {"x": tensor("dy", N, C)}))
    x, dy = np.ones((2, 3)), np.full((2, 3), 5.0)
    _, saved = made.forward(x, s=1.0)
    dx = made.backward(dy, saved)["x"]
    assert np.array_equal(dx, dy) and not np.shares_memory(dx, dy)


def test_an_output_that_backward_needs_is_kept_apart_from_what_the_caller_gets() -> None:
    made = of_plan(plan(scaled(), {"x": tensor("dy", N, C) * tensor("y", N, C)}))
    y, saved = made.forward(np.ones((2, 3)), s=2.0)
    y[...] = 7
    assert np.array_equal(made.backward(np.ones((2, 3)), saved)["x"], np.full((2, 3), 2.0))


def test_a_gradient_without_an_axis_is_repeated_along_it() -> None:
    made = of_plan(plan(scaled(), {"x": total(tensor("dy", N, C), over=N) * Fraction(1, 2)}))
    _, saved = made.forward(np.ones((2, 3)), s=2.0)
    assert np.array_equal(made.backward(np.ones((2, 3)), saved)["x"], np.ones((2, 3)))
