"""Files of normalizers and claims, and single statements: from text to what the rest of symnorm works on.

A file's declarations, normalizers and claims may use what stands before them, and the zoo. A claim that names no
normalizer before its own name belongs to the one defined last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from inspect import Parameter, Signature
from pathlib import Path
from typing import Any

from symnorm.claims.claim import EXPECTATIONS, Claim, Collection
from symnorm.errors import SymnormError
from symnorm.language.errors import LanguageError
from symnorm.language.grammar import Branch, tree
from symnorm.language.meaning import FUNCTIONS, Meaning, Names
from symnorm.language.spelling import LONGEST, spelled
from symnorm.normalizers import REGISTRY, Equations, Normalizer, equations
from symnorm.tensors import Axis, Relation, Tensor, tensor, walk

SUFFIX = ".norm"
CONSTANTS = ("eps", "epsilon", "momentum")
"""Inputs that no gradient is taken of, besides those that are declared ``const``."""

PROMISES = {">": "positive", ">=": "nonnegative", "!=": "nonzero"}


@dataclass(frozen=True)
class Document:
    """What a file defines and claims.

    Attributes:
        normalizers: by name, in order.
        claims: by name, in order.
        source: the file's name.
    """

    normalizers: Mapping[str, Normalizer] = field(default_factory=dict)
    claims: Collection = field(default_factory=Collection)
    source: str = ""

    def normalizer(self, name: str | None = None) -> Normalizer:
        """The normalizer of a name, or the only one.

        Raises:
            SymnormError: none or several are defined, or none of that name.
        """
        if name is None and len(self.normalizers) == 1:
            return next(iter(self.normalizers.values()))
        if name is not None and name in self.normalizers:
            return self.normalizers[name]
        known = ", ".join(self.normalizers) or "none"
        wanted = f"no normalizer called {name}" if name else "not exactly one normalizer"
        raise SymnormError(f"{self.source or 'the text'} defines {wanted}; it defines {known}")


@dataclass(frozen=True)
class Statement:
    """What is stated at a prompt, under which assumptions."""

    relations: tuple[Relation, ...]
    given: tuple[Relation, ...] = ()
    by: Tensor | None = None

    def claim(self, name: str = "prompt.statement", sentence: str = "", source: str = "typed at the prompt") -> Claim:
        """The statement as a claim."""
        by = self.by
        return Claim(
            name, sentence, lambda: self.relations, self.given, source, by=(lambda: by) if by is not None else None
        )


def read(path: str | Path) -> Document:
    """The normalizers and claims of a ``.norm`` file.

    Raises:
        SymnormError: the file cannot be read.
        LanguageError: what is wrong in it, and where.
    """
    path = Path(path)
    try:
        if path.stat().st_size > 4 * LONGEST:
            raise SymnormError(f"{path} has {path.stat().st_size} bytes; at most {4 * LONGEST} are read")
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise SymnormError(f"cannot read {path}: {error.strerror or error}") from error
    except UnicodeDecodeError:
        raise SymnormError(f"{path} is not a text in UTF-8") from None
    return parse(text, str(path))


def parse(text: str, source: str = "") -> Document:
    """The normalizers and claims of a text.

    Raises:
        LanguageError: what is wrong in it, and where.

    Example:
        >>> found = parse('''
        ... normalizer scale(x[N, C], g[C])
        ...   y = g * x / norm[C](x)
        ... claim length: norm[C](scale(x, g=1)) == 1
        ... ''')
        >>> found.normalizer(), list(found.claims)
        (<normalizer scale(x, g)>, ['scale.length'])
    """
    plain = spelled(text, source)
    return _Reader(plain, source).document(tree(text, "document", source))


def statement(
    text: str, given: Iterable[str] = (), by: str | None = None, normalizers: Mapping[str, Normalizer] | None = None
) -> Statement:
    """A statement and its assumptions, each a text.

    Raises:
        LanguageError: what is wrong, and where.

    Example:
        >>> statement("batch_norm(a*x) == batch_norm(x)", ["a > 0", "eps == 0"]).given
        (a > 0, eps == 0)
    """
    pieces = [(text, "statement", "statement"), *((one, "statement", "assumption") for one in given)]
    pieces += [(by, "expression", "by")] if by is not None else []
    trees = [(spelled(one), tree(one, start, what), what) for one, start, what in pieces]
    names = Names({**REGISTRY, **(normalizers or {})}, scalars=True)
    _mention(names, *(found for _, found, _ in trees))
    readers = [_Reader(plain, what, names) for plain, _, what in trees]
    for reader, (_, found, _) in zip(readers, trees, strict=True):
        reader.meaning.declare_all(found)
    (main, (_, whole, _)), *rest = list(zip(readers, trees, strict=True))
    stated, assumed, reason = main.parts(whole.children)
    for reader, (_, found, what) in rest:
        if what == "by":
            reason = reader.meaning.read(found.children[0])
        else:
            more, under, _ = reader.parts(found.children)
            assumed += (*more, *under)
    return Statement(stated, assumed, reason)


def _mention(names: Names, *trees: Branch) -> None:
    """Take the inputs and axes of the normalizers that a statement speaks of into its table of names."""
    for found in trees:
        for part in found.iter_subtrees_topdown():
            if part.data not in ("name", "call", "member", "method") or not isinstance(part.children[0], str):
                continue
            one = names.normalizers.get(str(part.children[0]))
            if one is None:
                continue
            for name, declared in one.inputs.items():
                names.values.setdefault(name, declared)
                for axis in declared.axes:
                    names.axes.setdefault(axis.name, axis)
            names.averaged = names.averaged or averaged(one)


def averaged(one: Normalizer) -> tuple[Axis, ...]:
    """The axes of a normalizer's first statistic: what ``mean(x)`` without axes runs over beside it."""
    for node in walk(one.instance().output):
        if node.op in ("mean", "total"):
            over: tuple[Axis, ...] = node.data
            return over
    return ()


