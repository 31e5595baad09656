"""Inductions in Coq: a base case and a step, each proved as a claim about numbers, put together by ``induction``.

In the base case the states are inputs of which equations say that they have their start values; in the step other
inputs are the next states, and equations say what they are in terms of the present ones. So both are claims like any
other, and :mod:`.parts` proves them. Applied to ``w O``, or to ``w t`` and ``w (S t)``, they are what an induction
needs. In comes a certificate by induction, out come statement and proof; called by :mod:`.developments`.
"""

from __future__ import annotations

from itertools import count
from typing import Any

from symnorm.coq.induction_statement import TIME, Course
from symnorm.coq.names import spelled
from symnorm.coq.parts import Parts
from symnorm.coq.section import Section
from symnorm.coq.statement import Relation
from symnorm.elaboration.claim import Claim

MANY = "I'0"  # what is assumed of several relations in the step
CLOCK = {"nonnegative": "(pos_INR {0})", "integer": "(ex_intro _ (Z.of_nat {0}) (INR_IZR_INZ {0}))"}


def induction(data: Any, forced: bool = False) -> tuple[str, str]:
    """Statement and proof of a claim along a recursion.

    Raises:
        NotExpressible: with the reason.
    """
    course = Course(data)
    whole = course.statement()
    numbers = count(1)
    start, step = Base(course, data["base"]), Step(course, data["step"])
    base_proof = Parts(start.claim, data["base"]["proofs"], forced, "'b", numbers)
    step_proof = Parts(step.claim, data["step"]["proofs"], forced, "'s", numbers)
    glue = Section(whole, course.printer, 0, forced, numbers)
    names = Names(course, glue)
    final, held = glue.fresh("T"), [f"I'{place + 1}" for place in range(len(course.induction.states))]
    apart = f"destruct {MANY} as {pattern(held)}.\n" if len(held) > 1 else ""
    glue.book.append(
        f"Lemma {final} : {whole.states[0]}.\nProof using All.\n"
        f"induction {TIME} as [ | {TIME} {held[0] if len(held) == 1 else MANY}].\n"
        f"{{ exact {both(start.applied(base_proof, names))}. }}\n"
        f"{apart}exact {both(step.applied(step_proof, names, held))}.\nQed.\n"
    )
    sections = [proof.section.opening() + proof.lemmas() + "End Proof.\n" for proof in (base_proof, step_proof)]
    return whole.proposition(), "".join([*sections, glue.opening(), *glue.book, glue.closing([final])])


class Names:
    """The hypotheses of the whole statement, by what they say."""

    def __init__(self, course: Course, glue: Section) -> None:
        every = [*glue.statement.declared]
        self.declared: dict[str, list[str]] = {}
        for number, name in enumerate(course.printer.variables()[1].values()):
            self.declared.setdefault(name, []).append(f"A'{number}")
        parts = [course.given(), course.starts(), course.goes_on(), course.firsts(), course.always_needed()]
        named = []
        for part in parts:
            named.append([f"A'{len(every) + place}" for place in range(len(part))])
            every += part
        self.given, self.start, self.step, self.first, self.needs = named


class Base:
    """The claim at t = 0: the states have their start values."""

    def __init__(self, course: Course, data: Any) -> None:
        one, graph = course.induction, course.graph
        self.course = course
        self.kept = [place for place, relation in enumerate(one.given) if not moves(course, relation)]
        equations = [*course.start, (course.clock, graph.number(0))]
        self.claim = with_equations(course, one.states, [one.given[place] for place in self.kept], equations, data)

    def applied(self, proof: Parts, names: Names) -> list[str]:
        """The lemmas of the base case about the sequences' first values."""
        write = self.course.printer
        given = [
            at(names.given[place], "O", write.depends_on(self.course.induction.given[place])) for place in self.kept
        ]
        hypotheses = [*given, *names.start, "eq_refl", *names.first]
        return instances(self.course, proof, names, hypotheses, "O", {})


