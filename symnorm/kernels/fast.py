"""A kernel's plan as the text of a fast NumPy module: the same formulas, block by block in the cache.

The flow of the formulas (:mod:`symnorm.kernels.flow`) is written as functions that go through one block; the pasted
driver (:mod:`symnorm.kernels.job`) cuts the data, hands blocks to threads, and adds up sums. A block whose
statistics are out of a safe range goes through the reference bodies with all care instead, so they are part of the
module. Called by :mod:`symnorm.kernels.generate`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from symnorm.errors import Unsupported
from symnorm.kernels.bodies import Bodies
from symnorm.kernels.fast_careful import careful_functions
from symnorm.kernels.fast_sums import of_cotangent, sweeps
from symnorm.kernels.flow import Flow
from symnorm.kernels.licence import Licence
from symnorm.kernels.lines import assigned, called
from symnorm.kernels.passes import Op, Passes, placed
from symnorm.kernels.pieces import LEFT, ROUNDED, sum_key
from symnorm.kernels.plan import Plan
from symnorm.kernels.recentred import differences
from symnorm.kernels.schedule import component, shared_parts
from symnorm.printing.numpy_source import Layout, numpy_expression
from symnorm.tensors import Axis, Leaf, Tensor, as_tensor, inputs, rebuild, walk
from symnorm.tensors.tensor import OVER_AXES

OWN = re.compile(
    r"(sum|most|least|root|total|part|factor|inverse|weight|b|p)_\d+|rows|left_of_mean|values|squares|room|outs|job|into|sums|"
    r"found|sizes|inputs|fold|folded|viewed|handed|part|sum_over|sum_of_product|weighted_sum|Stage|FORWARD|BACKWARD|"
    r"Cut|Room|Job|Values|deque|product|lru_cache|Callable|Sequence"
)
"""Names that the text of a fast module gives a meaning to."""

STAGE = "Stage = tuple[Callable[[Values], None] | None, Callable[..., Values]]"
"""What a sweep over all blocks does: small quantities, and then the sums that read them."""


def blockwise(plan: Plan, bodies: Bodies, granted: Licence) -> Blockwise:
    """The functions with the fewest passes: rows that keep a mean need none to subtract it, if no formula needs more.

    Raises:
        Unsupported: an operation, or an order of sums, that the fast style does not cover.
    """
    centred = Blockwise(plan, bodies, granted)
    if not centred.centre:
        return centred
    try:
        leaving = Blockwise(plan, bodies, granted, leaves_mean=True)
    except Unsupported:
        return centred
    return leaving if leaving.cost() <= centred.cost() else centred


class Blockwise:
    """The functions of a module that go through one block, and the tables that the driver reads.

    With ``leaves_mean`` the formulas take rows whose mean is not 0 but small, and what it is; so do formulas in which
    the mean that may be subtracted does not occur, but that they need not be told.

    Raises:
        Unsupported: an operation, or an order of sums, that the fast style does not cover.
    """

    def __init__(self, plan: Plan, bodies: Bodies, granted: Licence, leaves_mean: bool = False) -> None:
        self.plan, self.bodies, self.granted = plan, bodies, granted
        for name in (*plan.known, *(f"d{key}" for key in plan.gradients)):
            if OWN.fullmatch(name):
                raise Unsupported(f"{plan.name}: {name!r} has another meaning in a fast kernel; rename it")
        self.canon = [axis for word in plan.layout.words for axis in word.axes]
        axes = {axis.name: axis for axis in plan.layout_axes}
        self.full = frozenset(plan.known[plan.data].axes)
        if self.full != frozenset(axes.values()) or frozenset(plan.known[plan.output].axes) != self.full:
            raise Unsupported(f"{plan.name}: the fast style needs all axes of the layout in the data and in the output")
        for name, node in plan.declared.items():
            if name != plan.data and frozenset(node.axes) == self.full:
                raise Unsupported(f"{plan.name}: the fast style has no second input over all axes, such as {name}")
        dims = {axis: tuple(at for at, name in enumerate(self.canon) if name == axis.name) for axis in axes.values()}
        self.dims: Mapping[Axis, tuple[int, ...]] = dims
        self.layout = Layout(dict(dims), {name: name for name in axes}, "np")
        gone = {axis for node in walk(*plan.equations.values()) if node.op in OVER_AXES for axis in node.data}
        self.kept = tuple(at for at, name in enumerate(self.canon) if axes[name] not in gone)
        again = differences(plan)  # where the formulas take means twice the rows stay as they are
        centred = () if again else granted.centred
        self.along = tuple(at for at, name in enumerate(self.canon) if name in centred)
        left = frozenset(axis for axis in self.full if axis.name not in centred)
        moving = [name for name in granted.shifts if name in plan.equations]
        centres = [name for name in moving if frozenset(plan.equations[name].axes) == left]
        self.centre = centres[0] if centres and self.along and not granted.middle else ""
        others = [name for name in moving if name != self.centre and name in plan.used_by_updates]
        if self.along and not self.centre:
            others += [name for name in granted.shifts if name in plan.declared and name != plan.data]
        if self.along and others:
            raise Unsupported(f"{plan.name}: the fast style cannot move {', '.join(others)} back")
        self.data = Tensor("input", (), plan.known[plan.data].axes, Leaf("rows"))
        self.leaves_mean = leaves_mean or bool(self.along and not self.centre)
        if leaves_mean and self.centre:
            self.data -= Tensor("input", (), tuple(axis for axis in self.data.axes if axis in left), Leaf(LEFT))
        self.whole = frozenset(component(self._data(part)) for part in again)
        self.forward = self._forward_flow()
        self._write()

    def cost(self) -> int:
        """How often all elements are read."""
        text = "\n".join(row for function in self.functions for row in function)
        return len(re.findall(r"^    np\.|\bsum_over\(|\bsum_of_product\(|\bweighted_sum\(", text, re.MULTILINE))

    # --- flows --------------------------------------------------------------------------------------------------------

    def _data(self, formula: Tensor) -> Tensor:
        """The formula with the data's block in place of the data, and with mean 0 where it is centred."""
        mean = component(self.plan.equations[self.centre]) if self.centre else None

        def change(node: Tensor, args: tuple[Tensor, ...]) -> Tensor | None:
            if node.op == "input" and node.data.name == self.plan.data:
                return self.data
            if mean and node.op == "input" and node.data.name == self.centre:
                return as_tensor(0)
            return as_tensor(0) if mean and node.op == "mean" and component(node) == mean else None

        return rebuild((formula,), change)[0]

    def _forward_flow(self) -> Flow:
        given = {}
        if self.along:
            over = [axis for axis in self.full if axis.name in self.granted.centred]
            given[sum_key((component(self.data), component(self.data)), (), over)] = "squares"
        centred = self.data if self.data.op == "sub" else None
        declared = frozenset(self.plan.declared)
        flow = Flow(self.full, frozenset({"rows"}), declared, given, centred=centred, whole=self.whole)
        for name, formula in self.plan.equations.items():
            if name != self.centre:
                flow.add(name, self._data(formula))
        return flow

    def _backward_flow(self, before: Flow) -> Flow:
        plan = self.plan
        centred = self.data if self.data.op == "sub" else None
        known, given = frozenset({"rows", plan.cotangent}), {key: one.name for key, one in before.sums.items()}
        counters = dict(before.counters)
        declared = frozenset(plan.declared)
        flow = Flow(self.full, known, declared, given, counters=counters, centred=centred, whole=self.whole)
        for name, formula in plan.equations.items():
            if frozenset(formula.axes) == self.full:
                flow.add(name, self._data(formula))
        left = dict(plan.gradients)
        while left:
            unknown = {f"d{name}" for name in left}
            name = next((key for key, form in left.items() if not set(inputs(form)) & (unknown - {f"d{key}"})), "")
            if not name:
                raise Unsupported(f"{plan.name}: gradients in terms of each other")
            flow.add(f"d{name}", self._data(left.pop(name)))
        return flow

    # --- text ---------------------------------------------------------------------------------------------------------

    def _write(self) -> None:
        """All functions; the order matters, since passes may ask for further coefficients."""
        plan = self.plan
        full_f = self._full("forward_full", self.forward, {plan.output: "into"}, ("into: Array",))
        sums_f = sweeps(self, "forward", "Sums over a block that the definition needs.", self.forward, ())
        read = {*plan.equations, *self.forward.divisors, *_words(full_f)}
        small_f = self.small("forward_small", "The small quantities of the definition.", self.forward, (), read)
        self.backward = self._backward_flow(self.forward)
        asked = [name for name in plan.gradients if name in plan.declared]  # others are only there to be used
        gradients = {f"d{name}": f'outs["{name}"]' for name in asked if f"d{name}" in self.backward.written}
        small = tuple(name for name in asked if f"d{name}" not in self.backward.written)
        back = (f"{plan.cotangent}: Array",)
        full_b = self._full("backward_full", self.backward, gradients, (*back, "outs: Values"))
        sums_b = sweeps(self, "backward", "Sums over a block that the gradients need.", self.backward, back)
        about = "The small quantities of the gradients."
        small_b = self.small("backward_small", about, self.backward, small, _words(full_b))
        found = [*sums_f.functions, small_f, full_f, *sums_b.functions, small_b, full_b]
        careful = careful_functions(plan, self.bodies, self.granted)
        self.functions = [*found, *careful, [STAGE, *sums_f.table, *sums_b.table]]
        words = {name for function in [*sums_b.functions, full_b] if "_before_" not in function[0]
                 for name in re.findall(r'values\["(\w+)"\]', "\n".join(function))}  # fmt: skip
        self.coefficients = [name for name in self.backward.small if ROUNDED.fullmatch(name) and name in words
                             and self._of_cotangent(name)]  # fmt: skip
        self.summed = [name for name in small if self._runs_over_blocks(name)]

    def _of_cotangent(self, name: str) -> bool:
        """Whether a small quantity of the gradients depends on the cotangent."""
        sums = set(of_cotangent(self.backward, self.plan.cotangent))
        return bool(sums & set(inputs(*_with_what_they_use(self.backward.small, [name]).values())))

    def _runs_over_blocks(self, name: str) -> bool:
        """Whether a gradient is a sum along dimensions that are cut; then those of the blocks have to add up to it."""
        form = self.plan.gradients[name]
        cut = {axis for axis, dims in self.dims.items() if set(dims) & set(self.kept)}
        if not _reductions(form, cut):
            return False
        if not _adds_up(form, cut):
            raise Unsupported(f"{self.plan.name}: the fast style has no sum over blocks inside the gradient of {name}")
        return True

    def _used(self, words: str, known: set[str]) -> list[str]:
        found = set(re.findall(r"[A-Za-z_]\w*", words))
        return [name for name in (*self._available(), *sorted(known)) if name in found]

    def _available(self) -> list[str]:
        small = [name for name in self.plan.known if name != self.plan.data]
        return [*small, *self.plan.layout.axes, LEFT]

    def unpacked(self, words: str, made: set[str], more: set[str]) -> list[str]:
        """The names that some lines use, out of the dictionary."""
        names = dict.fromkeys(name for name in self._used(words, more) if name not in made)
        return [f'    {name} = values["{name}"]' for name in names]

    def _full(self, head: str, flow: Flow, results: Mapping[str, str], more: tuple[str, ...]) -> list[str]:
        """The function of the passes that end in full results."""
        passes, kept = Passes(flow), {}
        for name, target in results.items():
            place = passes.value(flow.written[name])
            if isinstance(place, str) or place in kept:
                passes.ops.append(Op("positive", (place,)))
                place = len(passes.ops) - 1
            kept[place] = target
        lines = placed(passes.ops, kept, ("rows",) if self.along and not self.leaves_mean else (), "rows")
        words = " ".join(lines)
        return [
            *called(f"def {head}(", ["values: Values", "rows: Array", *more, "room: Room"], ") -> None:"),
            '    """The passes over a block, the last into the result."""',
            *self.unpacked(words, set(), set(flow.small)),
            *(f"    {line}" for line in lines),
        ]

    def small(self, head: str, about: str, flow: Flow, gradients: tuple[str, ...], read: set[str]) -> list[str]:
        """The function of the small quantities, computed in double precision; coefficients are rounded once.

        What is read elsewhere goes back into the values.
        """
        wanted = [name for name in flow.small if name in read or name in {f"d{key}" for key in gradients}]
        formulas = shared_parts(_with_what_they_use(flow.small, wanted))
        lines = [row for name, formula in formulas.items() for row in assigned(name, self._code(formula))]
        words = " ".join(lines)
        sums = {one.name for one in flow.sums.values()} | set(flow.given.values())
        kept = [name for name in flow.small if name in read and name not in {f"d{key}" for key in gradients}]
        rounded = [name for name in kept if ROUNDED.fullmatch(name)]
        items = [f'"{name}": np.asarray({name}, dtype)' if name in rounded else f'"{name}": {name}' for name in kept]
        results = [f'"{name}": d{name}' for name in gradients]
        result = "Values" if head == "backward_small" else "None"
        return [
            f"def {head}(values: Values) -> {result}:",
            f'    """{about}"""',
            *(['    dtype = values["dtype"]'] if rounded else []),
            *self.unpacked(words, set(formulas), sums),
            *lines,
            *(called("values |= {", items, "}", "    ") if items else []),
            *(called("return {", results, "}", "    ") if head == "backward_small" else []),
        ]

    def _code(self, tensor: Tensor) -> str:
        return numpy_expression(tensor, self.layout).replace("np.sum(", "np.add.reduce(")  # the same with less in front


