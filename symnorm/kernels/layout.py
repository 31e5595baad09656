"""How a normalizer's axes lie in an array: the layout string, parsed.

A layout names the dimensions of the first input in order. An axis name is one dimension, ``S*`` any number of them,
``(G K)`` one dimension cut into two axes, the first with ``groups`` elements. An axis may stand in several places:
``N C N*`` is an image batch whose positions are averaged like its samples. ``[C]`` is the place of an axis that the
first input lacks and others have, as in ``N [C] K`` for ``y[n, c] = sum[K](w[c, k]*x[n, k])``; :meth:`Layout.beside`
finds it from the order in which they are declared over their axes. Two starred names, ``N* C*``, are cut
where ``axis`` says, as ONNX counts it; in ``N* C N*`` it says which dimension is C. Used by the generator for the text
of a kernel, by the cross-check for shapes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from symnorm.errors import ShapeError, SymnormError

_TOKEN = re.compile(r"\s*(?:\((?P<product>[^()]*)\)|\[(?P<other>[A-Za-z]\w*)\]|(?P<name>[A-Za-z]\w*)(?P<star>\*)?)")


@dataclass(frozen=True)
class Dimension:
    """One word of a layout.

    Attributes:
        axes: those that it holds.
        starred: whether it stands for any number of dimensions.
        elsewhere: whether only other arrays have it: the first input has no such dimension.
    """

    axes: tuple[str, ...]
    starred: bool = False
    elsewhere: bool = False

    def __str__(self) -> str:
        if self.elsewhere:
            return f"[{self.axes[0]}]"
        return f"({' '.join(self.axes)})" if len(self.axes) > 1 else self.axes[0] + "*" * self.starred


@dataclass(frozen=True)
class Layout:
    """A parsed layout.

    Args:
        text: the words, separated by spaces.

    Raises:
        SymnormError: a word that cannot be read, or stars whose share of the dimensions would be a guess.

    Example:
        >>> Layout("N C N*").owners(4)
        (('N',), ('C',), ('N',), ('N',))
        >>> Layout("N* C*").owners(3, axis=-1)
        (('N',), ('N',), ('C',))
        >>> Layout("N* C N*").owners(3, axis=1)
        (('N',), ('C',), ('N',))
    """

    text: str

    def __post_init__(self) -> None:
        if self.stars.count("*") > 1 and not self.takes_axis:
            raise SymnormError(f"layout {self.text!r}: axis= cuts 'N* C*' or 'N* C N*' and nothing else")
        if sum(len(word.axes) > 1 for word in self.words) > 1:
            raise SymnormError(f"layout {self.text!r}: groups= can cut one dimension only")

    @cached_property
    def words(self) -> tuple[Dimension, ...]:
        """The words in order."""
        found, at = [], 0
        text = self.text.strip()
        while at < len(text):
            token = _TOKEN.match(text, at)
            if token is None:
                raise SymnormError(f"layout {self.text!r}: cannot read {text[at:]!r}; write names, S* or (G K)")
            names = tuple((token["product"] or token["name"] or token["other"] or "").split())
            if token["product"] is not None and (len(names) != 2 or not all(name.isidentifier() for name in names)):
                raise SymnormError(f"layout {self.text!r}: ({token['product']}) has to be two names, such as (G K)")
            found.append(Dimension(names, token["star"] is not None, token["other"] is not None))
            at = token.end()
        if all(word.elsewhere for word in found):
            raise SymnormError("a layout names at least one dimension, such as 'N C N*'")
        return tuple(found)

    @cached_property
    def own(self) -> tuple[Dimension, ...]:
        """The words of the first input's dimensions."""
        return tuple(word for word in self.words if not word.elsewhere)

    @property
    def elsewhere(self) -> tuple[str, ...]:
        """The axes that only other arrays have."""
        return tuple(word.axes[0] for word in self.words if word.elsewhere)

    @property
    def takes_axis(self) -> bool:
        """Whether ``axis`` says where the first starred name ends."""
        return self.stars == "**" or self.takes_one

    @property
    def takes_one(self) -> bool:
        """Whether ``axis`` names the one dimension between two starred words."""
        return self.stars == "*.*" and self.own[0] == self.own[2] and len(self.own[1].axes) == 1

    @cached_property
    def stars(self) -> str:
        """A star for each word that has one, a dot for each other."""
        return "".join("*" if word.starred else "." for word in self.own)

    @property
    def takes_groups(self) -> bool:
        """Whether ``groups`` says into how many parts a dimension is cut."""
        return any(len(word.axes) > 1 for word in self.words)

    @property
    def axes(self) -> tuple[str, ...]:
        """The axes in order of appearance."""
        return tuple(dict.fromkeys(axis for word in self.words for axis in word.axes))

    @property
    def fewest(self) -> int:
        """The smallest number of dimensions."""
        return 1 if self.takes_axis else sum(not word.starred for word in self.own)

    def owners(self, ndim: int, axis: int = -1) -> tuple[tuple[str, ...], ...]:
        """The axes in each dimension of an array of ``ndim`` dimensions.

        Raises:
            ShapeError: too few or too many dimensions, or an axis that is none of them.
        """
        return tuple(word.axes for word in self.dimensions(ndim, axis) if not word.elsewhere)

    def dimensions(self, ndim: int, axis: int = -1) -> tuple[Dimension, ...]:
        """The word of each dimension, with those that only other arrays have in their places.

        Example:
            >>> [str(word) for word in Layout("N [C] K*").dimensions(3)]
            ['N', '[C]', 'K*', 'K*']

        Raises:
            ShapeError: as :meth:`owners`.
        """
        if self.takes_axis:
            if not -ndim <= axis < ndim:
                raise ShapeError(f"axis = {axis} is none of the {ndim} dimensions")
            before, mine = axis % ndim, 1 if self.takes_one else ndim - axis % ndim
            counts = iter((before, mine, ndim - before - mine))
        else:
            rest = ndim - self.fewest
            if rest < 0 or (rest > 0 and not any(word.starred for word in self.words)):
                raise ShapeError(f"{ndim} dimensions do not fit the layout {self.text}")
            counts = iter([rest if word.starred else 1 for word in self.own])
        return tuple(found for word in self.words for found in (word,) * (1 if word.elsewhere else next(counts)))

    def beside(self, orders: Iterable[tuple[str, ...]]) -> Layout:
        """The layout with a place for the axes that only other arrays have, given in the order in which they have them.

        Example:
            >>> Layout("N K").beside([("C", "K"), ("C",)])
            Layout(text='N [C] K')
            >>> Layout("N K N*").beside([("K", "C")])
            Layout(text='N K [C] N*')

        Raises:
            SymnormError: no place suits them all.
        """
        orders, words = tuple(orders), list(self.words)
        for name in dict.fromkeys(axis for order in orders for axis in order if axis not in self.axes):
            mine = [order for order in orders if name in order]
            later = {axis for order in mine for axis in order[order.index(name) + 1 :]}
            earlier = {axis for order in mine for axis in order[: order.index(name)]}
            named = {axis: at for at, word in reversed([*enumerate(words)]) for axis in word.axes}
            after = max((at + 1 for axis, at in named.items() if axis in earlier), default=0)
            before = min((at for axis, at in named.items() if axis in later), default=len(words))
            if after > before:
                shown = ", ".join(f"({', '.join(order)})" for order in mine)
                raise SymnormError(f"layout {self.text!r}: {name} has no place in it that suits inputs over {shown}")
            words.insert(before if later or not earlier else after, Dimension((name,), elsewhere=True))
        return Layout(" ".join(map(str, words)))

    def shape(self, sizes: Mapping[str, tuple[int, ...]]) -> tuple[int, ...]:
        """An array shape from sizes for each axis, dealt to its dimensions in order; a starred name takes all the rest.

        Example:
            >>> Layout("N C N*").shape({"N": (4, 5, 6), "C": (3,)})
            (4, 3, 5, 6)
        """
        left = {axis: list(given) for axis, given in sizes.items()}
        found: list[int] = []
        for word in self.own:
            if word.starred:
                found += left[word.axes[0]]
                left[word.axes[0]] = []
            else:
                size = 1
                for axis in word.axes:
                    size *= left[axis].pop(0)
                found.append(size)
        return tuple(found)

    def in_words(self, array: str) -> str:
        """The layout as a sentence about an array."""
        if self.takes_one:
            return f"dimension axis of {array} is {self.own[1]}, all others are {self.own[0].axes[0]}"
        if self.takes_axis:
            first, second = (word.axes[0] for word in self.own)
            return f"the dimensions of {array} from axis on are {second}, those before it {first}"
        parts: dict[str, list[str]] = {}
        for at, word in enumerate(self.own):
            if word.starred:
                place = f"all from {at} on" if at == len(self.own) - 1 else "those in between"
            else:
                place = str(at) if not any(w.starred for w in self.own[:at]) else str(at - len(self.own))
            parts.setdefault(str(Dimension(word.axes)), []).append(place)
        listed = [f"{' and '.join(places)} {_verb(places)} {axis}" for axis, places in parts.items()]
        return f"of the dimensions of {array}, {', '.join(listed)}"


def _verb(places: list[str]) -> str:
    return "is" if places == [places[0]] and places[0].lstrip("-").isdigit() else "are"
