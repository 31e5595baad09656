"""What an expression means, calls included: functions, reductions, instances of normalizers, derivatives.

Called by :mod:`symnorm.language.document` for each side of a claim and each equation of a definition.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from symnorm import calculus, tensors
from symnorm.errors import NameUnknown, SymnormError
from symnorm.language.errors import LanguageError
from symnorm.language.expressions import LARGEST_EXPONENT, Expressions, has_arrows, is_kind, rational
from symnorm.language.grammar import Branch
from symnorm.language.names import CALLS, FUNCTIONS, OF_SYSTEMS, OTHERS, OVER_AXES, REDUCTIONS, SYSTEMS
from symnorm.normalizers import Equations
from symnorm.tensors import Axis, Tensor, inputs


class Meaning(Expressions):
    """Reads expressions of one text, under a table of names."""

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
        if name in OF_SYSTEMS:
            kind, quantity = OF_SYSTEMS[name]
            value: Tensor = getattr(self.system(tree, kind), quantity)
            return value
        if name in SYSTEMS:
            raise self.error(tree, f"{name}(...) is an assumption; it stands after given")
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
            instead = f"{OVER_AXES[name]}[N]" if name in OVER_AXES else name
            raise self.error(tree, f"{name} takes no axes; write {instead}(...)")
        raise self.error(tree, str(NameUnknown("function over axes", name, REDUCTIONS)))

    def _reduced(self, tree: Branch, name: str, places: list[Branch], named: dict[str, Branch]) -> Tensor:
        count, function = REDUCTIONS[name]
        ddof = named.pop("ddof", None) if name == "var" else None
        self._count(tree, name, places, named, count)
        over = self._over(tree, name)
        values = [self.read(part) for part in places]
        if ddof is None:
            return function(*values, over=over)
        number = rational(self.read(ddof))
        if number is None or number.denominator != 1 or abs(number) > LARGEST_EXPONENT:
            raise self.error(ddof, "ddof is a whole number")
        return tensors.var(values[0], over=over, ddof=int(number))

    def _count(
        self, tree: Branch, name: str, places: Sequence[Branch], named: Mapping[str, Branch], count: int
    ) -> None:
        if named:
            raise self.error(tree, f"{name} has no argument called {next(iter(named))}")
        if len(places) != count:
            raise self.error(tree, f"{name} takes {count} argument{'s' * (count > 1)}; {len(places)} came")

    def system(self, tree: Branch, kind: str) -> tensors.System:
        """Quantities that are known through relations, of a call's arguments."""
        places, named = self.arguments(tree)
        self._count(tree, kind, places, named, SYSTEMS[kind])
        values = [self.read(part) for part in places]
        try:
            found = tensors.orthogonal(*values)[0].system if kind == "orthogonal" else getattr(tensors, kind)(*values)
        except SymnormError as error:
            raise self.error(tree, str(error)) from error
        assert isinstance(found, tensors.System)
        return found

    def _of_singular_vector(self, tree: Branch, places: list[Branch], named: dict[str, Branch]) -> Tensor:
        """``singular_vector(W, u)``: u as a vector that changes with W."""
        self._count(tree, "singular_vector", places, named, 2)
        matrix, vector = map(self.read, places)
        return Tensor("singular_vector", (vector, matrix), vector.axes)

    # normalizers --------------------------------------------------------------------------------------------------

    def instance(self, tree: Branch) -> Equations:
        """The equations of ``name(...)``, ``name.mode(...)`` or of a bare ``name``."""
        target, mode = tree, "training"
        if tree.data in ("name", "call"):
            name = str(tree.children[0])
        elif tree.data in ("member", "method") and is_kind(tree.children[0], "name"):
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
        if is_kind(tree, "name") and str(tree.children[0]) in self.names.normalizers:
            return self.instance(tree).output
        return self.read(tree)

    # axes and derivatives -----------------------------------------------------------------------------------------

    def _indexed(self, tree: Branch) -> Tensor:
        """``x[N, C]`` declares a tensor; ``x[N->M]`` is x under another axis."""
        name, brackets = tree.children
        if has_arrows(brackets):
            return self._name(tree).rename(self._renaming(brackets))
        return self.declare(tree, str(name), self.axes_of(brackets))

    def _bracketed(self, tree: Branch) -> Tensor:
        target, brackets = tree.children
        if not has_arrows(brackets):
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
        if not all(is_kind(part, "name") for part in places):
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
        if not is_kind(part, "name"):
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
        if not is_kind(tree, "name"):
            raise self.error(tree, "a derivative is taken by an input, given by its name")
        name = str(tree.children[0])
        found = inputs(output).get(name)
        if found is not None:
            return found
        if name in self.names.values:
            return self.names.values[name]
        raise self.error(tree, str(NameUnknown("input of the expression", name, inputs(output))))
