"""What a user calls on a normalizer: its equations, its gradients, its proofs, its kernel, all from one name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import sympy as sp

from symnorm import closed_form
from symnorm.calculus import Steps
from symnorm.claims import Claim, Comparison, Verdict, catalogue, decide
from symnorm.claims import compare as compare_definitions
from symnorm.claims import prove as prove_claim
from symnorm.closed_form import ClosedForm
from symnorm.errors import SymnormError
from symnorm.language import lookup
from symnorm.normalizers import Equations, Normalizer, conventions_of
from symnorm.report.typed import is_statement
from symnorm.tensors import Relation, Tensor

if TYPE_CHECKING:
    from symnorm.kernels import Kernel


class Loaded:
    """A normalizer with everything that can be asked of it.

    Example:
        >>> bn = load("batch_norm")
        >>> bn.gradient("x")
        dx = gamma/sqrt(var + eps)*(dy - mean(dy) - x_hat*mean(dy*x_hat))
    """

    def __init__(self, definition: Normalizer) -> None:
        self.definition = definition

    def __call__(self, *args: Any, **kwargs: Any) -> Tensor:
        """The output with other expressions in place of inputs; what is left out keeps its declared symbol."""
        return self.definition(*args, **kwargs)

    def instance(self, *args: Any, **kwargs: Any) -> Equations:
        """All named quantities of an instance, ``bn.instance(a * x).x_hat``."""
        return self.definition.instance(*args, **kwargs)

    @property
    def name(self) -> str:
        """Its name."""
        return self.definition.name

    @property
    def equations(self) -> tuple[sp.Eq, ...]:
        """The named equations as SymPy."""
        return self.definition.equations

    @property
    def inputs(self) -> dict[str, Tensor]:
        """The declared inputs by name."""
        return self.definition.inputs

    def gradient(self, name: str) -> ClosedForm:
        """The closed form of the derivative by an input, with ``.steps`` and ``.latex()``.

        Raises:
            NameUnknown: no differentiable input of that name.
        """
        return closed_form.gradient(self.definition, name)

    @property
    def gradients(self) -> dict[str, ClosedForm]:
        """The closed forms of all inputs that have a derivative."""
        return closed_form.gradients(self.definition)

    def backward_pass(self, name: str = "") -> Loaded:
        """The gradient by an input as a definition of its own: its gradients are the double backward pass.

        Example:
            >>> load("layer_norm").backward_pass("x").gradient("dy")
            ddy = gamma/sqrt(var + eps)*(dx_grad - mean(dx_grad) - x_hat*mean(dx_grad*x_hat))
        """
        return Loaded(closed_form.backward_pass(self.definition, name))

    def hessian_vector_product(self, name: str = "") -> ClosedForm:
        """How the gradient by an input changes along a direction; see :mod:`symnorm.closed_form.second_order`.

        Example:
            >>> load("centering").hessian_vector_product("x")
            dx_v = dy_v - mean(dy_v)
        """
        return closed_form.hessian_vector_product(self.definition, name)

    def kernel(self, **options: Any) -> Kernel:
        """The generated NumPy kernel; see :func:`symnorm.kernel`."""
        return kernel(self.definition, **options)

    def mode(self, name: str) -> Loaded:
        """Another mode, such as ``inference``."""
        return Loaded(self.definition.mode(name))

    def convention(self, name: str) -> Loaded:
        """The same as ``torch``, ``onnx``, ``keras``, ... mean it; ``paper`` is the definition itself.

        Raises:
            NameUnknown: no such convention of it.

        Example:
            >>> load("layer_norm").convention("annotated").gradient("x")
            dx = gamma/s*dy - mean(gamma*dy)/s - x_hat/(C - 1)/std*sum(gamma*dy*x_hat)
        """
        return Loaded(self.definition.convention(name))

    @property
    def conventions(self) -> tuple[str, ...]:
        """The names of its conventions, the paper's first."""
        return conventions_of(self.definition)

    def __repr__(self) -> str:
        return repr(self.definition)

    def _repr_html_(self) -> str:
        from symnorm.report import html

        return html.normalizer(self.definition)

    def _repr_latex_(self) -> str:
        from symnorm.report import latex

        return latex.inline(latex.definition(self.definition))


def load(name: str | Normalizer, mode: str = "training", convention: str = "") -> Loaded:
    """A normalizer by name, from a ``.norm`` file (``my_norm.norm``), or a definition of one's own.

    ``batch_norm.inference@onnx`` says mode and convention in one.

    Raises:
        NameUnknown: no normalizer, mode or convention of that name; with the nearest ones.
        SymnormError: a file that cannot be read or that does not define exactly one.
    """
    return Loaded(chosen(name, mode, convention))


