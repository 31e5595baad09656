"""What an expression means: a syntax tree read as a tensor, under a table of names.

Called by :mod:`symnorm.language.document` for each equation and each side of a claim. Everything that a tensor, an axis or
a normalizer refuses comes out as a :class:`LanguageError` at the place in the text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import sympy as sp
from lark import Token, Tree

from symnorm import calculus, tensors
from symnorm.errors import NameUnknown, SymnormError
from symnorm.language.errors import LanguageError
from symnorm.language.grammar import Branch
from symnorm.normalizers import Equations, Normalizer
from symnorm.tensors import Axis, Tensor, as_tensor, inputs
from symnorm.tensors.tensor import binary

LARGEST_EXPONENT, LONGEST_NUMBER = 100, 40

CALLS: dict[str, tuple[int, Callable[..., Tensor]]] = {
    "sqrt": (1, tensors.sqrt),
    "abs": (1, tensors.absolute),
    "sign": (1, tensors.sign),
    "sgn": (1, tensors.sign),
    "exp": (1, tensors.exp),
    "log": (1, tensors.log),
    "max": (2, tensors.maximum),
    "min": (2, tensors.minimum),
    "maximum": (2, tensors.maximum),
    "minimum": (2, tensors.minimum),
    "clip": (3, tensors.clip),
    "stop_gradient": (1, tensors.stop_gradient),
}
"""Functions by elements, with their number of arguments."""

REDUCTIONS: dict[str, tuple[int, Callable[..., Tensor]]] = {
    "sum": (1, tensors.total),
    "mean": (1, tensors.mean),
    "var": (1, tensors.var),
    "norm": (1, tensors.norm),
    "dot": (2, tensors.dot),
}
"""Functions over axes, ``mean[N](x)``, with their number of arguments."""

OTHERS = ("grad", "cotangent", "vjp", "jvp", "delta", "curvature")
FUNCTIONS = (*CALLS, *REDUCTIONS, *OTHERS)
CONSTANTS = {"pi": sp.pi}


@dataclass
class Names:
    """What names stand for in one statement or one definition.

    Attributes:
        values: named quantities and declared tensors.
        axes: axes by name.
        normalizers: by name.
        averaged: what a reduction without axes runs over.
        scalars: whether a name that nothing declares is a real number.
        used: the normalizers that were mentioned.
    """

    normalizers: Mapping[str, Normalizer]
    values: dict[str, Tensor] = field(default_factory=dict)
    axes: dict[str, Axis] = field(default_factory=dict)
    averaged: tuple[Axis, ...] = ()
    scalars: bool = False

    def copy(self) -> Names:
        """A table that can grow without changing this one."""
        return Names(self.normalizers, dict(self.values), dict(self.axes), self.averaged, self.scalars)


class Meaning:
    """Reads expressions of one text.

    Args:
        text: the text in plain letters, for messages.
        names: the table of names; reading an expression adds the tensors that it declares.
        source: the file's name, for messages.
    """

    def __init__(self, text: str, names: Names, source: str = "") -> None:
        self.text, self.names, self.source = text, names, source

    # trees --------------------------------------------------------------------------------------------------------

    def error(self, at: Branch | Token, problem: str) -> LanguageError:
        """An error at a place of the text."""
        place = at if isinstance(at, Token) else at.meta
        line, column = getattr(place, "line", None) or 1, getattr(place, "column", None) or 1
        return LanguageError(problem, self.text, line, column, self.source)

    def read(self, tree: Branch) -> Tensor:
        """The tensor that an expression means."""
        try:
            return self._read(tree)
        except LanguageError:
            raise
        except SymnormError as error:
            raise self.error(tree, str(error)) from error

    def _read(self, tree: Branch) -> Tensor:
        rule: Callable[[Branch], Tensor] = getattr(self, f"_{tree.data}")
        return rule(tree)

    def declare_all(self, *trees: Branch) -> None:
        """Take the declarations ``A[N, K]`` out of expressions, whatever the order in which they stand."""
        for tree in trees:
            for part in _under(tree):
                if part.data == "indexed" and not _arrows(part.children[1]):
                    self.declare(part, str(part.children[0]), self.axes_of(part.children[1]))
                elif part.data == "call_over":
                    for entry in part.children[1].children:
                        if entry.data == "entry" and entry.children[1] is not None:
                            self.axis(entry)

    def declare(self, at: Branch, name: str, axes: tuple[Axis, ...], **promises: bool) -> Tensor:
        """A tensor by name; declaring it a second time over the same axes changes nothing."""
        known = self.names.values.get(name)
        if known is not None:
            if known.axes != axes:
                raise self.error(at, f"{name} has the axes {_bracket(known.axes)}, not {_bracket(axes)}")
            return known
        if name in self.names.axes:
            raise self.error(at, f"{name} is an axis and cannot be a tensor too")
        made = tensors.tensor(name, *axes, **promises)
        self.names.values[name] = made
        return made

    # axes ---------------------------------------------------------------------------------------------------------

    def axes_of(self, brackets: Branch) -> tuple[Axis, ...]:
        """The axes within brackets."""
        found = tuple(self.axis(entry) for entry in brackets.children)
        if len(set(found)) != len(found):
            raise self.error(brackets, "an axis stands here twice; a second one of the same size is written M:N")
        return found

    def axis(self, entry: Branch) -> Axis:
        """An axis by name; ``M:N`` is one called M of the size of N, ``C:3`` one of size 3."""
        if entry.data == "arrow":
            raise self.error(entry, "an axis is expected here, not a renaming")
        name, size = str(entry.children[0]), entry.children[1]
        known = self.names.axes.get(name)
        try:
            made = Axis(name) if size is None else Axis(name, self._size(size))
        except SymnormError as error:
            raise self.error(entry, str(error)) from None
        if name in self.names.values:
            raise self.error(entry, f"{name} is a tensor or a number and cannot be an axis too")
        if known is not None and size is not None and known != made:
            raise self.error(entry, f"the axis {name} has the size {known.size}, not {made.size}")
        return self.names.axes.setdefault(name, made)

    def _size(self, tree: Branch) -> sp.Expr:
        size = sp.Integer(1)
        for part in tree.children:
            text = str(part.children[0])
            if part.data == "size_number":
                size *= sp.Integer(self._whole(part, text, 10**9))
            elif text in self.names.axes:
                size *= self.names.axes[text].size
            else:
                size *= Axis(text).size
        return size

    def _whole(self, at: Branch, text: str, most: int) -> int:
        if not text.isdigit() or len(text) > LONGEST_NUMBER or not 1 <= int(text) <= most:
            raise self.error(at, f"a whole number from 1 to {most} is expected, not {text[:LONGEST_NUMBER]}")
        return int(text)

    def _over(self, tree: Branch, name: str) -> tuple[Axis, ...]:
        if tree.data == "call_over":
            return self.axes_of(tree.children[1])
        if self.names.averaged:
            return self.names.averaged
        raise self.error(tree, f"{name} needs the axes that it runs over, as in {name}[N](...)")

    # numbers, names, operators ------------------------------------------------------------------------------------

    def _number(self, tree: Branch) -> Tensor:
        return as_tensor(self.fraction(tree.children[0]))

    def fraction(self, token: Token) -> Fraction:
        """A number as an exact fraction: 0.1 is one tenth."""
        text = str(token).lower()
        exponent = text.partition("e")[2]
        if len(text) > LONGEST_NUMBER or (exponent and abs(int(exponent)) > LARGEST_EXPONENT):
            raise self.error(token, f"a number has at most {LONGEST_NUMBER} digits and e{LARGEST_EXPONENT}")
        return Fraction(text)

    def _name(self, tree: Branch) -> Tensor:
        name = str(tree.children[0])
        if name in self.names.values:
            return self.names.values[name]
        if name in self.names.axes:
            return as_tensor(self.names.axes[name])
        if name in CONSTANTS:
            return as_tensor(CONSTANTS[name])
        if name in self.names.normalizers:
            raise self.error(tree, f"{name} is a normalizer; its output is {name}(...), its x_hat {name}.x_hat")
        if name in FUNCTIONS:
            raise self.error(tree, f"{name} is a function; write {name}(...)")
        if not self.names.scalars:
            problem = str(NameUnknown("input or earlier equation", name, (*self.names.values, *self.names.axes)))
            raise self.error(tree, problem)
        power = name.rstrip("0123456789")
        if power != name and power in self.names.values and name not in self.names.values:
            raise self.error(tree, f"nothing is called {name}; a power is written {power}^{name[len(power):]}")
        made = tensors.scalar(name)
        self.names.values[name] = made
        return made

    def _neg(self, tree: Branch) -> Tensor:
        return -self._read(tree.children[0])

    def _add(self, tree: Branch) -> Tensor:
        return self._chain(tree, ("add", "sub"), as_tensor(0))

    _sub = _add

    def _mul(self, tree: Branch) -> Tensor:
        return self._chain(tree, ("mul", "div"), as_tensor(1))

    _div = _mul

    def _chain(self, tree: Branch, kinds: tuple[str, str], nothing: Tensor) -> Tensor:
        """A run of operators of one rank, from the left; a long one halved, so that the graph stays shallow."""
        parts: list[tuple[str, Branch]] = []
        while isinstance(tree, Tree) and tree.data in kinds:
            parts.append((str(tree.data), tree.children[1]))
            tree = tree.children[0]
        parts.append((kinds[0], tree))
        parts.reverse()
        read = [(kind, self.read(part)) for kind, part in parts]
        return _combined(read, kinds, nothing)

    def _pow(self, tree: Branch) -> Tensor:
        base, exponent = self.read(tree.children[0]), self.read(tree.children[-1])
        if exponent.axes:
            raise self.error(tree.children[-1], f"an exponent has no axes; this one has {_bracket(exponent.axes)}")
        value = _rational(exponent)
        if value is not None:
            if max(abs(value.numerator), value.denominator) > LARGEST_EXPONENT:
                raise self.error(tree.children[-1], f"an exponent is at most {LARGEST_EXPONENT}, not {value}")
            return tensors.sqrt(base) if value == Fraction(1, 2) else base ** as_tensor(value)
        return base**exponent

    # functions ----------------------------------------------------------------------------------------------------

    def arguments(self, tree: Branch) -> tuple[list[Branch], dict[str, Branch]]:
        """The arguments of a call: those by position and those by name."""
        found = tree.children[-1]
        places: list[Branch] = []
        named: dict[str, Branch] = {}
        for part in found.children if found is not None else ():
            if part.data == "keyword":
                name = str(part.children[0])
                if name in named:
                    raise self.error(part, f"{name} is given twice")
                named[name] = part.children[1]
            elif named:
                raise self.error(part, "an argument by place stands before those by name")
            else:
                places.append(part)
        return places, named

    def _call(self, tree: Branch) -> Tensor:
        name = str(tree.children[0])
        if name in self.names.normalizers:
            return self.instance(tree).output
        places, named = self.arguments(tree)
        if name in CALLS:
            count, function = CALLS[name]
            self._count(tree, name, places, named, count)
            return function(*map(self.read, places))
        if name in REDUCTIONS:
            return self._reduced(tree, name, places, named)
        if name in OTHERS:
            found: Tensor = getattr(self, f"_of_{name}")(tree, places, named)
            return found
        problem = str(NameUnknown("function or normalizer", name, (*FUNCTIONS, *self.names.normalizers)))
        raise self.error(tree, problem)

    def _call_over(self, tree: Branch) -> Tensor:
        name = str(tree.children[0])
        places, named = self.arguments(tree)
        if name in REDUCTIONS:
            return self._reduced(tree, name, places, named)
        if name == "curvature":
            return self._of_curvature(tree, places, named)
        if name in FUNCTIONS or name in self.names.normalizers:
            raise self.error(tree, f"{name} takes no axes; write {name}(...)")
        raise self.error(tree, str(NameUnknown("function over axes", name, REDUCTIONS)))

    def _reduced(self, tree: Branch, name: str, places: list[Branch], named: dict[str, Branch]) -> Tensor:
        count, function = REDUCTIONS[name]
        ddof = named.pop("ddof", None) if name == "var" else None
        self._count(tree, name, places, named, count)
        over = self._over(tree, name)
        values = [self.read(part) for part in places]
        if ddof is None:
            return function(*values, over=over)
        number = _rational(self.read(ddof))
        if number is None or number.denominator != 1 or abs(number) > LARGEST_EXPONENT:
            raise self.error(ddof, "ddof is a whole number")
        return tensors.var(*values, over=over, ddof=int(number))

    def _count(
        self, tree: Branch, name: str, places: Sequence[Branch], named: Mapping[str, Branch], count: int
    ) -> None:
        if named:
            raise self.error(tree, f"{name} has no argument called {next(iter(named))}")
        if len(places) != count:
            raise self.error(tree, f"{name} takes {count} argument{'s' * (count > 1)}; {len(places)} came")

    # normalizers --------------------------------------------------------------------------------------------------

    def instance(self, tree: Branch) -> Equations:
        """The equations of ``name(...)``, ``name.mode(...)`` or of a bare ``name``."""
        target, mode = tree, "training"
        if tree.data in ("name", "call"):
            name = str(tree.children[0])
        elif tree.data in ("member", "method") and _is(tree.children[0], "name"):
            name, mode = str(tree.children[0].children[0]), str(tree.children[1])
        else:
            raise self.error(tree, "a normalizer is expected here, as in batch_norm(x)")
        if name not in self.names.normalizers:
            raise self.error(tree, str(NameUnknown("normalizer", name, self.names.normalizers)))
        try:
            one = self.names.normalizers[name].mode(mode)
            places, named = self.arguments(target) if tree.data in ("call", "method") else ([], {})
            if len(places) > len(one.inputs):
                raise self.error(tree, f"{one.name} takes {len(one.inputs)} inputs ({', '.join(one.inputs)})")
            given = dict(zip(one.inputs, map(self.read, places), strict=False))
            for key, part in named.items():
                if key in given:
                    raise self.error(part, f"{key} is given twice")
                given[key] = self.read(part)
            for key, declared in one.inputs.items():  # one name means one thing in a statement
                known = self.names.values.get(key)
                if key not in given and known is not None and known.axes == declared.axes:
                    given[key] = known
            return one.instance(**given)
        except LanguageError:
            raise
        except SymnormError as error:
            raise self.error(tree, str(error)) from error

    def _member(self, tree: Branch) -> Tensor:
        owner, name = tree.children[0], str(tree.children[1])
        made = self.instance(owner)
        if name in made.updates:
            return made.updates[name]
        if name not in made.named:
            known = (*made.named, *made.updates)
            raise self.error(tree, str(NameUnknown("equation", name, known)))
        return made.named[name]

    def _method(self, tree: Branch) -> Tensor:
        return self.instance(tree).output

    def _output(self, tree: Branch) -> Tensor:
        """An expression, or the output of a normalizer that is only named."""
        if _is(tree, "name") and str(tree.children[0]) in self.names.normalizers:
            return self.instance(tree).output
        return self.read(tree)

    # axes and derivatives -----------------------------------------------------------------------------------------

    def _indexed(self, tree: Branch) -> Tensor:
        """``x[N, C]`` declares a tensor; ``x[N->M]`` is x under another axis."""
        name, brackets = tree.children
        if _arrows(brackets):
            return self._name(tree).rename(self._renaming(brackets))
        return self.declare(tree, str(name), self.axes_of(brackets))

    def _bracketed(self, tree: Branch) -> Tensor:
        target, brackets = tree.children
        if not _arrows(brackets):
            raise self.error(brackets, "axes in brackets declare a tensor by name; x[N->M] renames an axis")
        return self.read(target).rename(self._renaming(brackets))

    def _renaming(self, brackets: Branch) -> dict[Axis, Axis]:
        renaming: dict[Axis, Axis] = {}
        for entry in brackets.children:
            if entry.data != "arrow":
                raise self.error(entry, "a renaming is written N->M")
            old, new = map(str, entry.children)
            if old not in self.names.axes:
                raise self.error(entry, str(NameUnknown("axis", old, self.names.axes)))
            source = self.names.axes[old]
            target = self.names.axes.setdefault(new, source.copy(new))
            renaming[source] = target
        return renaming

    def _of_delta(self, tree: Branch, places: list[Branch], named: dict[str, Branch]) -> Tensor:
        self._count(tree, "delta", places, named, 2)
        if not all(_is(part, "name") for part in places):
            raise self.error(tree, "delta takes two axes of one size: delta(N, M)")
        axes = []
        for part in places:
            name = str(part.children[0])
            by_index = {str(axis.index): axis for axis in self.names.axes.values()}
            found = self.names.axes.get(name) or by_index.get(name)
            if found is None:
                raise self.error(part, str(NameUnknown("axis", name, self.names.axes)))
            axes.append(found)
        return tensors.delta(*axes)

    def _loss(self, named: dict[str, Branch]) -> tensors.Loss:
        part = named.pop("loss", None)
        if part is None:
            return tensors.Loss("L")
        if not _is(part, "name"):
            raise self.error(part, "a loss is given by its name")
        return tensors.Loss(str(part.children[0]))

    def _of_cotangent(self, tree: Branch, places: list[Branch], named: dict[str, Branch]) -> Tensor:
        loss = self._loss(named)
        self._count(tree, "cotangent", places, named, 1)
        return loss.cotangent(self._output(places[0]))

    def _of_curvature(self, tree: Branch, places: list[Branch], named: dict[str, Branch]) -> Tensor:
        loss = self._loss(named)
        self._count(tree, "curvature", places, named, 1)
        output = self._output(places[0])
        if tree.data != "call_over":
            raise self.error(tree, "curvature needs a copy of each axis, as in curvature[N->M](y)")
        renaming = self._renaming(tree.children[1])
        return loss.curvature(output, [renaming.get(axis, axis) for axis in output.axes])

    def _of_grad(self, tree: Branch, places: list[Branch], named: dict[str, Branch]) -> Tensor:
        loss = self._loss(named)
        self._count(tree, "grad", places, named, 2)
        output = self._output(places[0])
        return calculus.gradient(loss, output, self._variable(places[1], output))

    def _of_vjp(self, tree: Branch, places: list[Branch], named: dict[str, Branch]) -> Tensor:
        self._count(tree, "vjp", places, named, 3)
        output = self._output(places[0])
        variable = self._variable(places[2], output)
        return calculus.vjp(output, self.read(places[1]), [variable]).of(variable)

    def _of_jvp(self, tree: Branch, places: list[Branch], named: dict[str, Branch]) -> Tensor:
        self._count(tree, "jvp", places, named, 3)
        output = self._output(places[0])
        variable = self._variable(places[1], output)
        return calculus.jvp(output, {variable.data.name: self.read(places[2])})

    def _variable(self, tree: Branch, output: Tensor) -> Tensor:
        """What a derivative is taken by: an input of the expression, by name."""
        if not _is(tree, "name"):
            raise self.error(tree, "a derivative is taken by an input, given by its name")
        name = str(tree.children[0])
        found = inputs(output).get(name)
        if found is not None:
            return found
        if name in self.names.values:
            return self.names.values[name]
        raise self.error(tree, str(NameUnknown("input of the expression", name, inputs(output))))


def _is(tree: Any, kind: str) -> bool:
    return isinstance(tree, Tree) and tree.data == kind


def _arrows(brackets: Branch) -> bool:
    return any(entry.data == "arrow" for entry in brackets.children)


def _under(tree: Branch) -> Iterator[Branch]:
    return (part for part in tree.iter_subtrees_topdown())


def _bracket(axes: Sequence[Axis]) -> str:
    return f"[{', '.join(map(str, axes))}]"


def _rational(value: Tensor) -> Fraction | None:
    """The number that an expression of small numbers is."""
    if value.op == "const":
        return Fraction(int(value.data.p), int(value.data.q)) if value.data.is_Rational else None
    parts = [_rational(arg) for arg in value.args] if value.op in ("neg", "add", "sub", "mul", "div") else [None]
    numbers = [part for part in parts if part is not None]
    if len(numbers) != len(parts):
        return None
    match value.op:
        case "neg":
            return -numbers[0]
        case "add":
            return numbers[0] + numbers[1]
        case "sub":
            return numbers[0] - numbers[1]
        case "mul":
            return numbers[0] * numbers[1]
    return numbers[0] / numbers[1] if numbers[1] else None


def _combined(parts: list[tuple[str, Tensor]], kinds: tuple[str, str], nothing: Tensor) -> Tensor:
    if len(parts) > 16:
        half = len(parts) // 2
        left, right = _combined(parts[:half], kinds, nothing), parts[half:]
        flipped = right[0][0] == kinds[1]
        if flipped:  # a - (b - c + d) has the signs of what follows turned round
            right = [(kinds[0] if kind == kinds[1] else kinds[1], value) for kind, value in right]
        joined = _combined(right, kinds, nothing)
        return binary(kinds[flipped], left, joined)
    found = nothing
    for place, (kind, value) in enumerate(parts):
        found = value if place == 0 and kind == kinds[0] else binary(kind, found, value)
    return found
