"""Commands on kernels, generated ones and those of one's own: ``kernel``, ``check``, ``diagnose``, ``golden``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from symnorm.cli.frame import commands, deliver, with_convention, with_json
from symnorm.report import output
from symnorm.report.outcomes import DISAGREES, FINE, OPEN


@commands.command()
@click.argument("name")
@click.option("-o", "--output", "target", metavar="FILE", help="Where to write it, if not to standard output (-).")
@click.option("--mode", default="training", show_default=True, help="training, inference, or another mode of it.")
@click.option("--second-order", is_flag=True, help="The backward pass and the double backward pass.")
@click.option("--style", default="reference", show_default=True, help="reference, to be read, or fast.")
@with_convention
@with_json
def kernel(
    name: str, target: str | None, mode: str, convention: str, second_order: bool, style: str, json_file: str | None
) -> int:
    """Generate the NumPy kernel of the normalizer NAME, a module with forward and backward.

    \b
    Examples:
      symnorm kernel batch_norm -o batch_norm_kernel.py
      symnorm kernel batch_norm --mode inference
      symnorm kernel batch_norm --convention torch -o batch_norm_torch.py
      symnorm kernel layer_norm --style fast -o fast_layer_norm.py
    """
    from symnorm.facade import kernel as generate
    from symnorm.report import data

    if target == json_file == output.STANDARD_OUTPUT:
        raise click.UsageError("standard output cannot take both the kernel and the JSON; write one of them to a file")
    found = generate(name, mode, convention, second_order, style=style)
    text = found.source.removesuffix("\n")
    if target not in (None, output.STANDARD_OUTPUT):
        output.deliver(text, target)
        text = f"{found.name}: {len(found.source.splitlines())} lines in {target}"
    deliver(lambda: data.kernel_source(found), json_file, lambda: output.say(text))
    return FINE


@commands.command()
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--bugs", is_flag=True, help="Plant the usual bugs in the kernels, and show which inputs catch each.")
@with_json
def check(names: tuple[str, ...], bugs: bool, json_file: str | None) -> int:
    """Compare kernels with autograd and with their definitions, in float64 on every family of stress inputs.

    A name stands for a normalizer in all its modes, or for one mode of it. With --bugs the check checks itself: it
    fails if a planted bug passes.

    \b
    Examples:
      symnorm check
      symnorm check batch_norm.inference
      symnorm check layer_norm --bugs
    """
    from symnorm.report import data, terminal, verification

    chosen = verification.chosen_kernels(names)
    with terminal.progress(len(chosen) * (1 + bugs)) as tell:
        kernels = verification.compared(chosen, tell)
        planted = verification.planted_bugs(chosen, tell) if bugs else {}
    deliver(lambda: data.checks(kernels, planted), json_file, lambda: terminal.show_checks(kernels, planted))
    caught = all(any(row.values()) for matrix in planted.values() for row in matrix.values())
    return FINE if caught and all(one.ok for one in kernels) else DISAGREES


def _with_inputs(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say on which inputs."""
    families = "A battery (bugs, accuracy, all) or a family of inputs; can be repeated."
    shape = "Sizes of the first input, such as 8,64, where not every shape will do; can be repeated."
    for option in (
        click.option("--dtype", default="float32", show_default=True, help="float16, float32 or float64."),
        click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the inputs."),
        click.option("--family", "families", multiple=True, metavar="NAME", help=families),
        click.option("--shape", "shapes", multiple=True, metavar="SIZES", help=shape),
        click.option("--axis", type=int, help="For --shape, where the layout has it."),
        click.option("--groups", type=click.IntRange(min=1), help="For --shape, where the layout has it."),
    ):
        command = option(command)
    return command


def _shapes(texts: tuple[str, ...]) -> list[tuple[int, ...]]:
    for text in texts:
        if not all(part.strip().isdecimal() and int(part) for part in text.split(",")):
            raise click.BadParameter(f"{text!r} is no list of sizes, such as 8,64", param_hint="--shape")
    return [tuple(map(int, text.split(","))) for text in texts]


def _inputs(families: tuple[str, ...], shapes: tuple[str, ...], axis: int | None, groups: int | None) -> dict[str, Any]:
    given = {"axis": axis, "groups": groups}
    named = {"families": families[0] if len(families) == 1 else families} if families else {}
    return {**named, "shapes": _shapes(shapes), "options": {key: at for key, at in given.items() if at is not None}}


