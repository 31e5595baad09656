"""What texts mean, and what is said of texts that mean nothing."""

from __future__ import annotations

from fractions import Fraction

import pytest

from symnorm.claims import PROVED, REFUTED, decide
from symnorm.language import LanguageError, parse, statement
from symnorm.language.grammar import tree
from symnorm.language.spelling import DEEPEST, LONGEST, spelled
from symnorm.tensors import Tensor, inputs

SAME = {
    "a power binds tighter than a minus": "-a^2 == -(a^2)",
    "to the right": "2^3^2 == 2^9",
    "a negative exponent": "a^-2*a^2 == 1",
    "two spellings of a power": "a**3 == a^3",
    "minus to the left": "a - b - c == (a - b) - c",
    "division to the left": "a/b/c == (a/b)/c",
    "a product before a sum": "a + b*c == a + (b*c)",
    "a minus in a product": "a*-b == -(a*b)",
    "plus signs": "+a - -a == 2*a",
    "decimals are exact": "0.1 + 0.2 == 0.3",
    "powers of ten": "1.5e-3 == 3/2000",
    "half a power is a root": "p^(1/2) == sqrt(p)",
    "a size": "sum[N](1) == N",
    "a mean is a sum over a size": "mean[N](u[N]) == sum[N](u)/N",
    "a variance": "var[N](u[N], ddof=1)*(N - 1) == sum[N]((u - mean[N](u))^2)",
    "a copy of an axis": "sum[N](u[N])*sum[M:N](u[N->M]) == sum[N](u)^2",
    "delta": "sum[M:N](delta(N, M)*u[N->M]) == u[N]",
    "a tensor is declared where it first has axes": "dot[K](A[N, K], W[K, C]) == sum[K](A*W)",
    "constants": "pi - pi == 0",
    "a loss's gradient": "grad(3*u[N], u) == 3*cotangent(3*u)",
    "a gradient of a named normalizer": "dot[K](grad(weight_norm, v), v) == 0",
    "a directional derivative": "jvp(u[N]^2, u, h[N]) == 2*u*h",
    "a product against a cotangent": "vjp(u[N]^2, h[N], u) == 2*u*h",
    "equations of an instance": "batch_norm(x).x_hat == batch_norm.x_hat",
    "another mode": "batch_norm.inference(x, running_mean=0, running_var=1, eps=0) == gamma*x + beta",
    "a chain": "a + b == b + a == (2*a + 2*b)/2",
    "a long sum": " + ".join(["a"] * 1000) + " == 1000*a",
    "a long difference": "1000*a - " + " - ".join(["a"] * 999) + " == a",
}


@pytest.mark.parametrize("name", SAME)
def test_true_statements(name: str) -> None:
    given = ["p > 0"] if "p^" in SAME[name] else []
    found = statement(SAME[name], given)
    assert decide(found.relations, found.given).status == PROVED


ASSUMED = {
    "an orthogonal matrix": ("norm[E](dot[C](x[C], Q[C, E:C])) == norm[C](x)", ["orthogonal(Q)"]),
    "a singular pair": ("sum[C, K](u[C]*W[C, K]*v[K]) == sigma", ["singular_pair(W, u, sigma, v)", "sigma > 0"]),
}


@pytest.mark.parametrize("name", ASSUMED)
def test_assumptions_by_name(name: str) -> None:
    text, given = ASSUMED[name]
    found = statement(text, given)
    assert decide(found.relations, found.given).status == PROVED
    bare = statement(text)
    assert decide(bare.relations, bare.given).status == REFUTED


WRONG = {
    "a power binds tighter than a minus": "-a^2 == (-a)^2",
    "to the right": "2^3^2 == (2^3)^2",
    "minus to the left": "a - b - c == a - (b - c)",
    "division to the left": "a/b/c == a/(b/c)",
    "ddof": "var[N](u[N], ddof=1) == var[N](u)",
    "a copy of an axis": "u[N]*u[N->M] == u^2",
    "eps": "batch_norm(a*x) == batch_norm(x)",
}


@pytest.mark.parametrize("name", WRONG)
def test_false_statements(name: str) -> None:
    found = statement(WRONG[name], ["a > 0"])
    assert decide(found.relations, found.given).status == REFUTED


