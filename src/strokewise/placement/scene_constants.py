"""Numbers of the lines of scenes. Lengths are in pixels of a 224 px canvas unless said otherwise."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class SceneConstants:
    """What is a line of a place, and what it is worth. Found by looking at the drawings of a dozen scenes."""

    fine: float = 0.8
    """Sigma before the gradient for straight lines: windows are a few pixels wide."""
    calm: float = 1.6
    """The same for curves: ridges, shores, arches."""
    mass: float = 4.0
    """The same for the soft borders of large masses: tree tops, clouds."""
    bow: float = 0.7
    """How far a straight line's samples may lie off it."""
    shortest_piece: float = 4.0
    """Straight pieces from this length on may become part of a line."""
    shortest: float = 12.0
    """Shortest straight line: shorter straight pieces belong to curves."""
    shortest_upright: float = 7.0
    """Shortest one that stands or lies: the edge of a window."""
    upright: float = 6.0
    """Within so many degrees."""
    surround: float = 12.0
    """Neighbourhood whose contrast fine edges are compared with."""
    border: tuple[float, float] = (0.06, 0.15)
    """Differences (Lab / 100) down to which the border of a part goes on, and at which it begins."""
    shortest_curve: float = 14.0
    """Shortest calm curve."""
    shortest_mass: float = 30.0
    """Shortest border of a mass."""
    shortest_detail: float = 6.0
    """Shortest line of what is left."""
    detail_apart: float = 4.0
    """So far from all other lines."""
    beside: float = 2.5
    """Nearer than this to a straight line, a curve is the same edge."""
    corner: float = 35.0
    """Straight pieces of one line that turn by less than so many degrees are pieces of an arc."""
    arc_gap: float = 3.0
    """If they are no further apart."""
    arc_share: float = 0.75
    """Unless one of them has so much of their length: a straight line with a bent end."""
    turn: float = 7.0
    """Pieces of one line differ by less than so many degrees."""
    lateral: float = 1.3
    """And lie no further off each other's line."""
    gap: float = 3.0
    """Such a gap is always bridged."""
    gap_share: float = 0.5
    """And one up to this share of the shorter piece."""
    gap_most: float = 0.6
    """With an edge along it, a gap up to this share of both pieces is bridged."""
    gap_support: float = 0.6
    """Along so much of it."""
    faint: float = 1.0
    """What is an edge there, in medians of the picture's gradient."""
    side_reach: tuple[float, ...] = (3.0, 7.0)
    """How far from a line its sides are compared; the lesser difference counts."""
    side_blur: float = 2.0
    """Sigma over which colours are averaged for that."""
    side_full: float = 0.25
    """Difference (Lab / 100) that is full."""
    texture_blur: float = 1.5
    """Lightness less its blur of this sigma is texture."""
    texture: float = 2.0
    """How much a difference of texture counts beside one of colour."""
    sharp_full: float = 0.1
    """Gradient (Lab / 100 a pixel of 224) that is full."""
    sharp_share: float = 0.4
    """How much the sharpness of the edge itself counts beside the sides."""
    link_gap: float = 6.0
    """Widest gap between two pieces of a border that are joined."""
    straight_worth: float = 1.2
    """What a straight line is worth beside a curve: rooms and streets are made of them."""
    mass_worth: float = 0.8
    """And the border of a mass."""
    detail_worth: float = 0.4
    """And what is left: blades, stones, waves."""
    long: float = 40.0
    """Lines so long have their plain worth a pixel."""
    long_power: float = 0.5
    """It grows with this power of the length."""
    long_limits: tuple[float, float] = (0.3, 1.6)
    """Between these."""
    tolerance: float = 3.0
    """How far a curve may leave the line it stands for."""
    tolerance_few: float = 16.0
    """Or more where there are few strokes: n strokes have 1/sqrt(n) of it."""
    stroke_length: float = 10.0
    """Curves are cut into strokes about so long,"""
    stroke_length_gain: float = 6.0
    """and longer by so many times the tolerance."""
    offered: int = 2
    """So many times the strokes are cut out of the curves, for a choice."""
    apart: float = 3.5
    """Nearer than this all along, two strokes say the same."""
    apart_few: float = 24.0
    """Or this, over the root of the number of strokes: few strokes stand further apart."""
    doubled: float = 0.6
    """All along: for this share of the lesser one's length."""
    crumb: float = 60.0
    """Shorter strokes are crumbs: for one stroke in all; n strokes have 1/sqrt(n) of it."""
    crumb_limits: tuple[float, float] = (6.0, 24.0)
    """Between these."""
    crumb_rich: float = 5.0
    """Where no longer ones are left, strokes from this length on are drawn, too."""
    crowding: float = 3.0
    """How much less a stroke is worth amid drawn ones."""
    crowd_reach: float = 8.0
    """How far off these are."""
    gap_before: float = 3.0
    """Lines of the place end so far from what stands before it."""
    gap_kept: float = 1.5
    """However they are moved, no nearer than this."""
    border_margin: float = 3.0
    """And so far from the photo's own border."""
    built_length: float = 20.0
    """Straight lines from this length on tell that a subject is built."""
    built: float = 0.1
    """A subject of which less than this share of its edges is straight gets no straight lines: animals, people."""
    built_gain: float = 2.5
    """Above it, the share of its strokes that are straight grows so much faster."""
    built_most: float = 0.6
    """Up to this share."""


SCENE = SceneConstants()
