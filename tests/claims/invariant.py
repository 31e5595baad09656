"""The answers about a normalizer's transformations, found once for all tests."""

from __future__ import annotations

from functools import cache

from symnorm.claims.invariances import Answer, answers
from symnorm.normalizers import Normalizer


@cache
def answered(one: Normalizer) -> tuple[Answer, ...]:
    return answers(one)
