"""How the CPU path shares its work among threads, and how much room it makes."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest
import torch
from raster_scenes import assert_agree, make_scene, picture_and_gradients

from strokewise.raster import render, render_reference

numba_path = pytest.importorskip("strokewise.raster._numba")


def runs_of(work: list[int], threads: int, per_image: int) -> list[tuple[int, int]]:
    return list(numba_path._cut(np.array(work), threads, per_image))


@pytest.mark.parametrize("threads", [1, 2, 3, 7])
@pytest.mark.parametrize("per_image", [1, 4, 32])
def test_runs_hold_every_stroke_once_and_about_equal_work(threads: int, per_image: int) -> None:
    work = np.random.default_rng(threads).integers(500, 4000, 64)
    runs = runs_of(work.tolist(), threads, per_image)
    assert [stroke for first, last in runs for stroke in range(first, last)] == list(range(64))
    assert len(runs) == threads
    heaviest = max(int(work[first:last].sum()) for first, last in runs)
    step = per_image if 64 // per_image >= 2 * threads else 1
    assert heaviest <= work.sum() / threads + step * 4000
    assert all(first % step == 0 for first, _ in runs)


def test_runs_are_cut_between_images_where_there_are_two_for_each_thread() -> None:
    assert runs_of([3000] * 16, 2, 4) == [(0, 8), (8, 16)]
    assert runs_of([9000, *[3000] * 15], 2, 4) == [(0, 8), (8, 16)]
    assert runs_of([9000, *[3000] * 15], 2, 8) == [(0, 7), (7, 16)]  # two images are too few for two threads


def test_little_work_is_not_shared() -> None:
    least = numba_path.PIXELS_PER_THREAD
    assert runs_of([least, least - 1], 2, 2) == [(0, 2)]
    assert runs_of([least, least], 2, 2) == [(0, 1), (1, 2)]
    assert runs_of([10 * least], 8, 1) == [(0, 1)]
    assert runs_of([0, 0], 2, 2) == [(0, 2)]


def test_each_task_runs_once_on_some_thread() -> None:
    for count in (1, 2, 5, 3):
        done: list[int] = []
        numba_path._run_all([partial(done.append, i) for i in range(count)])
        assert sorted(done) == list(range(count))


def test_a_task_that_no_thread_has_begun_runs_here(monkeypatch: pytest.MonkeyPatch) -> None:
    names: dict[str, str] = {}
    begun, released = threading.Event(), threading.Event()

    def task(name: str, before: threading.Event | None, after: threading.Event | None) -> None:
        names[name] = threading.current_thread().name
        if after is not None:
            after.set()
        assert before is None or before.wait(10)

    with ThreadPoolExecutor(1, thread_name_prefix="other") as pool:
        monkeypatch.setattr(numba_path, "_pool", pool)
        monkeypatch.setattr(numba_path, "_pool_size", 2)  # so that no second thread is made
        numba_path._run_all(
            [lambda: task("first", begun, None), lambda: task("second", released, begun),
             lambda: task("third", None, released)]
        )  # fmt: skip
    here = threading.current_thread().name
    assert names == {"first": here, "second": "other_0", "third": here}


@pytest.mark.parametrize("place", [0, 1, 2])
def test_what_goes_wrong_on_a_thread_is_told(place: int) -> None:
    def task(i: int) -> None:
        if i == place:
            raise ZeroDivisionError(f"task {i}")

    with pytest.raises(ZeroDivisionError, match=f"task {place}"):
        numba_path._run_all([lambda i=i: task(i) for i in range(3)])


def test_what_goes_wrong_on_another_thread_is_told() -> None:
    begun = threading.Event()

    def fail() -> None:
        begun.set()
        raise ZeroDivisionError("over there")

    with pytest.raises(ZeroDivisionError, match="over there"):
        numba_path._run_all([partial(begun.wait, 10), fail])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_child_draws() -> None:
    numba_path._run_all([lambda: None, lambda: None])
    assert numba_path._pool is not None
    child = os.fork()
    if child == 0:
        code = 1
        try:
            done: list[int] = []
            numba_path._run_all([partial(done.append, 0), partial(done.append, 1)])
            code = 0 if sorted(done) == [0, 1] else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_scratch_is_used_again_where_it_is_large_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numba_path, "_workspaces", [])
    space = numba_path._Workspace.take(100)
    assert space.pixels == 100 and len(space.stamp) == 100 and len(space.near2) == 100
    space.give_back()
    assert numba_path._Workspace.take(100) is space
    space.give_back()
    assert numba_path._Workspace.take(101).pixels == 101
    for _ in range(70):
        numba_path._Workspace(1).give_back()
    assert len(numba_path._workspaces) == 64


def test_stamps_begin_anew_before_they_run_out_of_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = make_scene(9, 2, 6, 4, (40, 56), (1.0, 9.0), extras=("colors", "opacities"))
    want = picture_and_gradients(render_reference, scene)
    for left in (0, 1, 500, 40 * 56, 40 * 56 + 1):
        space = numba_path._Workspace(40 * 56)
        space.mark = 2147483647 - left
        space.stamp[:] = np.arange(len(space.stamp)) % 7 + 1  # what earlier strokes left
        monkeypatch.setattr(numba_path, "_workspaces", [space])
        monkeypatch.setattr(torch, "get_num_threads", lambda: 1)
        assert_agree(picture_and_gradients(render, scene, backend="numba"), want)
        assert space.mark < 2147483647


@pytest.mark.parametrize("size", [(40, 56), (8, 200), (200, 8)])
@pytest.mark.parametrize("count", [4, 7])
def test_room_is_made_for_all_that_is_inked(size: tuple[int, int], count: int) -> None:
    """A bound that is too low would be written past."""
    height, width = size
    active, bound = np.arange(24) % 5 > 0, np.empty(24, np.int64)
    for seed in range(8):
        scene = make_scene(seed, 1, 24, count, size, (0.5, 12.0))
        paths, radii = scene.inputs["points"][0].numpy(), scene.inputs["widths"][0].numpy() / 2
        numba_path.kernels.room(paths, radii, active, height, width, bound)
        run = numba_path._Run(0, 24, 24 * height * width, 1, np.float64)
        run.cover(paths, radii, active, height, width)
        assert (bound >= np.diff(run.entries)).all()
        assert (bound <= height * width).all() and (bound[~active] == 0).all()


@pytest.mark.parametrize(("height", "width"), [(300, 300), (20, 2000), (2000, 20)])
def test_no_room_is_made_for_what_lies_off_the_canvas(height: int, width: int) -> None:
    far = 1e5
    ways = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, -1.0]])
    middle, along = np.array([width / 2, height / 2]), np.linspace(-far, far, 4)[:, None]
    through = np.stack([middle + along * way for way in ways])
    aside = (
        through
        + np.array([[0, 3 * height], [3 * width, 0], [0, 3 * (height + width)], [0, 3 * (height + width)]])[:, None]
    )
    paths = np.concatenate([through, aside])
    bound = np.empty(8, np.int64)
    numba_path.kernels.room(paths, np.ones(8), np.ones(8, np.bool_), height, width, bound)
    inside = np.array([width, height, 2**0.5 * min(height, width), 2**0.5 * min(height, width)])
    assert (bound[:4] >= 2 * inside).all() and (bound[:4] <= 6 * (inside + 20)).all()
    assert (bound[4:] == 0).all()
