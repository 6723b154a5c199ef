"""The file of typical drawings: what goes in comes out, and nothing else than its one form is read."""

import hashlib
import json

import numpy as np
import pytest
from safetensors.numpy import save

from strokewise.encoders import embedded
from strokewise.encoders.embedded import METADATA
from strokewise.errors import StrokewiseError
from strokewise.words import typical as module
from strokewise.words.typical import COUNTS, FORMAT, MOST_BYTES, read_typical, typical, typical_words, write_typical
from strokewise.words.vocabulary import known_words, vocabulary


def drawings(seed=0):
    rng = np.random.default_rng(seed)
    return {count: rng.uniform(-0.1, 1.1, (count, 4, 2)) for count in COUNTS}


def test_what_is_written_is_read(tmp_path, monkeypatch):
    given = {"dog": [drawings(0)], "cat": [drawings(1), drawings(2)]}
    path = tmp_path / "typical.safetensors"
    assert write_typical(path, given) == path.stat().st_size
    read = read_typical(path)
    assert read.places == {"cat": (0, 2), "dog": (2, 3)}
    monkeypatch.setattr(module, "_of_the_package", lambda: read)
    for word, some in given.items():
        for count in COUNTS:
            expected = np.stack([one[count] for one in some])
            assert np.abs(typical(word, count) - expected).max() < 2e-5
    assert typical("unheard of", 16).shape == (0, 16, 4, 2)


def test_too_many_drawings_are_refused(tmp_path):
    with pytest.raises(ValueError, match="1 to 8 drawings"):
        write_typical(tmp_path / "x", {"cat": [drawings()] * 9})


def stored(number=1, **changed):
    tensors = {str(count): np.zeros((1, count, 4, 2), np.uint16) for count in COUNTS}
    tensors.update({name.strip("_"): value for name, value in changed.items() if name.startswith("_")})
    notes = {"format": changed.get("format", FORMAT), "words": changed.get("words", [["cat", number]])}
    return save(tensors, {METADATA: json.dumps(notes)})


def test_the_form_itself_is_read(tmp_path):
    path = tmp_path / "x.safetensors"
    path.write_bytes(stored())
    assert read_typical(path).places == {"cat": (0, 1)}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80\x04\x95pickle",
        b"\xff" * 64,
        stored(number=2),
        stored(number=True),
        stored(number=0),
        stored(number=-1),
        stored(format="another"),
        stored(words=[["cat", 1], ["cat", 1]]),
        stored(words=[[7, 1]]),
        stored(words="cat"),
        stored(_8=np.zeros((1, 8, 4, 2), np.float32)),
        stored(_8=np.zeros((1, 9, 4, 2), np.uint16)),
        stored(_more=np.zeros(1, np.uint16)),
        stored()[:-1],
        stored() + b"\0" * MOST_BYTES,
    ],
)
def test_anything_else_is_one_line(tmp_path, data):
    path = tmp_path / "x.safetensors"
    path.write_bytes(data)
    with pytest.raises(StrokewiseError, match=r"holds no typical drawings \(\w+\): install strokewise again$"):
        read_typical(path)


def test_a_missing_file_is_one_line(tmp_path):
    with pytest.raises(StrokewiseError, match="are missing .*: install strokewise again"):
        read_typical(tmp_path / "none")


def test_the_card_is_that_of_the_file():
    data, card = module.FILE.read_bytes(), module.FILE.with_suffix(".md").read_text("utf-8")
    assert hashlib.sha256(data).hexdigest() in card and f"{len(data)} bytes" in card
    drawings = len(read_typical(module.FILE).points[8])
    assert f" {drawings} drawings" in card and f" {len(typical_words())} words" in card


def test_the_file_of_the_package_has_words_of_the_vocabulary_that_the_recogniser_knows():
    assert module.FILE.stat().st_size <= MOST_BYTES
    words = set(typical_words())
    assert words <= set(vocabulary().entries)
    known = set(known_words(embedded.load().labels))
    assert words <= known
    for word in words:
        for count in COUNTS:
            points = typical(word, count)
            assert 1 <= len(points) <= module.MOST_DRAWINGS and points.shape[1:] == (count, 4, 2)
            # All strokes are drawn, and within the square but for a little.
            assert (np.ptp(points, axis=2).max(2) > 1e-4).mean() > 0.9