def chosen(name: str | Normalizer | Loaded, mode: str = "training", convention: str = "") -> Normalizer:
    """A definition by name, mode and convention, which the name may say itself."""
    if isinstance(name, Loaded):
        name = name.definition
    found = (lookup.normalizer(name) if isinstance(name, str) else name).mode(mode)
    return found.convention(convention) if convention else found


def prove(what: str | Claim | Relation, *given: Relation | str) -> Verdict:
    """The verdict on a claim of the catalogue, a claim, or a relation under assumptions, as objects or as text.

    Raises:
        NameUnknown: no claim of that name.
        LanguageError: a text that is not in the language.
        Contradiction: the assumptions exclude each other.

    Example:
        >>> from symnorm.tensors import absolute, equal, scalar, sqrt
        >>> a = scalar("a")
        >>> prove(equal(sqrt(a**2), a), a > 0).status
        'proved'
        >>> prove("batch_norm(a*x) == batch_norm(x)", "a > 0", "eps == 0").status
        'proved'
    """
    from symnorm.language import statement

    texts = [one for one in given if isinstance(one, str)]
    if isinstance(what, str) and is_statement(what):
        if len(texts) < len(given):
            raise SymnormError("a statement as text takes its assumptions as text too")
        return prove_claim(statement(what, texts).claim("statement"))
    if texts:
        raise SymnormError(f"{texts[0]!r} is text; assumptions of a relation are relations, such as a > 0")
    relations = tuple(one for one in given if isinstance(one, Relation))
    if isinstance(what, Relation):
        return decide([what], relations)
    if relations:
        raise SymnormError("a claim has assumptions of its own")
    return prove_claim(catalogue.find(what) if isinstance(what, str) else what)


def compare(left: str | Loaded | Normalizer, right: str | Loaded | Normalizer, *given: Relation | str) -> Comparison:
    """Which quantities of two normalizers, or of two conventions of one, are equal, and what the others differ by.

    Assumptions are relations, or text that speaks of the inputs and sizes of the two.

    Raises:
        NameUnknown: no normalizer, mode or convention of that name.
        AxisError: the two lie over different axes.
        LanguageError: a text that is not in the language.

    Example:
        >>> found = compare("layer_norm", "layer_norm@annotated", "eps == 0")
        >>> found["x_hat"].inverse_ratio
        sqrt(C)*sqrt(C - 1)/C
    """
    from symnorm.language import assumptions

    one, other = chosen(left), chosen(right)
    relations = [assumptions([each], one, other) if isinstance(each, str) else (each,) for each in given]
    return compare_definitions(one, other, [relation for found in relations for relation in found])


def kernel(
    name: str | Normalizer | Loaded,
    mode: str = "training",
    convention: str = "",
    second_order: bool = False,
    **options: Any,
) -> Kernel:
    """The generated NumPy kernel of a normalizer, by its name, its ``.norm`` file, or itself.

    With a convention it is the normalizer as somebody else means it. With ``second_order`` the kernel's forward is the
    backward pass, from ``x, gamma, ..., dy`` to the gradient by the first input, and its backward the double backward.
    ``style="fast"`` goes block by block through the cache, with threads; the default style is there to be read.

    Raises:
        NameUnknown: no normalizer, mode, convention or style of that name.
        Unsupported: a formula that the style does not cover.

    Example:
        >>> kernel("batch_norm", convention="keras").plan.defaults
        {'eps': 0.001, 'momentum': 0.99}
    """
    from symnorm import kernels  # NumPy is imported when a kernel is asked for, not with symnorm

    one = chosen(name, mode, convention)
    return kernels.kernel(closed_form.backward_pass(one) if second_order else one, **options)


# --- in notebooks -----------------------------------------------------------------------------------------------------


def _verdict_html(verdict: Verdict) -> str:
    from symnorm.report import html

    return html.verdict(verdict)


def _verdict_latex(verdict: Verdict) -> str:
    from symnorm.report import latex

    return latex.inline(latex.verdict(verdict))


def _by(name: str) -> Callable[[Any], str]:
    def show(one: Any) -> str:
        from symnorm.report import html

        return str(getattr(html, name)(one))

    return show


# They are made below the stage that shows them, so they learn here how a notebook shows them.
for _name, _show in {"_repr_html_": _verdict_html, "_repr_latex_": _verdict_latex}.items():
    setattr(Verdict, _name, _show)
for _kind, _name in {ClosedForm: "closed_form", Steps: "steps", Comparison: "comparison"}.items():
    setattr(_kind, "_repr_html_", _by(_name))  # noqa: B010 - mypy knows no such attribute
