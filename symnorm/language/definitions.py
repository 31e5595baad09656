"""Declarations and normalizers of a text: from syntax to :class:`~symnorm.normalizers.Normalizer`.

A definition is checked when it is read, at its declared inputs, so that what is wrong with it is said at its place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import Parameter, Signature
from keyword import iskeyword
from typing import Any

from symnorm.errors import SymnormError
from symnorm.language.errors import LanguageError
from symnorm.language.grammar import Branch
from symnorm.language.meaning import Meaning
from symnorm.language.names import FUNCTIONS, Names
from symnorm.normalizers import REGISTRY, Equations, Normalizer, equations
from symnorm.tensors import Tensor, tensor

CONSTANTS = ("eps", "epsilon", "momentum")
"""Inputs that no gradient is taken of, besides those that are declared ``const``."""

PROMISES = {">": "positive", ">=": "nonnegative", "!=": "nonzero"}


class Definitions:
    """Reads declarations and normalizers of one text.

    Args:
        text: the text in plain letters, for messages.
        source: the file's name, for messages.
        names: what is known so far; a declaration adds to it.
    """

    def __init__(self, text: str, source: str, names: Names | None = None) -> None:
        self.text, self.source = text, source
        self.names = names or Names(dict(REGISTRY), scalars=True)
        self.meaning = Meaning(text, self.names, source)

    def define(self, name: Any, value: Tensor) -> None:
        """A name for a quantity."""
        self.check_word(name)
        if str(name) in self.names.axes:
            raise self.meaning.error(name, f"{name} is an axis already")
        self.names.values[str(name)] = value

    def check_word(self, name: Any) -> None:
        """Names become names of programs."""
        if iskeyword(str(name)):
            raise self.meaning.error(name, f"{name} is a word of Python, the language of kernels; use another")

    def declared(self, item: Branch) -> tuple[str, Tensor, bool, Any]:
        """``const name[axes] > 0 = default``: the name, the tensor, whether it is constant, its default."""
        constant, name, axes, *promises, default = item.children
        if str(name) in self.names.normalizers:
            raise self.meaning.error(name, f"{name} is a normalizer; call the input something else")
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
        if str(word) not in PROMISES or self.meaning.fraction(bound[0]) != 0:
            raise self.meaning.error(
                word, "a declaration promises > 0, >= 0 or != 0; anything else is assumed by a claim"
            )
        return PROMISES[str(word)]

    def normalizer(self, item: Branch) -> Normalizer:
        """``normalizer name(inputs) "title" from "source"`` and its equations."""
        name, *rest = item.children
        if str(name) in FUNCTIONS:
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
        self.check_word(name)
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
            self.check_word(key)
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
    """The equation that the textbook form solves for the first input: ``(x - mu)/s``, ``x/s`` or ``x - mu``."""
    centred: dict[str, str] = {}
    for name, let in made.named.items():
        raw, wanted = let.args[0], {name: str(first.data.name)}
        if let.axes != first.axes:
            continue
        top = raw.args[0] if raw.op == "div" else raw
        plain = top.args[0] if top.op == "sub" else top
        if plain is first and raw.op == "div":
            return wanted
        if plain is first and raw.op == "sub":
            centred = centred or wanted
    return centred
