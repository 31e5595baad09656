"""The catalogue tests itself: a claim is tested by being stated in ``proofs/``.

Each verdict is computed once and read by several tests. That these checks can fail is shown at the end.
"""

from __future__ import annotations

import ast
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from symnorm.claims import EMPIRICAL, PROVED, REFUTED, Claim, Verdict, catalogue, prove, re_evaluated
from symnorm.claims.assumptions import sort
from symnorm.claims.location import proofs_directory
from symnorm.claims.search import holds
from symnorm.errors import SymnormError
from symnorm.evaluate import Model, agree, element_array
from symnorm.normalizers import REGISTRY
from symnorm.report.index import index
from symnorm.tensors import Relation

FILES = sorted(proofs_directory().glob("*.py"))
CLAIMS = catalogue.catalogue()


@cache
def verdict(name: str) -> Verdict:
    return prove(CLAIMS[name])


def under_assumptions(claim: Claim, relation: Relation) -> Relation:
    left, right = sort(claim.given).applied(relation.left, relation.right)
    return Relation(left, relation.relation, right)


def stated_under_assumptions(claim: Claim) -> list[Relation]:
    """The claim's relations with the assumed values and sizes put in, which is what a model gives numbers to."""
    return [under_assumptions(claim, relation) for relation in claim.relations()]


def agrees(relation: Relation, model: Model) -> bool:
    """Whether an equation holds to many digits: all that can be seen where an irrational such as pi is enclosed."""
    gap = relation.left - relation.right
    values = element_array(gap.element, [axis.index for axis in gap.axes], [axis.size for axis in gap.axes], model)
    return relation.relation == "==" and all(agree(value, 0, scale=1) for value in values.values())


def expecting(verdict: str) -> list[str]:
    return [name for name, claim in CLAIMS.items() if claim.expected == verdict]


# verdicts -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CLAIMS)
def test_verdict_is_the_expected_one(name: str) -> None:
    assert verdict(name).status == CLAIMS[name].expected, str(verdict(name))


@pytest.mark.parametrize("name", expecting(PROVED))
def test_proof_carries_a_model_at_which_the_claim_holds(name: str) -> None:
    model = verdict(name).model
    assert model is not None
    for relation in stated_under_assumptions(CLAIMS[name]):
        answer = holds(relation, model)
        assert answer is True or (answer is None and agrees(relation, model))


@pytest.mark.parametrize("name", expecting(PROVED))
def test_proof_fixes_only_the_sizes_that_are_assumed(name: str) -> None:
    assumed = {str(r.left.data) for r in CLAIMS[name].given if r.relation == "==" and r.left.op == "const"}
    assert set(verdict(name).fixed) == assumed


@pytest.mark.parametrize("name", expecting(REFUTED))
def test_witness_refutes_again(name: str) -> None:
    witness = verdict(name).witness
    assert witness is not None
    assert re_evaluated(witness)


@pytest.mark.parametrize("name", expecting(REFUTED))
def test_witness_satisfies_the_assumptions(name: str) -> None:
    witness = verdict(name).witness
    assert witness is not None
    for assumed in CLAIMS[name].given:
        assert holds(under_assumptions(CLAIMS[name], assumed), witness.model) is True


@pytest.mark.parametrize("name", expecting(EMPIRICAL))
def test_empirical_statement_states_nothing_to_prove(name: str) -> None:
    assert CLAIMS[name].relations() == ()
    assert verdict(name).reason == CLAIMS[name].note


# claims as data -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CLAIMS)
def test_claim_says_what_where_and_why(name: str) -> None:
    claim = CLAIMS[name]
    assert claim.sentence.endswith(".")
    assert claim.source
    assert claim.note or claim.expected == PROVED


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_names_are_dotted_and_belong_to_the_file(path: Path) -> None:
    for name in catalogue.read(path):
        normalizer, dot, what = name.partition(".")
        assert normalizer == path.stem
        assert dot
        assert what.isidentifier()
        assert what == what.lower()


def test_names_are_unique_across_files() -> None:
    assert sum(len(catalogue.read(path)) for path in FILES) == len(CLAIMS)


