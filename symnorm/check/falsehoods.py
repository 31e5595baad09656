"""False statements for Coq: does its compiler ever accept one?

Several kinds are planted. A claim of the catalogue that is refuted gets a certificate that says it is proved, with a
proof of no choices. A claim that is proved gets another statement, one side changed, and keeps its own certificate's
choices. Of a gradient's closed form each operation becomes another one. False inequalities and false claims along
recursions are those of :mod:`.false_bounds`.
Of all of them a development is made that goes on where the proof does not lead to the statement, so that it is Coq
alone which refuses. Run by ``python -m symnorm.check.falsehoods [--every N] [--jobs N]`` and by the tests.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from symnorm.check.false_bounds import wrong_inequalities, wrong_recursions
from symnorm.claims import PROVED, REFUTED, Claim, catalogue, prove
from symnorm.claims.certificate import certificate
from symnorm.claims.gradients import select_gradients
from symnorm.coq import Development, NotExpressible, compiled, development, gradient
from symnorm.elaboration.claim import NOTHING
from symnorm.errors import Unsupported

GRADIENTS = ("gradient.batch_norm.x", "gradient.rms_norm.x", "gradient.weight_norm.v")
OTHERS = {"add": "sub", "sub": "add", "mul": "add", "div": "mul", "mean": "total", "total": "mean"}
CHANGES = ("plus one", "twice", "negated", "squared")


def planted(claims: Iterable[Claim]) -> Iterator[Development]:
    """Developments of false statements, of those claims that have one."""
    for number, claim in enumerate(claims):
        verdict = prove(claim)
        try:
            if claim.along is not None or verdict.status not in (PROVED, REFUTED):
                continue
            data = json.loads(json.dumps(certificate(claim.name, verdict)))
            if verdict.status == REFUTED:
                yield development(claim.name, said_to_be_proved(data), forced=True)
            else:
                change = CHANGES[number % len(CHANGES)]
                yield development(f"{claim.name}, {change}", changed(data, change), forced=True)
        except (NotExpressible, Unsupported):
            continue


def wrong_gradients(claims: Iterable[Claim]) -> Iterator[Development]:
    """Closed forms with each of their operations another one, of those gradients that have a form in Coq."""
    for claim in claims:
        verdict = prove(claim)
        if verdict.status != PROVED:
            continue
        data = json.loads(json.dumps(certificate(claim.name, verdict)))
        rows = data["graph"]
        for place in range(data["states"][0][0] + 1, len(rows) - 2):  # not the product with the direction, and its sum
            op, args, value = rows[place]
            if op in OTHERS:
                wrong = {**data, "graph": [*rows[:place], [OTHERS[op], args, value], *rows[place + 1 :]]}
                with suppress(NotExpressible):
                    yield gradient(f"{claim.name}, {op} {place}", wrong, forced=True)


def said_to_be_proved(data: Any) -> Any:
    """A refutation's certificate as that of a proof, with the one statement that fails."""
    failing = [data["states"][data["fails"]]]
    return {**data, "kind": "proof", "states": failing, "proofs": [{"at": {"": NOTHING}}]}


def changed(data: Any, change: str) -> Any:
    """A proof's certificate with another right side in its first statement.

    A number becomes another one: twice 0, or 1 squared, would be no falsehood.
    """
    (left, relation, right), *others = data["states"]
    change = "plus one" if data["graph"][right][0] == "number" else change
    rows = [*data["graph"], ["number", [], "1"], ["number", [], "2"]]
    one, two = len(rows) - 2, len(rows) - 1
    rows.append(
        {
            "plus one": ["add", [right, one], None],
            "twice": ["mul", [right, two], None],
            "negated": ["neg", [right], None],
            "squared": ["pow", [right, two], None],
        }[change]
    )
    return {**data, "graph": rows, "states": [[left, relation, len(rows) - 1], *others]}


def main(arguments: Sequence[str] | None = None) -> int:
    """The command: 0 if every falsehood was refused."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--every", type=int, default=4, metavar="N", help="take every N-th claim, and of the bounds every N-th"
    )
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args(arguments)
    claims = [claim for claim in catalogue.catalogue().values() if claim.states is not None]
    bounds = [*wrong_inequalities(claims), *wrong_recursions(claims)]
    gradients = wrong_gradients(select_gradients(GRADIENTS))
    false = [*planted(claims[:: options.every]), *bounds[:: options.every], *gradients]
    found = compiled(false, options.jobs, batch=1)
    accepted = [name for name, outcome in found.items() if not outcome.error]
    print(f"{len(found)} false statements tried, {len(found) - len(accepted)} refused by Coq")
    for name in accepted:
        print(f"accepted: {name}")
    return 1 if accepted else 0


if __name__ == "__main__":
    sys.exit(main())
