"""What an expression means: exact numbers, rigorous enclosures, and the interpreter that gives each node its value.

A claim is refuted here: at a :class:`Model` whose two sides :func:`provably_differ`. Nothing is proved here, since
values that :func:`agree` at some sizes say nothing of the others.
"""

from symnorm.evaluate.interpreter import element_array, evaluate
from symnorm.evaluate.interval import (
    DEFAULT_BITS,
    Interval,
    OutsideDomain,
    Undetermined,
    working_bits,
    working_precision,
)
from symnorm.evaluate.model import ConcreteLoss, Model
from symnorm.evaluate.numbers import Exact, Number, agree, provably_differ, sign_of
from symnorm.evaluate.surd import Surd

__all__ = [
    "DEFAULT_BITS",
    "ConcreteLoss",
    "Exact",
    "Interval",
    "Model",
    "Number",
    "OutsideDomain",
    "Surd",
    "Undetermined",
    "agree",
    "element_array",
    "evaluate",
    "provably_differ",
    "sign_of",
    "working_bits",
    "working_precision",
]
