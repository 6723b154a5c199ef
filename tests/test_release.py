"""What a release is made of: one version in several places, pins for every Python, wheel and sdist as meant."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import strokewise
from strokewise import Sketch

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[1]
PYTHONS = ("3.10", "3.11", "3.12", "3.13")


@pytest.fixture(scope="module")
def release() -> ModuleType:
    """tools/release.py, which is no module of the package."""
    spec = importlib.util.spec_from_file_location("release", ROOT / "tools" / "release.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def pins(python: str) -> list[Requirement]:
    """The lines of constraints.txt that hold for that Python."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    found = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return [pin for pin in found if applies(pin, python)]


def applies(requirement: Requirement, python: str, extra: str = "") -> bool:
    environment = {"python_version": python, "python_full_version": f"{python}.0", "extra": extra}
    return requirement.marker is None or requirement.marker.evaluate(environment)


def test_one_version(release):
    version = Version(strokewise.__version__)
    assert str(version) == strokewise.__version__ == release.read_version() and version.local is None
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.search(r"^version: (.+)$", citation, re.MULTILINE)[1] == version.base_version
    heading = re.search(
        r"^## (\S+) \((unreleased|\d{4}-\d\d-\d\d)\)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M
    )
    assert heading is not None and heading[1] == version.base_version
    assert (heading[2] == "unreleased") == ("date-released" not in citation)


def test_what_is_installed_is_these_sources():
    try:
        installed = importlib.metadata.version("strokewise")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("the sources are used without an installation")
    assert installed == strokewise.__version__


def test_tags_name_the_version_of_their_commit():
    def git(*words: str) -> str:
        return subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True, check=True).stdout

    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("a copy without its history")
    tags = git("tag", "--list", "v[0-9]*").split()
    if not tags:
        pytest.skip("nothing was released yet, or the clone has no tags")
    said = {tag: git("show", f"{tag}:src/strokewise/_version.py") for tag in tags}
    assert said == {tag: f'__version__ = "{tag[1:]}"\n' for tag in tags}


def tree(
    folder: Path, version: str = "1.2.0", heading: str = "1.2.0 (2026-01-31)", citation: str | None = None
) -> Path:
    """A repository with those three in it."""
    (folder / "src" / "strokewise").mkdir(parents=True)
    (folder / "src" / "strokewise" / "_version.py").write_text(f'__version__ = "{version}"\n')
    (folder / "CHANGELOG.md").write_text(f"# Changelog\n\n## {heading}\n\n- All of it.\n\n## 1.1.0 (2025-01-31)\n")
    (folder / "CITATION.cff").write_text(citation or 'title: x\nversion: 1.2.0\ndate-released: "2026-01-31"\n')
    return folder


def test_a_tag_that_may_be_released(release, tmp_path):
    assert release.tag_faults("v1.2.0", tree(tmp_path)) == []


