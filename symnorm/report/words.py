"""Verdicts in words: what is claimed, under which assumptions, what was found, and the point that shows it.

Plain text, used by ``symnorm prove``, below the table of ``symnorm verify`` and in notebooks. Nothing of a claim's own
text is interpreted: it is put on the page as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from symnorm.claims import EMPIRICAL, PROVED, REFUTED, UNDECIDED, Claim, Verdict, Witness, explain
from symnorm.claims.invariances import Answer
from symnorm.claims.verdict import Proof
from symnorm.errors import SymnormError
from symnorm.evaluate import Model, Number
from symnorm.printing import text, texts
from symnorm.report import existence
from symnorm.report.numbers import approximately, exact_text, nested
from symnorm.report.outcomes import Outcome, Run
from symnorm.report.paste import snippet
from symnorm.report.sheet import aligned
from symnorm.tensors import Relation, Tensor, walk

Row = tuple[str, str]


def milliseconds(seconds: float) -> str:
    """A time to read.

    Example:
        >>> milliseconds(0.01234)
        '12.3 ms'
    """
    return f"{1000 * seconds:.1f} ms"


def in_full(outcome: Outcome, definitions: bool = True, steps: bool = False) -> str:
    """Everything that is known of a claim.

    Args:
        outcome: a claim and its verdict.
        definitions: write out every named quantity of the statement.
        steps: say what was put in and what each side became.
    """
    claim, verdict = outcome.claim, outcome.verdict
    rows = [*_statement(claim.relations(), definitions), *_origin(claim)]
    rows += [("gradient", f"where {line}") for line in existence.in_words(existence.gradients_where(claim.relations()))]
    rows += explain.steps(claim.relations(), claim.given) if steps else []
    rows += [(verdict.status, found(outcome)), *why(verdict)]
    sentence = [f"  {claim.sentence}"] if claim.sentence else []
    lines = [claim.name, *sentence, *(f"  {line}" for line in labelled(rows))]
    if verdict.witness is not None:
        lines += ["", "  in NumPy, to paste:", "", program(verdict.witness).rstrip("\n")]
    return "\n".join(lines)


def labelled(rows: Iterable[Row]) -> list[str]:
    """Rows as lines; a label that repeats is written once."""
    return aligned(once(rows))


def once(rows: Iterable[Row]) -> list[Row]:
    """Rows without the labels that repeat the one above.

    Example:
        >>> once([("at", "a = 1"), ("at", "b = 2"), ("left", "3")])
        [('at', 'a = 1'), ('', 'b = 2'), ('left', '3')]
    """
    table = list(rows)
    above = ["", *(label for label, _ in table)]
    return [(label if label != last else "", words) for last, (label, words) in zip(above, table, strict=False)]


def found(outcome: Outcome) -> str:
    """How far a verdict reaches, how long it took and whether it was expected."""
    verdict, expected = outcome.verdict, outcome.claim.expected
    parts = [scope(verdict), "" if verdict.status == EMPIRICAL else f"in {milliseconds(verdict.seconds)}"]
    if expected:
        parts.append("as expected" if outcome.as_expected else f"expected: {expected}")
    return ", ".join(filter(None, parts))


def scope(verdict: Verdict) -> str:
    """For which sizes something is proved."""
    if verdict.status != PROVED:
        return "a statement about experiments" if verdict.status == EMPIRICAL else ""
    sizes = ", ".join(f"{name} = {size}" for name, size in verdict.fixed.items())
    return f"at {sizes} and for all other sizes" if sizes else "for all sizes"


def why(verdict: Verdict) -> list[Row]:
    """What a verdict rests on: conditions and a model, a witness, or what is left."""
    rows = grounds(verdict)
    if verdict.status in (REFUTED, UNDECIDED) and verdict.residue is not None:
        rows.append(("residue", f"left - right = {text(verdict.residue)}"))
    return rows


def grounds(verdict: Verdict) -> list[Row]:
    """The same without what is left, which takes the longest to find."""
    rows = [("where", condition) for condition in verdict.conditions]
    if verdict.reason:
        rows.append(("because", verdict.reason))
    rows += [("since", line) for proof in verdict.proof if (line := _gap(proof))]
    if verdict.status == PROVED and verdict.model is not None:
        rows += [("holds at", line) for line in point(verdict.model)]
    if verdict.status == REFUTED and verdict.witness is not None:
        rows += _counterexample(verdict.witness)
    return rows


def _gap(proof: Proof) -> str:
    """What the gap of a proved inequality equals, where that is not the gap itself."""
    relation, squares = proof.get("relation"), proof.get("squares")
    if "steps" not in proof or not isinstance(relation, Relation) or not isinstance(squares, Tensor):
        return ""
    sides = ["right", "left"] if relation.relation in ("<", "<=") else ["left", "right"]
    power = "**2" if proof["of_squares"] else ""
    return f"{sides[0]}{power} - {sides[1]}{power} = {text(squares)}"


def point(model: Model) -> list[str]:
    """A model's values, one line for the sizes and one for each input."""
    sizes = ", ".join(f"{name} = {size}" for name, size in model.sizes.items())
    scalars = ", ".join(f"{name} = {exact_text(value)}" for name, value in model.scalars.items())
    arrays = [f"{name} = {_array(nested(entries, exact_text))}" for name, entries in model.tensors.items()]
    return [line for line in (sizes, scalars, *arrays) if line]


