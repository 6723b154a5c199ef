"""Every format x every kind of drawing: written, opened by another program, and compared with our own render."""

from __future__ import annotations

import dataclasses
import io
import re
import subprocess

import numpy as np
import pytest
import torch
from PIL import Image

from strokewise.export import FORMATS, ExportOptions, Look, Page, parse_pens, read_sketch, with_pens
from strokewise.export.pens import nearest
from strokewise.export.plot.page import on_page
from strokewise.export.svg.text import from_svg
from strokewise.raster import render
from strokewise.sketch import Sketch, padded
from strokewise.tone_layer import ToneLayer

WIDE, HIGH = 480, 320
"""Pixels of every picture; all drawings are three wide and two high."""
MILLIMETRES = Page("150x100mm", margin=0)


def _curves(count: int, segments: int = 1) -> np.ndarray:
    """Strokes [count, point, xy] that stay on a canvas of 300 x 200."""
    rng = np.random.default_rng(5)
    points = rng.uniform(0.12, 0.88, (count, 3 * segments + 1, 2)) * [300, 200]
    for k in range(3, 3 * segments, 3):  # smooth where cubics meet
        points[:, k] = (points[:, k - 1] + points[:, k + 1]) / 2
    return points


def _colored() -> Sketch:
    rng = np.random.default_rng(7)
    colors = rng.integers(0, 200, (8, 3)) / 255
    return Sketch.of((300, 200), _curves(8), np.linspace(2, 14, 8), colors, np.linspace(1, 0.4, 8))


def _toned() -> Sketch:
    """Two strokes over 14 lines of tone, of one or two cubics each."""
    rng = np.random.default_rng(9)
    lines = []
    for i, y in enumerate(np.linspace(30, 170, 14)):
        count = 4 + 3 * (i % 2)
        lines.append(np.stack([np.linspace(60, 200, count) + y / 3, y + rng.uniform(-4, 4, count)], axis=1))
    tone = ToneLayer(tuple(lines), 2.0, (0.3, 0.3, 0.3), 0.9, "contour")
    return dataclasses.replace(Sketch.of((300, 200), _curves(2), 6), tone=tone)


DRAWINGS = {
    "one stroke": Sketch.of((300, 200), _curves(1), 6),
    "16 strokes": Sketch.of((300, 200), _curves(16), 4),
    "colored": _colored(),
    "one line": Sketch.of((300, 200), _curves(1, 12), 5),
    "colored paper": dataclasses.replace(_colored(), paper=(250 / 255, 240 / 255, 215 / 255)),
    "tone": _toned(),
    "bare paper": Sketch.of((300, 200), _curves(4), 5, (0.1, 0.2, 0.5), 0.6),
}

EXACT = (0.03, 0.12)
"""How far two pictures may be apart, compared at half their size, as each program smooths the edges of lines in its own
way: on average, as a share of what is drawn; and the 99.5th percentile of pixels, of 1."""
FILM = (0.08, 0.15)
"""The same for an MP4, which is lossy, halves the resolution of colour, and has fewer levels: coloured paper may be one
of 255 off."""


def flat(sketch: Sketch) -> Sketch:
    """The drawing with its tone as the first of its strokes."""
    if sketch.tone is None:
        return sketch
    lines, n, tone = sketch.tone.lines, len(sketch.tone), sketch.tone
    points, _ = padded([*lines, *sketch.chains])
    return Sketch.of(
        sketch.canvas,
        points,
        np.concatenate([np.full(n, tone.width), sketch.widths]),
        np.concatenate([np.tile(tone.color, (n, 1)), sketch.colors]),
        np.concatenate([np.full(n, tone.opacity), sketch.opacities]),
        paper=sketch.paper,
    )


def ours(sketch: Sketch, wide: int = WIDE) -> np.ndarray:
    """Our own render: float [y, x, rgb]."""
    drawn = flat(sketch).scaled(wide / sketch.canvas[0])
    tensors = (torch.tensor(a, dtype=torch.float32)[None] for a in (drawn.points, drawn.widths, drawn.colors))
    points, widths, colors = tensors
    opacities = torch.tensor(drawn.opacities, dtype=torch.float32)[None]
    size = (round(drawn.canvas[1]), round(drawn.canvas[0]))
    image = render(points, widths, colors, opacities, size=size, background=sketch.paper or (1.0, 1.0, 1.0))
    return image[0].permute(1, 2, 0).numpy()


def shown(data: bytes) -> np.ndarray:
    """The last picture of what Pillow reads, on white: float [y, x, rgb]."""
    image = Image.open(io.BytesIO(data))
    image.seek(getattr(image, "n_frames", 1) - 1)
    white = Image.new("RGBA", image.size, "white")
    return np.asarray(Image.alpha_composite(white, image.convert("RGBA")).convert("RGB"), dtype=float) / 255


def by_resvg(data: bytes) -> np.ndarray:
    import resvg_py

    return shown(bytes(resvg_py.svg_to_bytes(svg_string=data.decode(), width=WIDE, height=HIGH, background="white")))