def test_statements_are_said_once() -> None:
    sentences = [claim.sentence for claim in CLAIMS.values()]
    twice = {sentence for sentence in sentences if sentences.count(sentence) > 1}
    for sentence in twice:
        alike = {claim.normalizer for claim in CLAIMS.values() if claim.sentence == sentence}
        assert len(alike) == sentences.count(sentence), f"said twice of one normalizer: {sentence}"


@pytest.mark.parametrize("normalizer", REGISTRY)
def test_normalizer_has_true_claims_and_false_twins(normalizer: str) -> None:
    found = [claim.expected for claim in CLAIMS.values() if claim.normalizer == normalizer]
    assert PROVED in found
    assert REFUTED in found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_file_is_data_written_with_the_public_api(path: Path) -> None:
    """Docstring, ``import symnorm as sn``, a topic, names for tensors, claims: no import, no function, no branch."""
    docstring, imported, *rest = ast.parse(path.read_text(encoding="utf-8")).body
    assert isinstance(docstring, ast.Expr) and isinstance(docstring.value, ast.Constant)
    assert ast.unparse(imported) == "import symnorm as sn"
    for statement in rest:
        is_claim = isinstance(statement, ast.Expr) and ast.unparse(statement).startswith(("sn.claim(", "sn.about("))
        assert is_claim or isinstance(statement, ast.Assign), ast.unparse(statement)
        logic = (ast.IfExp, ast.BoolOp, ast.comprehension, ast.NamedExpr, ast.Import, ast.ImportFrom)
        assert not [node for node in ast.walk(statement) if isinstance(node, logic)], ast.unparse(statement)


# these checks can fail ------------------------------------------------------------------------------------------------


def test_false_twin_in_the_place_of_a_true_claim_is_noticed() -> None:
    true, false = CLAIMS["weight_norm.norm_abs_g"], CLAIMS["weight_norm.norm_eq_g"]
    assert prove(replace(true, states=false.states)).status != true.expected
    assert prove(replace(false, states=true.states)).status != false.expected


def test_dropped_assumption_is_noticed() -> None:
    claim = CLAIMS["batch_norm.weight_scale_invariance"]
    assert claim.given
    assert prove(replace(claim, given=())).status == REFUTED


def test_witness_of_another_statement_does_not_refute() -> None:
    witness = verdict("weight_norm.norm_eq_g").witness
    assert witness is not None
    (true,) = CLAIMS["weight_norm.norm_abs_g"].relations()
    assert not re_evaluated(replace(witness, relation=true))


def test_model_does_not_satisfy_what_is_false() -> None:
    witness = verdict("weight_norm.norm_eq_g").witness
    assert witness is not None
    (false,) = CLAIMS["weight_norm.norm_eq_g"].relations()
    assert holds(false, witness.model) is False


def test_enclosures_that_differ_do_not_agree() -> None:
    (true,) = stated_under_assumptions(CLAIMS["l1_batch_norm.same_deviation"])
    (false,) = stated_under_assumptions(CLAIMS["l1_batch_norm.unit_deviation"])
    model = verdict("l1_batch_norm.same_deviation").model
    assert model is not None
    assert holds(true, model) is None and agrees(true, model)
    assert not agrees(false, model)


def test_name_given_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "twice.py"
    one = 'sn.claim("a.b", "A sentence.", lambda: sn.equal(sn.scalar("a"), 0), source="nowhere")\n'
    path.write_text("import symnorm as sn\n" + one + one, encoding="utf-8")
    with pytest.raises(SymnormError, match=r"two claims are called a\.b"):
        catalogue.read(path)


def test_the_index_is_that_of_the_catalogue() -> None:
    """``python -m symnorm.report.index -o proofs/README.md`` makes it."""
    readme = Path(__file__).resolve().parents[2] / "proofs" / "README.md"
    assert readme.read_text(encoding="utf-8") == index(catalogue.catalogue().values()) + "\n"


def test_every_claim_has_a_topic() -> None:
    assert not [claim.name for claim in catalogue.catalogue().values() if not claim.topic]
