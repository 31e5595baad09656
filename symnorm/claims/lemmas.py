"""The short closed list of theorems that a proof may rest on without proving them; a verdict names them.

A lemma is applied to symbols of a claim and brings in fresh symbols with relations between them: "there are an
orthogonal V and numbers l with S = V diag(l) V^T". The relations are assumed in the proof only. What refutes, and the
point that shows that a claim says something, know nothing of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from symnorm.calculus import jvp
from symnorm.canonical import Facts, Solver
from symnorm.canonical.visible import NONNEGATIVE, Visible, pattern
from symnorm.claims.domain import conditions, needs
from symnorm.errors import SymnormError
from symnorm.tensors import Axis, Relation, Tensor, as_tensor, delta, equal, substitute, total, walk


@dataclass(frozen=True, eq=False)
class Lemma:
    """A theorem, applied.

    Attributes:
        name: what a verdict calls it.
        fresh: names of the symbols and sizes that it brings in: they may stand nowhere in the claim.
        gives: the relations that it states of them.
    """

    name: str
    fresh: frozenset[str]
    gives: tuple[Relation, ...]


def spectral(matrix: Tensor, vectors: Tensor, values: Tensor) -> Lemma:
    """The spectral theorem: a symmetric matrix is ``sum_k V_ik l_k V_jk`` with an orthogonal V.

    Args:
        matrix: an input that is declared symmetric, over axes I and J of one size.
        vectors: V over I and K of that same size.
        values: l over K.

    Raises:
        SymnormError: the matrix is not declared symmetric, or the axes do not fit.
    """
    if matrix.op != "input" or not matrix.data.symmetric:
        raise SymnormError(f"the spectral theorem speaks of an input that is declared symmetric, not of {matrix!r}")
    first, second = matrix.axes
    if len(vectors.axes) != 2 or vectors.axes[0] != first or values.axes != vectors.axes[1:]:
        raise SymnormError(f"the vectors need axes ({first}, K) and the values (K), not {vectors.axes}, {values.axes}")
    across = vectors.axes[1]
    if across.size != first.size:
        raise SymnormError(f"there are as many eigenvectors as rows: {across} has size {across.size}")
    rebuilt = total(vectors * values * vectors.rename({first: second}), over=across)
    return Lemma(
        "the spectral theorem",
        _fresh(vectors, values),
        (equal(matrix, rebuilt), _orthonormal(vectors, first), _orthonormal(vectors, across)),
    )


def singular_values(matrix: Tensor, left: Tensor, values: Tensor, right: Tensor) -> Lemma:
    """The singular value decomposition: a matrix is ``sum_r U_ir s_r V_jr`` with orthonormal columns and s >= 0.

    Args:
        matrix: an input over I and J.
        left, right: U over I and R, V over J and R; the size of R is the smaller of the two sizes.
        values: s over R, declared nonnegative.

    Raises:
        SymnormError: the values are not declared nonnegative, or the axes do not fit.
    """
    if matrix.op != "input" or len(matrix.axes) != 2 or values.op != "input" or not values.data.nonnegative:
        raise SymnormError(f"singular values are an input that is declared nonnegative, of a matrix: {matrix!r}")
    first, second = matrix.axes
    across = values.axes
    if left.axes != (first, *across) or right.axes != (second, *across) or len(across) != 1:
        raise SymnormError(f"singular vectors need axes ({first}, R) and ({second}, R), not {left.axes}, {right.axes}")
    count = across[0].size
    if not count.is_Symbol:
        raise SymnormError(f"how many singular values there are is a size of its own, not {count}")
    rebuilt = total(left * values * right, over=across)
    return Lemma(
        "the singular value decomposition",
        _fresh(left, values, right) | {str(count)},
        (equal(matrix, rebuilt), _orthonormal(left, first), _orthonormal(right, second)),
    )


GROWTH = "the mean value theorem"

SMOOTH = frozenset({"input", "const", "let", "add", "sub", "mul", "div", "neg", "pow", "exp", "log", "sqrt", "erf"})
"""Operations without kinks: differentiable wherever their derivative is defined."""


def growth(function: Tensor, variable: Tensor, slope: Tensor, after: Sequence[Lemma] = ()) -> Lemma:
    """The mean value theorem: a function that is 0 at 0 and whose slope is not negative is not negative from there on.

    Args:
        function: without axes, made of operations without kinks, defined for every x >= 0.
        variable: the scalar x, declared nonnegative.
        slope: what the derivative by x equals, written so that it is visibly not negative.
        after: applications of this lemma to other functions of x, by which it is.

    Raises:
        SymnormError: one of these does not hold, or is not seen to hold.

    Example:
        >>> from symnorm.tensors import exp, scalar
        >>> x = scalar("x", nonnegative=True)
        >>> growth(exp(x) - 1, x, exp(x)).gives
        (exp(x) - 1 >= 0,)
    """
    declared = variable.data if variable.op == "input" and not variable.axes else None
    if declared is None or not declared.nonnegative or declared.positive or declared.integer:
        raise SymnormError(f"growth is along a real scalar that is declared nonnegative, not {variable!r}")
    leaves = [node.data for node in walk(function, slope) if node.op == "input" and node.data.name == declared.name]
    if any(leaf != declared for leaf in leaves):
        raise SymnormError(f"{declared.name} is declared in {function!r} or {slope!r} otherwise than where it is given")
    if any(lemma.name != GROWTH for lemma in after):
        raise SymnormError(f"growth comes after growth of other functions, not after {[lemma.name for lemma in after]}")
    if function.axes or not {node.op for node in walk(function)} <= SMOOTH:
        raise SymnormError(f"growth is of a number without kinks, not of {function!r}")
    name = str(declared.name)
    signs = Visible(Facts(written={pattern(r.left.element): NONNEGATIVE for lemma in after for r in lemma.gives}))
    derivative = jvp(function, {name: as_tensor(1)})
    if unknown := conditions(needs(function, derivative, slope), signs):
        raise SymnormError(f"{function!r} and its slope need {unknown}, which is not seen for all {name} >= 0")
    (start,) = substitute((function,), {name: as_tensor(0)})
    if not Solver().vanishes(start.element):
        raise SymnormError(f"{function!r} is not seen to be 0 at {name} = 0")
    if not Solver(signs.facts).equal(derivative.element, slope.element):
        raise SymnormError(f"the slope of {function!r} is {derivative!r}, which is not seen to equal {slope!r}")
    if not signs.of(slope.element).nonnegative:
        raise SymnormError(f"the slope {slope!r} is not visibly >= 0")
    return Lemma(GROWTH, frozenset(), (function >= 0,))


def _orthonormal(vectors: Tensor, over: Axis) -> Relation:
    """The products over one axis are 1 for equal indices of the other, else 0."""
    (other,) = (axis for axis in vectors.axes if axis != over)
    second = other.copy(f"{other.name}_second")
    return equal(total(vectors * vectors.rename({other: second}), over=over), delta(other, second))


def _fresh(*symbols: Tensor) -> frozenset[str]:
    if any(symbol.op != "input" for symbol in symbols):
        raise SymnormError(f"a lemma brings in symbols, not {[s for s in symbols if s.op != 'input']}")
    return frozenset(str(symbol.data.name) for symbol in symbols)
