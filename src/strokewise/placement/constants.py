"""The tuned numbers of placement, in one frozen value that is passed down as an argument.

    constants = DEFAULTS.changed("inner.worth", 1.0)
    points = ContourPlacement(given, constants)(strokes=16, rng=np.random.default_rng(0))

Nearly all were set by hand, by looking at drawings. The ten in MEASURED were varied one at a time afterwards:
docs/placement.md has the table. All others are unmeasured; `benchmarks/levers.py --constants NAME` measures them.

Lengths are pixels of a 224 px canvas, unless "scene pixels" (448 on a side by default) or a share is named. Not here:
guards against division by zero, halves that are pixel centres or the level of a mask, and what follows from geometry.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from .face_constants import FaceConstants, FaceContourConstants, HeadConstants
from .inner_constants import BoundaryConstants, EllipseConstants, InnerEdgeConstants
from .one_line_constants import OneLineConstants


@dataclasses.dataclass(frozen=True)
class StrokeConstants:
    """What a stroke may stand for at a number of strokes, and what differs from seed to seed.

    Measured: `tolerance`. The others are unmeasured.
    """

    gestures: int = 8
    """Drawings of up to so many strokes are gestures. In those of more, strokes that nearly meet do,"""
    many_tolerance: float = 1.33
    """they may deviate so many times as far, so that the outline takes fewer of them,"""
    many_edges: float = 1.3
    """and inner edges count so many times as much (judged blind, with the costs of waves and corners),"""
    many_marks: float = 2.9
    """but a stroke on one costs so many times as much: few marks that are clear (judged blind);"""
    long_marks: float = 0.4
    """in an animal whose head is found, a long one may cost as little as this share of it: it is a haunch or an arm,
    short ones are fur."""
    tolerance: float = 12.0
    """Deviation a single stroke may have; n strokes have 1/sqrt(n) of it: few strokes are broad gestures."""
    tolerance_limits: tuple[float, float] = (1.2, 6.0)
    """Below the pen's width nobody sees a deviation; above this a line is no longer recognised."""
    tolerance_jitter: float = 0.12
    """Sigma of the logarithm of a seed's tolerance: candidates should differ in how broad they are."""
    apart: float = 2.0
    """Two strokes closer than this all along say the same thing: about the width of the pen."""
    mark_cost: float = 3.5
    """What a stroke on an inner edge costs, in length of a line of full worth: short faint ones are fur and cloth."""
    shortest: float = 6.0
    """Pieces this short that are left of a line beside a face or a limb are specks."""
    outline_jitter: float = 0.03
    """Sigma of the logarithm of an outline's worth, and of a thin part's: nearly sure, so hardly varied."""
    edge_jitter: float = 0.12
    """The same for inner edges: many are equally good, and candidates should try others."""
    feature_jitter: float = 0.1
    """The same for features such as eyes."""
    edge_share_strokes: float = 16.0
    """Strokes from which on inner edges count in full, growing with the square root: the outline comes first."""
    edge_share_limits: tuple[float, float] = (0.5, 1.3)
    """Least and greatest such share: the least drawing may have an inner line, the richest keeps its outline."""
    worth_step: float = 3.0
    """From one place on a line to the next, where it is asked which lines a drawing shows."""


@dataclasses.dataclass(frozen=True)
class OutlineConstants:
    """The subject's outline and what its stretches are worth. Unmeasured."""

    smooth: float = 1.0
    """Sigma of the smoothing along the line: takes away the stairs of a mask."""
    least_samples: int = 8
    """Contours of fewer corners are specks of the mask."""
    least_length: float = 10.0
    """Contours, and open stretches of them, shorter than this are specks; scene pixels."""
    border: float = 4.0
    """Nearer than this to the photo's border, the outline is where the picture was cut; scene pixels."""
    contrast_blur: float = 1.0
    """Sigma of the blur before the photo's contrast is taken along the outline: as `smooth`."""
    contrast_reach: float = 2.0
    """How far from the outline that contrast is sought: the mask may lie beside the photo's edge by so much."""
    least_contrast: float = 0.01
    """Full contrast is the median along the outline, and no less than this: noise is not support."""
    unsupported: float = 0.5
    """Worth of a stretch without any contrast: the mask may have guessed, but may be right."""
    calm_reach: float = 12.0
    """Chord over arc is taken over so much to either side: as long as tufts of hair, shorter than a limb."""
    calm_spread: float = 15.0
    """Sigma by which calm is averaged along the line: one corner alone is not ragged."""
    salience_floor: float = 0.75
    """Worth where the encoder pays no attention."""
    salience_gain: float = 0.5
    """What full attention adds: 0.75 to 1.25, so that the outline as a whole keeps the worth of about 1."""


