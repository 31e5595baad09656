"""How many units in the last place kernels are off, for each family of stress inputs, beside other libraries.

Run from the checkout: ``python -m benchmarks.accuracy``, or with names or modes (``batch_norm.frozen``), ``--dtype``;
see ``README.md`` beside this file. The oracle is mpmath. PyTorch, flax and onnx (its reference evaluator, forward only)
are optional: a column that is left out is named at the end.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import numpy as np

from symnorm.check.accuracy import errors
from symnorm.check.stress import STRESS, Drawn, draw
from symnorm.errors import Unsupported
from symnorm.kernels import Kernel, kernel

NAMES = ("layer_norm", "batch_norm", "group_norm", "instance_norm", "rms_norm", "weight_norm")


def of_kernel(made: Kernel, drawn: Drawn) -> dict[str, float]:
    """The errors of a kernel."""
    y, saved = made.forward(**drawn.arrays, **drawn.scalars, **drawn.options)
    return errors(made.plan, drawn, y, made.backward(drawn.cotangent, saved))


def of_torch(made: Kernel, drawn: Drawn) -> dict[str, float]:
    """The errors of PyTorch's own function."""
    import torch
    import torch.nn.functional as F

    arrays = {name: torch.from_numpy(np.array(array)).requires_grad_() for name, array in drawn.arrays.items()
              if name in made.plan.gradients}  # fmt: skip
    data, *given = arrays.values()
    eps = drawn.scalars.get("eps", 0.0)
    functions: dict[str, Any] = {
        "layer_norm": lambda: F.layer_norm(data, data.shape[1:], *given, eps),
        "rms_norm": lambda: F.rms_norm(data, data.shape[1:], *given, eps),
        "batch_norm": lambda: F.batch_norm(data, None, None, *given, True, 0.1, eps),
        "group_norm": lambda: F.group_norm(data, drawn.options.get("groups", 1), *given, eps),
        "instance_norm": lambda: F.instance_norm(data, None, None, *given, True, 0.1, eps),
        "weight_norm": lambda: torch._weight_norm(data, given[0].reshape(-1, 1), 0),
    }
    y = functions[made.name]()
    found = torch.autograd.grad(y, list(arrays.values()), torch.from_numpy(np.array(drawn.cotangent)))
    gradients = {name: value.numpy() for name, value in zip(arrays, found, strict=True)}
    return errors(made.plan, drawn, y.detach().numpy(), gradients)


def of_flax(made: Kernel, drawn: Drawn) -> dict[str, float]:
    """The errors of flax's own layers, with its fast variance, which is the default."""
    import jax

    jax.config.update("jax_enable_x64", True)
    from flax import linen

    arrays = [array for name, array in drawn.arrays.items() if name in made.plan.gradients]
    dtype, eps = arrays[0].dtype, drawn.scalars.get("eps", 0.0)
    options: dict[str, Any] = {"epsilon": eps, "dtype": dtype, "param_dtype": dtype}
    layers: dict[str, Any] = {
        "layer_norm": lambda: linen.LayerNorm(**options, reduction_axes=tuple(range(1, arrays[0].ndim)),
                                              feature_axes=tuple(range(1, arrays[0].ndim))),
        "rms_norm": lambda: linen.RMSNorm(**options),
        "batch_norm": lambda: linen.BatchNorm(**options, use_running_average=False, axis=1),
        "group_norm": lambda: linen.GroupNorm(drawn.options.get("groups", 1), **options),
        "instance_norm": lambda: linen.InstanceNorm(**options),
    }  # fmt: skip
    if made.name not in layers:
        raise LookupError(f"flax has no {made.name}")
    layer, last = layers[made.name](), made.name in ("group_norm", "instance_norm")

    def forward(x: Any, *parameters: Any) -> Any:
        names = dict(zip(("scale", "bias"), parameters, strict=False))
        moved = jax.numpy.moveaxis(x, 1, -1) if last else x  # flax has channels last
        y = layer.apply({"params": names}, moved, mutable=["batch_stats"])[0]
        return jax.numpy.moveaxis(y, -1, 1) if last else y

    y, back = jax.vjp(forward, *arrays)
    names = [name for name in drawn.arrays if name in made.plan.gradients]
    gradients = dict(zip(names, map(np.asarray, back(drawn.cotangent)), strict=True))
    return errors(made.plan, drawn, np.asarray(y), gradients)