@pytest.mark.parametrize(
    ("tag", "given", "said"),
    [
        ("1.2.0", {}, "the tag must be v1.2.0"),
        ("v1.3.0", {}, "the tag must be v1.2.0"),
        ("v1.2.0", {"version": "1.2.0.dev0"}, "the tag must be v1.2.0.dev0"),
        ("v1.2.0", {"heading": "1.2.0 (unreleased)"}, "CHANGELOG.md begins with '1.2.0 (unreleased)'"),
        ("v1.2.0", {"heading": "1.3.0 (2026-01-31)"}, "CHANGELOG.md begins with '1.3.0 (2026-01-31)'"),
        ("v1.2.0", {"heading": "1.2.0 (2026-01-30)"}, "CHANGELOG.md 2026-01-30"),
        ("v1.2.0", {"heading": "1.2.0 (2999-01-31)"}, "still to come"),
        ("v1.2.0", {"citation": "version: 1.1.0\ndate-released: 2026-01-31\n"}, "cites version 1.1.0"),
        ("v1.2.0", {"citation": "version: 1.2.0\n"}, "date-released None"),
    ],
)
def test_a_tag_that_may_not(tag, given, said, release, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(release, "ROOT", tree(tmp_path, **given))
    faults = release.tag_faults(tag, release.ROOT)
    assert any(said in fault for fault in faults)
    monkeypatch.setattr(release, "tag_faults", lambda tag: faults)
    assert release.main(["tag", tag]) == 1
    printed = capsys.readouterr().err
    assert said in printed and printed.count("\n") == 1


def test_sources_without_a_version(release, tmp_path):
    with pytest.raises(release.ReleaseError, match="names no version"):
        release.read_version(tree(tmp_path, version='" + "1.0'))


@pytest.mark.parametrize("python", PYTHONS)
def test_every_dependency_has_one_pin(python):
    known = project()
    asked = [Requirement(line) for line in known["dependencies"]]
    asked += [Requirement(line) for lines in known["optional-dependencies"].values() for line in lines]
    pinned: dict[str, list[Requirement]] = {}
    for pin in pins(python):
        pinned.setdefault(canonicalize_name(pin.name), []).append(pin)
    assert {name: found for name, found in pinned.items() if len(found) > 1} == {}
    # On 3.10 the plotter's packages and those of the tests want different versions of click: see pyproject.toml.
    free = {"strokewise", *(["vpype", "vpype-gcode"] if python == "3.10" else [])}
    for requirement in asked:
        name = canonicalize_name(requirement.name)
        if name not in free and applies(requirement, python):
            version = next(iter(pinned[name][0].specifier)).version
            assert requirement.specifier.contains(version, prereleases=True), f"{requirement} and {pinned[name][0]}"


def test_promised_pythons(release):
    known = project()
    named = [c.rsplit(" ", 1)[1] for c in known["classifiers"] if re.search(r":: 3\.\d+$", c)]
    assert tuple(named) == PYTHONS == release.PYTHONS
    least = next(iter(Requirement(f"x{known['requires-python']}").specifier))
    assert (least.operator, least.version) == (">=", PYTHONS[0])
    for workflow in ("ci.yml", "release.yml"):
        text = (ROOT / ".github" / "workflows" / workflow).read_text(encoding="utf-8")
        for said in re.findall(r"python: (\[.+\])", text):
            assert said == str(list(PYTHONS)).replace("'", '"')


def wheel(release, *more: str) -> list[str]:
    files = [f"strokewise/{name}" for name in (*release.PACKAGE, "sketch.py")]
    about = [f"strokewise-1.2.0.dist-info/{name}" for name in ("METADATA", "RECORD", "licenses/LICENSE")]
    return [*files, *about, *more]


def sdist(release, *more: str) -> list[str]:
    files = [*release.SOURCES, *(f"src/strokewise/{name}" for name in release.PACKAGE), "docs/images/a.png", *more]
    return [f"strokewise-1.2.0/{name}" for name in files]


def test_whole_archives(release):
    assert release.wheel_faults(wheel(release), "1.2.0", ["sketch.py"]) == []
    assert release.sdist_faults(sdist(release), "1.2.0") == []


@pytest.mark.parametrize(
    "name",
    ["strokewise/photo/u2netp.onnx", "strokewise/sketch.py", "strokewise-1.2.0.dist-info/licenses/LICENSE"],
)
def test_a_wheel_that_lacks_something(name, release):
    names = [held for held in wheel(release) if held != name]
    assert release.wheel_faults(names, "1.2.0", ["sketch.py"]) == [f"{name} is missing"]


@pytest.mark.parametrize(
    "name",
    ["tests/test_svg.py", "strokewise/tests/test_svg.py", "strokewise/photo.jpg", "strokewise-1.1.0.dist-info/RECORD"],
)
def test_a_wheel_that_holds_too_much(name, release):
    (fault,) = release.wheel_faults(wheel(release, name), "1.2.0", ["sketch.py"])
    assert fault.startswith(name)


@pytest.mark.parametrize("name", ["tests/horse.png", "shared/notes.md", "out/coffee.svg", "photo.heic"])
def test_an_sdist_that_holds_too_much(name, release):
    assert release.sdist_faults(sdist(release, name), "1.2.0") == [f"{name} has no place in an sdist"]


def test_an_sdist_that_lacks_something(release):
    names = [name for name in sdist(release) if not name.endswith("u2netp.onnx")]
    assert release.sdist_faults(names, "1.2.0") == ["src/strokewise/photo/u2netp.onnx is missing"]


def test_the_lists_name_what_is_here(release):
    assert all((ROOT / "src" / "strokewise" / name).is_file() for name in release.PACKAGE)
    assert all((ROOT / name).is_file() for name in release.SOURCES if name != "PKG-INFO")
    assert {"sketch.py", "encoders/embedded.py", "__main__.py"} <= set(release.modules())


def test_drawings_are_looked_at(sketch: Sketch, release, tmp_path):
    path = tmp_path / "drawing.svg"
    sketch.save(path)
    release.look_at(path, 3, "1.0")
    with pytest.raises(release.ReleaseError, match=r"strokes of drawing.svg: 3, not 4"):
        release.look_at(path, 4, "1.0")
    with pytest.raises(release.ReleaseError, match=r"maker of drawing.svg: '1.0', not '1.1'"):
        release.look_at(path, 3, "1.1")


def test_a_newcomers_environment(release, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "src"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(ROOT))
    monkeypatch.setenv("STROKEWISE_DEBUG", "1")
    environment = release.bare(tmp_path)
    seen = release.run([sys.executable, "-c", "import os; print(os.path.expanduser('~'))"], environment, tmp_path)
    assert seen.strip() == str(tmp_path)
    assert not {"PYTHONPATH", "XDG_CACHE_HOME", "STROKEWISE_DEBUG"} & set(environment)
    assert environment["PIP_NO_CACHE_DIR"] == "1" and "PATH" in environment


def test_a_python_is_found_by_its_version(release):
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    found = release.find_python(here)
    assert found is not None and release.run([found, "-V"]).startswith(f"Python {here}.")
    assert release.find_python("3.99") is None


def test_a_command_that_fails_says_why(release):
    with pytest.raises(release.ReleaseError, match="ended with 3: no such room"):
        release.run([sys.executable, "-c", "import sys; print('no such room'); sys.exit(3)"])


@pytest.fixture(scope="module")
def pypi_page() -> ModuleType:
    """tools/pypi_page.py, which hatchling loads."""
    pytest.importorskip("hatchling")
    spec = importlib.util.spec_from_file_location("pypi_page", ROOT / "tools" / "pypi_page.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GITHUB = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "a/b", "GITHUB_REF_NAME": "v1.0.0"}


def test_links_of_the_readme_lead_somewhere_on_pypi(pypi_page, monkeypatch):
    for name, value in GITHUB.items():
        monkeypatch.setenv(name, value)
    metadata: dict = {}
    pypi_page.PypiPage(str(ROOT), {}).update(metadata)
    page, shown = (ROOT / "README.md").read_text(encoding="utf-8"), metadata["readme"]["text"]
    links = re.findall(r"\]\(([^)]+)\)", page)
    local = [link for link in links if "://" not in link]
    assert local and re.findall(r"\]\(((?!https://)[^)]+)\)", shown) == []
    for link in local:
        assert (ROOT / link.partition("#")[0]).exists(), link
        assert f"](https://github.com/a/b/raw/v1.0.0/{link})" in shown or f"/blob/v1.0.0/{link})" in shown
    assert "](https://github.com/a/b/raw/v1.0.0/docs/" in shown  # a picture
    assert metadata["urls"]["Source"] == "https://github.com/a/b"


@pytest.mark.parametrize("missing", GITHUB)
def test_the_readme_stays_as_it_is_where_nobody_names_a_repository(pypi_page, monkeypatch, missing):
    for name, value in GITHUB.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv(missing)
    metadata: dict = {}
    pypi_page.PypiPage(str(ROOT), {}).update(metadata)
    assert metadata["readme"]["text"] == (ROOT / "README.md").read_text(encoding="utf-8")
    assert metadata["urls"] == {}


def test_links_elsewhere_stay(pypi_page):
    kept = "[a](https://x.org) [b](#part) [c](mailto:x@y.org) `d(e)`"
    assert pypi_page.absolute(kept, "https://g/r", "v1") == kept
    assert pypi_page.absolute("![p](p.png) [q](d/q.md#s)", "https://g/r", "v1") == (
        "![p](https://g/r/raw/v1/p.png) [q](https://g/r/blob/v1/d/q.md#s)"
    )
