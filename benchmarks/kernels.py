"""How fast the generated kernels are beside PyTorch, textbook NumPy and HIPS autograd: ratios of one interleaved run.

Run from the checkout: ``python -m benchmarks.kernels``, or with ``--threads``, ``--dtype``, ``--repeats``, ``--only``,
``--json FILE``; see ``README.md`` beside this file. PyTorch is optional: without it that column is left out.
"""

from __future__ import annotations

import os

for _variable in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")  # threads go over blocks; a matrix product inside a block takes one

import argparse
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import exp, log
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import numpy as np

Run = Callable[[], Sequence[Any]]
"""Forward and backward; the gradients of the data and of the parameters, in order."""


@dataclass(frozen=True)
class Case:
    """A normalizer at a shape: options of the kernel, and how many parameters each parameter array has."""

    name: str
    shape: tuple[int, ...]
    parameters: int
    options: Mapping[str, int]
    in_mean: bool = True


CASES: dict[str, Case] = {
    "ln": Case("layer_norm", (8192, 1024), 1024, {}),
    "rms": Case("rms_norm", (8192, 1024), 1024, {}, in_mean=False),
    "bn2d": Case("batch_norm", (8192, 512), 512, {}),
    "bn4d": Case("batch_norm", (32, 64, 56, 56), 64, {}),
    "gn": Case("group_norm", (32, 64, 56, 56), 64, {"groups": 32}),
    "in": Case("instance_norm", (32, 64, 56, 56), 64, {}),
    "wn": Case("weight_norm", (1024, 4096), 1024, {}),
}
BARS = {("float32", 1): 1.0, ("float32", 2): 1.2, ("float64", 1): 0.65, ("float64", 2): 0.90}


def drawn(case: Case, dtype: str) -> tuple[Any, Any, list[Any]]:
    """The data, the cotangent and the parameters."""
    rng = np.random.default_rng(0)
    x, dy = (rng.standard_normal(case.shape).astype(dtype) for _ in range(2))
    count = 1 if case.name in ("rms_norm", "weight_norm") else 2
    return x, dy, [(1 + 0.1 * rng.standard_normal(case.parameters)).astype(dtype) for _ in range(count)]


def ours(case: Case, dtype: str, threads: int) -> Run:
    """The fast kernel with ``out=``."""
    from symnorm.kernels import kernel

    made = kernel(case.name, style="fast")
    x, dy, parameters = drawn(case, dtype)
    first, *others = [name for name in made.plan.declared if name in made.plan.gradients]
    y, outs = np.empty_like(x), {first: np.empty_like(x)}
    outs |= {name: np.empty(case.parameters, dtype) for name in others}

    def run() -> Sequence[Any]:
        _, saved = made.module.forward(x, *parameters, **case.options, out=y, threads=threads)
        found = made.module.backward(dy, saved, out=outs, threads=threads)
        return [found[name] for name in (first, *others)]

    return run


def torch_eager(case: Case, dtype: str, threads: int) -> Run:
    """PyTorch's own function and its backward pass."""
    import torch
    import torch.nn.functional as F

    torch.set_num_threads(threads)
    x, dy, parameters = drawn(case, dtype)
    data, *given = [torch.from_numpy(array).requires_grad_() for array in (x, *parameters)]
    back, size = torch.from_numpy(dy), case.shape[1:]
    functions: dict[str, Run] = {
        "layer_norm": lambda: F.layer_norm(data, size, *given, 1e-5),
        "rms_norm": lambda: F.rms_norm(data, size, *given, 1e-5),
        "batch_norm": lambda: F.batch_norm(data, None, None, *given, True, 0.1, 1e-5),
        "group_norm": lambda: F.group_norm(data, case.options.get("groups", 1), *given, 1e-5),
        "instance_norm": lambda: F.instance_norm(data, None, None, *given, True, 0.1, 1e-5),
        "weight_norm": lambda: torch._weight_norm(data, given[0].reshape(-1, 1), 0),
    }
    return lambda: torch.autograd.grad(functions[case.name](), [data, *given], back)


def textbook(case: Case, dtype: str, threads: int) -> Run:
    """The reference bodies on plain NumPy, as a book writes them."""
    from symnorm.kernels import kernel

    made = kernel(case.name)
    module, names = made.module, [name for name in made.plan.declared if name in made.plan.gradients]
    module.careful = lambda xp: np
    module.prepared = lambda given, weights, grid, xp: (given, module.Units())
    module.pulled_back = lambda body, output, dy, weights, units, grid, xp: body(dy)
    x, dy, parameters = drawn(case, dtype)

    def run() -> Sequence[Any]:
        _, saved = module.forward(x, *parameters, **case.options)
        found = module.backward(dy, saved)
        return [found[name] for name in names]

    return run


