"""A coverage-guided fuzzer of the text language: atheris makes texts that reach new code, and looks for what breaks it.

    python -m pip install atheris
    python -m benchmarks.fuzz_language -max_total_time=600

A text that raises anything but the language's own error, or takes too long to read, ends the run and is kept.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["symnorm.language"]):
    from symnorm.check.fuzz import problem
    from symnorm.language.document import parse, statement

    parse("normalizer f(x[N])\n  y = x\n")  # what is imported lazily is instrumented too
    statement("a == a")


def one_input(data: bytes) -> None:
    """One text."""
    text = atheris.FuzzedDataProvider(data).ConsumeUnicodeNoSurrogates(400)
    if wrong := problem(text):
        raise RuntimeError(f"{wrong}: {text!r}")


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
