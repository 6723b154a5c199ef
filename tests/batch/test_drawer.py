"""The worker itself: photos one by one and together, and what is no photo's fault."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from batch_photos import GREEN, SMALL, make_photos, picture

from strokewise import Settings, drawing, from_svg
from strokewise.batch.drawer import PhotoDrawer, weights_digest
from strokewise.batch.job import DRAWN, FAILED, UNCHANGED, BatchJob, Task
from strokewise.batch.photos import LocalFile


@pytest.fixture
def job() -> BatchJob:
    return BatchJob(Settings(**{**SMALL, "steps": 3, "candidates": 2}), modules=("batch_stub",))


def tasks(folder: Path) -> list[Task]:
    make_photos(folder, 4)
    picture(9, GREEN).save(folder / "a" / "bad.png")
    (folder / "none.png").write_bytes(b"")
    return [Task(i, LocalFile(str(path))) for i, path in enumerate(sorted(folder.rglob("*.png")))]


def test_together_as_alone(job, tmp_path):
    drawer, some = PhotoDrawer(job), tasks(tmp_path)
    assert drawer.load().broken == "" and drawer.load().device == "cpu"
    alone = [drawer.draw([task])[0] for task in some]
    assert [r.status for r in alone] == [DRAWN, DRAWN, FAILED, DRAWN, DRAWN, FAILED]
    # On the CPU the company makes no difference, not to a byte.
    in_group = drawer.draw(some)
    assert [(r.status, r.svg, r.content) for r in in_group] == [(r.status, r.svg, r.content) for r in alone]
    # As on a GPU: in one step, to what rounding does.
    known = dataclasses.replace(some[0], known=alone[0].content)
    joined = drawer._draw_together([known, *some[1:]])
    assert [r.status for r in joined] == [UNCHANGED, DRAWN, FAILED, DRAWN, DRAWN, FAILED]
    assert [r.number for r in joined] == [0, 1, 2, 3, 4, 5] and joined[2].error == alone[2].error
    for one, other in zip(alone[3:5], joined[3:5], strict=True):
        assert one.facts["losses"]["total"] == pytest.approx(other.facts["losses"]["total"], rel=1e-3)
        sketches = [from_svg(result.svg) for result in (one, other)]
        assert [sketch.metadata["order"] for sketch in sketches] == ["importance"] * 2
        # A stroke may be drawn from its other end.
        points, others = (sketch.points.reshape(-1, 2) for sketch in sketches)
        assert np.linalg.norm(points[:, None] - others[None], axis=2).min(1).max() < 0.05


def test_what_fails_together_is_tried_alone(job, tmp_path, monkeypatch):
    drawer, some = PhotoDrawer(job), tasks(tmp_path)
    drawer.load()
    alone = [drawer.draw([task])[0] for task in some]
    refine = drawing.refine_together

    def short_of_memory(placed, *rest, **options):
        if len(placed) > 1:
            raise RuntimeError("CUDA out of memory")
        return refine(placed, *rest, **options)

    monkeypatch.setattr(drawing, "refine_together", short_of_memory)
    retried = drawer._draw_together(some)
    assert [(r.status, r.svg) for r in retried] == [(r.status, r.svg) for r in alone]
    # The failed step is on record; photos that cannot be opened never reached it.
    reasons = [result.facts.get("together_error") for result in retried]
    assert reasons == ["RuntimeError: CUDA out of memory" if r.status == DRAWN else None for r in alone]
    assert all("together_error" not in result.facts for result in alone)


def test_other_weights_are_refused(job):
    drawer = PhotoDrawer(job)
    drawer.load()
    assert drawer._ready is not None
    weights = weights_digest(drawer._ready.encoder)
    assert PhotoDrawer(dataclasses.replace(job, weights=weights)).load().broken == ""
    assert (
        "are not those of the other machines" in PhotoDrawer(dataclasses.replace(job, weights="0" * 16)).load().broken
    )
    drawer._ready.encoder.scale += 1
    assert weights_digest(drawer._ready.encoder) != weights
    assert (
        "no_such_module cannot be imported"
        in PhotoDrawer(dataclasses.replace(job, modules=("no_such_module",))).load().broken
    )


def test_the_weights_of_a_saliency_encoder_count():
    compare, one, other = (torch.nn.Linear(2, 2) for _ in range(3))
    found = {weights_digest(compare), weights_digest(compare, one), weights_digest(compare, other)}
    assert len(found) == 3 and weights_digest(compare, one) == weights_digest(compare, one)


def test_the_job_knows_what_counts(job):
    other = dataclasses.replace(job, settings=dataclasses.replace(job.settings, device="cpu"), threads=2, png=True)
    assert other.digest == job.digest
    for change in ({"strokes": 4}, {"seed": 1}, {"encoder": "embedded"}):
        assert dataclasses.replace(job, settings=dataclasses.replace(job.settings, **change)).digest != job.digest
    assert dataclasses.replace(job, weights="1").digest != job.digest