class Step:
    """The claim at t + 1: it holds at t, and the next states are what they become."""

    def __init__(self, course: Course, data: Any) -> None:
        one, graph = course.induction, course.graph
        self.course = course
        self.later = {state: graph.nodes[state][2][0] + "'" for state, _ in course.step}
        self.later[course.clock] = one.clock + "'"
        nodes = {
            state: graph.node("input", (), (name, graph.nodes[state][2][1], ())) for state, name in self.later.items()
        }
        becomes = [(nodes[state], value) for state, value in course.step]
        states = one.at(one.states, {graph.nodes[state][2][0]: node for state, node in nodes.items()})
        equations = [*becomes, (nodes[course.clock], one.later[one.clock])]
        self.claim = with_equations(course, states, [*one.given, *one.states], equations, data)

    def applied(self, proof: Parts, names: Names, held: list[str]) -> list[str]:
        """The lemmas of the step about the sequences' values at t and t + 1."""
        write, one = self.course.printer, self.course.induction
        given = [at(name, TIME, write.depends_on(rel)) for name, rel in zip(names.given, one.given, strict=True)]
        becomes = [f"({name} {TIME})" for name in names.step]
        needs = [
            at(name, TIME, write.depends_on(rel)) for name, rel in zip(names.needs, self.course.needs, strict=True)
        ]
        hypotheses = [*given, *held, *becomes, f"(S_INR {TIME})", *needs]
        new = {spelled(name): self.course.graph.nodes[state][2][0] for state, name in self.later.items()}
        return instances(self.course, proof, names, hypotheses, TIME, new)


def moves(course: Course, relation: Relation) -> bool:
    """Whether an assumption is about states."""
    one = course.induction
    return not one.moving.isdisjoint(course.graph.names(relation[0]) | course.graph.names(relation[2]))


def with_equations(
    course: Course, states: list[Relation], given: list[Relation], equations: list[tuple[int, int]], data: Any
) -> Claim:
    """A claim in which equations say what inputs are."""
    every = [*given, *[(left, "==", right) for left, right in equations]]
    put = [*data["put"], *[[len(given) + place, "left"] for place in range(len(equations))]]
    return Claim(course.graph, course.induction.places, states, every, {**data, "put": put})


def at(name: str, time: str, depends: bool) -> str:
    """A hypothesis at a step."""
    return f"({name} {time})" if depends else name


def instances(
    course: Course, proof: Parts, names: Names, hypotheses: list[str], time: str, new: dict[str, str]
) -> list[str]:
    """Lemmas about numbers as ones about sequences.

    Args:
        course: the recursion.
        proof: the lemmas.
        names: the hypotheses of the whole statement.
        hypotheses: what the lemmas assume beside declarations, in their order.
        time: the step.
        new: the names of the next states, with those of the present ones.
    """
    write, clock = course.printer, spelled(course.induction.clock)
    moving = {**new, **{spelled(name): name for name in write.moving}, clock: course.induction.clock}
    moving |= {f"{mark}{spelled(name)}": name for name in write.moving for mark in ("d'", "dd'")}
    arguments, seen = [], dict[str, int]()
    for name, _ in proof.section.statement.variables:
        if name not in moving:
            arguments.append(name)
            continue
        step = f"(S {time})" if name in new else time
        arguments.append(f"(INR {step})" if moving[name] == course.induction.clock else f"({base(name, new)} {step})")
    for name in proof.section.printer.variables()[1].values():
        place = seen.get(name, 0)
        seen[name] = place + 1
        if name == clock:
            flags = [flag for flag in course.graph.nodes[course.clock][2][2] if flag in CLOCK]
            arguments.append(CLOCK[flags[place]].format(time))
        else:
            arguments.append(at(names.declared[name][place], time, name in moving))
    arguments += hypotheses
    return [f"({final} {' '.join(arguments)})" for final in proof.finals]


def base(name: str, new: dict[str, str]) -> str:
    """The sequence of a state."""
    return spelled(new[name]) if name in new else name


def both(proofs: list[str]) -> str:
    """A proof of all from a proof of each."""
    first, *rest = proofs
    return f"(conj {first} {both(rest)})" if rest else first


def pattern(names: list[str]) -> str:
    """How a proof of all is taken apart."""
    first, *rest = names
    return f"[{first} {pattern(rest)}]" if rest else first
