"""The tuned numbers of the strokes that faces and heads are given; `constants.py` says more. All are unmeasured."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class FaceConstants:
    """People's faces: how many strokes they get, when which shape is drawn, and the finer edges within. Unmeasured."""

    most_share: float = 0.45
    """Share of all strokes that faces get at most: the rest of the subject needs the others."""
    full_height: float = 70.0
    """Height of a face that has room for all its shapes."""
    least_height: float = 14.0
    """A lower face has no room for any: its eyes would be narrower than the pen."""
    least_room: float = 0.45
    """Share of the strokes that a small face may ask for, beside one of full height."""
    round_up: float = 0.25
    """So much is added before that is rounded down."""
    with_contour: int = 7
    """A face that gets so many strokes gets its jaw and its hairline besides."""
    one_eye: float = 2.5
    """A head seen from the side has its eye drawn where faces may get so many strokes: in a drawing of six and more."""
    eye_and_mouth: float = 4.2
    """And its mouth, where they may get so many: in a drawing of ten and more;"""
    side_pupil: float = 10.0
    """and its pupil: in a drawing of 24 and more."""
    dot_height: float = 34.0
    """A lower face has eyes that are one short stroke each: lid and iris would run together."""
    closed_eye: float = 0.12
    """An eye is closed if its lids are no further apart than this share of its width: no iris can be seen."""
    open_mouth: float = 0.3
    """Lips further apart than this share of the mouth's width are drawn as two lines: teeth lie between."""
    nose_ridge: float = 0.15
    """|yaw| from which the ridge of the nose is drawn: from the front it is no line."""
    turned: float = 0.35
    """|yaw| from which the far cheek hides the jaw."""
    profile: float = 0.6
    """|yaw| from which the far eye is hidden."""
    near: float = 0.035
    """How far around a shape other lines are left out, as a share of the face's height: as wide as a lid's shadow."""
    near_contour: float = 0.07
    """The same around jaw and hairline: strands of hair and the collar would double them."""
    box: tuple[float, float] = (0.65, 0.5)
    """No other line is drawn in a box around an eye or the mouth: half of its sides, as shares of their width. Wrinkles
    and shadows there make a face old or cross; the rims of glasses lie outside."""
    nose_side: float = 0.45
    """How far beside the ridge of a nose seen from the front no other line is drawn, as a share of the nose's width."""
    samples: int = 24
    """Points that a shape is resampled to before it is fitted with a cubic; lids have only nine."""
    held: float = 0.7
    """Share of a face's landmarks that lie in what is drawn: a face cut off further is left out."""
    margin: float = 1.0
    """Nearer than this to the outline, an edge within a face would double it: less than elsewhere, faces are small."""
    left: float = 0.08
    """Left end of the face in its square, as a share of the side: beyond are ears and hair."""
    right: float = 0.92
    """Right end, as the left one."""
    top: float = 0.08
    """Upper end: beyond is hair."""
    bottom: float = 0.98
    """Lower end: the chin is part of the face."""
    replaced: float = 0.5
    """Lines with more than this share in the face give way to the finer ones."""
    blur: float = 60.0
    """Sigma before the gradient is the side over this: features of a face grow with it."""
    blur_limits: tuple[float, float] = (0.5, 1.25)
    """Least and greatest such sigma: below is noise, above the face is drawn as everything else."""
    least_length: float = 14.0
    """Shortest line is the side over this: about a third of the width of an eye."""
    surround: float = 5.0
    """Sigma of the neighbourhood is the side over this: about the distance of an eye from its brow and nose."""
    local: float = 0.5
    """How much the neighbourhood has to say: more than elsewhere, so that beard and shadow do not win."""
    site_reach: float = 0.11
    """How near to an eye, the nose or the mouth a line counts for it, as a share of the side."""
    site_least: float = 0.02
    """Least weighted length there for a line to be lifted, as a share of the side: else there is nothing to lift."""
    worth: float = 45.0
    """Worth of an eye, a nose or a mouth, as pixels of outline: a fair piece of it, however small the face is."""