def test_the_statement_of_the_readme_needs_both_assumptions() -> None:
    text = "batch_norm(a*x) == batch_norm(x)"
    for given, status in ((["a > 0", "eps == 0"], PROVED), (["a > 0"], REFUTED), (["eps == 0"], REFUTED)):
        found = statement(text, given)
        assert decide(found.relations, found.given).status == status


def test_one_name_means_one_thing() -> None:
    """Both normalizers speak of the same x, gamma and eps, and an assumption about them reaches both."""
    found = statement("layer_norm(x) == rms_norm(x)", ["mean(x) == 0", "beta == 0"])
    assert decide(found.relations, found.given).status == PROVED
    names = inputs(*(side for relation in found.relations for side in (relation.left, relation.right)))
    assert {name: len(leaf.axes) for name, leaf in names.items()} == {"x": 2, "gamma": 1, "beta": 1, "eps": 0}


ERRORS = [
    ("a + == 1", 5, "expected an expression"),
    ("batch_norm(x = y", 16, "the text ends here"),
    ("batch_norm(x) = y", 15, "write =="),
    ("batch_nrm(x) == 1", 1, "did you mean batch_norm"),
    ("batch_norm(x, gamm=1) == 0", 1, "did you mean gamma"),
    ("batch_norm.x_ha == 1", 1, "did you mean x_hat"),
    ("mean(a) == 1", 1, "mean[N](...)"),
    ("mean[N](a, b) == 1", 1, "takes 1 argument"),
    ("sqrt[N](a) == 1", 1, "takes no axes"),
    ("max[N](a) == 1", 1, "write amax[N]"),
    ("max(a) == 1", 1, "takes 2 arguments"),
    ("a == $", 6, "'$' has no meaning"),
    ("a == §", 6, "SECTION SIGN"),
    ("a^200 == 1", 3, "at most 100"),
    ("a^u[N] == 1", 3, "an exponent has no axes"),
    ("1e999 == a", 1, "digits"),
    ("x[N] == y[C]*x[C]", 14, "x has the axes [N]"),
    ("x[N, N] == 1", 2, "twice"),
    ("x[n] == 1", 3, "capital letter"),
    ("x[M:0] == 1", 5, "whole number"),
    ("batch_norm == 1", 1, "batch_norm.x_hat"),
    ("sqrt == 1", 1, "sqrt is a function"),
    ("claim == 2", 1, "cannot be a name"),
    ("f(a) == 1", 1, "no function or normalizer"),
    ("a", 1, "this states nothing"),
    ("a == b == ", 10, "expected an expression"),
    ("grad(a + b, c) == 1", 12, "input of the expression"),
    ("grad(a, 2*a) == 1", 10, "by its name"),
    ("u[N] + w[N:3] == 0", 10, "the axis N has the size N, not 3"),
    ("batch_norm(x, x=2) == 1", 17, "given twice"),
    ("var[N](u[N], ddof=a) == 1", 19, "whole number"),
    ("(" * 200 + "a", DEEPEST + 1, "nested"),
    ("-" * 200 + "a == 1", DEEPEST + 1, "nested"),
    ("a" + "^a" * 200 + " == 1", 2 * DEEPEST + 2, "nested"),
    ("a.b" + ".b" * 200 + " == 1", 2 * DEEPEST + 2, "nested"),
    ("x2 == x[N]", 1, "x^2"),
    ("\x07a == 1", 1, "control character"),
]


@pytest.mark.parametrize(("text", "column", "said"), ERRORS, ids=[text[:20] for text, _, _ in ERRORS])
def test_errors_say_where_and_what(text: str, column: int, said: str) -> None:
    with pytest.raises(LanguageError) as caught:
        statement(text)
    error = caught.value
    assert said in error.problem and error.line == 1
    assert abs(error.column - column) <= 1, error.column
    assert str(error).splitlines()[-1].strip() == "^"