def _reductions(form: Tensor, cut: set[Axis]) -> list[Tensor]:
    """The reductions in a formula that run along some axes."""
    return [node for node in walk(form) if node.op in OVER_AXES and set(node.data) & cut]


def _adds_up(form: Tensor, cut: set[Axis]) -> bool:
    """Whether a formula is linear in its sums along the axes that are cut: then it adds up block by block."""
    match form.op:
        case "total" | "mean" if set(form.data) & cut:
            return not _reductions(form.args[0], cut)
        case "neg":
            return _adds_up(form.args[0], cut)
        case "add" | "sub":
            return all(_adds_up(arg, cut) for arg in form.args)
        case "mul":
            return any(_adds_up(a, cut) and not _reductions(b, cut) for a, b in (form.args, form.args[::-1]))
        case "div":
            return _adds_up(form.args[0], cut) and not _reductions(form.args[1], cut)
    return False


def _with_what_they_use(formulas: Mapping[str, Tensor], wanted: list[str]) -> dict[str, Tensor]:
    """Some formulas and those whose names they use, in order; the flow has also named what it then did without."""
    found: set[str] = set()
    while wanted:
        name = wanted.pop()
        if name in formulas and name not in found:
            found.add(name)
            wanted += inputs(formulas[name])
    return {name: formula for name, formula in formulas.items() if name in found}


def _words(function: list[str]) -> set[str]:
    """The names in a text."""
    return set(re.findall(r"[A-Za-z_]\w*", "\n".join(function)))