def autograd(case: Case, dtype: str, threads: int) -> Run:
    """HIPS autograd through the reference forward."""
    import autograd.numpy as anp
    from autograd import make_vjp

    from symnorm.kernels import kernel

    module = kernel(case.name).module
    x, dy, parameters = drawn(case, dtype)
    everything = tuple(range(1 + len(parameters)))

    def run() -> Sequence[Any]:
        def forward(*given: Any) -> Any:
            return module.forward(*given, **case.options, xp=anp)[0]

        vjp, _ = make_vjp(forward, everything)(x, *parameters)
        found: Sequence[Any] = vjp(dy)
        return found

    return run


PEERS: dict[str, Callable[[Case, str, int], Run]] = {"torch": torch_eager, "textbook": textbook, "autograd": autograd}


@dataclass(frozen=True)
class Ratio:
    """Our time over a peer's: the median of the pairs, the quartiles, and the shortest of each."""

    case: str
    peer: str
    median: float
    low: float
    high: float
    shortest: float
    ours_ms: float
    peer_ms: float


def timed(run: Run) -> float:
    """Seconds of the second of two runs: what the other side leaves behind falls on the first.

    PyTorch's workers spin for some 6 ms after a run, on a core that the run after it needs.
    """
    run()
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def measured(key: str, dtype: str, threads: int, repeats: int, peers: Sequence[str]) -> list[Ratio]:
    """Pairs in turn; each run that is timed follows one of its own side that is not."""
    case, mine = CASES[key], ours(CASES[key], dtype, threads)
    found = []
    for peer in peers:
        theirs = PEERS[peer](case, dtype, threads)
        pairs = [(timed(mine), timed(theirs)) for _ in range(repeats)]
        ratios = [a / b for a, b in pairs]
        low, _, high = quantiles(ratios, n=4)
        own, other = ([pair[at] for pair in pairs] for at in (0, 1))
        found.append(Ratio(key, peer, median(ratios), low, high, min(own) / min(other),
                           1e3 * median(own), 1e3 * median(other)))  # fmt: skip
    return found


def mean_ratio(found: Sequence[Ratio], peer: str) -> float:
    """The geometric mean over the cases that count."""
    chosen = [ratio.median for ratio in found if ratio.peer == peer and CASES[ratio.case].in_mean]
    return exp(sum(map(log, chosen)) / len(chosen)) if chosen else float("nan")


def passed(found: Sequence[Ratio], dtype: str, threads: int) -> bool:
    """Print each mean beside its bar."""
    fine = True
    for peer in dict.fromkeys(ratio.peer for ratio in found):
        mean, worst = mean_ratio(found, peer), max(ratio.median for ratio in found if ratio.peer == peer)
        bars = {"torch": (BARS.get((dtype, threads)), 1.6), "autograd": (1 / 9, 1 / 4)}.get(peer, (None, None))
        said = [f"{name} {value:.3f}" + (f" (bar {bar:.3f})" if bar else "")
                for name, value, bar in zip(("geometric mean", "worst"), (mean, worst), bars, strict=True)]  # fmt: skip
        print(f"  {dtype}, {threads} thread(s), ours over {peer}: {', '.join(said)}")
        fine &= all(bar is None or value <= bar for value, bar in zip((mean, worst), bars, strict=True))
    return fine


def main() -> int:
    """Measure, print, and say with the exit code whether all bars are met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--dtype", nargs="+", default=["float32", "float64"])
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--only", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=list(PEERS))
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    peers = list(given.peers)
    try:
        import torch  # noqa: F401 - optional
    except ModuleNotFoundError:
        print("PyTorch is not installed; its column is left out")
        peers = [peer for peer in peers if peer != "torch"]
    fine, everything = True, []
    for dtype in given.dtype:
        for threads in given.threads:
            found: list[Ratio] = []
            for key in given.only:
                wanted = [peer for peer in peers if peer == "torch" or (threads == 1 and dtype == "float32")]
                for ratio in measured(key, dtype, threads, given.repeats, wanted):
                    found.append(ratio)
                    print(f"{dtype} {threads}T {key:5s} over {ratio.peer:9s} {ratio.median:6.3f} "
                          f"[{ratio.low:.3f}, {ratio.high:.3f}] shortest {ratio.shortest:.3f} "
                          f"({ratio.ours_ms:.1f} ms / {ratio.peer_ms:.1f} ms)", flush=True)  # fmt: skip
            fine &= passed(found, dtype, threads)
            everything += [{"dtype": dtype, "threads": threads, **asdict(ratio)} for ratio in found]
    if given.json:
        given.json.write_text(json.dumps(everything, indent=1))
    return 0 if fine else 1


if __name__ == "__main__":
    raise SystemExit(main())
