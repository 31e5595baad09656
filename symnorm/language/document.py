"""Files of normalizers and claims, and single statements: from text to what the rest of symnorm works on.

A file's declarations, normalizers and claims may use what stands before them, and the zoo. A claim that names no
normalizer before its own name belongs to the one defined last.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from symnorm.claims.claim import EXPECTATIONS, Claim, Collection
from symnorm.errors import SymnormError
from symnorm.language.definitions import Definitions
from symnorm.language.expressions import is_kind, under
from symnorm.language.grammar import Branch, tree
from symnorm.language.names import SYSTEMS, Names
from symnorm.language.spelling import LONGEST, spelled
from symnorm.normalizers import REGISTRY, Normalizer
from symnorm.tensors import Axis, Relation, Tensor, walk


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
    by: tuple[Tensor, ...] = ()

    def claim(self, name: str) -> Claim:
        """The statement as a claim of which nothing is expected."""
        by = self.by
        reason = (lambda: by) if by else None
        return Claim(name, "", lambda: self.relations, self.given, expected="", by=reason)


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
            reason = (reader.meaning.read(found.children[0]),)
        else:
            assumed += reader.relations(found.children[0], assumed=True)
    return Statement(stated, assumed, reason)


def _mention(names: Names, *trees: Branch) -> None:
    """Take the inputs and axes of the normalizers that a statement speaks of into its table of names."""
    for found in trees:
        for part in under(found):
            if part.data not in ("name", "call", "member", "method") or not isinstance(part.children[0], str):
                continue
            one = names.normalizers.get(str(part.children[0]))
            if one is not None:
                _take(names, one)


def _take(names: Names, one: Normalizer) -> None:
    for name, declared in one.inputs.items():
        names.values.setdefault(name, declared)
        for axis in declared.axes:
            names.axes.setdefault(axis.name, axis)
    names.averaged = names.averaged or averaged(one)


def assumptions(texts: Iterable[str], *about: Normalizer) -> tuple[Relation, ...]:
    """Assumptions about the inputs and sizes of normalizers, each a text.

    Raises:
        LanguageError: what is wrong, and where.

    Example:
        >>> from symnorm.normalizers import layer_norm
        >>> assumptions(["eps == 0", "C >= 2"], layer_norm)
        (eps == 0, C >= 2)
    """
    names = Names({**REGISTRY}, scalars=True)
    for one in about:
        _take(names, one)
    found: list[Relation] = []
    for text in texts:
        whole = tree(text, "statement", "assumption")
        reader = _Reader(spelled(text), "assumption", names)
        reader.meaning.declare_all(whole)
        more, under, _ = reader.parts(whole.children)
        found += [*more, *under]
    return tuple(found)


def averaged(one: Normalizer) -> tuple[Axis, ...]:
    """The axes of a normalizer's first statistic: what ``mean(x)`` without axes runs over beside it."""
    for node in walk(one.instance().output):
        if node.op in ("mean", "total"):
            over: tuple[Axis, ...] = node.data
            return over
    return ()


class _Reader(Definitions):
    """Reads the items of one text."""

    def document(self, found: Branch) -> Document:
        """All items in order."""
        own: dict[str, Normalizer] = {}
        claims = Collection()
        declared = Names(dict(REGISTRY), scalars=True)
        for item in found.children:
            names = declared.copy()
            names.normalizers = {**REGISTRY, **own}
            reader = _Reader(self.text, self.source, names)
            if item.data in ("declaration", "axes_declared"):
                reader.names = reader.meaning.names = declared
                for one in item.children:
                    if item.data == "declaration":
                        reader.declared(one)
                    else:
                        reader.meaning.axis(one)
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
        by = (lambda: reason) if reason else None
        return Claim(name, "", lambda: stated, given, origin, expected=status, by=by)

    def parts(
        self, trees: Iterable[Branch | None]
    ) -> tuple[tuple[Relation, ...], tuple[Relation, ...], tuple[Tensor, ...]]:
        """What is stated, what is assumed, and the reason; abbreviations first, since all may use them."""
        by_kind = {str(found.data): found for found in trees if found is not None}
        if "where" in by_kind:
            parts = by_kind["where"].children
            for name, value in zip(parts[::2], parts[1::2], strict=True):
                self.define(name, self.meaning.read(value))
        stated = self.relations(by_kind["relations"])
        given = self.relations(by_kind["given"].children[0], assumed=True) if "given" in by_kind else ()
        reason = tuple(map(self.meaning.read, by_kind["by"].children)) if "by" in by_kind else ()
        return stated, given, reason

    def relations(self, found: Branch, assumed: bool = False) -> tuple[Relation, ...]:
        """Relations; a chain ``0 <= a <= 1`` states one for each sign, an assumption may be a whole system."""
        made: list[Relation] = []
        for chain in found.children:
            (first, *more) = chain.children
            if not more and assumed and is_kind(first, "call") and str(first.children[0]) in SYSTEMS:
                made += self.meaning.system(first, str(first.children[0])).given
                continue
            if not more:
                raise self.meaning.error(first, "this states nothing; compare it with ==, !=, >=, >, <= or <")
            sides = [self.meaning.read(side) for side in chain.children[::2]]
            for place, sign in enumerate(chain.children[1::2]):
                try:
                    made.append(Relation.of(sides[place], str(sign), sides[place + 1]))
                except SymnormError as error:
                    raise self.meaning.error(sign, str(error)) from error
        return tuple(made)
