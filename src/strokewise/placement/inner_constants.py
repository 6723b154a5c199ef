"""The tuned numbers of lines within the outline: edges, boundaries and round parts; `constants.py` says more."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class InnerEdgeConstants:
    """Edges within the subject, or the picture, and what they are worth beside the outline's 1.

    Measured: `worth`, `margin`, `blur`. The others are unmeasured.
    """

    worth: float = 0.7
    """Worth of a full-contrast inner edge: less than the outline, which names most subjects."""
    margin: float = 4.0
    """Nearer than this to the outline, an inner edge would double it."""
    blur: float = 1.25
    """Sigma before the gradient: smaller finds fur and cloth, larger loses eyes."""
    least_length: float = 7.0
    """Shortest line: a small eye is about this long."""
    surround: float = 12.0
    """Sigma of the neighbourhood whose contrast is compared: larger than a feature, smaller than a subject."""
    soft_blur: float = 4.0
    """Sigma for the soft edges of a picture without a subject: a head before a dim room."""
    soft_least_length: float = 25.0
    """Shortest soft line: only large shapes are meant."""
    soft_surround: float = 24.0
    """Neighbourhood of soft edges: twice that of sharp ones."""
    soft_apart: float = 8.0
    """Soft edges nearer than this to a sharp one are the same edge, blurred."""
    soft_worth: float = 0.5
    """Least weight of a soft edge: its contrast is low by nature."""
    crowd_blur: float = 8.0
    """Sigma over which the density of lines is taken: wider than the stripes and tufts of a texture."""
    crowd: float = 0.12
    """Density of lines, their length a square pixel, at which one is worth half: parallel lines 8 px apart."""
    crowd_exempt: float = 60.0
    """Lines so long keep all their worth in a crowd: texture is short."""
    salience_floor: float = 0.2
    """Worth where the encoder pays no attention, as a share; the rest grows with the saliency."""
    features: int = 4
    """Most round features that are lifted: more of a kind are a texture."""
    feature_lift: float = 3.0
    """How much more a round feature (an eye, a nostril) counts where the saliency is highest."""
    feature_least: float = 0.15
    """Contrast times saliency, texture left out, below which a round line is no feature."""
    feature_extent: tuple[float, float] = (4.0, 40.0)
    """Extent of a round feature: smaller is a speck, larger is a part of the body."""
    feature_turn: float = 3.3
    """Least sum of turns in radians: a little more than half a ring."""
    feature_step: float = 1.5
    """Distance between samples by which turns are summed: pixel stairs would add turns of their own."""


@dataclasses.dataclass(frozen=True)
class EllipseConstants:
    """Round parts: wheels, lenses, dials. Unmeasured, but for their contrast, which was looked at on some 60 photos."""

    blur: float = 1.2
    """Sigma before levels and gradient: as of inner edges."""
    levels: int = 12
    """Levels of each plane of Lab at which closed lines are sought: more find little."""
    range_quantiles: tuple[float, float] = (0.02, 0.98)
    """Between which values of a plane the levels lie: not at highlights."""
    least_range: float = 0.06
    """A plane that varies less (Lab / 100) is noise."""
    least_length: float = 14.0
    """Shortest closed line."""
    least_radius: float = 5.0
    """Least half of the short axis: smaller ones are dots, buttons, letters, which edges draw as well."""
    longest: float = 3.0
    """Most that the long axis has of the short one: longer ones are slits."""
    deviation: float = 0.05
    """Most mean deviation, as a share of the radius."""
    least_filled: float = 0.93
    """Least area, as a share of the ellipse's: bays are no part of a wheel."""
    margin: float = 6.0
    """Nearer than this to the border of what is drawn a point lies beside it,"""
    margin_share: float = 0.15
    """or nearer than such a share of the ring's radius: a band of shade inside a ball is no part of it."""
    most_beside: float = 0.8
    """Share of such points from which on it is the outline itself."""
    weak_quantile: float = 0.3
    """The contrast of a ring is that of its weaker part: half a ring is no wheel."""
    full_quantile: float = 0.95
    """Contrast of the picture that is full."""
    least_full: float = 0.02
    """And no lower than this: faint rings in fog are none."""
    least_contrast: float = 0.42
    """Least contrast of a ring, as a share of that."""
    large: float = 12.0
    """Half of the short axis from which on that is enough; smaller rings need more,"""
    small_more: float = 0.45
    """up to so much more, as a share: small and faint ones are highlights and texture."""
    same_place: float = 0.6
    """Two whose centres are nearer than so many radii may be the same part."""
    same_size: float = 0.6
    """And they are, if one is larger than so many times the other: tyre and rim are one wheel, tyre and hub two."""
    most: int = 6
    """Most of them: more are a pattern."""
    worth: float = 1.0
    """Worth of a ring of full contrast, beside the outline's 1."""
    full_contrast: float = 0.6
    """Contrast from which on it has that worth."""
    loop: float = 8.0
    """Half of the short axis below which one closed cubic stands for the ring, with a corner that hardly shows."""
    pair_contrast: float = 0.5
    """Least contrast of two rings that are drawn before all else, since they are a pair."""
    pair_size: float = 0.75
    """Least size of the smaller ring of a pair, as a share of the larger one's."""
    sure_contrast: float = 0.7
    """Least contrast of a large ring that is drawn before all else by itself."""
    share: float = 0.25
    """Share of the strokes that such rings may take at most."""
    cover: float = 3.0
    """Edges and outline this near to a ring are the ring itself."""


