"""The yardstick of drawings (`benchmarks/quality`): faces and heads, on marks and drawings made here."""

import json

import numpy as np
import pytest
from synthetic_face import face_at

from benchmarks.quality.features import FaceMarks, MarkedPhotos, Marks, ink_of, measure_eyes, measure_face
from strokewise import Photo, Sketch


@pytest.fixture
def marks():
    return FaceMarks.from_mesh(face_at(200, 200, 200))


def drawn(marks, names=("lid_right", "lid_left", "mouth_line")):
    """Ink along some lines, a pixel or less from each other."""
    at = np.linspace(0, 1, 100)
    return np.concatenate(
        [
            np.stack([np.interp(at, np.linspace(0, 1, len(line)), line[:, k]) for k in (0, 1)], axis=1)
            for line in (marks.lines[name] for name in names)
        ]
    )


def test_lines_that_are_drawn_are_shown_true_and_good(marks):
    assert measure_face(drawn(marks), marks) == {"face_inked": 1, "face_shown": 1, "face_true": 1, "face_good": 1}


def test_a_face_without_a_mouth_is_not_good(marks):
    found = measure_face(drawn(marks, ("lid_right", "lid_left")), marks)
    assert found == {"face_inked": 0, "face_shown": 2 / 3, "face_true": 2 / 3, "face_good": 0}


def test_ink_beside_the_lines_is_neither_shown_nor_true(marks):
    assert set(measure_face(np.zeros((0, 2)), marks).values()) == {0}
    outline = np.asarray(face_at(200, 200, 200).lines["oval"])
    assert set(measure_face(outline, marks).values()) == {0}
    rng = np.random.default_rng(0)
    middles = [*marks.eyes, marks.mouth]
    reach = np.array([marks.eye_width, marks.eye_width, marks.mouth_width])
    scribble = np.concatenate(
        [m + r * rng.uniform((-0.6, -0.45), (0.6, 0.45), (400, 2)) for m, r in zip(middles, reach, strict=True)]
    )
    smeared = measure_face(scribble, marks)
    assert smeared["face_inked"] == 1 and smeared["face_shown"] > 0.9  # blots hide a face well
    assert smeared["face_true"] < 0.75 and smeared["face_true"] < measure_face(drawn(marks), marks)["face_true"]
    # lids a tenth of the face too low
    low = measure_face(drawn(marks) + np.array([0, 0.1 * marks.height]), marks)
    assert low["face_shown"] < 0.2 and low["face_good"] == 0


def test_marks_of_the_mesh_are_not_independent_and_those_of_a_file_are(marks, tmp_path):
    told = {
        "lines": {name: line.tolist() for name, line in marks.lines.items()},
        "eye_right": marks.eyes[0].tolist(),
        "eye_left": marks.eyes[1].tolist(),
        "mouth": marks.mouth.tolist(),
        "eye_width": marks.eye_width,
        "mouth_width": marks.mouth_width,
        "face_height": marks.height,
    }
    (tmp_path / "landmarks.json").write_text(json.dumps({"a.jpg": told}))
    blank = Photo(np.ones((40, 60, 3), dtype=np.float32))
    found = MarkedPhotos(tmp_path, None)
    read = found.find(tmp_path / "a.jpg", blank)
    assert read.independent and not Marks(marks).independent
    assert measure_face(drawn(marks), read.face) == measure_face(drawn(marks), marks)
    assert found.find(tmp_path / "b.jpg", blank).face is None
    del told["lines"]["lip_up"]
    (tmp_path / "landmarks.json").write_text(json.dumps({"a.jpg": told}))
    with pytest.raises(SystemExit, match=r"landmarks.json does not hold marks .*lip_up"):
        MarkedPhotos(tmp_path, None)


def test_heads_are_found_by_the_end_of_the_path_and_only_those_that_taught_nobody(tmp_path):
    heads = tmp_path / "heads.json"
    one = {"photo": "cats/1.jpg", "points": [[0.25, 0.5], [0.75, 0.5], [0.5, 0.75]]}
    heads.write_text(json.dumps({"train": [{**one, "photo": "cats/2.jpg"}], "test": [one]}))
    blank = Photo(np.ones((40, 60, 3), dtype=np.float32))
    found = MarkedPhotos(tmp_path, heads)
    np.testing.assert_allclose(found.find(tmp_path / "cats" / "1.jpg", blank).eyes, [[15, 20], [45, 20]])
    assert found.find(tmp_path / "cats" / "2.jpg", blank) == Marks()
    heads.write_text("[]")
    with pytest.raises(SystemExit, match=r"heads.json does not hold marks"):
        MarkedPhotos(tmp_path, heads)


def lines(*pairs):
    """Straight strokes from pairs of points, on a canvas of 200 x 100."""
    points = np.array([np.linspace(a, b, 4) for a, b in pairs], dtype=float)
    return Sketch.of((200, 100), points, widths=2)


EYES = np.array([[80.0, 50], [120, 50]])


def test_eyes_count_where_each_has_a_mark_of_its_own():
    both = lines(((77, 50), (83, 52)), ((117, 50), (123, 50)), ((10, 10), (190, 10)))
    assert measure_eyes(both, EYES) == {"eyes_inked": 1, "eyes_drawn": 1}
    one = lines(((77, 50), (83, 52)), ((10, 10), (190, 10)))
    assert measure_eyes(one, EYES) == {"eyes_inked": 0, "eyes_drawn": 0}
    across = lines(((0, 48), (200, 52)))  # a line that passes over both
    assert measure_eyes(across, EYES) == {"eyes_inked": 1, "eyes_drawn": 0}
    assert measure_eyes(Sketch.of((200, 100), np.zeros((0, 4, 2)), widths=2), EYES) == {
        "eyes_inked": 0,
        "eyes_drawn": 0,
    }


def test_ink_is_where_the_line_is_whatever_the_size_of_the_canvas():
    for scale in (1, 7):
        ink = ink_of(lines(((50, 30), (150, 30))).scaled(scale)) / scale
        np.testing.assert_allclose(ink[:, 1], 30, atol=1.3)
        np.testing.assert_allclose((ink[:, 0].min(), ink[:, 0].max()), (49, 151), atol=1)
    assert ink_of(Sketch.of((200, 100), np.zeros((0, 4, 2)), widths=2)).shape == (0, 2)
