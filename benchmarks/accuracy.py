"""How many units in the last place kernels are off, for each family of stress inputs, beside PyTorch.

Run from the checkout: ``python -m benchmarks.accuracy``, or with names of normalizers, ``--dtype``; see
``README.md`` beside this file. The oracle is mpmath; PyTorch is optional.
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

from symnorm.check.accuracy import STRESS, Drawn, draw, errors
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


def shown(found: dict[str, float]) -> str:
    """Errors in one cell, in the order of the results."""
    return "/".join("NaN" if value == float("inf") else f"{value:.2g}" for value in found.values())


def main() -> int:
    """Print the table; the exit code is 1 if one of our errors is above its bar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=NAMES)
    parser.add_argument("--dtype", nargs="+", default=["float32", "float64"])
    given = parser.parse_args()
    try:
        import torch  # noqa: F401 - optional

        beside = True
    except ModuleNotFoundError:
        beside = False
    fine = True
    for name in given.names:
        kernels = {"reference": kernel(name)}
        try:
            kernels["fast"] = kernel(name, style="fast")
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
                if beside and name in NAMES:
                    row["torch"] = of_torch(kernels["reference"], drawn)
                print(f"  {stress.name:18s}" + "".join(f"  {style} {shown(found):24s}" for style, found in row.items()))
    return 0 if fine else 1


if __name__ == "__main__":
    raise SystemExit(main())