@commands.command()
@click.argument("function", metavar="MODULE:FUNCTION")
@click.option("--as", "name", default="", metavar="NAME", help="What it ought to compute; all are tried without.")
@with_convention
@click.option("--backward", metavar="FUNCTION", help="The backward function, of the same module or MODULE:FUNCTION.")
@click.option("--rename", multiple=True, metavar="MINE=NAME", help="A parameter that the definition calls NAME.")
@click.option("--fix", multiple=True, metavar="NAME=NUMBER", help="A number for an input that it does not take.")
@_with_inputs
@with_json
def diagnose(
    function: str,
    name: str,
    convention: str,
    backward: str | None,
    rename: tuple[str, ...],
    fix: tuple[str, ...],
    dtype: str,
    seed: int,
    families: tuple[str, ...],
    shapes: tuple[str, ...],
    axis: int | None,
    groups: int | None,
    json_file: str | None,
) -> int:
    """Say what a function of yours computes: which normalizer, in whose convention, with which bug.

    MODULE is a module's name or a Python file. It is imported and the function is called: this command runs your code.
    The function gets the inputs that its parameters name (x, gamma, beta, eps, ...) as NumPy arrays and numbers. Inputs
    have two dimensions and more, features second; --shape 8,64 for a function of two, or of the last one.
    Exits with 0 if it computes what --as says, with 1 if it computes something else that is known, otherwise with 3.

    \b
    Examples:
      symnorm diagnose my_kernels.py:layer_norm --as layer_norm --convention torch --shape 8,64
      symnorm diagnose my_kernels.py:forward --backward backward --as batch_norm
      symnorm diagnose my_package.norms:rms --rename weight=gamma --shape 8,64
      symnorm diagnose my_kernels.py:plain --as layer_norm --fix gamma=1 --fix beta=0 --shape 8,64
    """
    from symnorm.testing import calling, diagnosis

    if convention and not name:
        raise click.UsageError("--convention needs --as")
    names = dict(_pairs(rename, "--rename"))
    forward = calling.named(diagnosis.function_of(function), **names)
    back = None
    if backward:
        back = diagnosis.function_of(backward if ":" in backward else f"{function.rpartition(':')[0]}:{backward}")
        back = calling.named(back, **{mine: new for mine, new in names.items() if calling.has_parameter(back, mine)})
    numbers = {key: _number(value) for key, value in _pairs(fix, "--fix")}
    inputs = _inputs(families, shapes, axis, groups)
    asked = {"convention": convention} if convention else {}
    found = diagnosis.diagnose(forward, back, name, dtype=dtype, seeds=(seed,), fixed=numbers, **inputs, **asked)
    deliver(found.as_data, json_file, lambda: output.say(str(found)))
    return {diagnosis.EQUAL: FINE, diagnosis.DIFFERS: DISAGREES}.get(found.status, OPEN)


def _pairs(texts: tuple[str, ...], option: str) -> list[tuple[str, str]]:
    for text in texts:
        if not all(text.partition("=")):
            raise click.BadParameter(f"{text!r} is no NAME=VALUE", param_hint=option)
    return [(text.partition("=")[0], text.partition("=")[2]) for text in texts]


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no number", param_hint="--fix") from None


@commands.command()
@click.argument("name")
@click.option("-o", "--output", "directory", required=True, metavar="DIR", help="Made; older ones are replaced.")
@click.option("--mode", default="training", show_default=True, help="training, inference, or another mode of it.")
@with_convention
@_with_inputs
@with_json
def golden(
    name: str,
    directory: str,
    mode: str,
    convention: str,
    dtype: str,
    seed: int,
    families: tuple[str, ...],
    shapes: tuple[str, ...],
    axis: int | None,
    groups: int | None,
    json_file: str | None,
) -> int:
    """Write golden vectors of the normalizer NAME: inputs, intermediates and correctly rounded outputs.

    DIR gets for each family of inputs vectors.npz (NumPy, no pickles) and a .hex file an array (one element a line, as
    $readmemh reads it), and manifest.json with formulas, shapes, seeds and the SHA-256 of each file. It is written
    whole or not at all, and the same from run to run.

    \b
    Examples:
      symnorm golden layer_norm -o golden
      symnorm golden batch_norm --convention torch --dtype float16 --seed 7 -o golden
      symnorm golden group_norm --shape 2,6,4 --groups 3 --family 'std near eps' -o golden
    """
    from symnorm.testing.golden import write_golden

    inputs = _inputs(families, shapes, axis, groups)
    found = write_golden(name, directory, mode=mode, convention=convention, dtype=dtype, seed=seed, **inputs)
    files = len(found.manifest["files"]) + 1
    text = f"{found.manifest['definition']}: {len(found.families)} families, {files} files in {directory}"
    deliver(lambda: found.manifest, json_file, lambda: output.say(text))
    return FINE
