"""Where a normalizer and its gradients exist, in words, read off its equations and the rules of differentiation.

What a definition divides by and takes roots of is listed unless its inputs' declarations show that it never vanishes;
so is every point at which an operation on the way to the inputs has no derivative, with the convention that the
gradients and kernels follow there. Called by :mod:`symnorm.report.sheet`, :mod:`symnorm.report.words` and
:mod:`symnorm.report.data`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from symnorm.calculus import vjp
from symnorm.calculus.steps import Application
from symnorm.canonical import Facts
from symnorm.canonical.visible import Visible
from symnorm.claims.domain import conditions, needs, settled
from symnorm.closed_form import cotangent_of
from symnorm.normalizers import Normalizer, opaque
from symnorm.printing import text
from symnorm.tensors import Relation, inputs, walk


def defined_where(normalizer: Normalizer) -> list[str]:
    """What has to hold of the inputs so that the equations have a value.

    Example:
        >>> from symnorm.normalizers import batch_norm, z_score
        >>> defined_where(z_score), defined_where(batch_norm)
        (['mean((x - mu)**2) > 0'], [])
    """
    instance, signs = normalizer.instance(), Visible(Facts())
    needed = needs(*instance.named.values())
    found = [_shown(relation) for relation in conditions(needed, signs)]
    below = {name for relation in needed for name in inputs(relation.left)}
    for system in instance.systems:
        solved = [str(leaf.data.name) for leaf in system.unknowns if leaf.data.positive]
        found += [f"{name} > 0" for name in solved if name in below]
        found += [EXISTS[system.kind].format(text(opaque(system.of)))] if system.kind in EXISTS else []
    return found


EXISTS = {"cholesky": "{} is positive definite"}
"""What a system needs to have a solution, where no quantity's sign says it."""


def differentiable_where(normalizer: Normalizer) -> dict[str, str]:
    """What more has to hold so that every gradient is a derivative, each with what is taken elsewhere.

    Example:
        >>> from symnorm.normalizers import l1_batch_norm, min_max
        >>> differentiable_where(l1_batch_norm)
        {'x - mu != 0': 'the sign of 0 counts as 0'}
        >>> list(differentiable_where(min_max))
        ['max(x) is attained once', 'min(x) is attained once']
    """
    wanted = [normalizer.inputs[name] for name in normalizer.differentiable]
    adjoints = vjp(normalizer.instance().output, cotangent_of(normalizer), wanted)
    known = defined_where(normalizer)
    return {where: what for where, what in _conditions(adjoints.applications).items() if where not in known}


def gradients_where(relations: Iterable[Relation]) -> dict[str, str]:
    """The same for the gradients that a statement speaks of.

    Example:
        >>> from symnorm.normalizers import unit_length
        >>> from symnorm.calculus import gradient
        >>> from symnorm.tensors import Loss
        >>> u, x = unit_length.mode("l1")(), unit_length.inputs["x"]
        >>> gradients_where([Relation.of(gradient(Loss("L"), u, x), "==", 0)])
        {'x != 0': 'the sign of 0 counts as 0'}
    """
    sides = [side for relation in relations for side in (relation.left, relation.right)]
    found: dict[str, str] = {}
    for node in walk(*sides):
        if node.origin is not None and node.origin[0] == "vjp":
            output, cotangent, variable = node.origin[1]
            found |= _conditions(vjp(output, cotangent, [variable]).applications)
    return found


def in_words(conditions: Mapping[str, str]) -> list[str]:
    """Each condition with what holds elsewhere.

    Example:
        >>> in_words({"x != 0": "the sign of 0 counts as 0", "y > 0": ""})
        ['x != 0; elsewhere the sign of 0 counts as 0', 'y > 0']
    """
    return [f"{where}; elsewhere {what}" if what else where for where, what in conditions.items()]


def _conditions(applications: Iterable[Application]) -> dict[str, str]:
    signs, found = Visible(Facts()), dict[str, str]()
    for application in applications:
        if words := _condition(application, signs):
            found[words] = found.get(words) or application.rule.otherwise
    return found


def _condition(application: Application, signs: Visible) -> str:
    rule, node = application.rule, application.node
    if rule.said:
        return rule.said.format(*(text(opaque(arg)) for arg in node.args))
    relation = rule.smooth_at(node)
    zero = relation is not None and relation.right.op == "const" and relation.right.data == 0
    if relation is None or (zero and relation.relation != "==" and settled(relation, signs)):
        return ""
    (simple,) = conditions([relation], signs) if zero and relation.relation != "==" else (relation,)
    return _shown(simple)


def _shown(relation: Relation) -> str:
    return f"{text(opaque(relation.left))} {relation.relation} {text(opaque(relation.right))}"
