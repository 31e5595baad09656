"""How long it takes to derive every gradient of the zoo and to write it as text and LaTeX.

Run from the checkout: ``python -m benchmarks.zoo``. Bars: 20 s of CPU for all, 2 s for one normalizer. Needs symnorm.
"""

from __future__ import annotations

import sys
import time

from symnorm.closed_form import gradients
from symnorm.normalizers import REGISTRY

ALL_S, ONE_S = 20.0, 2.0


def seconds() -> dict[str, float]:
    """CPU seconds by normalizer and mode: steps, closed forms, text and LaTeX."""
    found = {}
    for one in [mode for base in REGISTRY.values() for mode in (base, *base.modes.values())]:
        start = time.process_time()
        for form in gradients(one).values():
            str(form), form.latex(), [step.latex() for step in form.steps]
        found[one.name] = time.process_time() - start
    return found


def main() -> int:
    """Show them, slowest last; 1 if a bar is missed."""
    found = seconds()
    for name, value in sorted(found.items(), key=lambda pair: pair[1]):
        print(f"{name:<32} {value:6.3f}")
    whole, slowest = sum(found.values()), max(found.values())
    print(f"\nall {whole:.2f} s (at most {ALL_S:g}), slowest {slowest:.2f} s (at most {ONE_S:g})")
    return int(whole > ALL_S or slowest > ONE_S)


if __name__ == "__main__":
    sys.exit(main())