def of_onnx(made: Kernel, drawn: Drawn) -> dict[str, float]:
    """The errors of the outputs of onnx's reference evaluator, which has no gradients."""
    from onnx import helper
    from onnx.reference import ReferenceEvaluator

    arrays = [array for name, array in drawn.arrays.items() if name in made.plan.gradients]
    eps, x = drawn.scalars.get("eps", 0.0), arrays[0]
    operators: dict[str, tuple[str, dict[str, Any]]] = {
        "layer_norm": ("LayerNormalization", {"axis": 1}),
        "rms_norm": ("RMSNormalization", {"axis": 1}),
        "batch_norm": ("BatchNormalization", {"training_mode": 1}),
        "group_norm": ("GroupNormalization", {"num_groups": drawn.options.get("groups", 1)}),
        "instance_norm": ("InstanceNormalization", {}),
    }
    if made.name not in operators:
        raise LookupError(f"onnx has no {made.name}")
    operator, attributes = operators[made.name]
    if operator == "BatchNormalization":
        arrays += [np.zeros(x.shape[1], x.dtype), np.ones(x.shape[1], x.dtype)]
    kind = helper.np_dtype_to_tensor_dtype(x.dtype)
    names = [f"i{at}" for at in range(len(arrays))]
    outputs = ["y", "mean", "var"] if operator == "BatchNormalization" else ["y"]
    node = helper.make_node(operator, names, outputs, epsilon=eps, **attributes)
    given = [helper.make_tensor_value_info(name, kind, array.shape) for name, array in zip(names, arrays, strict=True)]
    graph = helper.make_graph([node], "one", given, [helper.make_tensor_value_info("y", kind, x.shape)])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 23)])
    with np.errstate(all="ignore"):
        (y,) = ReferenceEvaluator(model).run(None, dict(zip(names, arrays, strict=True)))
    return errors(made.plan, drawn, np.asarray(y, x.dtype), {})


PEERS: dict[str, Callable[[Kernel, Drawn], dict[str, float]]] = {"torch": of_torch, "flax": of_flax, "onnx": of_onnx}


def of_peer(peer: str, made: Kernel, drawn: Drawn) -> str:
    """A cell of a peer; ``ModuleNotFoundError`` where it is not installed."""
    try:
        return shown(PEERS[peer](made, drawn))
    except (LookupError, NotImplementedError):
        return "-"
    except ValueError as error:  # PyTorch takes no eps = 0 for batch norm
        return "refused" if "eps" in str(error) else f"failed: {error}"


def shown(found: dict[str, float]) -> str:
    """Errors in one cell, in the order of the results."""
    return "/".join("NaN" if value == float("inf") else f"{value:.2g}" for value in found.values())


def main() -> int:
    """Print the table; the exit code is 1 if one of our errors is above its bar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=NAMES, help="normalizers, or their modes: batch_norm.inference")
    parser.add_argument("--dtype", nargs="+", default=["float32", "float64"])
    given = parser.parse_args()
    absent: dict[str, str] = {}
    fine = True
    for name in given.names:
        base, _, mode = name.partition(".")
        kernels = {"reference": kernel(base, mode or "training")}
        try:
            kernels["fast"] = kernel(base, mode or "training", style="fast")
        except Unsupported as error:
            print(error)
        for dtype in given.dtype:
            results = "/".join([kernels["reference"].plan.output, *kernels["reference"].plan.gradients])
            print(f"\n{name}, {dtype}: ULP of {results}")
            for stress in STRESS:
                drawn = draw(kernels["reference"].plan, stress, dtype)
                row = {style: of_kernel(made, drawn) for style, made in kernels.items()}
                bar = 32 if stress.name == "subnormal" else 4
                fine &= all(max(found.values()) <= bar for found in row.values())
                cells = {style: shown(found) for style, found in row.items()}
                for peer in [peer for peer in PEERS if name in NAMES and peer not in absent]:
                    try:
                        cells[peer] = of_peer(peer, kernels["reference"], drawn)
                    except ModuleNotFoundError as error:
                        absent[peer] = f"{peer}: no column, since {error.name} is not installed"
                print(f"  {stress.name:18s}", *(f" {who} {cell:24s}" for who, cell in cells.items()), flush=True)
    print(*absent.values(), sep="\n")
    return 0 if fine else 1


if __name__ == "__main__":
    raise SystemExit(main())
