"""Builds wheel and sdist, looks into them, and installs them where nothing is.

python tools/release.py build                # into dist/: built, read by twine, contents checked
python tools/release.py check                # the wheel in a new environment of each Python found; one sdist
python tools/release.py check --borrow .venv # quick: into a new environment that sees what .venv has installed
python tools/release.py tag v0.1.0           # whether that tag may be released: version, changelog and citation agree

Needs nothing but the standard library; `build` also the packages build and twine. `make release` and
`make release-check` call it.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import xml.etree.ElementTree as ElementTree
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[1]
DIST = ROOT / "dist"
PHOTO = ROOT / "examples" / "coffee.jpg"
PYTHONS = ("3.10", "3.11", "3.12", "3.13")

PICTURES = {".bmp", ".gif", ".heic", ".jpeg", ".jpg", ".mp4", ".png", ".tif", ".tiff", ".webp"}
PACKAGE = (
    "__init__.py", "_version.py", "py.typed", "photo/u2netp.md", "photo/u2netp.onnx",
    "photo/faces.md", "photo/face_full_range.onnx", "photo/face_mesh.onnx", "photo/face_short_range.onnx",
    "photo/iris.onnx", "photo/people.md", "photo/people.onnx",
    "encoders/embedded.md", "encoders/embedded.safetensors", "studio/studio.css", "studio/studio.js",
)  # fmt: skip
SOURCES = ("CITATION.cff", "CHANGELOG.md", "LICENSE", "Makefile", "PKG-INFO", "README.md", "constraints.txt",
    "examples/coffee.jpg", "pyproject.toml", "tests/conftest.py", "tools/release.py",
)  # fmt: skip
HEAVIEST = {".whl": 20, ".gz": 40}
"""Most megabytes: beyond, something came along that was not meant to."""


class ReleaseError(Exception):
    """One line: what is wrong with the release, and what to do."""


def read_version(root: Path = ROOT) -> str:
    """The version that the sources name, without importing them."""
    text = (root / "src" / "strokewise" / "_version.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "([^"]+)"$', text, re.MULTILINE)
    if found is None:
        raise ReleaseError('src/strokewise/_version.py names no version; its line reads __version__ = "1.2.3"')
    return found[1]


def tag_faults(tag: str, root: Path = ROOT) -> list[str]:
    """Why that tag may not be released: one line each; none if it may."""
    version = read_version(root)
    faults = []
    if tag != f"v{version}":
        faults.append(f"the tag is {tag}, src/strokewise/_version.py says {version}: the tag must be v{version}")
    heading = re.search(r"^## (.+)$", (root / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    dated = re.fullmatch(r"(\S+) \((\d{4}-\d{2}-\d{2})\)", heading[1]) if heading else None
    if dated is None or dated[1] != version:
        faults.append(f"CHANGELOG.md begins with {heading[1] if heading else 'nothing'!r}, not '{version} (its date)'")
    citation = (root / "CITATION.cff").read_text(encoding="utf-8")
    cited = dict(re.findall(r"^(version|date-released): [\"']?([^\"'\s]+)", citation, re.MULTILINE))
    if cited.get("version") != version:
        faults.append(f"CITATION.cff cites version {cited.get('version')}, not {version}")
    if dated is not None and cited.get("date-released") != dated[2]:
        faults.append(f"CITATION.cff has date-released {cited.get('date-released')}, CHANGELOG.md {dated[2]}")
    if dated is not None and dated[2] > (datetime.date.today() + datetime.timedelta(days=1)).isoformat():
        faults.append(f"CHANGELOG.md dates the release {dated[2]}, which is still to come")
    return faults


def wheel_faults(names: Iterable[str], version: str, modules: Iterable[str]) -> list[str]:
    """What is wrong with a wheel that holds those files.

    Args:
        names: its files.
        version: what it should be a wheel of.
        modules: files below src/strokewise that it must hold beside weights, cards and pages.
    """
    held = {name for name in names if not name.endswith("/")}
    about = f"strokewise-{version}.dist-info/"
    needed = {f"strokewise/{name}" for name in (*PACKAGE, *modules)} | {about + "METADATA", about + "licenses/LICENSE"}
    faults = [f"{name} is missing" for name in sorted(needed - held)]
    for name in sorted(held):
        path = PurePosixPath(name)
        if not name.startswith(("strokewise/", about)):
            faults.append(f"{name} lies outside of strokewise/ and {about}")
        elif path.suffix in PICTURES or "tests" in path.parts or "__pycache__" in path.parts:
            faults.append(f"{name} has no place in a wheel")
    return faults


def sdist_faults(names: Iterable[str], version: str) -> list[str]:
    """What is wrong with an sdist that holds those files: pictures are those of the examples and the pages alone."""
    top = f"strokewise-{version}/"
    held = {name for name in names if not name.endswith("/")}
    faults = [f"{name} lies outside of {top}" for name in sorted(held) if not name.startswith(top)]
    inside = {name[len(top) :] for name in held if name.startswith(top)}
    needed = {*SOURCES, *(f"src/strokewise/{name}" for name in PACKAGE)}
    faults += [f"{name} is missing" for name in sorted(needed - inside)]
    for name in sorted(inside):
        path = PurePosixPath(name)
        strange = path.suffix in PICTURES and path.parts[0] not in ("docs", "examples")
        if strange or path.parts[0] in ("shared", "out", ".venv") or "__pycache__" in path.parts:
            faults.append(f"{name} has no place in an sdist")
    return faults


def modules(root: Path = ROOT) -> list[str]:
    """The Python files of the package, below src/strokewise."""
    package = root / "src" / "strokewise"
    return sorted(path.relative_to(package).as_posix() for path in package.rglob("*.py"))


def build() -> None:
    """dist/ anew: an sdist, the wheel that it gives, and what is to be said of both."""
    version = read_version()
    for old in (*DIST.glob("strokewise-*.whl"), *DIST.glob("strokewise-*.tar.gz")):
        old.unlink()
    run([sys.executable, "-m", "build", "--outdir", str(DIST), str(ROOT)])
    wheel, sdist = artifacts(version)
    run([sys.executable, "-m", "twine", "check", "--strict", str(wheel), str(sdist)])
    with zipfile.ZipFile(wheel) as opened:
        faults = [f"{wheel.name}: {fault}" for fault in wheel_faults(opened.namelist(), version, modules())]
    with tarfile.open(sdist) as archive:
        names = [member.name for member in archive if member.isfile()]
    faults += [f"{sdist.name}: {fault}" for fault in sdist_faults(names, version)]
    for path in (wheel, sdist):
        size = path.stat().st_size / 1e6
        if size > HEAVIEST[path.suffix]:
            faults.append(f"{path.name} weighs {size:.1f} MB, more than {HEAVIEST[path.suffix]}")
        print(f"{path.name}: {size:.1f} MB")
    if faults:
        raise ReleaseError("; ".join(faults))


def artifacts(version: str) -> tuple[Path, Path]:
    """Wheel and sdist of that version in dist/."""
    wheel, sdist = DIST / f"strokewise-{version}-py3-none-any.whl", DIST / f"strokewise-{version}.tar.gz"
    for path in (wheel, sdist):
        if not path.is_file():
            raise ReleaseError(f"{path} is missing; make release builds it")
    return wheel, sdist


def find_python(version: str) -> str | None:
    """A Python of that version ("3.12"): this one, one on the path, pyenv's, or the one Windows' launcher knows."""
    name = f"python{version}"
    homes = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"), reverse=True)
    tries = [[sys.executable], [shutil.which(name) or name], *([str(home)] for home in homes), ["py", f"-{version}"]]
    for command in tries:
        try:
            told = run([*command, "-c", "import sys; print('%d.%d' % sys.version_info[:2], sys.executable, sep='|')"])
        except (OSError, ReleaseError):
            continue
        found, _, executable = told.strip().partition("|")
        if found == version:
            return executable
    return None


def check(python: str, artifact: Path, version: str, borrow: Path | None = None) -> None:
    """Install it into a new environment, from outside of the repository and without home or cache, and use it there.

    Args:
        python: makes the environment.
        artifact: wheel or sdist.
        version: what it must say of itself.
        borrow: an environment whose packages the new one sees, so that none needs to be fetched.

    Raises:
        ReleaseError: a command failed, or what it made is not what it should be.
    """
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        (work / "home").mkdir()
        environment = bare(work / "home")
        run([python, "-m", "venv", str(work / "venv")], environment, work)
        scripts = scripts_of(work / "venv")
        own = str(scripts / "python")
        began = time.perf_counter()
        install = [own, "-m", "pip", "install", "--quiet", "--no-compile"]
        install += ["--constraint", str(ROOT / "constraints.txt")]
        if borrow is None:
            run([*install, str(artifact)], environment, work)
            run([own, "-m", "pip", "check"], environment, work)
        else:
            run([*install, "--no-deps", str(artifact)], environment, work)
            lend(borrow, own)
        installed = time.perf_counter() - began
        size = sum(path.stat().st_size for path in (work / "venv").rglob("*") if path.is_file()) / 1e6

        asked = (
            "import importlib.metadata as m, strokewise as s; print(m.version('strokewise'), s.__version__, s.__file__)"
        )
        told, named, place = run([own, "-c", asked], environment, work).strip().split(" ", 2)
        if (told, named) != (version, version) or not Path(place).resolve().is_relative_to((work / "venv").resolve()):
            raise ReleaseError(f"installed is {told}, imported {named} from {place}; wanted was {version}")
        environment |= {"HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9"}  # nothing is fetched
        drawn = use(str(scripts / "strokewise"), environment, work, version)
        kind = "sdist" if artifact.name.endswith(".tar.gz") else "wheel"
        lent = " (dependencies lent)" if borrow else ""
        name = run([python, "-V"]).strip()
        print(f"{name}, {kind}: {installed:.0f} s, {size:.0f} MB{lent}; first drawing {drawn:.0f} s", flush=True)


def use(command: str, environment: dict[str, str], work: Path, version: str) -> float:
    """Draw a photo in that folder, have the drawing recognised, draw a ladder; the seconds of the first drawing."""
    expect(run([command, "--version"], environment, work).strip(), f"strokewise {version}", "strokewise --version")
    shutil.copy(PHOTO, work / "photo.jpg")
    began = time.perf_counter()
    run([command, "draw", "photo.jpg", "-n", "8", "--steps", "40", "-o", "drawing.svg", "--png"], environment, work)
    drawn = time.perf_counter() - began
    look_at(work / "drawing.svg", 8, version)
    judged = json.loads(run([command, "recognize", "drawing.svg", "--json"], environment, work))
    if not judged[0].get("ranked"):
        raise ReleaseError(f"strokewise recognize says {judged[0]}")
    run([command, "ladder", "photo.jpg", "-n", "8,4", "--steps", "20", "-o", "ladder"], environment, work)
    made = sorted(path.name for path in (work / "ladder").glob("*.svg"))
    for strokes in (8, 4):
        found = [name for name in made if re.search(rf"\b0*{strokes}\b", name)]
        expect(len(found), 1, f"drawings of {strokes} strokes among {made}")
        look_at(work / "ladder" / found[0], strokes, version)
    return drawn


def scripts_of(environment: Path) -> Path:
    """Where the commands of an environment lie."""
    return environment / ("Scripts" if os.name == "nt" else "bin")


def bare(home: Path) -> dict[str, str]:
    """This process's environment as a newcomer has it: an empty home, no cache, no Python of ours on any path."""
    ours = re.compile("PYTHON|VIRTUAL_ENV|XDG_|STROKEWISE_|NUMBA_|HF_|TORCH|COV_|COVERAGE", re.IGNORECASE)
    kept = {name: value for name, value in os.environ.items() if not ours.match(name)}
    return kept | {
        "HOME": str(home), "USERPROFILE": str(home), "PIP_NO_CACHE_DIR": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }  # fmt: skip