def test_an_error_in_a_file_names_the_line() -> None:
    text = "# a norm\nnormalizer f(x[N])\n  y = x\n  z = y + w\n"
    with pytest.raises(LanguageError) as caught:
        parse(text, "my.norm")
    assert (caught.value.line, caught.value.column) == (4, 11)
    assert str(caught.value).startswith("my.norm, line 4, column 11: no input or earlier equation is called 'w'")
    assert "    z = y + w\n            ^" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("normalizer f(x[N])\n  x = 2*x\n", "x is defined already"),
        ("normalizer f(x[N])\n  N = 2*x\n", "N is an axis"),
        ("normalizer f(x[N], x[N])\n  y = x\n", "declared twice"),
        ("normalizer f(x[N])\n", "expected"),
        ("normalizer f(x[N], a > 1)\n  y = a*x\n", "> 0"),
        ("normalizer f(x[N], a = 2)\n  y = a*x\nnormalizer f(x[N])\n  y = x\n", "two normalizers"),
        ("claim c: a == a\nclaim c: a == a", "two claims"),
        ("normalizer f(x[N], as)\n  y = x\n", "as is a word of Python"),
        ("normalizer f(x[N])\n  lambda = x\n", "lambda is a word of Python"),
        ("claim c expected maybe: a == a", "not maybe"),
        ("normalizer sqrt(x[N])\n  y = x\n", "sqrt is taken"),
        ("normalizer f(x[N])\n  y = sum[N](x)\nclaim c: f(x[C]) == 1", "x has the axes [N]"),
    ],
)
def test_errors_in_definitions(text: str, said: str) -> None:
    with pytest.raises(LanguageError, match=said.replace("[", r"\[").replace(".", r"\.")):
        parse(text)


def test_lines_end_where_a_statement_can() -> None:
    definition = "normalizer f(x[N],\n   c)\n\n  # how\n  y = c *\n    (x\n     + 1)\n"
    found = parse(f"{definition}claim b:\n  f(x) ==\n  c*x + c\n  given c > 0\n")
    assert list(found.claims) == ["f.b"] and len(found.claims["f.b"].given) == 1
    assert decide(found.claims["f.b"].relations(), found.claims["f.b"].given).status == PROVED


def test_declarations_carry_over_to_later_claims() -> None:
    found = parse("tensor w[N] > 0, k integer, S[N, M:N] symmetric\nclaim t.a: abs(w) == w, S == S[N->K][M->N][K->M]\n")
    assert decide(found.claims["t.a"].relations()).status == PROVED


def test_definitions_have_defaults_constants_and_words() -> None:
    head = 'normalizer f(x[N, C], g, const k > 0, eps > 0 = 0.001) "A norm" from "Someone 2020"'
    one = parse(f'{head}\n  layout "N C S*"\n  y = g*x/k').normalizer()
    assert (one.title, one.source, one.layout) == ("A norm", "Someone 2020", "N C S*")
    assert one.constants == ("k", "eps") and one.defaults == {"eps": 0.001} and one.differentiable == ("x", "g")


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("γ·x̂ + β", "gamma*x_hat + beta"),
        ("σ² ≥ 0", "sigma2 >= 0"),
        ("√(σ²+ε) ≠ µ", "sqrt(sigma2+eps) != mu"),
        ("x̄ − x̃ → y′", "x_bar - x_tilde -> y'"),
        ("w₁", "w_1"),
        ("λ", "lamda"),
        ("Σ", "Sigma"),
        ("\N{GREEK SMALL LETTER ALPHA}\N{GREEK SMALL LETTER BETA}", "alpha_beta"),
    ],
)
def test_unicode_has_one_plain_spelling(typed: str, plain: str) -> None:
    assert spelled(typed) == plain


def test_a_text_has_a_longest_length() -> None:
    with pytest.raises(LanguageError, match=str(LONGEST)):
        spelled("a" * (LONGEST + 1))


def test_the_tree_of_a_power() -> None:
    (chain,) = tree("-a^-b^2 == 0", "statement").children[0].children
    negated = chain.children[0]
    assert negated.data == "neg" and negated.children[0].data == "pow"
    exponent = negated.children[0].children[1]
    assert exponent.data == "neg" and exponent.children[0].data == "pow"


def test_numbers_are_exact() -> None:
    relation = statement("a == 0.1e-2").relations[0]
    assert Fraction(str(relation.right.data)) == Fraction(1, 1000)
    assert isinstance(relation.left, Tensor)


def test_a_file_may_define_what_the_zoo_has_too() -> None:
    """Its own definition is meant in the file, from there on."""
    text = "normalizer batch_norm(x[N])\n  y = 2*x\nclaim c.d: batch_norm(x) == 2*x\n"
    claim = parse(f"claim c.before expected refuted: batch_norm(x) == 2*x\n{text}").claims
    assert decide(claim["c.d"].relations()).status == PROVED
    assert decide(claim["c.before"].relations()).status == REFUTED
