"""Names of drawings: inside their folder, no two alike, whatever the list says."""

from __future__ import annotations

import os
from pathlib import PurePosixPath

from hypothesis import given
from hypothesis import strategies as st

from strokewise.batch.output_paths import LONGEST, assign, key, safe

NAMES = st.lists(
    st.text(st.sampled_from("aAbé\u0301./\\:*? \x00\ud8001~") | st.characters(), min_size=1, max_size=30), max_size=12
)


def test_a_tree_is_mirrored_and_endings_tell_apart_what_would_be_alike():
    assert assign(["a.jpg", "b/c.JPEG", "d"]) == ["a", "b/c", "d"]
    assert assign(["a.jpg", "a.png", "b.png"]) == ["a.jpg", "a.png", "b"]
    upper, lower = assign(["x/A.jpg", "x/a.jpg"])
    assert key(upper) != key(lower) and upper.startswith("x/A.jpg-") and lower.startswith("x/a.jpg-")
    # The rest do not change when one more comes.
    assert assign(["a.jpg", "a.png", "b.png", "c.png"])[:3] == ["a.jpg", "a.png", "b"]


def test_no_name_leads_away():
    assert safe("../../etc/passwd.jpg") == "etc/passwd.jpg"
    assert safe("/etc/x.jpg") == "etc/x.jpg"
    assert safe("C:\\Windows\\..\\x.jpg") == "C_/Windows/x.jpg"
    assert safe("...") == safe("") == safe("/") == "_"
    assert safe("a/CON.jpg") == "a/_CON.jpg"
    assert assign(["a..jpg", "b/c .jpg"]) == ["a", "b/c"]


def test_a_drawing_is_no_folder_of_others():
    first, second = assign(["a.jpg", "a.svg/b.jpg"])
    assert f"{first}.svg" != PurePosixPath(second).parts[0]


@given(NAMES)
def test_places_are_safe_and_no_two_alike(names: list[str]):
    names = list(dict.fromkeys(names))
    places = assign(names)
    assert len({key(place) for place in places}) == len(names)
    for place in places:
        assert os.path.normpath(f"/out/{place}") == f"/out/{place}"
        for part in place.split("/"):
            assert part and not part.startswith(".") and len(part.encode("utf-8")) <= LONGEST
            assert not set(part) & set('\x00<>:"|?*\\') and not part.endswith((".", " "))