@dataclasses.dataclass(frozen=True)
class FaceContourConstants:
    """The line around a person's face: hairline and jaw. Unmeasured, but for a look at some 40 faces."""

    turned: float = 0.45
    """|yaw| from which it is not looked for: rays from the middle of a profile leave the face at its nose."""
    least_height: float = 18.0
    """Lower faces have eyes and a mouth only."""
    jaw_range: tuple[float, float] = (0.9, 1.08)
    """Where the jaw may run, as shares of the mesh's oval,"""
    hair_range: tuple[float, float] = (0.78, 1.63)
    """and the hairline: a fringe, or a bald head."""
    upper: tuple[float, float] = (-0.35, 0.25)
    """Cosines of the angle from the top between which the one range passes over into the other."""
    beside: float = 0.03
    """How far inside and outside of the line colours are compared, as a share of the face's height,"""
    least_beside: float = 1.5
    """and no less than this; scene pixels."""
    blur: float = 0.012
    """Sigma of the blur before that, as a share of it,"""
    least_blur: float = 0.8
    """and no less than this; scene pixels."""
    skin: tuple[float, float] = (0.3, 0.75)
    """Where colours are taken for those of the skin, as shares of the oval's radius."""
    spread: float = 1.5
    """A colour is off the skin's by its distance in so many median deviations of the skin,"""
    least_spread: float = 0.03
    """to which this is added (Lab / 100): skin without any shade is not taken too exactly,"""
    other: float = 4.0
    """and a colour that is so much off is surely something else."""
    change: float = 1.2
    """Worth of any change of colour, beside that from skin to something else."""
    full_change: float = 0.3
    """Change of colour that counts in full (Lab / 100)."""
    least_clear: float = -0.3
    """Least clearness of a place: one bad place does not forbid a line."""
    stray: float = 0.25
    """Price of leaving the mesh's oval by its whole radius."""
    upper_free: float = 0.6
    """Share of that price that is waived at the top, where the mesh only guesses."""
    stiff: float = 0.04
    """Price of a step in or out from one ray to the next."""
    margin: float = 3.0
    """Nearer than this to the outline, the line would double it."""
    temple: float = 1.75
    """Angle from the top at which the hairline ends and the jaw begins, radians: at the ears."""
    least_rays: int = 9
    """A shorter piece, in rays of 5 degrees, says nothing."""
    clear: float = 0.15
    """Least mean clearness of a hairline."""
    smooth: float = 1.0
    """Sigma of the smoothing along the line, in rays."""