@dataclasses.dataclass(frozen=True)
class ThinPartConstants:
    """Limbs and stems that become one line instead of two.

    Measured: `radius`. The others are unmeasured.
    """

    radius: float = 8.0
    """Half the thickness below which a limb is a single line, for one stroke; n strokes have 1/sqrt(n) of it."""
    radius_limits: tuple[float, float] = (1.2, 2.2)
    """A limb thinner than the pen has no two sides; one thicker than a few pens has, however few strokes there are."""
    swell: float = 1.3
    """A limb is followed up to so many times that thickness: knees and knots do not end a leg."""
    least_long: float = 5.0
    """A limb is thin for so many radii: the tip of any corner has a short thin branch."""
    least_line: float = 4.0
    """Shortest middle line, in radii: shorter ones are spurs of the skeleton."""
    smooth: float = 1.0
    """Sigma of the smoothing along the middle line, in radii: the skeleton wavers by part of the thickness."""
    worth: float = 1.5
    """One stroke stands for two sides, of which each had 1; not 2, as it loses the shape of the limb."""
    cover: float = 1.5
    """Other lines are left out up to so many half thicknesses around: the limb's own edges, and its tip."""
    cover_margin: float = 2.0
    """And so much further, for edges that lie beside the mask; scene pixels."""
    limbs_radius: float = 2.0
    """Half the thickness below which limbs are thin where it is asked whether a subject is mostly limbs: then"""
    limbs_share: float = 0.3
    """they take at least so much of its outline, and what is left of it gets an outline of its own (judged blind)."""
    opening: float = 1.0
    """What is left of the subject without its limbs loses crumbs of up to twice that width."""
    least_body: float = 2.0
    """Least depth of a piece of what is left, in half thicknesses of a limb: a hoof is no body, a mirror is one."""
    closing: float = 3.0
    """Notches that limbs leave in it are closed by a disc so many times as wide as they are."""
    body_blur: float = 1.5
    """Sigma of the blur of what is left, before its outline is traced: closed notches have corners."""
    same: float = 2.0
    """Up to this distance from the subject's outline the body's is the same line."""
    root: float = 3.0
    """Up to this distance from a limb the body's outline may run where the subject has none: across its root."""
    root_worth: float = 0.7
    """What it is worth there, over the median along the outline: it is a guess, which holds the body together."""
    least_along: float = 0.3
    """Least share of a stretch of the body's outline that is the subject's."""


