"""The function of a generated module that says which axis each dimension belongs to, from the shape of the data.

Called by :mod:`symnorm.kernels.surface`.
"""

from __future__ import annotations

from collections.abc import Sequence

from symnorm.kernels.layout import Layout
from symnorm.kernels.lines import called, quotes, sentence, tuple_of
from symnorm.kernels.plan import Plan


def layout_function(plan: Plan, arguments: Sequence[str]) -> list[str]:
    """``layout(shape, axis, groups, C)`` with those of the arguments that the layout needs.

    Example:
        >>> from symnorm.kernels import kernel
        >>> print(layout_function(kernel("group_norm").plan, ["groups"])[0])
        def layout(shape: tuple[int, ...], groups: int) -> Grid:
    """
    layout, data = plan.layout, plan.data
    head = ["shape: tuple[int, ...]", *(f"{name}: int" for name in arguments)]
    beside = "".join(f'.beside("{axis}", {axis}, {_place(layout, axis)})' for axis in layout.elsewhere)
    rows = [
        *called("def layout(", head, ") -> Grid:"),
        f'    """{sentence(layout.in_words(data))}"""',
    ]
    if layout.takes_axis:
        first, second = (word.axes[0] for word in layout.own[:2])
        cut = f'("{first}",)*before + ("{second}",)*(len(shape) - before)'
        if layout.takes_one:
            cut = f'(*("{first}",)*before, "{second}", *("{first}",)*(len(shape) - before - 1))'
        return [
            *rows,
            "    if not isinstance(axis, int | np.integer) or not -len(shape) <= axis < len(shape):",
            f'        raise BadInput(f"axis is {{axis!r}}, which is no dimension of {data} with shape {{shape}}")',
            "    before = axis % len(shape)",
            f"    axes = {cut}",
            f"    return Grid(axes, shape, tuple(range(len(shape)))){beside}",
        ]
    some = any(word.starred for word in layout.own)
    words = " ".join(map(str, layout.own))
    needs = f"the layout {words} needs {'at least' if some else 'exactly'} {layout.fewest} dimensions"
    owners = [f'*("{word.axes[0]}",)*rest' if word.starred else quotes(word.axes) for word in layout.own]
    rows += [
        f"    rest = len(shape) - {layout.fewest}",
        f"    if rest {'<' if some else '!='} 0:",
        f'        raise BadInput(f"{data} has shape {{shape}}; {needs}")',
        f"    axes = {tuple_of(owners)}",
    ]
    if copies := plan.copies.values():
        own = [axis for word in layout.own for axis in word.axes]
        sizes = ", ".join(["*shape", *(f"shape[{own.index(name)}]" if name in own else name for name in copies)])
        more = ", ".join(["*axes", *(f'"{axis.name}"' for axis in plan.copies)])
        dims = f"tuple(range(len(shape) + {len(copies)}))"
        return [*rows, f"    return Grid(({more}), ({sizes}), {dims}){beside}"]
    if not layout.takes_groups:
        return [*rows, f"    return Grid(axes, shape, tuple(range(len(shape)))){beside}"]
    at = next(at for at, word in enumerate(layout.own) if len(word.axes) > 1)
    divides = "dimension {cut} cannot be cut into groups = {groups!r}"
    after = any(word.starred for word in layout.own[:at])
    return [
        *rows,
        f"    cut = {f'len(shape) - {len(layout.own) - at}' if after else at}",
        "    if not isinstance(groups, int | np.integer) or groups < 1 or shape[cut] % groups:",
        *called("raise BadInput(", [f'f"{data} has shape {{shape}}; {divides}"'], ")", "        "),
        "    sizes = (*shape[:cut], groups, shape[cut]//groups, *shape[cut + 1:])",
        f"    return Grid(axes, sizes, (*range(cut + 1), *range(cut, len(shape)))){beside}",
    ]


def _place(layout: Layout, axis: str) -> str:
    """At which dimension an axis comes that the data lacks, once those before it are in their places."""
    at = next(at for at, word in enumerate(layout.words) if word.axes == (axis,))
    own = [word for word in layout.words[:at] if not word.elsewhere]
    if layout.takes_axis:
        start, known = [("", 0), ("before", 0), ("before", 1) if layout.takes_one else ("len(shape)", 0),
                        ("len(shape)", 0)][len(own)]  # fmt: skip
    elif any(word.starred for word in own):
        later = sum(len(word.axes) for word in layout.own[len(own) :])
        start, known = "len(shape)", layout.takes_groups - later
    else:
        start, known = "", sum(len(word.axes) for word in own)
    known += at - len(own)
    if not start:
        return str(known)
    return start if not known else f"{start} {'+' if known > 0 else '-'} {abs(known)}"
