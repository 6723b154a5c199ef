"""The tuned numbers of placement: frozen, explained, all of them in use, and passed down rather than global."""

import ast
import dataclasses
import inspect
from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage
from synthetic_face import face_at

from strokewise import Settings, open_photo
from strokewise.photo.heads import Head
from strokewise.photo.preparing import prepare
from strokewise.photo.side_heads import SideHead
from strokewise.placement import ContourPlacement, PlacementInput, constants, place_by_saliency
from strokewise.placement.candidates import offer, place
from strokewise.placement.constants import DEFAULTS, MEASURED, PlacementConstants
from strokewise.placement.continuous import retraced
from strokewise.placement.one_line import one_line_placement

SIZE = 448
TOPICS = [field.name for field in dataclasses.fields(DEFAULTS)]
TABLE = Path(__file__).parents[2] / "docs" / "placement.md"


def rng():
    return np.random.default_rng(0)


def spot(x, y, radius):
    rows, columns = np.indices((SIZE, SIZE)) + 0.5
    return (columns - x) ** 2 + (rows - y) ** 2 < radius**2


def scene_of(masked=True, faces=()):
    """A disc on a leg with two round eyes, on a grey wall with a soft shadow."""
    body = spot(224, 180, 130)
    body[290:430, 221:227] = True
    image = np.full((SIZE, SIZE, 3), 0.75)
    image[spot(60, 380, 150)] -= 0.6
    image = ndimage.gaussian_filter(image, (8, 8, 0))
    image[body] = (0.9, 0.6, 0.3)
    for x in (180, 268):
        image[spot(x, 150, 14)] = 0.1
    image = ndimage.gaussian_filter(image, (1, 1, 0))
    soft = ndimage.gaussian_filter(body.astype(float), 1)
    photo = np.where(soft[..., None] > 0.5, image, 1.0) if masked else image
    return PlacementInput(
        photo, image, soft if masked else None, np.ones((SIZE, SIZE), dtype=bool), 0.2 + 0.8 * soft, 2.0, faces
    )


def parting():
    """A boundary across the disc: float64 [y, x]."""
    chances = np.zeros((SIZE, SIZE))
    chances[226:229, 120:330] = 1.0
    return ndimage.gaussian_filter(chances, 1.5)


def in_pieces():
    """The scene with a white disc on white beside it that holds pieces of the mask, and with a small hole."""
    found = scene_of()
    rows, columns = np.indices((SIZE, SIZE)) + 0.5
    rim = np.abs(np.hypot(columns - 224, rows - 330) - 90) < 3
    mask, photo = found.mask.copy(), np.ones_like(found.photo)
    photo[mask > 0.5] = found.image[mask > 0.5]
    for x, y in ((160, 360), (200, 390), (290, 350)):
        mask[spot(x, y, 4)] = 1.0
    mask[spot(224, 224, 4)] = 0.0
    return dataclasses.replace(found, mask=mask, photo=photo, boundaries=ndimage.gaussian_filter(rim.astype(float), 1))


@pytest.fixture(scope="module")
def scene():
    return scene_of()


def recording(values, used, topic):
    """The same dataclass, which notes in `used` each of its fields that is read."""

    class Recording(type(values)):
        def __getattribute__(self, name):
            if not name.startswith("_"):
                used.add(f"{topic}.{name}")
            return super().__getattribute__(name)

    return Recording(**dataclasses.asdict(values))


def test_the_dataclasses_are_frozen():
    for topic in TOPICS:
        values = getattr(DEFAULTS, topic)
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(DEFAULTS, topic, values)
        for field in dataclasses.fields(values):
            with pytest.raises(dataclasses.FrozenInstanceError):
                setattr(values, field.name, 1)
    assert PlacementConstants() == DEFAULTS and hash(DEFAULTS) == hash(PlacementConstants())


def test_each_has_a_reason_of_its_own():
    explained = 0
    for topic in TOPICS:
        kind = type(getattr(DEFAULTS, topic))
        (tree,) = ast.parse(inspect.getsource(kind)).body
        for field, text in zip(tree.body[1::2], tree.body[2::2], strict=True):
            assert isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr), ast.unparse(field)
            assert len(text.value.value) > 15, ast.unparse(field)
            explained += 1
    assert explained == len(DEFAULTS.names())


def test_what_is_measured_and_what_is_not_is_said():
    assert len(MEASURED) == len(set(MEASURED)) == 10 and set(MEASURED) <= set(DEFAULTS.names())
    text = TABLE.read_text()
    assert all(f"| `{name}` |" in text for name in MEASURED)
    for topic in TOPICS:
        words = inspect.getdoc(type(getattr(DEFAULTS, topic)))
        measured = [name.split(".")[1] for name in MEASURED if name.split(".")[0] == topic]
        assert "nmeasured" in words and ("Measured: " in words) == bool(measured), topic
        assert all(f"`{name}`" in words for name in measured), topic


def test_a_name_that_there_is_not_is_refused():
    for name in ("inner.colour", "inner", "inner.worth.real", ""):
        for method in (DEFAULTS.value, lambda name: DEFAULTS.changed(name, 1)):
            with pytest.raises(ValueError, match="no constant of placement is called"):
                method(name)


def test_one_is_changed_and_the_others_stay():
    changed = DEFAULTS.changed("inner.worth", 9.0)
    assert changed.value("inner.worth") == 9.0 and DEFAULTS.value("inner.worth") != 9.0
    assert changed.changed("inner.worth", DEFAULTS.inner.worth) == DEFAULTS