@dataclasses.dataclass(frozen=True)
class EdgeConstants:
    """How edges are found in a picture, at any scale, and traced to lines.

    Measured: `local`, `high_quantile`, `link_cosine`. The others are unmeasured.
    """

    local: float = 0.3
    """How much the neighbourhood's contrast has to say, 0 to 1: an eye on smooth skin beside a loud garment."""
    quiet: float = 0.2
    """Share of the picture's mean contrast that every neighbourhood has at least: flat areas keep their noise down."""
    high_quantile: float = 0.85
    """Of the contrast along edges: a line is begun near this, so that any photo gives some lines."""
    least_high: float = 0.01
    """And no lower than this (Lab / 100 a pixel): the noise of an empty picture is no edge."""
    begin: float = 0.8
    """Share of that contrast at which a line begins."""
    go_on: float = 0.35
    """Share of it down to which a line goes on: between the two is the hysteresis of Canny (1986)."""
    full_quantile: float = 0.97
    """Contrast that counts as full: not the maximum, which may be one highlight."""
    least_full: float = 0.02
    """And no lower than this, so that faint pictures have faint edges."""
    least_worth: float = 0.05
    """Least weight along a line: a gap in contrast does not end it."""
    smooth: float = 1.5
    """Sigma of the smoothing along a line, in sigmas of the blur: takes away stairs, keeps what the blur kept."""
    link_gap: float = 5.0
    """Widest gap between two pieces that are joined: junctions and single weak pixels; scene pixels."""
    link_touch: float = 1.5
    """Ends this near touch, and need no direction from one to the other: diagonal neighbours; scene pixels."""
    link_cosine: float = 0.75
    """Least cosine between a piece's end and the way it goes on: 41 degrees, a curve but no corner."""
    link_reach: int = 6
    """Pixels over which the direction of an end is taken: over fewer there are only eight directions."""


@dataclasses.dataclass(frozen=True)
class SelectionConstants:
    """Which cubics are cut out of the lines.

    Measured: `joints`, `corner`. The others are unmeasured.
    """

    samples: int = 16
    """Points of a stretch that a cubic is fitted to: enough for a curve of four control points."""
    long: float = 40.0
    """A mark longer than this, scene pixels, may cost less, as one over its length (`strokes.long_marks`)."""
    outline_gap: float = 20.0
    """What a gap in the outline costs, length of a line of full worth, scene pixels: a ragged stretch is worth little,
    but an outline that leaves it out looks broken. Counts in full as `arcs_strokes` says."""
    joints: int = 64
    """Most places at which one line may be cut: their pairs are what is fitted, so time grows with the square."""
    least_spacing: float = 6.0
    """Least distance of such places: nearer ones give nearly the same strokes; scene pixels."""
    joint_apart: float = 0.5
    """Even places nearer than this to a corner are left out, in spacings."""
    corner_reach: int = 6
    """Samples to either side over which the turn at a corner is taken: more than pixel stairs."""
    corner: float = 0.9
    """Turn in radians (52 degrees) from which on a line may be cut there exactly: one cubic makes no corner."""
    wave_cost: float = 0.15
    """Share of its worth that a stroke loses which bends by a radian one way and by one the other."""
    corner_cost: float = 1.0
    """What a stroke loses for each corner that it passes, in tolerances: one cubic makes no corner."""
    arcs_strokes: float = 32.0
    """Strokes from which on both count in full, growing with the square: a few strokes are gestures."""
    missed: float = -1.0
    """Least worth of a missed sample, as a share of its weight: lower forbids shortcuts across a bay."""
    lines_per_stroke: int = 3
    """So many of the most valuable lines for each stroke are fitted at all: the others could not win one."""
    spare_lines: int = 20
    """And so many more."""
    double_samples: int = 24
    """Points along two cubics at which their distance is taken."""
    double_share: float = 0.8
    """Share of a cubic's length that runs beside another for it to be left out: neighbours touch at an end only."""
    double_rounds: int = 4
    """How often doubled strokes are replaced by the next best, before they are only left out."""


@dataclasses.dataclass(frozen=True)
class MeetingConstants:
    """Where strokes meet that nearly do. Judged blind as a whole; the numbers are unmeasured."""

    touch: float = 0.75
    """Ends this near to another stroke lie on it: half a pen's width."""
    reach: float = 5.0
    """A stroke that ends no further from another than this is led on to it,"""
    ahead: float = 0.5
    """if it heads there: least cosine."""
    beyond: float = 6.0
    """A stroke that goes on behind another for no more than this is cut there,"""
    beyond_share: float = 0.3
    """if that is no more than such a share of its length."""


