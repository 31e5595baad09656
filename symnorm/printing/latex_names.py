r"""Names and indices as a paper typesets them: ``x_hat`` with n and c is ``\hat{x}_{n c}``.

Conventions: ``eps`` is ``\varepsilon``; ``_hat``, ``_bar``, ``_tilde`` are accents; a word after a single letter is a
subscript (``r_max`` is ``r_{\mathrm{max}}``); other words are upright; ``var`` is the operator ``\mathrm{Var}``. A
gradient ``dy`` is ``\mathrm{d}y``: short for the partial derivative of L by y, as papers on backward passes write it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from symnorm.tensors import Axis

_LOWER = "alpha beta gamma delta zeta eta theta iota kappa mu nu xi pi rho sigma tau phi chi psi omega"
_UPPER = "Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega"
GREEK = frozenset(f"{_LOWER} {_UPPER}".split())
SPECIAL = {
    "eps": r"\varepsilon",
    "epsilon": r"\varepsilon",
    "lambda": r"\lambda",
    "lambda_": r"\lambda",
    "lam": r"\lambda",
    "var": r"\mathrm{Var}",
    "ell": r"\ell",
}
ACCENTS = ("hat", "bar", "tilde")

_NUMBERED = re.compile(r"(?P<stem>[^\W\d_]+)_?(?P<number>\d+)\Z")


def name_latex(name: str, indices: Sequence[str] = ()) -> str:
    r"""A name with its indices.

    Example:
        >>> name_latex("x_hat", ("n", "c")), name_latex("eps"), name_latex("r_max", ("c",))
        ('\\hat{x}_{n c}', '\\varepsilon', 'r_{\\mathrm{max}, c}')
        >>> name_latex("dgamma", ("c",)), name_latex("running_var", ("c",))
        ('\\mathrm{d}\\gamma_{c}', '\\mathrm{running\\_var}_{c}')
    """
    bare = name.rstrip("'")
    primes = name[len(bare) :]
    if is_gradient(name):
        return rf"\mathrm{{d}}{name_latex(name[1:], indices)}"
    head, below = _head(bare)
    places = subscript(indices)
    inside = ", ".join(part for part in (below, places) if part)
    return head + primes + (f"_{{{inside}}}" if inside else "")


def is_gradient(name: str) -> bool:
    """Whether the name is typeset as a derivative, two letters that a power must fence."""
    bare = name.rstrip("'")
    return bare.startswith("d") and bare not in GREEK and _is_symbol(bare[1:])


def index_latex(index: str) -> str:
    r"""An index letter; a longer name in one piece.

    Example:
        >>> index_latex("n''"), index_latex("k1"), index_latex("cout"), index_latex("i_n")
        ("n''", 'k_{1}', '\\mathit{cout}', 'i_{n}')
    """
    bare = index.rstrip("'")
    primes = index[len(bare) :]
    if len(bare) == 1:
        return index
    stem, sep, rest = bare.partition("_")
    if sep and len(stem) == 1:
        return f"{stem}{primes}_{{{rest if len(rest) == 1 else _upright(rest)}}}"
    numbered = _NUMBERED.match(bare)
    if numbered and len(numbered["stem"]) == 1:
        return f"{numbered['stem']}{primes}_{{{numbered['number']}}}"
    if bare in GREEK:
        return f"\\{bare}{primes}"
    return rf"\mathit{{{_escaped(bare)}}}{primes}"


def subscript(indices: Sequence[str]) -> str:
    """Indices side by side; a comma between them where one is longer than a letter."""
    shown = [index_latex(index) for index in indices]
    letters = all(len(index.rstrip("'")) == 1 for index in indices)
    return (" " if letters else ", ").join(shown)


def letter(axis: Axis) -> str:
    """The index letter of an axis."""
    name: str = axis.index.name
    return name


def _is_symbol(name: str) -> bool:
    stem = name.removesuffix("_")
    for accent in ACCENTS:
        stem = stem.removesuffix(f"_{accent}")
    return (len(stem) == 1 and stem.isalpha()) or stem in GREEK or stem in SPECIAL


def _head(name: str) -> tuple[str, str]:
    """The typeset symbol, and a word or number that belongs below it."""
    if name in SPECIAL:
        return SPECIAL[name], ""
    if name in GREEK:
        return f"\\{name}", ""
    if len(name) == 1:
        return name, ""
    for accent in ACCENTS:
        stem = name.removesuffix(f"_{accent}")
        if stem != name and _is_symbol(stem):
            return rf"\{accent}{{{_head(stem)[0]}}}", ""
    numbered = _NUMBERED.match(name)
    if numbered and _is_symbol(numbered["stem"]):
        return _head(numbered["stem"])[0], numbered["number"]
    stem, _, word = name.partition("_")
    if word and _is_symbol(stem):
        return _head(stem)[0], word if len(word) == 1 else _upright(word)
    return _upright(name), ""


def _upright(word: str) -> str:
    return rf"\mathrm{{{_escaped(word)}}}"


def _escaped(word: str) -> str:
    return word.replace("_", r"\_")
