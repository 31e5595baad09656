"""What surrounds the formulas in a generated module: ``Saved``, ``forward``, ``backward``, and the layout of axes.

Called by :mod:`symnorm.kernels.generate`. Arguments are checked here and results handed over here; nothing is computed.
"""

from __future__ import annotations

from collections.abc import Sequence

from symnorm.errors import Unsupported
from symnorm.kernels.bodies import Bodies, Body
from symnorm.kernels.degenerate import OneElement
from symnorm.kernels.dimensions import layout_function
from symnorm.kernels.licence import Licence
from symnorm.kernels.lines import called, listed, quote, quoted, quotes, tuple_of, wrap
from symnorm.kernels.plan import Plan
from symnorm.printing.text import text

IGNORED = '    with np.errstate(all="ignore"):  # 0/0 is NaN, and that is the answer'


class Surface:
    """Writes the lines of a module that check and hand over."""

    threads = "at most so many; these formulas use one"
    computing = "xp=careful(xp)"

    def __init__(self, plan: Plan, bodies: Bodies, granted: Licence) -> None:
        self.plan = plan
        self.bodies = bodies
        self.granted = granted
        changed = {*granted.degrees, *granted.shifts} & {*plan.used_by_equations, *plan.kept}
        self.prepared = [name for name in plan.declared if name in changed]
        self.in_units = [name for name in plan.equations if name in granted.degrees or name in granted.shifts]
        self.options = [*["axis"] * plan.layout.takes_axis, *["groups"] * plan.layout.takes_groups]
        self.tensors = [name for name in plan.declared if name not in plan.numbers]
        self.optional = [name for name in plan.only_updates if name not in plan.numbers]
        self.elsewhere = {axis: self._sized(axis) for axis in plan.layout.elsewhere}

    def saved(self) -> list[str]:
        """The class of what forward keeps for backward."""
        kinds = {name: "float" if name in self.plan.numbers else "Array" for name in self.plan.kept}
        kinds |= {name: "Any" for name in kinds if name in self.plan.numbers and name in self.prepared}
        more = ", and the new running statistics where they were asked for" if self.plan.updates else ""
        return [
            "class Saved(NamedTuple):",
            f'    """What backward needs of forward{more}."""',
            "",
            *(f"    {name}: {kind}" for name, kind in kinds.items()),
            "    units: Units",
            "    grid: Grid",
            "    dtype: str",
            "    updates: Mapping[str, Array] = MappingProxyType({})",
        ]

    # --- forward ------------------------------------------------------------------------------------------------------

    def forward(self) -> list[str]:
        """``forward``: signature, documentation, checks, bodies."""
        plan = self.plan
        kept = [name for name in plan.kept if name in self.tensors]
        after = ["units", "grid", "dtype"]
        saved = [f"1*{name}" if name == plan.output else self._seen(name) for name in plan.kept]  # y is the caller's
        if plan.updates:
            after.append("MappingProxyType(delivered(updates, grid, dtype, {}, xp))")
        return [
            *called("def forward(", self._parameters(), ") -> tuple[Array, Saved]:"),
            *self._forward_docstring(),
            "    check_threads(threads)",
            f'    {plan.data} = as_array("{plan.data}", {plan.data}, xp)',
            f"    shape, dtype = {plan.data}.shape, {plan.data}.dtype.name",
            *(f'    {axis} = size_along("{name}", {name}, {at}, xp)' for axis, (name, at) in self.elsewhere.items()),
            f"    grid = layout({', '.join(['shape', *self.options, *self.elsewhere])})",
            "    fit = partial(laid, grid=grid, dtype=dtype, check_finite=check_finite, xp=xp)",
            *(f"    {name} = {self._checked(name)}" for name in plan.declared if name not in plan.only_updates),
            *(row for rule in plan.rules for row in self._rule(rule)),
            *self._updating(),
            f'    named = checked_out(out, ("{plan.output}",), grid, dtype, {_tuple(kept)})',
            IGNORED,
            *self._prepared(),
            *self._solved(", ".join(plan.returned), self.bodies.forward),
            *self._update(),
            *called("saved = Saved(", [*saved, *after], ")", "        "),
            f'        results = {{"{plan.output}": {self._restored(plan.output)}}}',
            f'    return delivered(results, grid, dtype, named, xp)["{plan.output}"], saved',
        ]

    def _sized(self, axis: str) -> tuple[str, int]:
        """An input that says how large an axis is which the data lacks, and along which of its dimensions."""
        layout = self.plan.layout
        for name in self.tensors:
            mine = {other.name for other in self.plan.declared[name].axes}
            words = [word for word in layout.words if mine & set(word.axes)]
            if name in self.optional or axis not in mine:
                continue
            at = next(at for at, word in enumerate(words) if axis in word.axes)
            if not any(word.starred for word in words[:at]):
                return name, at
            if not any(word.starred for word in words[at:]):
                return name, at - len(words)
        raise Unsupported(f"{self.plan.name}: no input's shape says how large {axis} is")

    def _solved(self, results: str, body: Body) -> list[str]:
        """The call of a body; what has no solution is said of the data that it was made of."""
        if not any(system.kind in ("eigenbasis", "cholesky") for system in self.plan.systems):
            return self._call(results, body)
        message = f"{self.plan.data} has shape {{shape}}: {{error}}"
        return [
            "        try:",
            *self._call(results, body, indent="            "),
            "        except Singular as error:",
            f'            raise BadInput(f"{message}") from None',
        ]

    def _prepared(self) -> list[str]:
        """The inputs that are scaled and centred, and the units that come of it."""
        if not self.prepared:
            return ["        units = Units()"]
        items = [f'"{name}": {name}' for name in self.prepared]
        weights = ", ".join(self.bodies.weights)
        return called("given, units = prepared({", items, f"}}, [{weights}], grid, xp)", "        ")

    def _seen(self, name: str) -> str:
        """An input as the formulas see it."""
        return f'given["{name}"]' if name in self.prepared else name

    def _restored(self, name: str) -> str:
        """A value of a formula as the caller sees it."""
        return f'units.restored("{name}", {name})' if name in self.in_units else name

    def _parameters(self) -> list[str]:
        """Tensors by position, scalars by keyword; what can be left out last."""
        plan = self.plan
        required = [name for name in self.tensors if name not in self.optional]
        found = [f"{name}: Array" for name in required]
        found += [f"{name}: Array | None = None" for name in self.optional]
        found.append("*")
        for name in plan.numbers:
            kind = "float | None" if name in plan.only_updates else "float"
            default = f" = {float(plan.defaults[name])!r}" if name in plan.defaults else ""
            found.append(f"{name}: {kind}{default}")
        found += [f"axis: int = {plan.defaults.get('axis', -1)}"] * ("axis" in self.options)
        found += ["groups: int"] * ("groups" in self.options)
        return [*found, "out: Any = None", "threads: int = 1", "check_finite: bool = False", "xp: Any = np"]

    def _forward_docstring(self) -> list[str]:
        plan = self.plan
        rows = ['    """Forward pass.', "", "    Args:"]
        for name in (*self.tensors, *plan.numbers):
            node = plan.declared[name]
            over = f"over ({', '.join(axis.name for axis in node.axes)})"
            if name == plan.data:
                about = f"float16, float32 or float64, as all other arrays; {plan.layout.in_words(name)}"
            elif name in plan.numbers:
                about = f"a number{self._bound(name)}"
            else:
                about = f"{over}"
            if name in plan.only_updates:
                about += "; None leaves the running statistics alone"
            rows += _item(name, about)
        if "axis" in self.options:
            which = "the" if plan.layout.takes_one else "the first"
            rows += _item("axis", f"{which} dimension of {plan.layout.axes[1]}, as ONNX counts it")
        if "groups" in self.options:
            rows += _item("groups", "into how many groups the split dimension is cut")
        rows += _item("out", f"an array for {plan.output}")
        rows += _item("threads", self.threads)
        rows += _item("check_finite", "whether an infinite or NaN input is an error")
        rows += _item("xp", "the namespace that computes; a tracer such as autograd.numpy differentiates these lines")
        more = "; saved.updates has the new running statistics" if plan.updates else ""
        rows += ["", "    Returns:"]
        rows += wrap(f"{plan.output}, in the dtype of {plan.data}, and what backward needs: it refers to the inputs, so"
                     f" leave them as they are until then{more}.", "        ")
        return [*rows, "", "    Raises:", *_item("BadInput", "an argument that does not fit"), '    """']

    def _bound(self, name: str) -> str:
        leaf = self.plan.declared[name].data
        if not (leaf.positive or leaf.nonnegative):
            return ""
        return " above 0" if name in self.plan.divisors else " of at least 0"

    def _checked(self, name: str) -> str:
        if name not in self.plan.numbers:
            return f'fit("{name}", {name})'
        bound = {"": "", " above 0": "above=0, ", " of at least 0": "least=0, "}[self._bound(name)]
        return f'as_number("{name}", {name}, {bound}check_finite=check_finite)'

    def _rule(self, rule: OneElement, indent: str = "    ", so: str = "") -> list[str]:
        """The check of a divisor that vanishes at one element."""
        over, divisor = listed(rule.over), quoted(text(rule.divisor))
        zero = "".join(f" and {name} == 0" for name in rule.scalars)
        size = f"grid.size({quotes(rule.over)})"
        where = f" at {listed(f'{name} = 0' for name in rule.scalars)}" if rule.scalars else ""
        message = f"{self.plan.data} has shape {{shape}}: one element over {over}, where {divisor} is 0{where}{so}"
        return [f"{indent}if {size} == 1{zero}:", *called("raise BadInput(", [f'f"{message}"'], ")", indent + "    ")]

    def _updating(self) -> list[str]:
        """The inputs of the running statistics, where they are asked for."""
        plan = self.plan
        if not plan.updates:
            return []
        asked = [f"{name} is not None" for name in plan.only_updates if name in plan.numbers]
        some = " or ".join(f"{name} is not None" for name in self.optional)
        asked += [f"({some})" if asked and " or " in some else some] if some else []
        items = [f'"{name}": {self._checked(name)}' for name in plan.only_updates]
        needed = "; the new running statistics divide by it"
        return [
            f"    updating = {' and '.join(asked) or 'True'}",
            "    statistics: dict[str, Any] = {}",
            "    if updating:",
            *(row for rule in plan.update_rules for row in self._rule(rule, "        ", needed)),
            *called("statistics = {", items, "}", "        "),
        ]

    def _update(self) -> list[str]:
        body = self.bodies.updates
        if body is None:
            return []
        given = [f"{name}={self._restored(name)}" for name in body.inputs if name not in self.plan.only_updates]
        arguments = ["**statistics", *given, *_grid(body), "xp=xp"]
        return called("updates = update_body(", arguments, ") if updating else {}", "        ")

    def _call(self, results: str, body: Body, indent: str = "        ") -> list[str]:
        inputs = [self._seen(name) for name in body.inputs]
        return called(f"{results} = {body.name}(", [*inputs, *_grid(body), self.computing], ")", indent)

    def _pull(self) -> list[str]:
        """The body of backward as a function of the cotangent."""
        plan, body = self.plan, self.bodies.backward
        inputs = [f"saved.{name}" if name in plan.kept else name for name in body.inputs]
        return [
            "",
            f"    def body({plan.cotangent}: Array) -> dict[str, Any]:",
            '        """The gradients of a cotangent."""',
            *called(f"return {body.name}(", [*inputs, *_grid(body), self.computing], ")", "        "),
            "",
        ]

    def layout(self) -> list[str]:
        """``layout``: which axis each dimension belongs to."""
        return layout_function(self.plan, (*self.options, *self.elsewhere))

    # --- backward -----------------------------------------------------------------------------------------------------

    def backward(self) -> list[str]:
        """``backward``: the same for the gradients."""
        plan, dy = self.plan, self.plan.cotangent
        names = [*plan.results]
        wanted = _tuple([quotes([name]) for name in names])
        args = [f"[{', '.join(f'saved.{name}' for name in self.bodies.weights)}]", "saved.units", "grid", "xp"]
        head = [f"{dy}: Array", "saved: Saved", "out: Any = None", "threads: int = 1", "check_finite: bool = False"]
        return [
            *called("def backward(", [*head, "xp: Any = np"], ") -> dict[str, Array]:"),
            '    """Backward pass.',
            "",
            "    Args:",
            *_item(dy, f"the derivative of the loss by {plan.output}, in its shape and dtype"),
            *_item("saved", "what forward returned"),
            *_item("out", "arrays for the gradients by name"),
            *_item("threads", self.threads),
            *_item("check_finite", f"whether an infinite or NaN {dy} is an error"),
            *_item("xp", "the namespace that computes"),
            "",
            "    Returns:",
            *wrap(f"The derivatives of the loss by {listed(names)}, by name.", "        "),
            "",
            "    Raises:",
            *_item("BadInput", "an argument that does not fit"),
            '    """',
            "    check_threads(threads)",
            "    if not isinstance(saved, Saved):",
            '        raise BadInput(f"saved is of type {type(saved).__name__}; it has to be what forward returned")',
            "    grid, dtype = saved.grid, saved.dtype",
            f'    {dy} = laid("{dy}", {dy}, grid, dtype, check_finite, xp)',
            *called("named = checked_out(", ["out", wanted, "grid", "dtype", "()"], ")", "    "),
            *self._pull(),
            IGNORED,
            *called("gradients = pulled_back(", ["body", quote(plan.output), dy, *args], ")", "        "),
            "    return delivered(gradients, grid, dtype, named, xp)",
        ]


def _grid(body: Body) -> list[str]:
    """The keyword arguments of a body's dimensions and sizes."""
    axes = {word: word.removeprefix("over_") for word in body.grid}
    return [f'{word}=grid.{"size" if word == axis else "over"}("{axis}")' for word, axis in axes.items()]


def _item(name: str, about: str) -> list[str]:
    """An entry of a docstring's list."""
    return wrap(f"{name}: {quoted(about)}.", "        ", "            ")


def _tuple(words: Sequence[str]) -> str:
    return tuple_of(words) if words else "()"