def by_pdfium(data: bytes) -> np.ndarray:
    pdfium = pytest.importorskip("pypdfium2")
    document = pdfium.PdfDocument(data)
    assert len(document) == 1
    page = document[0]
    pixels = page.render(scale=WIDE / page.get_width()).to_numpy()[..., :3]
    picture = pixels[..., ::-1].astype(float) / 255
    page.close()
    document.close()
    return picture


def by_ffmpeg(data: bytes, tmp_path) -> np.ndarray:
    ffmpeg = pytest.importorskip("imageio_ffmpeg").get_ffmpeg_exe()
    (tmp_path / "film.mp4").write_bytes(data)
    exactly = ["-sws_flags", "bicubic+accurate_rnd+full_chroma_int", "-f", "rawvideo", "-pix_fmt", "rgb24"]
    command = [ffmpeg, "-v", "error", "-i", str(tmp_path / "film.mp4"), *exactly, "-"]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(-1, HIGH, WIDE, 3)[-1] / 255


def apart(one: np.ndarray, other: np.ndarray, tolerance: tuple[float, float] = EXACT) -> None:
    assert one.shape == other.shape == (HIGH, WIDE, 3)
    one, other = (a.reshape(HIGH // 2, 2, WIDE // 2, 2, 3).mean((1, 3)) for a in (one, other))
    off, ink = np.abs(one - other), np.abs(other - other[0, 0])
    share, most = float(off.sum() / ink.sum()), float(np.percentile(off.max(2), 99.5))
    paper = float(off[:4, :4].max())
    assert share <= tolerance[0] and most <= tolerance[1] and paper < 0.005, (
        f"{share:.1%} of the ink off, {most:.3f} at worst, the paper {paper:.3f}"
    )


def written(ending: str, sketch: Sketch, **options) -> bytes:
    options = ExportOptions(size=WIDE, seconds=0.5, fps=4, **options)
    data = FORMATS[ending](sketch, options)
    assert FORMATS[ending](sketch, options) == data, "the same drawing must give the same bytes"
    return data


@pytest.fixture(params=DRAWINGS.values(), ids=DRAWINGS)
def drawing(request) -> Sketch:
    return request.param


def test_the_comparison_sees_a_stroke_out_of_place(drawing):
    moved = dataclasses.replace(drawing, points=drawing.points + [[[2.0, 0.0]]])
    paler = dataclasses.replace(drawing, opacities=drawing.opacities * 0.8)
    for other in (moved, paler, drawing.reordered([]), drawing.reordered(range(len(drawing) - 1))):
        for tolerance in (EXACT, FILM):
            with pytest.raises(AssertionError):
                apart(ours(other), ours(drawing), tolerance)


@pytest.mark.parametrize("animate", [False, True])
def test_svg(drawing, animate):
    apart(by_resvg(written(".svg", drawing, animate=animate)), ours(drawing))


def test_png(drawing):
    apart(shown(written(".png", drawing)), ours(drawing))


def test_png_on_bare_paper_is_transparent(drawing):
    data = written(".png", drawing, look=Look(paper="none"))
    alpha = np.asarray(Image.open(io.BytesIO(data)).getchannel("A"))
    assert alpha[0, 0] == 0 and alpha.max() > 100
    apart(shown(data), ours(dataclasses.replace(drawing, paper=None)))


def test_pdf(drawing):
    apart(by_pdfium(written(".pdf", drawing)), ours(drawing))


def test_pdf_on_a_page(drawing):
    apart(by_pdfium(written(".pdf", drawing, page=MILLIMETRES)), ours(drawing))


@pytest.mark.parametrize("ending", [".gif", ".webp"])
def test_gif_and_webp(drawing, ending):
    data = written(ending, drawing)
    image = Image.open(io.BytesIO(data))
    assert image.n_frames > 1
    apart(shown(data), ours(drawing))


def test_mp4(drawing, tmp_path):
    apart(by_ffmpeg(written(".mp4", drawing), tmp_path), ours(drawing), FILM)


def test_json(drawing):
    again = read_sketch(written(".json", drawing))
    assert (ours(again) == ours(drawing)).all()
    assert again.to_svg() == drawing.to_svg()


# Plotters: one pen, so they are compared with the drawing in one pen's colour and width


def plotted(lines: list[np.ndarray], sketch: Sketch) -> None:
    """Compare polylines [point, xy] in millimetres of the page with the drawing in black."""
    sketch = flat(sketch)
    width = float(np.median(sketch.widths))
    drawn = dataclasses.replace(sketch, widths=np.full(len(sketch), width), paper=None)
    drawn = dataclasses.replace(drawn, colors=0 * drawn.colors, opacities=np.ones(len(drawn)))
    drawn = on_page(drawn, MILLIMETRES)
    assert drawn.canvas == (150, 100)
    most = max(map(len, lines))
    chains = [np.concatenate([line, np.repeat(line[-1:], most - len(line), axis=0)]) for line in lines]
    thirds = np.linspace(0, 1, 4)[None, :3, None]
    pieces = [
        np.concatenate([(c[:-1, None] * (1 - thirds) + c[1:, None] * thirds).reshape(-1, 2), c[-1:]]) for c in chains
    ]
    apart(ours(Sketch.of((150, 100), pieces, drawn.widths[0])), ours(drawn))


def test_plotter_svg(drawing, tmp_path):
    vpype = pytest.importorskip("vpype")
    path = tmp_path / "plot.svg"
    path.write_bytes(written(".svg", drawing, page=MILLIMETRES))
    read, width, height = vpype.read_svg(str(path), quantization=0.05)
    pixel = 96 / 25.4
    assert (width / pixel, height / pixel) == pytest.approx((150, 100))
    plotted([np.stack([line.real, line.imag], axis=1) / pixel for line in read], drawing)


def test_plotter_svg_is_read_as_a_drawing(drawing):
    again = from_svg(written(".svg", drawing, page=MILLIMETRES))
    assert again.canvas == (150, 100)


def test_hpgl(drawing):
    pytest.importorskip("vpype")
    lines, here, before = [], None, ""
    for command, numbers in re.findall(r"(PU|PD)([-\d,]*);", written(".hpgl", drawing, page=MILLIMETRES).decode()):
        points = np.array(numbers.split(","), dtype=float).reshape(-1, 2) if numbers else np.zeros((0, 2))
        if command == "PD":
            lines.append(np.concatenate([lines.pop() if before == "PD" else here, points]))
        before = command
        here = points[-1:] if len(points) else here
    plotted([_up(line / 40) for line in lines], drawing)  # 40 units are a millimetre


def test_gcode(drawing):
    pytest.importorskip("vpype_gcode")
    lines: list[list[tuple[float, float]]] = []
    for move, x, y in re.findall(
        r"^(G[01]) X([-\d.]+) Y([-\d.]+)", written(".gcode", drawing, page=MILLIMETRES).decode(), re.M
    ):
        if move == "G0":
            lines.append([])
        lines[-1].append((float(x), float(y)))
    plotted([_up(np.array(line)) for line in lines if len(line) > 1], drawing)


def _up(line: np.ndarray) -> np.ndarray:
    """Machines count from the lower left."""
    return line * [1, -1] + [0, 100]


def by_rlottie(data: bytes, frame: int = -1) -> np.ndarray:
    rlottie = pytest.importorskip("rlottie_python")
    with rlottie.LottieAnimation.from_data(data.decode()) as animation:
        last = animation.lottie_animation_get_totalframe() - 1
        image = animation.render_pillow_frame(frame_num=last if frame < 0 else frame, width=WIDE, height=HIGH)
    pixels = np.asarray(image.convert("RGBA"), dtype=float) / 255  # its colours are multiplied by their opacity
    return pixels[..., :3] + 1 - pixels[..., 3:]


def test_lottie(drawing):
    data = written(".lottie.json", drawing)
    apart(by_rlottie(data), ours(drawing))
    blank = by_rlottie(data, 0)
    assert np.ptp(blank.reshape(-1, 3), axis=0).max() < 0.01, "it begins with bare paper"


def test_dxf(drawing, tmp_path):
    ezdxf = pytest.importorskip("ezdxf")
    path = tmp_path / "drawing.dxf"
    path.write_bytes(written(".dxf", drawing, page=MILLIMETRES))
    document = ezdxf.readfile(path)
    assert document.units == 4 and not document.audit().errors
    plotted([_up(np.array(line.get_points("xy"))) for line in document.modelspace().query("LWPOLYLINE")], drawing)


PENS = parse_pens("black,red,#2b4c7e")


@pytest.mark.parametrize("ending, opened", [(".svg", by_resvg), (".pdf", by_pdfium), (".png", shown)])
def test_pens_in_pictures(drawing, ending, opened):
    apart(opened(written(ending, drawing, pens=PENS)), ours(with_pens(drawing, PENS)))


def test_pens_in_a_plotters_svg(drawing, tmp_path):
    vpype = pytest.importorskip("vpype")
    path = tmp_path / "plot.svg"
    path.write_bytes(written(".svg", drawing, page=MILLIMETRES, pens=PENS))
    document = vpype.read_multilayer_svg(str(path), quantization=0.05)
    assert set(document.layers) <= {1, 2, 3} and len(document.layers) == len(set(nearest(flat(drawing).colors, PENS)))
    pixel = 96 / 25.4
    lines = [line for layer in document.layers.values() for line in layer]
    plotted([np.stack([line.real, line.imag], axis=1) / pixel for line in lines], drawing)


def test_no_format_is_left_out():
    vectors = {".svg", ".pdf", ".json", ".lottie.json", ".hpgl", ".gcode", ".dxf"}
    assert set(FORMATS) == vectors | {".png", ".gif", ".webp", ".mp4"}
