"""A module from generated text. Called by :mod:`symnorm.kernels.kernel` only."""

from __future__ import annotations

import linecache
import re
import zlib
from types import ModuleType


def load(source: str, name: str) -> ModuleType:
    """Run the text of a generated kernel as a module, which is not entered into ``sys.modules``.

    This is the one place of symnorm that runs text as code. The kernel that is called and the source that is shown are
    one and the same text this way, and nobody has to write a file first. The text is safe to run because none of it is
    foreign: the generator builds it from its own templates, from names that it has checked to be identifiers, from
    numbers, and from quoted words in docstrings and comments.
    """
    filename = f"<kernel {name} {zlib.crc32(source.encode()):08x}>"  # another kernel of that name has other lines
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)  # for tracebacks
    module = ModuleType(f"symnorm_kernel_{re.sub('[.@]', '_', name)}")
    exec(compile(source, filename, "exec", dont_inherit=True), module.__dict__)  # noqa: S102 - see the docstring
    return module
