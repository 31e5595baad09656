"""A kernel's plan as the text of a NumPy module.

The module opens with the definition and the bodies, one formula above each line: what a lecturer shows. Then come
``forward`` and ``backward``, and what is pasted: the prelude, and the care that is taken of the inputs. The text
depends on the plan alone and is the same from run to run. Called by :mod:`symnorm.kernels.kernel`.
"""

from __future__ import annotations

from importlib import resources

from symnorm.kernels.bodies import Bodies
from symnorm.kernels.fast import blockwise
from symnorm.kernels.fast_surface import FastSurface
from symnorm.kernels.fast_tables import imports, tables
from symnorm.kernels.licence import licence
from symnorm.kernels.plan import Plan
from symnorm.kernels.recentred import recentred
from symnorm.kernels.slab_bodies import SlabBodies
from symnorm.kernels.slab_surface import TABLES, SlabSurface
from symnorm.kernels.surface import Surface

MARKER = "# --- "


STYLES = ("reference", "fast")


def generate(plan: Plan, style: str = "reference") -> str:
    """The module's text.

    Args:
        plan: formulas and what is known of their inputs.
        style: ``reference``, what a book would print, or ``fast``, the same block by block.

    Raises:
        Unsupported: a formula that arrays laid out like this cannot express.
    """
    plan = recentred(plan)
    granted = licence(plan)
    matrices = bool(plan.systems or plan.copies or plan.layout.elsewhere)
    bodies = SlabBodies(plan, granted) if style == "fast" and matrices else Bodies(plan, granted)
    surface = Surface(plan, bodies, granted)
    head, blocks = bodies.head(), []
    if style == "fast" and matrices:
        surface = SlabSurface(plan, bodies, granted)
        head = [*imports(head), *TABLES]
    elif style == "fast":
        found = blockwise(plan, bodies, granted)
        surface = FastSurface(plan, bodies, granted, found)
        head, blocks = [*imports(head), *tables(found)], found.functions
    parts = [
        head,
        surface.saved(),
        *([bodies.stop_gradient()] if plan.stops else []),
        bodies.forward.source,
        *([bodies.updates.source] if bodies.updates else []),
        bodies.backward.source,
        *blocks,
        surface.forward(),
        surface.backward(),
        surface.layout(),
    ]
    pasted = ["prelude.py", "care.py", *["solvers.py"] * bool(plan.systems)]
    if style == "fast":
        pasted += ["sums.py", "helpers.py", "blocks.py"]
        pasted += ["slabs.py"] if matrices else ["guard.py", "centring.py", "job.py"]
    return "\n\n\n".join(["\n".join(part) for part in parts] + [_pasted(name) for name in pasted]) + "\n"


def _pasted(name: str) -> str:
    """What stands below the marker of a module that is pasted."""
    found = resources.files("symnorm.kernels").joinpath(name).read_text(encoding="utf-8")
    return found[found.index(MARKER) :].strip()