@dataclasses.dataclass(frozen=True)
class BoundaryConstants:
    """Lines along the boundaries that a network expects people to mark, beside edges of contrast. Unmeasured."""

    smooth: float = 0.8
    """Sigma of the map before the walls around the subject are found: its own steps are two pixels of what the network
    sees."""
    begin: float = 0.35
    """Chance at which such a wall begins."""
    go_on: float = 0.18
    """Chance down to which it goes on."""
    full: float = 0.6
    """Chance that counts as full."""
    ridge: float = 1.5
    """Sigma over which the map's ridges are seen: about the width of the lines that it holds; over less, a line along
    a texture falls into pieces (judged blind)."""
    ridge_begin: float = 0.17
    """Strength at which a line begins: more lines cut across what is drawn, fewer leave it empty (judged blind)."""
    ridge_go_on: float = 0.055
    """Strength down to which it goes on."""
    ridge_full: float = 0.21
    """Strength that counts as full."""
    least_weight: float = 0.05
    """Least weight along a line."""
    outside: float = 2.0
    """How far outside of the mask a ridge is its outline's."""
    border: float = 4.0
    """Nearer than this to the end of the picture there is no line."""
    pen: float = 0.75
    """Half the width of the outline as it is laid over the ridges."""
    loop: float = 6.0
    """Least area that ridges enclose, in square pixels: smaller ones are one ridge."""
    unlike: float = 0.8
    """What a difference in strength counts beside the cosine of two lines that may be one where ridges meet."""
    through: float = -0.5
    """Highest sum of both: lines that turn more end there."""
    touch: float = 1.75
    """Nearer than this to the outline, a line is the outline."""
    beside: float = 4.0
    """Nearer than this it runs beside the outline, and would double it,"""
    beside_length: float = 8.0
    """if it does so over such a length; else it only comes to meet it."""
    least_length: float = 7.0
    """Shortest line: as of edges."""
    smooth_along: float = 1.5
    """Sigma of the smoothing along a line,"""
    smooth_ends: float = 0.5
    """and of that once it is led on to the outline."""
    worth: float = 1.0
    """Worth of a sure boundary beside the outline's 1: more than a strong edge."""
    salience_floor: float = 0.5
    """Worth where the encoder pays no attention, as a share: more than of an edge, since people would mark it."""
    calm_reach: float = 8.0
    """Over this distance to either side a line's chord is compared with its length; one that winds is of a texture."""
    apart: float = 4.0
    """An edge nearer than this to such a line is the same one."""
    doubt: float = 0.05
    """Worth of an edge where no boundary is expected, as a share: it may be texture, or a feature too small for one
    (judged blind, with `strokes.many_marks`)."""
    closed_opening: float = 2.0
    """What boundaries enclose beside the mask belongs to the subject where it is wider than twice this,"""
    closed_colour: float = 0.08
    """and its colours differ by less than this from the ground's: elsewhere the mask knows better."""
    pieces: int = 3
    """Pieces of the mask in it, or more: a gap between limbs holds none."""
    narrow_hole: float = 1.75
    """Half the width of a hole that is closed: the lines on both its sides would run together."""
    small_hole: float = 9.0
    """Side of a hole in the mask too small to be drawn, where no boundary is expected around it."""