class _Reader:
    """Reads the items of one text."""

    def __init__(self, text: str, source: str, names: Names | None = None) -> None:
        self.text, self.source = text, source
        self.names = names or Names(dict(REGISTRY), scalars=True)
        self.meaning = Meaning(text, self.names, source)

    def document(self, found: Branch) -> Document:
        """All items in order."""
        own: dict[str, Normalizer] = {}
        claims = Collection()
        declared = Names(dict(REGISTRY), scalars=True)
        for item in found.children:
            names = declared.copy()
            names.normalizers = {**REGISTRY, **own}
            reader = _Reader(self.text, self.source, names)
            if item.data == "declaration":
                reader.names = reader.meaning.names = declared
                for one in item.children:
                    reader.declared(one)
            elif item.data == "normalizer":
                made = reader.normalizer(item)
                if made.name in own:
                    raise reader.meaning.error(item, f"two normalizers are called {made.name}")
                own[made.name] = made
            else:
                prefix = next(reversed(own), "") or Path(self.source).stem or "text"
                made_claim = reader.claim(item, prefix)
                if made_claim.name in claims:
                    raise reader.meaning.error(item, f"two claims are called {made_claim.name}")
                claims.add(made_claim)
        return Document(own, claims, self.source)

    # statements ---------------------------------------------------------------------------------------------------

    def claim(self, item: Branch, prefix: str) -> Claim:
        """``claim name expected refuted: relations where ... given ... by ... from "..."``."""
        name_tree, expected, *parts, source = item.children
        name = ".".join(map(str, name_tree.children))
        name = name if "." in name else f"{prefix}.{name}"
        status = str(expected) if expected is not None else "proved"
        if status not in EXPECTATIONS[:3]:
            raise self.meaning.error(expected, f"expected is one of {', '.join(EXPECTATIONS[:3])}, not {status}")
        _mention(self.names, item)
        self.meaning.declare_all(item)
        stated, given, reason = self.parts(parts)
        origin = str(source)[1:-1] if source is not None else self.source
        by = (lambda: reason) if reason is not None else None
        return Claim(name, "", lambda: stated, given, origin, expected=status, by=by)

    def parts(self, trees: Iterable[Branch | None]) -> tuple[tuple[Relation, ...], tuple[Relation, ...], Tensor | None]:
        """What is stated, what is assumed, and the reason; abbreviations first, since all may use them."""
        by_kind = {str(found.data): found for found in trees if found is not None}
        if "where" in by_kind:
            parts = by_kind["where"].children
            for name, value in zip(parts[::2], parts[1::2], strict=True):
                self.define(name, self.meaning.read(value))
        stated = self.relations(by_kind["relations"])
        given = self.relations(by_kind["given"].children[0]) if "given" in by_kind else ()
        reason = self.meaning.read(by_kind["by"].children[0]) if "by" in by_kind else None
        return stated, given, reason

    def define(self, name: Any, value: Tensor) -> None:
        """A name for a quantity."""
        if str(name) in self.names.axes:
            raise self.meaning.error(name, f"{name} is an axis already")
        self.names.values[str(name)] = value

    def relations(self, found: Branch) -> tuple[Relation, ...]:
        """Relations; a chain ``0 <= a <= 1`` states one for each sign."""
        made: list[Relation] = []
        for chain in found.children:
            sides = [self.meaning.read(side) for side in chain.children[::2]]
            for place, sign in enumerate(chain.children[1::2]):
                try:
                    made.append(Relation.of(sides[place], str(sign), sides[place + 1]))
                except SymnormError as error:
                    raise self.meaning.error(sign, str(error)) from error
        return tuple(made)

    # definitions --------------------------------------------------------------------------------------------------

    def declared(self, item: Branch) -> tuple[str, Tensor, bool, Any]:
        """``const name[axes] > 0 = default``: the name, the tensor, whether it is constant, its default."""
        constant, name, axes, *promises, default = item.children
        if str(name) in FUNCTIONS or str(name) in self.names.normalizers:
            raise self.meaning.error(name, f"{name} is a function or a normalizer; call the input something else")
        over = self.meaning.axes_of(axes) if axes is not None else ()
        kept: dict[str, bool] = {}
        for promise in promises:
            kept[self._promise(promise)] = True
        if str(name) in self.names.values:
            raise self.meaning.error(name, f"{name} is declared twice")
        try:
            made = tensor(str(name), *over, **kept)
        except SymnormError as error:
            raise self.meaning.error(item, str(error)) from error
        self.define(name, made)
        value = self.meaning.fraction(default) if default is not None else None
        if value is not None and over:
            raise self.meaning.error(default, f"only a number without axes has a default, not {name}")
        return str(name), made, constant is not None or str(name) in CONSTANTS, value

    def _promise(self, promise: Branch) -> str:
        word, *bound = promise.children
        if not bound:
            return str(word)
        zero = bound[0].children and self.meaning.fraction(bound[0].children[0]) == 0 if hasattr(bound[0], "data") else (
            self.meaning.fraction(bound[0]) == 0
        )
        if str(word) not in PROMISES or not zero:
            raise self.meaning.error(word, "a declaration promises > 0, >= 0 or != 0; anything else is assumed by a claim")
        return PROMISES[str(word)]

    def normalizer(self, item: Branch) -> Normalizer:
        """``normalizer name(inputs) "title" from "source"`` and its equations."""
        name, *rest = item.children
        if str(name) in REGISTRY or str(name) in FUNCTIONS:
            raise self.meaning.error(name, f"{name} is taken; call the normalizer something else")
        self.names.scalars = False
        inputs: dict[str, Tensor] = {}
        constants: list[str] = []
        defaults: dict[str, float] = {}
        layout, title, steps = "", None, []
        for part in rest:
            if part.data == "declared":
                key, made, is_constant, default = self.declared(part)
                inputs[key] = made
                constants += [key] if is_constant else []
                defaults |= {key: float(default)} if default is not None else {}
            elif part.data == "title":
                title = part
            elif part.data == "layout":
                layout = str(part.children[0])[1:-1]
            else:
                steps.append(part)
        body = self.body(str(name), inputs, steps)
        words, source = (str(one)[1:-1] if one is not None else "" for one in title.children)  # type: ignore[union-attr]
        first = next(iter(inputs.values()))
        layout = layout or " ".join(axis.name for axis in first.axes)
        made_of = self._checked(item, body)
        return Normalizer(
            str(name), words or str(name).replace("_", " ").capitalize(), source or self.source, body, layout,
            tuple(constants), defaults, inverts=_inverted(made_of, first),
        )  # fmt: skip

    def body(self, name: str, declared: Mapping[str, Tensor], steps: list[Branch]) -> Callable[..., Equations]:
        """The function over tensors that the equations are."""
        outer = self.names.copy()
        known = set(declared)
        for step in steps:
            key = step.children[0]
            if str(key) in known:
                raise self.meaning.error(key, f"{key} is defined already; give this quantity another name")
            if str(key) in outer.axes:
                raise self.meaning.error(key, f"{key} is an axis already")
            known.add(str(key))

        def build(**given: Tensor) -> Equations:
            names = outer.copy()
            names.values.update(given)
            meaning = Meaning(self.text, names, self.source)
            found: dict[str, Tensor] = {}
            for step in steps:
                found[str(step.children[0])] = names.values[str(step.children[0])] = meaning.read(step.children[1])
            return equations(**found)

        kind = Parameter.POSITIONAL_OR_KEYWORD
        parameters = [Parameter(key, kind, default=value) for key, value in declared.items()]
        build.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
        build.__name__ = name
        build.__doc__ = self.source
        return build

    def _checked(self, item: Branch, body: Callable[..., Equations]) -> Equations:
        """The equations at the declared inputs, so that what is wrong is said when the file is read."""
        defaults = {key: one.default for key, one in body.__signature__.parameters.items()}  # type: ignore[attr-defined]
        try:
            return body(**defaults)
        except LanguageError:
            raise
        except SymnormError as error:
            raise self.meaning.error(item, str(error)) from error


def _inverted(made: Equations, first: Tensor) -> dict[str, str]:
    """Equations that the textbook form solves for the first input: ``(x - mu)/s``, a standardized quantity."""
    for name, let in made.named.items():
        raw = let.args[0]
        if raw.op == "div" and raw.args[1].op == "sqrt":
            top = raw.args[0]
            plain = top.args[0] if top.op == "sub" else top
            if plain is first and let.axes == first.axes:
                return {name: first.data.name}
    return {}
