"""The tuned numbers of the continuous line; `constants.py` says more. All are unmeasured.

Lengths are pixels of a 224 px canvas, unless said otherwise.
"""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class OneLineConstants:
    """One continuous line: the way from line to line, then its cut into cubics. Unmeasured."""

    jitter: float = 0.06
    """Sigma of the logarithm of a line's worth: seeds choose differently, but what matters most stays."""
    spacing: float = 2.0
    """Between two places at which the way may turn off a line: finer costs time with the square."""
    faint_spacing: float = 1.5
    """The same along fainter lines, in spacings of the drawn ones."""
    join: float = 1.5
    """Ends of strokes that are nearer to each other than this are one line: about the pen's width."""
    join_samples: int = 32
    """Points of a cubic when it becomes part of a polyline."""
    least_ring: int = 8
    """A run of no more places is never a ring: its ends are near because it is short."""
    reach: float = 28.0
    """Widest stretch of white that is crossed in one go where there is another way: longer ones are seen as lines."""
    price_again: float = 0.45
    """Price of a pixel of the way over a line that is drawn: cheapest, nobody sees it."""
    price_faint: float = 0.7
    """The same along a fainter line of the photo: it shows something that is there."""
    price_white: float = 1.0
    """The same across white: the unit of all prices."""
    far: float = 30.0
    """Length at which a stretch of white costs twice its price: one long jump is worse than two short ones."""
    crossing: float = 0.5
    """Price of leaving a line at all, as a length of white: no zigzag between two lines."""
    leap: float = 2.0
    """What reaching an island costs over the same stretch of white."""
    most_worth: float = 4.0
    """Worth that the eyes of a face may have beside the outline's 1: else every way leads there first."""
    ring_step: int = 3
    """Every so many places of a ring it may be entered: fewer are quicker, and 6 px apart is near enough."""
    options: int = 8
    """Ways to a line that are looked at closely: the costs of turns rarely change the order of more."""
    close_options: int = 3
    """So many times `options` are looked at over all entries of a line."""
    turn: float = 14.0
    """What a sharp turn costs where the way leaves a line or comes to one, as a length of white."""
    turn_reach: int = 3
    """Places to either side over which turns and corners of the way are taken: 6 px."""
    turn_unseen: float = 0.5
    """Where the way before and after a turn is this near, the hand goes back on its own line: nobody sees a turn."""
    turn_least: float = 0.1
    """Least sharpness of a turn that costs anything, 0 straight on, 1 back: curves are free."""
    step: float = 2.2
    """Two drawn places further apart than so many spacings are not neighbours on a line: the hand travels."""
    cusp: float = 2.2
    """Turn, in radians, from which on the hand stops and goes back rather than round a curve."""
    beside: float = 1.5
    """Distance up to which two lines look like one that was drawn with an unsteady hand."""
    stiff_drawing: float = 2.0
    """How stiff the line is where it draws: it takes curves of about this radius for granted; samples."""
    stiff_travel: float = 12.0
    """The same where it only travels: a calm sweep; samples."""
    held_travel: float = 0.05
    """How much less it is held to its way where it travels: it matters little where it goes."""
    samples: int = 20
    """Points of the way to which a cubic is fitted."""
    joints: int = 110
    """Most places at which the way may be cut into cubics: time grows with the square."""
    widest: float = 6.0
    """A cubic stands for at most so many times the mean stretch: longer ones need not be fitted."""
    kink: float = 2.0
    """What a corner costs, as a length of outline in tolerances: lines flow."""
    corner: float = 1.0
    """Turn of the way, in radians, from which on two cubics meet in a corner; below they run on into each other."""
    dead_end: float = -0.9
    """Cosine of the turn below which a joint is a dead end and no corner: it costs nothing."""
    over: float = -0.15
    """Worth of a pixel that goes over a drawn line again: ink that says nothing."""
    travel: float = -0.3
    """Worth of a pixel that only travels: ink that can be seen and says nothing."""
    missed: float = 4.0
    """Most that a squared deviation, in tolerances, counts against such pixels."""
    careless: float = 0.2
    """Share of that for those that only travel: it matters little where they go."""
    astray: float = -1.5
    """Least worth of a missed sample of a line: lower than for single strokes, one bad cubic pulls at the next."""
    over_share: float = 0.8
    """Share of a cubic that goes over drawn lines for it to count as going over."""
    dense: int = 80
    """Points along a cubic between which it is taken for straight when the nearest point is sought."""
    retrace_share: float = 0.85
    """Share of a cubic's length that lies on others for it to go over them."""
    retrace_near: float = 0.002
    """How near that is after the optimisation, as a share of the line's extent: as near as it was put there."""
    stray_median: float = 3.0
    """Where a cubic is further from the line below than so many times its median distance, it turns off."""
    stray_extent: float = 0.02
    """And so much of its extent further."""
    overlay_iterations: int = 24
    """Rounds of fitting when a cubic is put exactly onto others: more than for a first fit, it must not be seen."""
