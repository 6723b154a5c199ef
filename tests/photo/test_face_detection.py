import numpy as np
import pytest

from strokewise.photo.face_detection import CASCADES, Face, _apart, _detectors, find_faces


def test_sites_lie_where_a_face_has_them():
    eye, other, nose, mouth = Face(100, 50, 200, "person").sites()
    assert eye[0] < nose[0] < other[0] and eye[1] == other[1] < nose[1] < mouth[1]
    assert ((eye > [100, 50]) & (mouth < [300, 250])).all()


def test_a_plain_picture_has_no_face():
    assert find_faces(np.full((120, 120, 3), 0.5, dtype=np.float32)) == []


def test_without_opencv_there_are_no_faces(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "cv2", None)
    assert find_faces(np.random.default_rng(0).random((64, 64, 3), dtype=np.float32)) == []


def test_faces_on_each_other_are_one():
    assert not _apart(Face(0, 0, 100, "cat"), Face(10, 5, 90, "person"))
    assert _apart(Face(0, 0, 100, "cat"), Face(150, 0, 100, "cat"))


def test_cascades_are_read_once(monkeypatch):
    cv2 = pytest.importorskip("cv2")
    read, classifier = [], cv2.CascadeClassifier
    monkeypatch.setattr(cv2, "CascadeClassifier", lambda path: read.append(path) or classifier(path))
    _detectors.cache_clear()
    for _ in range(2):
        find_faces(np.full((64, 64, 3), 0.5, dtype=np.float32))
    _detectors.cache_clear()
    assert len(read) == len(CASCADES)
