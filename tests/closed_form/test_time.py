"""A generous guard on deriving the whole zoo; ``benchmarks/zoo.py`` measures."""

from benchmarks.zoo import seconds


def test_the_zoo_is_derived_and_written_in_bearable_time() -> None:
    found = seconds()
    assert len(found) > 30 and sum(found.values()) < 60
