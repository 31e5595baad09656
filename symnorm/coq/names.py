"""Names in Coq for the names of a statement: what Coq can't spell is spelled out, and no two names become one.

Whatever the user's names, they cannot mean anything else than a bound variable: words of Coq and of the support file
get a mark, and names with an apostrophe are the generator's own.
"""

from __future__ import annotations

import re

# Words of Coq, and what the support file and the statements refer to; a name of a statement may not hide one of them.
WORDS = """as at cofix else end exists exists2 fix for forall fun if IF in let match mod Prop return Set SProp then Type
using where with nat R Z S O I True False not and or INR IZR sqrt Rabs exp ln PI Rpower Rmax Rmin Sg dl sgn claim proved
checked erf Rplus Rminus Rmult Rdiv Ropp Rinv pow lra ring field under"""
TAKEN = frozenset(WORDS.split())


def spelled(name: str) -> str:
    """A name of a statement as a Coq identifier.

    Example:
        >>> spelled("x"), spelled("S"), spelled("N'"), spelled("x_hat"), spelled("λ")
        ('x', 'S_', 'N_u27_', 'x_hat', '_u3bb_')
    """
    if name in TAKEN:
        return f"{name}_"
    plain = re.sub(r"_u(?=[0-9a-f]*_)|_$", lambda found: "".join(f"_u{ord(c):x}_" for c in found[0]), name)
    plain = re.sub(r"[^A-Za-z0-9_]", lambda found: f"_u{ord(found[0]):x}_", plain)
    return plain if re.match(r"[A-Za-z_]", plain) and plain != "_" else f"_u{plain}_"


def index(axis: str) -> str:
    """The variable that runs over an axis."""
    return f"i_{spelled(axis)}"
