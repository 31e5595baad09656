"""What a kernel is made of, before it is text: formulas by name, each in the names of the ones before it.

:func:`plan` takes a normalizer and its closed-form gradients apart; :mod:`symnorm.kernels.generate` prints the plan;
the cross-check changes plans to plant bugs in them. Everything a kernel has to decide is decided here by looking at the
formulas: what backward needs of forward, which inputs only the running statistics use, which scalars may be zero.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from symnorm.errors import SymnormError, Unsupported
from symnorm.kernels.degenerate import OneElement, one_element_rules, reductions_of
from symnorm.kernels.layout import Layout
from symnorm.normalizers import Normalizer, opaque
from symnorm.normalizers.differences import in_words
from symnorm.tensors import Axis, Leaf, System, Tensor, inputs, walk

_TEXT = """
np xp math partial out threads check_finite axis groups shape saved named grid dtype updates updating statistics
gradients fit layout stop_gradient forward backward forward_body backward_body update_body AXES Array Saved Grid
BadInput Any Mapping MappingProxyType NamedTuple NDArray as_array as_number laid checked_out delivered check_threads
count index annotations isinstance type tuple range len float int str bytes bool dict zip all any map list ValueError
TypeError contraction size_along Singular as_matrix along singular_pair eigenbasis cholesky
units given results factors pulled_back Body body prepared careful exponents safe_range full_range Callable Sequence
Units Careful CAREFUL DEGREES SCALED SHIFTS CENTRED MIDDLE REACHES HIGHEST APART
"""
RESERVED = frozenset(_TEXT.split())
"""Names that the text of a module gives a meaning to."""


@dataclass(frozen=True)
class Plan:
    """The formulas of a kernel.

    Attributes:
        name: dotted name.
        title: what it computes, in words.
        source: paper and section.
        layout: how the axes lie in the first input.
        declared: the inputs in order.
        defaults: values of scalars that may be left out.
        equations: name to right-hand side; the last is the output.
        updates: running statistic to its new value.
        gradients: input to its gradient, in the order in which they are computed; also a named equation to its, where
            others are written with it. A gradient may use an earlier one
            (``dg``) and the cotangent of the output, ``d`` and its name.
        systems: what defines the quantities that are known only through relations, over the same names.
        convention: whose definition it is and how it differs from the paper's, in sentences.
    """

    name: str
    title: str
    source: str
    layout: Layout
    declared: Mapping[str, Tensor]
    defaults: Mapping[str, Any]
    equations: Mapping[str, Tensor]
    updates: Mapping[str, Tensor]
    gradients: Mapping[str, Tensor]
    systems: tuple[System, ...] = ()
    convention: tuple[str, ...] = ()

    @property
    def data(self) -> str:
        """The first input's name, whose array the layout describes."""
        return next(iter(self.declared))

    @property
    def output(self) -> str:
        """The output's name."""
        return list(self.equations)[-1]

    @cached_property
    def known(self) -> dict[str, Tensor]:
        """Every name of forward as a tensor with its axes: inputs, what systems define, then equations."""
        named = {name: Tensor("input", (), rhs.axes, Leaf(name)) for name, rhs in self.equations.items()}
        return {**self.declared, **self.solved, **named}

    @cached_property
    def solved(self) -> dict[str, Tensor]:
        """The quantities that systems define."""
        return {str(leaf.data.name): leaf for system in self.systems for leaf in system.unknowns}

    @cached_property
    def copies(self) -> dict[Axis, str]:
        """The axes that are copies of the layout's, to the name of what each is a copy of: a matrix has two."""
        declared = {axis for node in self.declared.values() for axis in node.axes}
        own = {axis.size: axis.name for axis in declared if axis.name in self.layout.axes}
        nodes = tuple(walk(*self.formulas, *(system.of for system in self.systems)))
        found = {axis for node in nodes for axis in (*node.axes, *(node.data if node.op in ("total", "mean") else ()))}
        alien = sorted((axis for axis in found if axis.name not in self.layout.axes and axis.size in own), key=str)
        return {axis: own[axis.size] for axis in alien if all(not word.starred for word in self.layout.words)}

    @property
    def cotangent(self) -> str:
        """What the derivative of the loss by the output is called."""
        return f"d{self.output}"

    @cached_property
    def numbers(self) -> tuple[str, ...]:
        """The inputs that are plain numbers: scalars without a gradient."""
        return tuple(name for name, node in self.declared.items() if not node.axes and name not in self.gradients)

    @cached_property
    def arrays(self) -> dict[str, Tensor]:
        """Every array that a caller sees, with its axes: inputs, the output, its cotangent."""
        seen = {name: node for name, node in self.declared.items() if name not in self.numbers}
        return {**seen, self.output: self.known[self.output], self.cotangent: self.known[self.output]}

    @property
    def layout_axes(self) -> tuple[Axis, ...]:
        """The axes of the arrays in the order of the layout."""
        found = {axis.name: axis for node in self.known.values() for axis in node.axes}
        return tuple(found[name] for name in self.layout.axes if name in found)

    @property
    def formulas(self) -> tuple[Tensor, ...]:
        """All right-hand sides."""
        return (*self.equations.values(), *self.updates.values(), *self.gradients.values())

    @property
    def stops(self) -> bool:
        """Whether something is held constant under derivatives."""
        return any(node.op == "stop" for node in walk(*self.equations.values()))

    @property
    def results(self) -> tuple[str, ...]:
        """The inputs whose gradients backward gives; the others are steps on the way."""
        return tuple(name for name in self.declared if name in self.gradients)

    @cached_property
    def kept(self) -> tuple[str, ...]:
        """The names of forward that backward needs."""
        return self._used(self.gradients.values())

    @cached_property
    def returned(self) -> tuple[str, ...]:
        """The equations whose values are needed after forward; the output is the last."""
        needed = {*self.kept, *self.used_by_updates, self.output}
        return tuple(name for name in (*self.solved, *self.equations) if name in needed)

    @cached_property
    def used_by_equations(self) -> tuple[str, ...]:
        """The inputs that the formulas of forward need."""
        used = self._used([*self.equations.values(), *(system.of for system in self.systems)])
        return tuple(name for name in used if name in self.declared)

    @cached_property
    def used_by_updates(self) -> tuple[str, ...]:
        """The names of forward that the new running statistics need."""
        return self._used(self.updates.values())

    @cached_property
    def only_updates(self) -> tuple[str, ...]:
        """The inputs that nothing but the new running statistics needs: they may be left out."""
        needed = {*self.used_by_equations, *self.kept}
        return tuple(name for name in self.declared if name in self.used_by_updates and name not in needed)

    @cached_property
    def rules(self) -> tuple[OneElement, ...]:
        """What one element over a reduction's axes asks of the scalars."""
        return one_element_rules(self.equations, reductions_of(*self.equations.values()))

    @cached_property
    def update_rules(self) -> tuple[OneElement, ...]:
        """What it asks besides when running statistics are updated."""
        found = one_element_rules({**self.equations, **self.updates}, reductions_of(*self.equations.values()))
        known = {(rule.over, rule.scalars) for rule in self.rules}
        return tuple(rule for rule in found if (rule.over, rule.scalars) not in known)

    @cached_property
    def divisors(self) -> frozenset[str]:
        """The scalars that are divided by as such, and so must not be zero."""
        below = [node.args[1] for node in walk(*self.formulas) if node.op == "div"]
        return frozenset(node.data.name for node in below if node.op == "input" and not node.axes)

    def _used(self, formulas: Iterable[Tensor]) -> tuple[str, ...]:
        found = inputs(*formulas)
        return tuple(name for name in self.known if name in found)


