"""One scene at all fidelities and simplicities: `matrix`, and the sheet of its drawings."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from .._text import plural
from ..drawing import find_scorer
from ..export.files import check_writable
from ..export.grid import Grid
from ..optimize.candidates import Callback
from ..photo.opening import Photo, PhotoInfo, PhotoSource
from ..settings import Settings, SettingsChanges, Unpack
from ..sketch import Sketch
from .levels import simpler
from .single import faithful, looser, open_scene, scene_settings, to_scene_sketch

LEVELS = (1, 2, 3, 4)
CORNERS = (1, 4)


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Matrix:
    """One scene from rich to sparse, and from faithful to loose.

    Attributes:
        photo: name and size of the photo.
        drawings: by simplicity and fidelity, each 1 to 4: `drawings[4, 1]` is sparse and faithful.
    """

    photo: PhotoInfo
    drawings: Mapping[tuple[int, int], Sketch]

    def __repr__(self) -> str:
        return f"<Matrix {self.photo.name}, {plural(len(self.drawings), 'drawing')}>"

    @property
    def sheet(self) -> Grid:
        """The drawings in rows by simplicity and columns by fidelity."""
        rows, columns = (sorted({cell[axis] for cell in self.drawings}) for axis in (0, 1))
        ends = {1: " (faithful)", 4: " (loose)"}
        return Grid(
            Path(self.photo.name).stem,
            tuple(f"fidelity {one}{ends.get(one, '')}" for one in columns),
            tuple(f"simplicity {one}: {plural(len(self.drawings[one, columns[0]]), 'stroke')}" for one in rows),
            tuple(tuple(self.drawings[row, column] for column in columns) for row in rows),
        )

    def save(self, folder: str | Path, *, force: bool = False) -> list[Path]:
        """Write each drawing and the sheet into a folder, which is created if needed.

        Returns:
            the paths: STEM-s1-f1.svg and so on, by simplicity and fidelity, STEM-matrix.svg, STEM-matrix.png.

        Raises:
            OutputError: a file exists and `force` is not set, or it cannot be written.
        """
        folder = Path(folder)
        paths = matrix_paths(folder, self.photo.name, sorted(self.drawings))
        if not folder.exists() and folder.parent.is_dir():
            folder.mkdir(exist_ok=True)
        for path in paths:
            check_writable(path, force)
        for path, cell in zip(paths, sorted(self.drawings), strict=False):
            self.drawings[cell].save(path, force=force)
        for path in paths[-2:]:
            self.sheet.save(path, force=force)
        return paths


def matrix_paths(folder: str | Path, name: str, cells: Sequence[tuple[int, int]]) -> list[Path]:
    """The files that `Matrix.save` writes for a photo of that name: drawings, then the sheet twice."""
    stem = Path(name).stem or "drawing"
    ends = [*(f"s{simplicity}-f{fidelity}.svg" for simplicity, fidelity in cells), "matrix.svg", "matrix.png"]
    return [Path(folder) / f"{stem}-{end}" for end in ends]


def matrix_cells(quick: bool) -> list[tuple[int, int]]:
    """Simplicity and fidelity of all drawings of a matrix, or of its corners."""
    levels = CORNERS if quick else LEVELS
    return [(simplicity, fidelity) for simplicity in levels for fidelity in levels]


def matrix(
    photo: PhotoSource | Photo,
    settings: Settings | None = None,
    *,
    quick: bool = False,
    split: Sequence[int] | None = None,
    mask: PhotoSource | None = None,
    callback: Callback | None = None,
    notice: Callable[[str], None] | None = None,
    **changes: Unpack[SettingsChanges],
) -> Matrix:
    """Draw a scene at all fidelities and simplicities: the very drawings that `scene` makes one by one.

        matrix("house.jpg", strokes=64).save("house-matrix")

    Args:
        photo, settings, split, mask, callback, notice, changes: as for `scene`.
        quick: only the four corners.

    Raises:
        SettingsError: as for `scene`.
        StrokewiseError: as for `draw`.
    """
    settings = scene_settings(settings, changes)
    drawing, budget = open_scene(photo, settings, split, mask, callback, notice)
    scorer = find_scorer(drawing.prepared, drawing.settings)
    wanted = set(matrix_cells(quick))
    drawings: dict[tuple[int, int], Sketch] = {}
    level = drawing.start(budget)
    for simplicity in LEVELS:
        if simplicity > 1:
            level = level.down(simpler(budget, simplicity))
        if not any(one == simplicity for one, _ in wanted):
            continue
        cell = faithful(level)
        for fidelity in LEVELS:
            if fidelity > 1:
                cell = looser(cell, fidelity)
            if (simplicity, fidelity) in wanted:
                drawings[simplicity, fidelity] = to_scene_sketch(cell, simplicity, scorer)
    return Matrix(drawing.prepared.photo, MappingProxyType(drawings))
