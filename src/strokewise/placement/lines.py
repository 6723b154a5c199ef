"""The lines a photo offers: outline, thin parts, inner edges, as weighted polylines."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from .._arrays import Array, Flags, Indices
from ..bezier import resample, runs
from ..skeleton import unbranched
from .constants import DEFAULTS, EdgeConstants, OutlineConstants, PlacementConstants
from .inputs import PlacementInput

OUTLINE, THIN, EDGE, FEATURE = "outline", "thin", "edge", "feature"
_EIGHT = np.ones((3, 3), dtype=bool)


@dataclasses.dataclass(frozen=True)
class Line:
    """A polyline worth drawing.

    Attributes:
        points: float64 [sample, xy], evenly spaced, pixels.
        weight: float64 [sample], how much a pixel of its length matters; the outline has 1.
        kind: "outline", "thin" (middle line of a thin part), "edge", or "feature" (an edge no face can do without).
    """

    points: Array
    weight: Array
    kind: str


def pixels(points: Array, shape: tuple[int, ...]) -> tuple[Indices, Indices]:
    """Rows and columns of the pixels under points [k, xy], in a picture [y, x, ...]; those outside go to its edge."""
    return (
        np.clip(points[:, 1].astype(np.intp), 0, shape[0] - 1),
        np.clip(points[:, 0].astype(np.intp), 0, shape[1] - 1),
    )


def trace_mask(mask: Flags, min_length: float, constants: EdgeConstants = DEFAULTS.edges) -> list[Array]:
    """One pixel wide curves of a mask as polylines [k, xy], linked where they run on smoothly.

    Args:
        mask: bool [y, x].
        min_length: shortest polyline that is kept, pixels.
        constants: which gaps are bridged.
    """
    walks = [walk for walk in unbranched(mask) if len(walk) >= 2]
    pieces = [np.array(walk, dtype=np.float64)[:, ::-1] + 0.5 for walk in walks]
    return [p for p in link(pieces, constants) if _length(p) >= min_length]


def _length(points: Array) -> float:
    return float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())


def link(pieces: list[Array], constants: EdgeConstants = DEFAULTS.edges) -> list[Array]:
    """Join polylines end to end where one runs on into the other.

    Args:
        pieces: each [k, xy], at least two points, pixels.
        constants: the widest gap that is bridged, and the lowest cosine between the direction a piece ends in and the
            way it would go on.
    """
    ends, directions = [], []
    for p in pieces:
        k = min(len(p) - 1, constants.link_reach)
        for tip, back in ((p[0], p[k]), (p[-1], p[-1 - k])):
            away = tip - back
            ends.append(tip)
            directions.append(away / max(float(np.linalg.norm(away)), 1e-9))
    if len(ends) < 4:
        return pieces
    from scipy.spatial import cKDTree

    tips, ways = np.array(ends), np.array(directions)
    pairs = cKDTree(tips).query_pairs(constants.link_gap, output_type="ndarray")
    pairs = pairs[pairs[:, 0] // 2 != pairs[:, 1] // 2]
    a, b = pairs[:, 0], pairs[:, 1]
    between = tips[b] - tips[a]
    distance = np.linalg.norm(between, axis=1)
    unit = between / np.maximum(distance, 1e-9)[:, None]
    facing = -(ways[a] * ways[b]).sum(1)
    near = distance < constants.link_touch
    ahead = np.minimum((ways[a] * unit).sum(1), -(ways[b] * unit).sum(1))
    good = (facing > constants.link_cosine) & (near | (ahead > constants.link_cosine))
    cost = distance * (2 - facing)
    choice = np.flatnonzero(good)
    choice = choice[np.argsort(cost[choice], kind="stable")]
    partner: dict[int, int] = {}
    for i in choice:
        x, y = int(a[i]), int(b[i])
        if x not in partner and y not in partner:
            partner[x], partner[y] = y, x
    return _chain(pieces, partner)


def _chain(pieces: list[Array], partner: dict[int, int]) -> list[Array]:
    """Follow the joined ends; end 2i is the first point of piece i, 2i + 1 its last."""
    used: set[int] = set()
    chains = []
    free = [e for e in range(2 * len(pieces)) if e not in partner]
    for start in [*free, *range(2 * len(pieces))]:
        if start // 2 in used:
            continue
        parts, end = [], start
        while end // 2 not in used:
            used.add(end // 2)
            parts.append(pieces[end // 2] if end % 2 == 0 else pieces[end // 2][::-1])
            leaving = end ^ 1
            if leaving not in partner:
                break
            end = partner[leaving]
        chains.append(np.concatenate(parts))
    return chains


def outline_lines(
    mask: Array, inside: Flags, smooth: float, constants: OutlineConstants = DEFAULTS.outline
) -> list[Line]:
    """The subject's outline (mask at 0.5), left open where it is only the picture's own border.

    Args:
        mask: float [y, x] in [0, 1].
        inside: bool [y, x], the pixels that belong to the photo.
        smooth: sigma of the smoothing along the line, pixels.
        constants: what is too short, or the border.
    """
    from skimage.measure import find_contours

    reach = ndimage.distance_transform_edt(np.pad(inside, 1))[1:-1, 1:-1]
    lines = []
    for contour in find_contours(np.pad(mask, 1), 0.5):
        points = contour[:, ::-1] - 0.5
        closed = bool(np.allclose(points[0], points[-1]))
        if len(points) < constants.least_samples or _length(points) < constants.least_length:
            continue
        points = resample(points, smooth=smooth, closed=closed)
        free = reach[pixels(points, mask.shape)] > constants.border
        if free.all():
            lines.append(Line(points, np.ones(len(points)), OUTLINE))
            continue
        if closed and free[0] and free[-1]:
            first = int(np.argmin(free))
            points = np.concatenate([points[first:-1], points[: first + 1]])
            free = np.concatenate([free[first:-1], free[: first + 1]])
        for run in runs(free):
            if run.stop - run.start >= constants.least_length:
                lines.append(Line(points[run], np.ones(run.stop - run.start), OUTLINE))
    return lines


def thin_lines(mask: Array, radius: float, constants: PlacementConstants = DEFAULTS) -> tuple[list[Line], Flags]:
    """Parts of the subject thinner than twice `radius` pixels (legs, stems), as their middle lines.

    Such a part is followed on where it swells (a knee), up to `constants.thin.swell` times that thickness.

    Returns:
        the lines, and bool [y, x]: where such parts are, their edge included.
    """
    from skimage.morphology import skeletonize

    rules = constants.thin
    solid = mask > 0.5
    depth = ndimage.distance_transform_edt(np.pad(solid, 1))[1:-1, 1:-1]
    skeleton = skeletonize(solid)
    labels, count = ndimage.label(skeleton & (depth <= rules.swell * radius), structure=_EIGHT)
    if not count:
        return [], np.zeros_like(solid)
    # The tip of any corner has a short thin branch; a limb is thin for longer than it is wide.
    thin_length = ndimage.sum_labels(depth <= radius, labels, np.arange(count + 1))
    limb = thin_length > rules.least_long * radius
    limb[0] = False
    middle = limb[labels]
    if not middle.any():
        return [], middle
    away, (y, x) = ndimage.distance_transform_edt(~middle, return_indices=True)
    lines = []
    for points in trace_mask(middle, rules.least_line * radius, constants.edges):
        points = resample(points, smooth=rules.smooth * radius)
        lines.append(Line(points, np.full(len(points), rules.worth), THIN))
    # A middle line ends short of the tip by about half the part's thickness.
    return lines, away <= rules.cover * depth[y, x] + rules.cover_margin


def gradient(image: Array, sigma: float) -> tuple[Array, Array]:
    """Strength and direction (radians) of the colour gradient: Di Zenzo (1986) over CIE Lab, each [y, x].

    Args:
        image: float [y, x, rgb] in [0, 1].
        sigma: blur before the gradient, pixels.
    """
    planes = lab_planes(image)
    gx = np.stack([ndimage.gaussian_filter(plane, sigma, order=(0, 1)) for plane in planes])
    gy = np.stack([ndimage.gaussian_filter(plane, sigma, order=(1, 0)) for plane in planes])
    return joint_gradient(gx, gy)


def lab_planes(image: NDArray[np.floating[Any]]) -> Array:
    """A picture [y, x, rgb] in [0, 1] in CIE Lab / 100: [plane, y, x]."""
    from skimage.color import rgb2lab

    return np.asarray(np.moveaxis(rgb2lab(image) / 100, 2, 0))


def joint_gradient(gx: Array, gy: Array) -> tuple[Array, Array]:
    """Strength and direction (radians) of the gradient of several planes together: Di Zenzo (1986), each [y, x].

    Args:
        gx, gy: changes along x and along y, float64 [plane, y, x].
    """
    xx, yy, xy = (gx * gx).sum(0), (gy * gy).sum(0), (gx * gy).sum(0)
    strength = np.sqrt(0.5 * (xx + yy + np.sqrt((xx - yy) ** 2 + 4 * xy * xy)) + 1e-12)
    return strength, 0.5 * np.arctan2(2 * xy, xx - yy)


def peaks_across(strength: Array, angle: Array) -> Flags:
    """bool [y, x]: where the strength is higher than on both sides in the direction of the gradient, `angle` radians:
    the non-maximum suppression of Canny (1986)."""
    rows, columns = np.indices(strength.shape)
    dx, dy = np.cos(angle), np.sin(angle)
    ahead = ndimage.map_coordinates(strength, [rows + dy, columns + dx], order=1, mode="nearest")
    behind = ndimage.map_coordinates(strength, [rows - dy, columns - dx], order=1, mode="nearest")
    return np.asarray((strength >= ahead) & (strength > behind))


def edge_lines(
    image: Array,
    region: Flags,
    sigma: float,
    min_length: float,
    surround: float,
    local: float | None = None,
    constants: EdgeConstants = DEFAULTS.edges,
) -> list[Line]:
    """Strong inner edges: colour gradient, thinned, linked.

    Contrast is judged by the whole picture and by the neighbourhood: an eye on smooth skin counts beside a
    loud garment, and a hair in a coat of hair does not (surround suppression, Grigorescu, Petkov & Westenberg, 2003).

    Args:
        image: float [y, x, rgb] in [0, 1].
        region: bool [y, x], where edges count.
        sigma: blur before the gradient, pixels: small keeps detail, large keeps shapes.
        min_length: shortest line kept, pixels.
        surround: sigma of the neighbourhood, pixels.
        local: how much the neighbourhood has to say: 0 nothing, 1 all; None as the constants have it.
        constants: what contrast is an edge.

    Returns:
        lines whose weight is the contrast along them, in (0, 1].
    """
    from skimage.filters import apply_hysteresis_threshold
    from skimage.morphology import skeletonize

    if not region.any():
        return []
    strength, angle = gradient(image, sigma)
    seen = ndimage.gaussian_filter(region.astype(np.float64), surround) + 1e-6
    around = ndimage.gaussian_filter(np.where(region, strength, 0), surround) / seen
    mean = float(strength[region].mean())
    local, quiet = constants.local if local is None else local, constants.quiet
    strength = strength / ((around + quiet * mean) / ((1 + quiet) * mean + 1e-12)) ** local
    peak = peaks_across(strength, angle) & region
    values = strength[peak]
    if not len(values):
        return []
    high = max(float(np.quantile(values, constants.high_quantile)), constants.least_high)
    low = constants.go_on * high
    kept = apply_hysteresis_threshold(np.where(peak, strength, 0), low, constants.begin * high)
    full = max(float(np.quantile(values, constants.full_quantile)), constants.least_full)
    lines = []
    for points in trace_mask(skeletonize(kept), min_length, constants):
        points = resample(points, smooth=constants.smooth * sigma)
        weight = np.clip(strength[pixels(points, strength.shape)] / full, constants.least_worth, 1.0)
        lines.append(Line(points, weight, EDGE))
    return lines


def supported(lines: list[Line], given: PlacementInput, rules: OutlineConstants) -> list[Line]:
    """The outline by saliency, by the contrast the photo shows there (the mask may have guessed), and by how calm
    it runs: ragged stretches are hair, grass, or a mask that was unsure."""
    unit = given.scale
    strength, _ = gradient(given.photo, rules.contrast_blur * unit)
    strength = ndimage.maximum_filter(strength, 2 * round(rules.contrast_reach * unit) + 1)
    found = np.concatenate([under(line, strength) for line in lines]) if lines else np.ones(1)
    full = max(float(np.median(found)), rules.least_contrast)
    weighed = []
    for line in lines:
        support = np.minimum(under(line, strength) / full, 1.0)
        calm = straightness(line.points, round(rules.calm_reach * unit), rules.calm_spread * unit)
        weight = rules.salience_floor + rules.salience_gain * under(line, given.saliency)
        weight = weight * (rules.unsupported + (1 - rules.unsupported) * support) * calm
        weighed.append(dataclasses.replace(line, weight=line.weight * weight))
    return weighed


def under(line: Line, picture: NDArray[Any]) -> NDArray[Any]:
    """The pixels of a picture [y, x] that the samples of a line lie in: [sample]."""
    return picture[pixels(line.points, picture.shape)]


def straightness(points: Array, reach: int, spread: float) -> Array:
    """Chord over arc in (0, 1] around each sample, averaged along the line with sigma `spread`; both in samples."""
    if len(points) <= 2 * reach:
        return np.ones(len(points))
    i = np.arange(len(points))
    low, high = np.maximum(i - reach, 0), np.minimum(i + reach, len(points) - 1)
    chord = np.linalg.norm(points[high] - points[low], axis=1)
    return ndimage.gaussian_filter1d(np.minimum(chord / (high - low), 1.0), spread, mode="nearest")