def plan(normalizer: Normalizer, gradients: Mapping[str, Tensor]) -> Plan:
    """Take a normalizer and its gradients apart.

    Args:
        normalizer: what to compute.
        gradients: input name to closed form over inputs, names of equations, ``d`` + output, earlier gradients.

    Raises:
        SymnormError: a gradient is missing or of something else; a name that Python or the kernel uses itself.
        Unsupported: a tensor with an axis that the layout does not have, or a formula over a name that it cannot have.
    """
    instance = normalizer.instance()
    declared = {name: leaf for name, leaf in normalizer.inputs.items() if name not in normalizer.auxiliary}
    found = Plan(
        name=normalizer.name,
        title=normalizer.title,
        source=normalizer.source,
        layout=_layout(normalizer.layout, declared),
        declared=declared,
        defaults=normalizer.defaults,
        equations={name: instance.right_hand_side(name) for name in instance.named},
        updates={name: opaque(new) for name, new in instance.updates.items()},
        gradients={name: opaque(form) for name, form in gradients.items()},
        systems=tuple(replace(system, of=opaque(system.of)) for system in instance.systems),
        convention=_convention(normalizer),
    )
    if not set(normalizer.differentiable) <= set(gradients) <= {*normalizer.differentiable, *normalizer.reuses}:
        raise SymnormError(
            f"{normalizer.name} has gradients of {', '.join(normalizer.differentiable)};"
            f" {', '.join(gradients) or 'none'} came"
        )
    _check_names(found)
    _check_formulas(found)
    return found