def program(witness: Witness) -> str:
    """The NumPy program of a witness, or why there is none and the point instead."""
    try:
        return snippet(witness)
    except SymnormError as error:
        lines = [f"no program: {' '.join(str(error).split())}", *point(witness.model)]
        return "\n".join(f"# {line}" for line in lines)


def summary(run: Run) -> str:
    """The last line of a run.

    Example:
        >>> summary(Run(seconds=0.5))
        '0 claims: 0 proved, 0 refuted, 0 undecided, 0 empirical; 0 as expected. No kernels. 0.5 s'
    """
    counts = ", ".join(f"{count} {status}" for status, count in run.counts.items())
    expected = len(run.outcomes) - len(run.unexpected)
    agree = sum(kernel.ok for kernel in run.kernels)
    certificates = len(run.with_certificate)
    replayed = f"; {certificates - len(run.not_replayed)} of {certificates} replayed" if certificates else ""
    remembered = sum(one.remembered for one in run.outcomes)
    replayed += f", {remembered} of them from the cache" if remembered else ""
    kernels = f"{agree} of {len(run.kernels)} kernels agree with autograd" if run.kernels else "No kernels"
    return f"{len(run.outcomes)} claims: {counts}; {expected} as expected{replayed}. {kernels}. {run.seconds:.1f} s"


def not_replayed(run: Run) -> str:
    """Which verdicts no replayer confirms, and why; nothing if all are."""
    rows = [(one.claim.name, one.replay) for one in run.not_replayed]
    told = [(name, replay.status, replay.reason) for name, replay in rows if replay is not None]
    return "\n".join(["not replayed", *(f"  {line}" for line in aligned(told))]) if told else ""


def invariance(answer: Answer) -> str:
    """How an answer about a transformation holds: its factor and assumptions, or the point that shows the contrary."""
    verdict = answer.verdict
    if verdict is not None and verdict.witness is not None:
        found = verdict.witness
        values = f"{approximately(found.left):.4g} is not {approximately(found.right):.4g}"
        return f"at {_place(found)}: {values}"
    if verdict is not None and verdict.status == UNDECIDED:
        return verdict.reason
    parts = [answer.factor and f"output {answer.factor}", answer.under and f"at {answer.under}"]
    parts += [f"with {value!r} for {name}" for name, value in answer.moved.items() if repr(value) != name]
    parts += list(verdict.conditions) if verdict is not None else ["every sum runs over whole axes"]
    return ", ".join(filter(None, parts)) or "for all sizes"


def _place(witness: Witness) -> str:
    model = witness.model
    shown = [*model.sizes.items(), *((name, exact_text(value)) for name, value in model.scalars.items())]
    return ", ".join(f"{name} = {value}" for name, value in shown)


# parts ----------------------------------------------------------------------------------------------------------------


def _statement(relations: Sequence[Relation], definitions: bool) -> list[Row]:
    """The relations, and every named quantity in them; a name means one thing in all of these lines."""
    sides = [side for relation in relations for side in (relation.left, relation.right)]
    lets = [node for node in walk(*sides) if node.op == "let"] if definitions else []
    shown = texts(*sides, *lets, *(let.args[0] for let in lets), plain_reductions=False)
    names, values = shown[len(sides) : len(sides) + len(lets)], shown[len(sides) + len(lets) :]
    named = dict(zip(names, values, strict=True))
    rows = [("claims", f"{shown[2 * i]} {r.relation} {shown[2 * i + 1]}") for i, r in enumerate(relations)]
    return rows + [("with", f"{name} = {value}") for name, value in named.items() if name != value]


def _origin(claim: Claim) -> list[Row]:
    rows = [("assuming", repr(relation)) for relation in claim.given]
    rows += [("source", claim.source)] if claim.source else []
    return rows + ([("note", claim.note)] if claim.note and claim.states is not None else [])


def _counterexample(witness: Witness) -> list[Row]:
    model, relation = witness.model, witness.relation
    places = [(axis.index.name, witness.index[axis.name]) for axis in (relation.left - relation.right).axes]
    parts = [*model.sizes.items(), *((name, exact_text(value)) for name, value in model.scalars.items()), *places]
    at = ", ".join(f"{name} = {value}" for name, value in parts)
    sides = [("left", _both(witness.left)), ("right", _both(witness.right))]
    return [("at", at), *sides] if at else sides


def _both(value: Number) -> str:
    """The exact number, and a decimal beside it where it is not one already."""
    shown = exact_text(value)
    return shown if shown.lstrip("-").isdigit() else f"{shown} = {approximately(value):.10g}"


def _array(value: object) -> str:
    return f"[{', '.join(map(_array, value))}]" if isinstance(value, list) else str(value)
