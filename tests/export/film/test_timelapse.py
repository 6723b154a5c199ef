from __future__ import annotations

import dataclasses
import io
import itertools
import os

import numpy as np
import pytest
from PIL import Image

from strokewise.errors import OutputError
from strokewise.export.film.timelapse import MOST, Timelapse
from strokewise.export.look import Look, dressed
from strokewise.export.png import to_pixels
from strokewise.optimize.candidates import Progress
from strokewise.sketch import Sketch, StrokeStyle, in_drawing_order

SCALE, OFFSET = 3.5, np.array([40.0, -25.0])


@dataclasses.dataclass
class Step:
    """The attributes of a `Progress` that the timelapse uses."""

    points: np.ndarray
    photo: int = 0
    style: StrokeStyle | None = None

    def __post_init__(self):
        self.style = self.style or StrokeStyle.pen(len(self.points), 1.5)


def steps(count=20, strokes=6, seed=0, points=4):
    """A drawing on the working canvas that moves a little with each step."""
    rng = np.random.default_rng(seed)
    start, way = rng.uniform(20, 200, (strokes, points, 2)), rng.normal(0, 12, (strokes, points, 2))
    return [start + way * k / (count - 1) for k in range(count)]


def finished(points, shuffle=True, **style):
    """The sketch that a drawing of a 800 x 700 photo makes of its last step: moved, ordered, and turned round."""
    sketch = Sketch.of((224, 224), points, **{"widths": 1.5, **style}).mapped((800, 700), SCALE, tuple(OFFSET))
    return in_drawing_order(sketch) if shuffle else sketch


def filled(all_points, **options):
    timelapse = Timelapse(**{"size": 80, "fps": 10, "seconds": 1, **options})
    for points in all_points:
        timelapse(Step(points))
    return timelapse


def opened(path):
    image = Image.open(io.BytesIO(path.read_bytes()))
    pictures, stays = [], []
    for k in range(image.n_frames):
        image.seek(k)
        image.load()
        pictures.append(np.asarray(image.convert("RGB")).astype(int))
        stays.append(image.info["duration"])
    return pictures, stays


def same_strokes(a, b, tolerance=1e-6):
    """Whether two drawings are of the same strokes, in this order, either way round."""
    return all(min(np.abs(s - t).max(), np.abs(s[::-1] - t).max()) < tolerance for s, t in zip(a, b, strict=True))


@pytest.mark.parametrize("points", [4, 7])
@pytest.mark.parametrize("seed", range(4))
def test_steps_are_brought_to_the_photo(seed, points):
    all_points = steps(seed=seed, points=points)
    sketch = finished(all_points[-1])
    shown = filled(all_points).sketches(sketch)
    assert shown[-1] is sketch and len(shown) == 21
    assert same_strokes(shown[-2].points, sketch.points)
    first = finished(all_points[0], shuffle=False)
    for stroke in first.points:
        assert min(np.abs(stroke - other).max() for other in shown[0].points) < 1e-6
    assert all(s.canvas == (800, 700) and np.allclose(s.widths, 1.5 * SCALE) for s in shown)


def test_the_last_step_counts_even_where_it_was_thinned_out():
    all_points = steps(2 * MOST + 8)
    timelapse = filled(all_points)
    sketch = finished(all_points[-1])
    shown = timelapse.sketches(sketch)
    assert MOST / 2 <= len(shown) <= MOST + 2
    assert same_strokes(shown[-2].points, sketch.points)
    ways = np.array([np.abs(a.points - b.points).mean() for a, b in itertools.pairwise(shown[:-2])])
    assert ways == pytest.approx(ways[0])


def test_what_is_told_may_change_afterwards():
    points = steps()[0]
    timelapse = filled([points])
    sketch = finished(points.copy())
    points += 50
    assert same_strokes(timelapse.sketches(sketch)[0].points, sketch.points)


def test_the_first_photo_counts():
    all_points = steps()
    timelapse = filled(all_points[:1])
    timelapse(Step(all_points[5] + 99, photo=3))
    assert len(timelapse.sketches(finished(all_points[0]))) == 2


def test_it_is_told_of_a_progress():
    told = Progress(0, 1, 2, 1.0, 1.1, steps()[0], 1, StrokeStyle.pen(6, 1.5))
    timelapse = Timelapse()
    assert timelapse(told) is None
    assert len(timelapse.sketches(finished(steps()[0]))) == 2


def test_looks_are_those_of_the_sketch():
    all_points = steps()
    colors = np.random.default_rng(1).uniform(0, 1, (6, 3))
    sketch = finished(
        all_points[-1], colors=colors, opacities=np.linspace(0.3, 1, 6), widths=np.arange(1, 7), paper=(1, 0.9, 0.8)
    )
    shown = filled(all_points).sketches(sketch)
    for one in shown:
        assert one.colors.tolist() == sketch.colors.tolist() and one.opacities.tolist() == sketch.opacities.tolist()
        assert one.widths.tolist() == sketch.widths.tolist() and one.paper == sketch.paper