def _layout(text: str, declared: Mapping[str, Tensor]) -> Layout:
    """The layout of the first input, with a place for axes that only others have."""
    data, *others = (node.axes for node in declared.values())
    own = {axis.size for axis in data}
    copied = {axis for axes in others for axis in axes if axis not in data and axis.size in own}
    return Layout(text).beside(
        [tuple(axis.name for axis in axes if axis.extent is None) for axes in others if not copied & set(axes)]
    )


def _convention(normalizer: Normalizer) -> tuple[str, ...]:
    if normalizer.under is None:
        return ("Convention: the paper's.",) if normalizer.conventions else ()
    return (f"Convention: {normalizer.under.name}, from {normalizer.under.source}.", *in_words(normalizer))


def _check_names(found: Plan) -> None:
    cotangents = [f"d{name}" for name in (found.output, *found.gradients)]
    sizes = found.layout.axes
    names = [*found.known, *cotangents, *sizes, *(f"over_{axis}" for axis in sizes)]
    for name in names:
        if not (name.isidentifier() and name.isascii()) or keyword.iskeyword(name) or name.startswith("_"):
            raise SymnormError(f"{found.name}: {name!r} cannot be a variable of a kernel; rename it")
        if name in RESERVED or names.count(name) > 1:
            raise SymnormError(f"{found.name}: {name!r} has another meaning in its kernel; rename it")


def _check_formulas(found: Plan) -> None:
    available = {name: node.axes for name, node in {**found.declared, **found.solved}.items()}
    for stage in ({**found.declared}, found.equations, found.updates, found.gradients):
        if stage is found.gradients:
            available[f"d{found.output}"] = available[found.output]
        for name, formula in stage.items():
            for leaf, node in inputs(formula).items():
                if stage is not found.declared and leaf not in available and leaf not in found.declared:
                    raise Unsupported(f"{found.name}: the formula of {name} uses {leaf}, which is not known there")
                outside = [axis for axis in node.axes if axis.name not in found.layout.axes or axis.extent is not None]
                outside = [axis for axis in outside if axis not in found.copies]
                outside += [axis for axis in node.axes if leaf == found.data and axis.name in found.layout.elsewhere]
                if outside:
                    raise Unsupported(f"{found.name}: {leaf} has axis {outside[0]!r}, none of {found.layout.text!r}")
            if stage is found.equations:
                available[name] = formula.axes
            elif stage is found.gradients:
                available[f"d{name}"] = found.known[name].axes
