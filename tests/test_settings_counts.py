"""Stroke counts as people write them."""

import pytest

from strokewise.errors import SettingsError
from strokewise.settings import parse_counts


@pytest.mark.parametrize(
    "text, counts",
    [("32,16,8,4", (32, 16, 8, 4)), ("4, 16 ,8", (16, 8, 4)), ("8,8,8", (8,)), ("1,256", (256, 1))],
)
def test_counts_are_sorted_downwards_and_each_counts_once(text: str, counts: tuple[int, ...]) -> None:
    assert parse_counts(text) == counts


@pytest.mark.parametrize("text", ["", ",", "4,", "0", "257", "4;8", "4,a", "1e2", "-4", "4.0"])
def test_what_is_no_count(text: str) -> None:
    with pytest.raises(SettingsError, match="strokes must be a whole number from 1 to 256"):
        parse_counts(text)
