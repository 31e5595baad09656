"""The values of a statement's nodes: a lemma for each, from those of its arguments."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from symnorm.coq.exponents import Exponents
from symnorm.coq.nests import Binder, Nest, entered, step
from symnorm.coq.nests import under as bound_by
from symnorm.coq.section import Lemma, below
from symnorm.coq.statement import NotExpressible
from symnorm.elaboration.algebra import Poly, plus, scaled
from symnorm.elaboration.meaning import EXPAND
from symnorm.elaboration.signs import Env
from symnorm.replay.graph import IMPLICIT

COUNTED = "rewrite ?mult_INR, ?plus_INR; simpl INR.\n"


class Values(Exponents):
    """Nodes and what they equal."""

    def register(self, size: int) -> int:
        """The colour of the indices that run over an axis of this size."""
        value, extent = self.value(size), self.printer.natural(size)
        colour = self.colour(value)
        if self.colours.setdefault(colour, extent) != extent:
            raise NotExpressible("two ways to write the size of an axis")
        return colour

    def value(self, node: int, env: Env = ()) -> Poly:
        """The value of a node, and the lemma that says so."""
        axes = self.graph.axes[node]
        key = (node, tuple(pair for pair in env if pair[0] in axes))
        if key not in self.values:
            op, args, data = self.graph.nodes[node]
            at = {name: dict(env).get(name, self.axis(name)) for name in axes}
            for name, size in axes.items():
                self.axis_of(at[name], size)
            before = self.meaning(op, args, data, at)
            after, trace = self.rewritten(before)
            self.values[key] = after
            try:
                self.lemmas[key] = self.value_lemma(node, key[1], at, before, after, trace)
            except NotExpressible as reason:
                self.lemmas[key] = str(reason)
        return self.values[key]

    def value_lemma(self, node: int, env: Env, at: dict[str, int], before: Poly, after: Poly, trace: Any) -> Lemma:
        """``node = polynomial``."""
        op, _args, data = self.graph.nodes[node]
        plain = op in ("number", "constant")
        plain = plain or (op == "input" and data[0] not in self.claim.put and "symmetric" not in data[2])
        if not trace and (plain or (op == "size" and data not in self.claim.put)):
            return Lemma("(eq_refl _)", [])
        names = self.free_names(at.values())
        places = {axis: names[token] for axis, token in at.items()}
        over = self.binders_of(at.values())
        says = f"{self.printer.text(node, places)} = {self.poly_text(after, names)}"
        first = self.meant(node, at, before, names, places)
        if trace:
            first = step(self.poly_text(before, names), first) + self.reduction(trace, names)
        return self.lemma("V", over, says, first)

    def because(self, node: int, at: Mapping[str, int]) -> str:
        """The proof term of a value."""
        env = tuple((name, at[name]) for name in self.graph.axes[node])
        for key in ((node, env), (node, tuple(p for p in env if p[1] != self.axis(p[0])))):
            found = self.lemmas.get(key) if key in self.values else None  # a value before there was a rule is another
            if found is not None:
                break
        if found is None:
            self.value(node, env)
            found = self.lemmas[node, env]
        if isinstance(found, str):
            raise NotExpressible(found)
        return found.at()

    def meant(self, node: int, at: dict[str, int], before: Poly, names: dict[int, str], places: dict[str, str]) -> str:
        """Tactics for: a node is its operation's value."""
        op, args, data = self.graph.nodes[node]
        self.poly_text(before, names)
        write = self.printer.text

        def poly(arg: int) -> Poly:
            return self.value(arg, tuple((name, at[name]) for name in self.graph.axes[arg]))

        def here(arg: int) -> dict[str, str]:
            return {axis: places[axis] for axis in self.graph.axes[arg]}

        if op in ("input", "size") and (data if op == "size" else data[0]) in self.claim.put:
            return self.from_put(node, at, names, places)
        if op in ("input", "size", "number", "constant"):
            return "first [reflexivity | known].\n"
        if op == "delta":
            a, b = (places[axis] for axis, _ in data[1])
            return f"first [reflexivity | exact (dl_sym {a} {b})].\n"
        if op in ("total", "mean"):
            return self.added(op, args[0], data[1], at, before, names, places)
        if op == "rename":
            new = dict(data)
            inner = {old: at[new.get(old, old)] for old in self.graph.axes[args[0]]}
            return f"exact {self.because(args[0], inner)}.\n"
        if op in IMPLICIT or op in ("let", "stop"):
            return f"exact {self.because(args[0], {a: at[a] for a in self.graph.axes[args[0]]})}.\n"
        if op in ("cotangent", "curvature", "maximum", "minimum", "abs", "sign", "exp", "log", "erf"):
            return self.of_function(node, at, before, names, places)
        if op == "pow" and self.is_even(args[1]) and self.unsigned(args[0]) != args[0]:
            return self.without_sign(args, at, before, names, places)
        values = [poly(arg) for arg in args]
        texts = [self.poly_text(value, names) for value in values]
        because = [self.because(arg, {a: at[a] for a in self.graph.axes[arg]}) for arg in args]
        simple = {"add": ("+", "Rplus"), "sub": ("-", "Rminus"), "mul": ("*", "Rmult")}
        if op in simple:
            sign, function = simple[op]
            cancels = op == "mul" and self.cancels(values)
            closing = (self.field if cancels else self.arithmetic)(*values, before, names=names)
            return (
                step(f"({texts[0]} {sign} {texts[1]})", f"exact (f_equal2 {function} {because[0]} {because[1]}).\n")
                + closing
            )
        if op == "neg":
            return step(f"(- {texts[0]})", f"exact (f_equal Ropp {because[0]}).\n") + "ring.\n"
        if op == "div":
            inverse = self.inverse(self.reduced(values[1]))
            below_ = self.poly_text(inverse, names)
            cancels = self.cancels([values[0], inverse])
            closing = (self.field if cancels else self.arithmetic)(values[0], inverse, names=names)
            divisor = write(args[1], here(args[1]))
            return (
                step(
                    f"({texts[0]} * {below_})",
                    f"apply (Rdiv_is {write(args[0], here(args[0]))} {divisor} {texts[0]} {below_}).\n"
                    f"{{ transitivity ({texts[1]} * {below_}). "
                    f"{{ exact (f_equal (fun t : R => t * {below_}) {because[1]}). }}\n"
                    f"{self.is_inverse(values[1], inverse, names)} }}\n{{ exact {because[0]}. }}\n",
                )
                + closing
            )
        if op == "sqrt":
            return self.rooted(write(args[0], here(args[0])), values[0], because[0], before, names)
        if op == "pow":
            return self.raised_to(args, values, because, before, names, write(args[0], here(args[0])))
        raise NotExpressible(f"a proof about {op}")

    def is_even(self, exponent: int) -> bool:
        """Whether an exponent is an even number."""
        op, _, data = self.graph.nodes[exponent]
        return op == "number" and Fraction(data) % 2 == 0 and Fraction(data) > 0

    def without_sign(self, args: Any, at: dict[str, int], before: Poly, names: Any, places: dict[str, str]) -> str:
        """Tactics for an even power of an absolute value or of what has a minus: ``|u|^2 = u^2``."""
        node, tactics, exponent = args[0], "", int(self.graph.nodes[args[1]][2])
        while (inner := self.graph.nodes[node])[0] in ("abs", "let", "neg"):
            node, lemma = inner[1][0], {"abs": "abs_even", "neg": "neg_even"}.get(inner[0])
            how = f"exact ({lemma} _ {exponent // 2})" if lemma else "reflexivity"
            shown = self.printer.text(node, {axis: places[axis] for axis in self.graph.axes[node]})
            tactics += step(f"({shown} ^ {exponent})", f"{how}.\n")
        power = self.graph.node("pow", (node, args[1]))
        return tactics + self.meant(power, at, before, names, places)

    def from_put(self, node: int, at: dict[str, int], names: Any, places: dict[str, str]) -> str:
        """What an assumed equation says of an input."""
        op, _, data = self.graph.nodes[node]
        if op == "size":
            return "rewrite ?mult_INR, ?plus_INR; simpl INR; ring.\n"
        value = self.claim.put[data[0]]
        for (left, relation, right), name in zip(self.claim.given, self.given_names, strict=False):
            if relation == "==" and {left, right} == {node, value}:
                axes = list({**self.graph.axes[left], **self.graph.axes[right]})
                chosen = [places[axis] for axis in axes]
                how = f"({name} {' '.join(chosen)} {' '.join(map(below, chosen))})" if chosen else name
                how = how if left == node else f"(eq_sym {how})"
                because = self.because(value, {a: at[a] for a in self.graph.axes[value]})
                return f"exact (eq_trans {how} {because}).\n"
        raise NotExpressible("an equation for an input")

    def added(self, op: str, body: int, axes: Any, at: dict[str, int], before: Poly, names: Any, places: Any) -> str:
        """Tactics for a sum or mean."""
        env, bound, factors = dict(at), list[tuple[int, str]](), list[str]()
        divided: list[Poly] = []
        for name, size in axes:
            extent = self.printer.natural(size)
            if op == "mean":
                factors.append(f" / (INR {extent})")
                divided.append(self.value(size))
            if name not in self.graph.axes[body]:
                factors.append(f" * (INR {extent})")
                continue
            fresh = name
            while self.axis(fresh) in at.values() or self.axis(fresh) in env.values():
                fresh += "'"
            env[name] = self.axis(fresh)
            self.axis_of(env[name], size)
            self.register(size)
            bound.append((env[name], extent))
        inner = {axis: env[axis] for axis in self.graph.axes[body]}
        poly = self.value(body, tuple(inner.items()))
        because = self.because(body, inner)
        all_names = self.free_names([*at.values(), *env.values()])
        binders = [(all_names[token], extent) for token, extent in bound]
        tactics = step(bound_by(binders, self.poly_text(poly, all_names)), entered(binders) + f"exact {because}.\n")
        for depth in reversed(range(len(binders))):
            token, extent = bound[depth]
            here = binders[:depth]
            over = [t for t in [*at.values(), *env.values()] if t != token and t not in [b for b, _ in bound[depth:]]]
            result, how = self.summed_up(poly, token, extent, binders[depth], all_names)
            lemma = self.lemma(
                "S",
                self.binders_of(over),
                f"{bound_by([binders[depth]], self.poly_text(poly, all_names))} = {self.poly_text(result, all_names)}",
                how,
            )
            tactics += step(bound_by(here, self.poly_text(result, all_names)), entered(here) + f"exact {lemma.at()}.\n")
            poly = result
        tactics += "reflexivity.\n"
        if not factors:
            return tactics
        summed = bound_by(binders, self.printer.text(body, {a: all_names[t] for a, t in inner.items()}))
        end = self.poly_text(poly, names)
        closing = COUNTED + self.field(poly, before, *[self.inverse(e) for e in divided], names=names)
        return (
            step(
                f"({end}{''.join(factors)})",
                f"assert ({summed} = {end}) as S'. {{ {tactics}}}\n"
                f"exact (f_equal (fun t : R => (t{''.join(factors)})) S').\n",
            )
            + closing
        )

    def summed_up(self, poly: Poly, token: int, extent: str, binder: Binder, names: dict[int, str]) -> tuple[Poly, str]:
        """A polynomial summed over an index, and tactics for that; over few positions it is written out."""
        if extent.isdigit() and int(extent) <= EXPAND:
            places = [self.token(number) for number in range(1, int(extent) + 1)]
            names |= self.free_names(places)
            parts = [self.moved(poly, {token: place}) for place in places]
            return plus({}, *parts), f"cbn [Sg]. {self.fixed_deltas(poly)}{self.field(poly, *parts, names=names)}"
        colour = self.colour_of(extent)
        terms: list[tuple[Any, list[Nest]]] = []
        result: Poly = {}
        for monomial, coefficient in sorted(poly.items(), key=lambda item: sorted(item[0])):
            touched = frozenset(pair for pair in monomial if token in self.components[pair[0]][2])
            outside = self.term_text(monomial - touched, coefficient, names)
            terms.append((outside, self.nests(touched, names)))
            result = plus(result, scaled(self.moved({monomial: 1}, {token: 0}, (colour,)), coefficient))
        closing = self.field(poly, result, self.inverse(self.sizes[colour]), names=names)
        return result, self.linear([binder], terms, names) + COUNTED + closing

    def fixed_deltas(self, poly: Poly) -> str:
        """Tactics for deltas of certain positions."""
        numbers = {g for m in poly for c, _ in m for g, _, _ in self.components[c][1]}
        return "unfold dl; cbn [Nat.eqb]. " if self.delta.number in numbers else ""