def test_optimized_inks_change_on_the_way_unless_they_were_replaced():
    all_points = steps(5)
    timelapse = Timelapse()
    inks = [
        StrokeStyle(np.linspace(1, 2, 6) * (1 + k / 4), np.full((6, 3), 0.1 * k), np.full(6, 0.5 + 0.1 * k))
        for k in range(5)
    ]
    for points, style in zip(all_points, inks, strict=True):
        timelapse(Step(points, style=style))
    widths, colors, opacities = inks[-1]
    sketch = finished(all_points[-1], widths=widths, colors=colors, opacities=opacities)
    first = timelapse.sketches(sketch)[0]
    assert sorted(first.widths) == pytest.approx(inks[0][0] * SCALE)
    assert (first.opacities == 0.5).all() and (first.colors == 0).all()
    red = timelapse.sketches(dressed(sketch, Look(color="red")))[0]
    assert red.colors.tolist() == [[1, 0, 0]] * 6 and (red.opacities == 0.5).all()


def test_strokes_that_join_on_the_way():
    few, many = steps(4, strokes=3), steps(4, strokes=6, seed=2)
    sketch = finished(many[-1])
    shown = filled([*few, *many]).sketches(sketch)
    assert [len(s) for s in shown] == [3] * 4 + [6] * 5
    assert np.allclose(shown[0].points, few[0] * SCALE + OFFSET) and np.allclose(shown[0].widths, 1.5 * SCALE)


def test_a_sketch_that_is_an_earlier_step():
    all_points = steps()
    sketch = finished(all_points[7])
    shown = filled(all_points).sketches(sketch)
    assert same_strokes(shown[7].points, sketch.points)


@pytest.mark.parametrize("ending", [".gif", ".webp"])
def test_films(ending, tmp_path):
    all_points = steps(5)
    sketch = dressed(finished(all_points[-1]), Look(color="darkred", paper="ivory", width=4))
    timelapse = filled(all_points)
    timelapse.check(tmp_path / f"a{ending}")
    path = timelapse.write(tmp_path / f"a{ending}", sketch)
    pictures, stays = opened(path)
    # Five steps share ten pictures; the last of them is the finished drawing, which stays.
    assert len(pictures) == 5 and sum(stays) == pytest.approx(2000, abs=1)
    assert stays[:-1] == pytest.approx([200] * 4, abs=6)
    wanted = [to_pixels(s, 80).astype(int) for s in timelapse.sketches(sketch)[:5]]
    assert all(np.abs(a - b).max() <= (8 if ending == ".gif" else 0) for a, b in zip(pictures, wanted, strict=True))
    assert np.abs(pictures[-1] - to_pixels(sketch, 80)).max() <= (8 if ending == ".gif" else 0)
    again = path.read_bytes()
    assert timelapse.write(path, sketch, force=True).read_bytes() == again


def test_mp4(tmp_path):
    pytest.importorskip("imageio_ffmpeg", reason="the extra `video` is not installed here")
    all_points = steps(5)
    data = filled(all_points).write(tmp_path / "a.mp4", finished(all_points[-1])).read_bytes()
    assert data[4:8] == b"ftyp"


def test_nothing_was_told(tmp_path):
    sketch = finished(steps()[0])
    pictures, _ = opened(Timelapse(size=80).write(tmp_path / "a.gif", sketch))
    assert len(pictures) == 1 and np.abs(pictures[0] - to_pixels(sketch, 80)).max() <= 8


def test_refused_before_and_after(sketch, tmp_path):
    timelapse = filled(steps())
    (tmp_path / "b.gif").write_text("mine")
    for name, match in (
        ("a.png", r"a \.gif, \.webp or \.mp4, not .*a\.png"),
        ("a", "is a .gif"),
        ("b.gif", "exists already"),
    ):
        for attempt in (timelapse.check, lambda path: timelapse.write(path, sketch)):
            with pytest.raises(OutputError, match=match):
                attempt(tmp_path / name)
    assert os.listdir(tmp_path) == ["b.gif"] and (tmp_path / "b.gif").read_text() == "mine"


@pytest.mark.parametrize("options", [{"size": 9000}, {"fps": 0}, {"seconds": 0}])
def test_ranges(options):
    with pytest.raises(OutputError, match="must be from"):
        Timelapse(**options)


@pytest.mark.slow
def test_of_a_photo(tmp_path, disc_image, encode):
    from strokewise.drawing import draw

    photo = tmp_path / "disc.png"
    photo.write_bytes(encode(disc_image(), "PNG"))
    timelapse = Timelapse(size=80)
    sketch = draw(photo, strokes=4, steps=4, candidates=1, callback=timelapse)
    shown = timelapse.sketches(sketch)
    assert len(shown) >= 3 and same_strokes(shown[-2].points, sketch.points, 1e-3)
    assert timelapse.write(tmp_path / "a.gif", sketch).stat().st_size > 100
