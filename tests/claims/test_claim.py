"""Claims as data: what they need to be stated, and how they are collected."""

from __future__ import annotations

from typing import Any

import pytest

from symnorm.claims import Claim, Collection, as_mapping, claim, collecting, prove
from symnorm.errors import SymnormError
from symnorm.tensors import absolute, equal, scalar, sqrt

a = scalar("a")


def stated(name: str = "square.root", **options: Any) -> Claim:
    record = {"states": lambda: equal(sqrt(a**2), absolute(a)), "source": "school", **options}
    return claim(name, "The root of a square is the absolute value.", **record)


def test_a_claim_is_what_was_said() -> None:
    made = stated(given=[a > 0, a < 9], kind="identity")
    assert (made.name, made.normalizer, made.expected, made.kind) == ("square.root", "square", "proved", "identity")
    assert as_mapping(made) == {
        "name": "square.root",
        "normalizer": "square",
        "kind": "identity",
        "expected": "proved",
        "source": "school",
        "sentence": "The root of a square is the absolute value.",
        "note": "",
        "topic": "",
        "also": "",
        "given": "a > 0, a < 9",
    }


def test_it_states_one_relation_or_several() -> None:
    assert [repr(r) for r in stated().relations()] == ["sqrt(a**2) == abs(a)"]
    both = stated(states=lambda: (equal(a, a), a * a >= 0))
    assert [repr(r) for r in both.relations()] == ["a == a", "a*a >= 0"]


def test_the_statement_is_built_when_it_is_asked_for() -> None:
    asked = []
    made = stated(states=lambda: asked.append(1) or equal(a, a))
    assert not asked
    assert prove(made).status == "proved" and asked


def test_a_statement_about_experiments_states_nothing() -> None:
    made = stated(states=None, expected="empirical", note="It is about training.")
    assert made.relations() == ()
    verdict = prove(made)
    assert (verdict.status, verdict.reason, str(verdict)) == (
        "empirical",
        "It is about training.",
        "empirical: It is about training.",
    )


@pytest.mark.parametrize("name", ["root", "", ".root", "root.", ".", "..."])
def test_a_name_has_a_normalizer_and_a_statement(name: str) -> None:
    with pytest.raises(SymnormError, match=r"a claim is named normalizer\.what_is_claimed, not") as error:
        stated(name)
    assert repr(name) in str(error.value)


@pytest.mark.parametrize("expected", ["true", "", "Proved", "disproved"])
def test_a_verdict_is_one_of_four(expected: str) -> None:
    with pytest.raises(SymnormError, match="one of proved, refuted, undecided, empirical, not") as error:
        stated(expected=expected)
    assert "square.root" in str(error.value) and repr(expected) in str(error.value)


@pytest.mark.parametrize("options", [{"states": None}, {"expected": "empirical"}])
def test_only_a_statement_about_experiments_states_nothing(options: dict[str, Any]) -> None:
    with pytest.raises(SymnormError, match=r"square\.root: a statement about experiments is empirical"):
        stated(**options)


def test_a_source_is_required() -> None:
    with pytest.raises(TypeError, match="source"):
        claim("square.root", "A sentence.", lambda: equal(a, a))  # type: ignore[call-arg]


def test_a_statement_that_states_no_relation_is_refused() -> None:
    with pytest.raises(SymnormError):
        prove(stated(states=lambda: ()))


# --- collecting ------------------------------------------------------------------------------------------------------


def test_claims_are_collected_in_order_while_the_collection_is_open() -> None:
    with collecting() as found:
        one, two = stated("b.one"), stated("a.two")
    stated("c.three")
    assert list(found) == ["b.one", "a.two"] and list(found.values()) == [one, two]


def test_the_innermost_collection_gets_the_claim() -> None:
    with collecting() as outer:
        stated("a.one")
        with collecting() as inner:
            stated("a.two")
        stated("a.three")
    assert (list(outer), list(inner)) == (["a.one", "a.three"], ["a.two"])


def test_a_collection_is_closed_by_an_error_too() -> None:
    with pytest.raises(ZeroDivisionError), collecting() as found:
        raise ZeroDivisionError
    stated("a.one")
    assert found == {}


@pytest.mark.parametrize(("name", "also"), [("b.two", ("a.one",)), ("a.alias", ()), ("b.two", ("a.alias",))])
def test_a_second_name_stands_for_one_claim_too(name: str, also: tuple[str, ...]) -> None:
    with pytest.raises(SymnormError, match=r"two claims are called a\.(one|alias)"), collecting():
        stated("a.one", also=("a.alias",))
        stated(name, also=also)


def test_a_claim_is_called_by_either_name() -> None:
    with collecting() as found:
        one = stated("a.one", also=("a.alias", "b.alias"), topic="roots")
    assert found.called("a.one") is found.called("a.alias") is found.called("b.alias") is one
    assert list(found) == ["a.one"] and found.called("a.two") is None
    assert (as_mapping(one)["also"], as_mapping(one)["topic"]) == ("a.alias, b.alias", "roots")


def test_a_name_stands_for_one_claim() -> None:
    with pytest.raises(SymnormError, match=r"two claims are called square\.root"), collecting():
        stated()
        stated()
    collection = Collection()
    assert collection.add(stated()) is collection["square.root"]