@dataclasses.dataclass(frozen=True)
class HeadConstants:
    """Animals' heads. Lengths without a unit are in radii of the eye or the nose that they belong to. Unmeasured."""

    pupils_strokes: int = 7
    """A head with so many strokes or more has pupils: with fewer, the strokes are needed for more than the eyes."""
    mouth_strokes: int = 5
    """A head with so many strokes or more has a mouth, of two strokes: it comes after the eyes and the nose."""
    mouth_least: float = 4.0
    """A half of the mouth shorter than this would be a blot, pixels of a 224 px canvas."""
    pupil_radius: float = 5.0
    """Least radius of an eye with a pupil, pixels of a 224 px canvas, while strokes are few;"""
    small_pupils_strokes: int = 8
    """a head with so many strokes has pupils in smaller eyes, too: a dark eye looks at you, a ring stares,"""
    small_pupil_radius: float = 2.2
    """down to this radius, pixels of a 224 px canvas: a smaller one is dark by its own line;"""
    dot_radius: float = 2.0
    """Where there are strokes for no pupils, small eyes are drawn with this radius, so that the pen fills them,"""
    dark_within: float = 0.75
    """if they are dark: the mean of what lies within so many radii of the eye"""
    dark_around: tuple[float, float] = (1.3, 2.2)
    """beside the median of a ring of these radii,"""
    dark_share: float = 0.85
    """less than such a share of it,"""
    dark_least: float = 0.2
    """or no lighter than this, white being 1. Eyes of cats may be pale, those of black dogs shine."""
    least_radius: float = 1.6
    """Eyes and nose are drawn no smaller than this, pixels of a 224 px canvas: a smaller loop would be a blot."""
    least_apart: float = 8.0
    """Eyes nearer to each other than this would run together, pixels of a 224 px canvas."""
    outline_gap: float = 3.0
    """An eye ends no nearer than this to the outline, pixels of a 224 px canvas: it is drawn smaller,"""
    outline_shift: float = 0.2
    """or is moved inward by up to such a share of the distance between the eyes."""
    eye_height: float = 0.85
    """Height of an eye over its width."""
    eye_point: float = 1.1
    """From the middle of an eye to the point of the drop that it is."""
    eye_length: float = 2.2
    """Length of that drop, so that its middle is the eye's."""
    nose_point: float = 0.8
    """From the middle of the nose down to the point of its drop."""
    nose_length: float = 1.4
    """Height of the nose."""
    nose_width: float = 2.1
    """Width of the nose: wider than high, as noses of animals are."""
    pupil_point: float = 0.4
    """From the middle of the eye up to the point of the pupil's drop."""
    pupil_length: float = 0.8
    """Height of a pupil, so that it is in the middle of the eye."""
    pupil_width: float = 0.7
    """Width of a pupil: leaves white on both sides."""
    clear_eye: float = 2.0
    """How far around the middle of an eye other lines are left out: its lids and lashes."""
    clear_socket: float = 0.4
    """And no less than so many sizes of the head: the rim of its socket would be a second eye around it (judged blind,
    with `strokes.many_marks`)."""
    clear_nose: float = 1.3
    """The same for the nose: less, since the mouth begins right under it."""
    snout_strokes: int = 6
    """A head with so many strokes or more has its snout, of two strokes, with two nostrils in place of the nose."""
    snout_nearest: float = 0.12
    """From the nose to the nearest that the line around a snout may run, in sizes of the head,"""
    snout_farthest: float = 0.5
    """and to the farthest: a pig's snout."""
    snout_stiff: float = 0.1
    """Price of a step in or out from one ray to the next, beside a ridge of full strength."""
    snout_clear: float = 0.5
    """Least mean strength along the line, full being 1;"""
    snout_faint: float = 0.3
    """where it has less than this, it is open,"""
    snout_closed: float = 0.7
    """and it is closed on no less than such a share of the way round."""
    snout_red: float = 0.115
    """Least median of a* within it (Lab / 100): flesh. Nine pigs have 0.12 to 0.57, noses of eleven dogs, wolves and
    foxes up to 0.07;"""
    snout_wide: float = 0.3
    """and least half of its width, in sizes of the head: pigs have 0.31 to 0.44, those noses 0.21 to 0.35."""
    snout_smooth: float = 1.0
    """Sigma of the smoothing along it, in rays of 7.5 degrees."""
    nostril_aside: float = 0.38
    """From the middle of a snout to a nostril, in halves of its width,"""
    nostril_height: float = 0.5
    """and the height of a nostril, in halves of the snout's height,"""
    nostril_width: float = 0.6
    """and its width, in its heights."""
    snout_around: float = 1.3
    """How far around a snout other lines are left out, in its radii: what doubles it."""
    mouth_half: float = 0.3
    """From the middle line to a corner of the mouth, in sizes of the head: at least that much of it is drawn."""
    mouth_nearest: float = 0.12
    """From the middle of the nose to the nearest that a mouth may lie, in sizes of the head."""
    mouth_farthest: float = 0.75
    """The same to the farthest: the snout of a horse."""
    mouth_usual: float = 0.55
    """Distance at which a mouth counts a third of what it would count at the nose, in sizes of the head."""
    mouth_clear: float = 0.11
    """Least mean clearness along the mouth, 0 to 1, after that discount."""
    mouth_stiff: float = 0.03
    """Price of a step up or down from one place of the mouth to the next, beside a clearness of 1."""
    mouth_smooth: float = 0.02
    """Sigma of the smoothing along the mouth, in sizes of the head."""
    mouth_least_cell: float = 0.2
    """Mouths are looked for on a grid of 28 cells to each side; in a smaller grid, pixels, there is nothing to see."""
    clear_mouth: float = 0.15
    """How far around the mouth other lines are left out, in sizes of the head: what doubles it, and whiskers' roots."""
    side_mouth_length: float = 0.75
    """How far back from the tip of the muzzle it is looked for. This and what follows, but for `side_mouth_gap` and
    `side_mouth_shortest`, in distances from eye to muzzle, or without a unit. Looked at on 64 heads."""
    side_mouth_above: float = 0.25
    """How far above the line from muzzle to eye it may run,"""
    side_mouth_below: float = 0.75
    """and how far below."""
    side_mouth_begin: float = 0.05
    """How far below that line it begins, usually,"""
    side_mouth_slope: float = 0.4
    """and how far below it runs farther back, over the way back."""
    side_mouth_spread: float = 0.18
    """How far from there it may lie, at the tip,"""
    side_mouth_widening: float = 0.2
    """and how much more farther back, over the way back."""
    side_mouth_stiff: float = 0.05
    """Price of a step up or down from one place to the next, beside a clearness of 1."""
    side_mouth_gap: float = 2.0
    """Nearer than this to the outline, pixels of a 224 px canvas, it would be the outline;"""
    side_mouth_margin: float = 0.08
    """or nearer than such a share of the distance from eye to muzzle."""
    side_mouth_tip: float = 0.5
    """Near the tip it may come so near to the outline, as a share of the way back."""
    side_mouth_flank: float = 0.5
    """What a place counts beside which the line is clearer, as a share."""
    side_mouth_faint: float = 0.2
    """Clearness at which it ends."""
    side_mouth_clear: float = 0.33
    """Least mean clearness."""
    side_mouth_least: float = 0.45
    """Least length, as a share of what is looked at."""
    side_mouth_shortest: float = 5.0
    """And no shorter than this, pixels of a 224 px canvas: it would be a blot."""
