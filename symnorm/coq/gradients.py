"""Gradients in Coq: a statement by :mod:`.gradient_statement`, and a proof that is not believed.

The proof is a lemma for each value on the way from the input to the output (:mod:`.derivatives`), and one equation
between sums, proved as any other claim by :mod:`.prover`. Called by :mod:`symnorm.report.rechecking`.
"""

from __future__ import annotations

from typing import Any

from symnorm.coq.compile import Development
from symnorm.coq.derivatives import Line, Rules
from symnorm.coq.gradient_statement import Change
from symnorm.coq.prover import Prover, needed
from symnorm.coq.section import Section
from symnorm.coq.statement import NotExpressible, Printer, parts
from symnorm.replay.graph import NotCovered, Rejected


def gradient(name: str, data: Any, forced: bool = False) -> Development:
    """A gradient in Coq, from the certificate of the output's change: see :mod:`symnorm.claims.gradients`.

    ``forced`` goes on where the two sides do not become one polynomial.

    Raises:
        NotExpressible: with the reason.
    """
    try:
        said = Change(data)
        proof = data["proofs"][0]["at"].get("") if data["kind"] == "proof" else None
        if proof is None or "split" in proof:
            raise NotExpressible("an equation that is not proved in one piece")
        graph, variable = said.graph, said.variable
        moving = [node for node in graph.below(said.output) if variable in graph.below(node)]
        changes = {node: graph.forward(node, {variable: said.direction}) for node in moving}
        printer = Printer(graph, [*said.roots(), said.change, *changes.values()])
        whole = parts(printer, said.claim.states, said.given)
        section = Section(whole, printer, len(said.claim.given), forced)
        equation = Prover(said.claim, proof, section).equation(said.change, said.form, whole.states[0])
        line = Line(printer, moving, variable, said.direction)
        rules = Rules(line, changes)
        lemmas = [text for node in moving for text in (line.definition(node), rules.written(node))]
    except (NotCovered, Rejected) as reason:
        raise NotExpressible(str(reason)) from reason
    final = (
        f"Lemma G''0 : {said.limit(printer)}.\n"
        f"Proof using All.\nexact (dual_lim _ _ _ _ {rules.lemma(said.output).at()} {equation}).\nQed.\n"
    )
    body = [section.opening(), *needed(section.book), *lemmas, final, section.closing(["G''0"])]
    return Development(name, said.statement().proposition(), "\n".join(body))