def with_limbs():
    """A disc with eight thin limbs."""
    rows, columns = np.indices((SIZE, SIZE)) + 0.5 - SIZE / 2
    angles = np.arctan2(rows, columns)
    away = np.hypot(rows, columns)
    aside = away * np.abs(np.sin(angles - np.round(angles * 4 / np.pi) * np.pi / 4))
    mask = ((away < 50) | ((away < 190) & (aside < 3))).astype(np.float64)
    return dataclasses.replace(scene_of(), mask=mask)


def test_every_constant_is_read_from_what_is_passed_down(disc_image):
    used = set()
    noting = PlacementConstants(**{topic: recording(getattr(DEFAULTS, topic), used, topic) for topic in TOPICS})
    used.clear()
    head = Head(np.array([180.0, 150]), np.array([268.0, 150]), np.array([224.0, 200]), 0.9, (14.0, 14.0), 12.0)
    face = face_at(224, 180, 200)
    with_head = scene_of(faces=(head,))
    with_head.image[224:227, 190:258] = 0  # its mouth
    rows, columns = np.indices((SIZE, SIZE)) + 0.5
    around = np.hypot(columns - 224, rows - 200) - 33
    ring = 0.9 * np.exp(-((around / 3) ** 2))
    with_snout = dataclasses.replace(scene_of(faces=(head,)), boundaries=ring)
    with_snout.photo[around < 0] = (0.75, 0.4, 0.4)
    side = SideHead(np.array([180.0, 150]), np.array([130.0, 190]), 0.9, 8.0)
    with_side_mouth = scene_of(faces=(side,))
    for x in range(132, 182):
        with_side_mouth.image[round(232 - 0.3 * x) : round(235 - 0.3 * x), x] = 0
    parted, pieces = dataclasses.replace(scene_of(), boundaries=parting()), in_pieces()
    for given in (
        scene_of(),
        scene_of(masked=False),
        scene_of(faces=(face,)),
        scene_of(faces=(face_at(224, 224, 100),)),
        with_head,
        with_snout,
        with_side_mouth,
        parted,
        pieces,
        with_limbs(),
    ):
        ContourPlacement(given, noting)(24, rng())
    for given in (with_head, with_side_mouth):
        ContourPlacement(given, noting)(16, rng())
    one_line_placement(ContourPlacement(scene_of(), noting), 9, rng())
    there_and_back = np.array([[[0.0, 0], [30, 9], [60, -9], [90, 0], [60, -9], [30, 9], [0, 0]]])
    retraced(there_and_back, there_and_back, noting.one_line)
    place_by_saliency(scene_of(), 9, rng(), noting.saliency)
    ContourPlacement(scene_of(), noting).worths(9)
    settings = Settings(subject="keep", encoder="embedded", device="cpu", candidates=1, strokes=3, steps=0)
    prepared = prepare(open_photo(disc_image()), settings)
    place(prepared, settings, noting)
    offer(prepared, settings, 2, noting)
    assert set(DEFAULTS.names()) - used == set()


CHANGED = [
    ("strokes.tolerance", 3.0, 4),
    ("outline.smooth", 8.0, 16),
    ("thin.radius", 0.5, 16),
    ("edges.smooth", 8.0, 16),
    ("inner.worth", 3.0, 4),
    ("selection.samples", 5, 16),
    ("ellipses.least_contrast", 9.0, 8),
]
EDGES_ONLY = DEFAULTS.changed("ellipses.most", 0)
"""Without ellipses, which are drawn in place of the edges of the scene's round eyes."""


@pytest.mark.parametrize(("name", "value", "strokes"), CHANGED)
def test_another_value_places_strokes_elsewhere(scene, name, value, strokes):
    base = DEFAULTS if name.startswith("ellipses") else EDGES_ONLY
    usual = ContourPlacement(scene, base)(strokes, rng())
    other = ContourPlacement(scene, base.changed(name, value))(strokes, rng())
    assert other.shape == usual.shape and not np.allclose(other, usual, atol=0.5)
    assert (ContourPlacement(scene, base.changed(name, base.value(name)))(strokes, rng()) == usual).all()


def test_inner_edges_worth_nothing_are_not_drawn(scene):
    eye = np.array([180, 150])
    near = []
    for worth in (DEFAULTS.inner.worth, 0.0):
        points = ContourPlacement(scene, EDGES_ONLY.changed("inner.worth", worth))(8, rng())
        near.append(bool((np.linalg.norm(points - eye, axis=2).max(1) < 40).any()))
    assert near == [True, False]


def test_the_line_and_the_saliency_take_theirs_too(scene):
    for draw, name, value in (
        (lambda c: one_line_placement(ContourPlacement(scene, c), 9, rng()), "one_line.stiff_drawing", 12.0),
        (lambda c: place_by_saliency(scene, 9, rng(), c.saliency), "saliency.reach", 0.2),
    ):
        assert not np.allclose(draw(DEFAULTS.changed(name, value)), draw(DEFAULTS), atol=0.5)


def test_no_number_is_left_at_the_top_of_a_module():
    """Only tables of names, and counts that are a shape's own, stand beside the dataclass."""
    folder = Path(constants.__file__).parent
    for path in folder.glob("*.py"):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.Assign) and not path.name.endswith("constants.py"):
                numbers = [n for n in ast.walk(node.value) if isinstance(n, ast.Constant) and type(n.value) is float]
                assert not numbers, f"{path.name}: {ast.unparse(node)}"