def lend(lender: Path, own: str) -> None:
    """Let an environment see the packages of another; what it has itself goes before them."""
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    borrowed = run([str(scripts_of(lender) / "python"), "-c", ask]).strip()
    Path(run([own, "-c", ask]).strip(), "lent.pth").write_text(borrowed + "\n", encoding="utf-8")


def look_at(path: Path, strokes: int, version: str) -> None:
    """A drawing is an SVG of so many strokes, made by that version."""
    tree = ElementTree.parse(path)
    paths = tree.findall(".//{http://www.w3.org/2000/svg}path")
    expect(len(paths), strokes, f"strokes of {path.name}")
    about = tree.find(".//{urn:x-strokewise:drawing}drawing")
    expect(
        json.loads((about.text if about is not None else None) or "{}").get("version"), version, f"maker of {path.name}"
    )


def expect(found: object, wanted: object, what: str) -> None:
    if found != wanted:
        raise ReleaseError(f"{what}: {found!r}, not {wanted!r}")


def run(command: Sequence[str], environment: dict[str, str] | None = None, folder: Path | None = None) -> str:
    """Run it; what it printed. When it fails, the error tells the end of what it said."""
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stdout + done.stderr).strip()[-2000:]
        raise ReleaseError(f"{' '.join(command)} ended with {done.returncode}: {said}")
    return done.stdout


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = parser.add_subparsers(dest="kind", required=True)
    kinds.add_parser("build", help="wheel and sdist into dist/, checked")
    checks = kinds.add_parser("check", help="install them into new environments and draw")
    checks.add_argument("--python", action="append", metavar="X.Y", help="only this Python; can be given many times")
    checks.add_argument("--borrow", type=Path, metavar="VENV", help="see this environment's packages, with its Python")
    kinds.add_parser("tag", help="whether this tag may be released").add_argument("tag")
    asked = parser.parse_args(arguments)
    try:
        if asked.kind == "build":
            build()
        elif asked.kind == "tag":
            faults = tag_faults(asked.tag)
            if faults:
                raise ReleaseError("; ".join(faults))
        else:
            check_all(asked.python, asked.borrow and asked.borrow.absolute())
    except ReleaseError as error:
        print(f"release: {error}", file=sys.stderr)
        return 1
    return 0


def check_all(versions: Sequence[str] | None, borrow: Path | None) -> None:
    """The wheel on every Python that is here, or on those named; the sdist on the last of them."""
    version = read_version()
    wheel, sdist = artifacts(version)
    if borrow is not None:
        check(str(scripts_of(borrow) / "python"), wheel, version, borrow)
        return
    pythons = {name: find_python(name) for name in versions or PYTHONS}
    here = [python for python in pythons.values() if python is not None]
    for name in [name for name, python in pythons.items() if python is None]:
        if versions:
            raise ReleaseError(f"no Python {name} is found; leave --python away to try those that are")
        print(f"Python {name}: not here, not tried")
    if not here:
        raise ReleaseError(f"none of Python {', '.join(PYTHONS)} is found")
    for python in here:
        check(python, wheel, version)
    check(here[-1], sdist, version)


if __name__ == "__main__":
    sys.exit(main())