@dataclasses.dataclass(frozen=True)
class PoolConstants:
    """How much is offered to the optimisation beyond the candidates themselves. Unmeasured."""

    factors: tuple[int, int] = (2, 4)
    """The pool holds placements of so many times the strokes: other cuts and finer features."""
    limit: int = 96
    """And of no more than so many strokes, unless that many are drawn: each is tried by forward passes."""
    few: int = 8
    """Drawings of up to so many strokes are offered others, and have a candidate that is made of a finer drawing."""
    offer_factor: int = 2
    """A drawing that is continued is offered so many times the strokes it asks for: it needs a choice."""
    most_faces: int = 8
    """Faces of people, and heads of animals, beyond the largest are too small to have features of their own."""
    draft_saliency: float = 0.5
    """What a draft takes for the saliency of all pixels, since it asks no encoder."""


@dataclasses.dataclass(frozen=True)
class SaliencyConstants:
    """The paper's placement, by saliency. Unmeasured."""

    temperature: float = 0.3
    """Of the softmax over worth in [0, 1]: 0.1 keeps to the best points, 1 takes nearly any."""
    reach: float = 0.05
    """How far a control point strays from the one before it, along x and y, as a share of the scene's
    side: strokes begin short."""
    edge_sigma: float = 0.5
    """Width of the finer Gaussian of the edge map."""
    edge_ratio: float = 4.5
    """The coarser Gaussian's width over the finer's."""
    edge_sharpness: float = 19.0
    """Weight of the difference against the picture itself: edges come near to 1."""
    edge_threshold: float = 0.01
    """Least difference that is an edge: above the noise of a photo."""


@dataclasses.dataclass(frozen=True)
class PlacementConstants:
    """All of them, by topic."""

    strokes: StrokeConstants = dataclasses.field(default_factory=StrokeConstants)
    outline: OutlineConstants = dataclasses.field(default_factory=OutlineConstants)
    thin: ThinPartConstants = dataclasses.field(default_factory=ThinPartConstants)
    edges: EdgeConstants = dataclasses.field(default_factory=EdgeConstants)
    inner: InnerEdgeConstants = dataclasses.field(default_factory=InnerEdgeConstants)
    boundaries: BoundaryConstants = dataclasses.field(default_factory=BoundaryConstants)
    ellipses: EllipseConstants = dataclasses.field(default_factory=EllipseConstants)
    selection: SelectionConstants = dataclasses.field(default_factory=SelectionConstants)
    meeting: MeetingConstants = dataclasses.field(default_factory=MeetingConstants)
    pool: PoolConstants = dataclasses.field(default_factory=PoolConstants)
    faces: FaceConstants = dataclasses.field(default_factory=FaceConstants)
    face_contour: FaceContourConstants = dataclasses.field(default_factory=FaceContourConstants)
    heads: HeadConstants = dataclasses.field(default_factory=HeadConstants)
    one_line: OneLineConstants = dataclasses.field(default_factory=OneLineConstants)
    saliency: SaliencyConstants = dataclasses.field(default_factory=SaliencyConstants)

    def names(self) -> tuple[str, ...]:
        """All constants, as "topic.constant"."""
        topics = [field.name for field in dataclasses.fields(self)]
        return tuple(f"{topic}.{field.name}" for topic in topics for field in dataclasses.fields(getattr(self, topic)))

    def value(self, name: str) -> Any:
        """The constant that is called "topic.constant".

        Raises:
            ValueError: there is none of that name.
        """
        if name not in self.names():
            raise ValueError(f"no constant of placement is called {name!r}")
        topic, constant = name.split(".")
        return getattr(getattr(self, topic), constant)

    def changed(self, name: str, value: Any) -> PlacementConstants:
        """The same with another value for the constant that is called "topic.constant".

        Raises:
            ValueError: there is none of that name.
        """
        self.value(name)
        topic, constant = name.split(".")
        return dataclasses.replace(self, **{topic: dataclasses.replace(getattr(self, topic), **{constant: value})})


DEFAULTS = PlacementConstants()

MEASURED = (
    "strokes.tolerance",
    "thin.radius",
    "edges.local",
    "edges.high_quantile",
    "edges.link_cosine",
    "inner.worth",
    "inner.margin",
    "inner.blur",
    "selection.joints",
    "selection.corner",
)
"""Those in the table of docs/placement.md."""
