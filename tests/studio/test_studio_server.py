"""The studio's server over HTTP: drawing, limits, and requests that it must refuse."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from PIL import Image
from studio_server import MEGABYTES, Server, running

from strokewise import Settings, cli, drawing, from_svg
from strokewise.studio.limits import Limits

gradio = pytest.importorskip("gradio", reason="the studio is an extra: pip install 'strokewise[studio]'")
pytestmark = pytest.mark.slow

QUICK = {"strokes": 4, "steps": 3, "candidates": 1, "subject": "keep"}
DOCUMENT = Path(__file__).parents[2] / "docs" / "studio.md"


@pytest.fixture(scope="module")
def disc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A photo on disk."""
    from PIL import ImageDraw

    image = Image.new("RGB", (160, 120), (230, 230, 230))
    ImageDraw.Draw(image).ellipse((80, 20, 120, 60), fill=(30, 30, 30))
    path = tmp_path_factory.mktemp("photos") / "disc.png"
    image.save(path)
    return path


def fetch(url: str, data: bytes | None = None, kind: str = "application/json") -> tuple[int, bytes, dict[str, str]]:
    """Status, body and headers of an answer, whatever the status."""
    request = urllib.request.Request(url, data, {"Content-Type": kind} if data is not None else {})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        return error.code, error.read(), dict(error.headers)


def multipart(name: str, data: bytes) -> tuple[bytes, str]:
    """A file as a browser's form sends it."""
    head = f'--edge\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'.encode()
    return head + data + b"\r\n--edge--\r\n", "multipart/form-data; boundary=edge"


def upload(studio: Server, name: str, data: bytes) -> tuple[int, str]:
    """Send a file; returns the status, and its path or why it was refused."""
    body, kind = multipart(name, data)
    status, answer, _ = fetch(f"{studio.url}/gradio_api/upload", body, kind)
    return status, json.loads(answer)[0] if status == 200 else answer.decode("utf-8", "replace")


def call(studio: Server, *data: object) -> str:
    """The API's answer as the stream of events that curl shows."""
    status, answer, _ = fetch(f"{studio.url}/gradio_api/call/draw", json.dumps({"data": data}).encode())
    assert status == 200, answer
    events, end = "", time.monotonic() + 60
    # Read line by line: a stream without news stays open.
    with urllib.request.urlopen(f"{studio.url}/gradio_api/call/draw/{json.loads(answer)['event_id']}") as stream:
        for line in stream:
            events += line.decode()
            if line == b"\n" and re.search("^event: (complete|error)", events, re.MULTILINE):
                return events
            assert time.monotonic() < end, events
    return events


def test_gradios_own_client_draws_the_same_bytes_as_the_library(studio: Server, disc: Path) -> None:
    from gradio_client import Client, handle_file

    client = Client(studio.url, verbose=False, analytics_enabled=False)
    svg, facts = client.predict(handle_file(disc), 4, 0, 3, 1, "keep", api_name="/draw")
    client.close()
    assert svg == drawing.draw(disc, Settings(**QUICK)).to_svg()  # type: ignore[arg-type]
    assert facts["settings"]["strokes"] == 4
    assert facts["stopped"] in ("steps", "converged")


def test_only_draw_can_be_called_over_http(studio: Server) -> None:
    _, answer, _ = fetch(f"{studio.url}/gradio_api/info")
    assert set(json.loads(answer)["named_endpoints"]) == {"/draw"}


@pytest.mark.skipif(shutil.which("curl") is None or shutil.which("bash") is None, reason="needs curl and bash")
def test_the_documented_curl_lines(studio: Server, disc: Path, tmp_path: Path) -> None:
    (lines,) = re.findall(r"```sh\n(id=.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert len(lines.strip().splitlines()) == 2
    shutil.copy(disc, tmp_path / "horse.jpg")
    script = lines.replace("http://127.0.0.1:7860", studio.url)
    done = subprocess.run(["bash", "-euc", script], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    data = next(line for line in done.stdout.splitlines() if line.startswith("data: [") and "svg" in line)
    assert len(from_svg(json.loads(data[6:])[0])) == 8


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("text.txt", b"this is no photo", "not a picture"),
        ("empty.png", b"", "empty|cannot|no picture"),
        (
            "bomb.svg",
            b'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY a "aaaaaaaaaa">'
            + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9))
            + b']><svg xmlns="http://www.w3.org/2000/svg"><text>&j;</text></svg>',
            "SVG|vector|picture|cannot",
        ),
    ],
)
def test_a_file_that_is_no_photo_is_refused_in_one_line(studio: Server, name: str, data: bytes, message: str) -> None:
    status, path = upload(studio, name, data)
    assert status == 200
    answer = call(studio, {"path": path, "meta": {"_type": "gradio.FileData"}}, 4, 0, 1, 1, "keep")
    assert "event: error" in answer
    assert re.search(message, answer)
    assert "Traceback" not in answer


def test_too_many_pixels_are_refused_before_they_are_decoded(studio: Server, tmp_path: Path) -> None:
    Image.new("1", (4000, 4000), 1).save(tmp_path / "large.png")
    _, path = upload(studio, "large.png", (tmp_path / "large.png").read_bytes())
    answer = call(studio, {"path": path, "meta": {"_type": "gradio.FileData"}}, 4, 0, 1, 1, "keep")
    assert "event: error" in answer
    assert "pixels" in answer


def test_too_large_a_file_is_refused(studio: Server) -> None:
    status, answer = upload(studio, "large.png", bytes(50_000_000))
    assert status == 413
    assert f"at most {MEGABYTES} MB" in answer
    status, answer = upload(studio, "large.png", bytes(MEGABYTES * 1_000_000 + 1000))
    assert status == 413  # over the limit by less than what a form may add
    assert fetch(studio.url)[0] == 200


def test_no_file_of_the_server_can_be_read(studio: Server, tmp_path: Path) -> None:
    secret = studio.folder / "secret.txt"  # in the folder it works in, and in that of temporary files
    secret.write_text("xyzzy")
    for path in ("/etc/passwd", str(secret), f"{studio.folder}/../secret.txt", str(Path(cli.__file__))):
        for address in (f"/gradio_api/file={path}", f"/file={path}", f"/static/{path}", f"/assets/..{path}"):
            status, answer, _ = fetch(studio.url + address)
            assert status in (403, 404, 405), address
            assert b"xyzzy" not in answer and b"root:" not in answer
        answer = call(studio, {"path": path, "meta": {"_type": "gradio.FileData"}}, 4, 0, 1, 1, "keep").encode()
        assert b"event: error" in answer and b"root:" not in answer


def test_it_fetches_no_address_for_visitors(studio: Server) -> None:
    for address in (
        "/gradio_api/file=http://127.0.0.1:1/x",
        "/file=https://example.org/",
        "/proxy=http://127.0.0.1:1/",
    ):
        assert fetch(studio.url + address)[0] == 403
        assert fetch(studio.url + address.upper().replace("/GRADIO_API", "/gradio_api"))[0] in (403, 404)


def test_browsers_may_load_nothing_from_other_servers(studio: Server) -> None:
    status, _, headers = fetch(studio.url)
    assert status == 200
    rules = headers["content-security-policy"]
    assert "default-src 'self'" in rules and "frame-ancestors 'self'" in rules
    assert "https:" not in rules and "*" not in rules
    config = json.loads(fetch(f"{studio.url}/config")[1])
    assert config["analytics_enabled"] is False
    assert not config.get("run_history", False)


def test_the_queue_cannot_be_bypassed(studio: Server) -> None:
    status, _, _ = fetch(f"{studio.url}/gradio_api/run/draw", json.dumps({"data": [None, 4, 0, 1, 1, "keep"]}).encode())
    assert status >= 400


def test_it_listens_on_loopback_only(studio: Server) -> None:
    psutil = pytest.importorskip("psutil")
    listening = [c for c in psutil.Process(studio.process.pid).net_connections() if c.status == "LISTEN"]
    assert listening and {c.laddr.ip for c in listening} == {"127.0.0.1"}


def test_user_and_password_and_no_files_left(tmp_path: Path) -> None:
    environment = {"STROKEWISE_USER": "ann", "STROKEWISE_PASSWORD": "pass word", "GRADIO_ALLOWED_PATHS": "/"}
    with running(tmp_path, **environment) as server:
        for address in ("/config", "/gradio_api/info", "/gradio_api/file=/etc/passwd"):
            assert fetch(server.url + address)[0] in (401, 403)
        assert upload(server, "x.png", b"x")[0] == 401
        wrong, kind = b"username=ann&password=wrong", "application/x-www-form-urlencoded"
        assert fetch(f"{server.url}/login", wrong, kind)[0] == 400
        status, _, headers = fetch(f"{server.url}/login", b"username=ann&password=pass+word", kind)
        assert status == 200
        cookie = headers["set-cookie"].split(";")[0]
        request = urllib.request.Request(f"{server.url}/gradio_api/file=/etc/passwd", headers={"Cookie": cookie})
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(request)
        assert list(tmp_path.glob("strokewise-studio-*"))
        assert server.stop(signal.SIGTERM) == 0
    assert not list(tmp_path.glob("strokewise-studio-*"))
    assert "pass word" not in server.log


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--user", "ann"], "give both a user and a password"),
        (["--port", "99999"], "--port must be from 1 to 65535"),
        (["--max-upload", "0"], "the largest upload must be from 1 to 500 MB"),
        (["--encoder", "nobody"], "nobody"),
    ],
)
def test_errors_of_the_user_are_one_line(options: list[str], message: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["studio", *options]) == 2
    errors = capfd.readouterr().err.strip().splitlines()
    assert len(errors) == 1 and message in errors[0]


def test_a_port_in_use_is_refused(studio: Server, capfd: pytest.CaptureFixture[str]) -> None:
    command = [sys.executable, "-m", "strokewise", "studio", "--port", str(studio.port)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2
    assert f"port {studio.port} of 127.0.0.1 is not available" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_default_limits_are_those_of_the_help() -> None:
    import inspect

    usual, parameters = Limits(), inspect.signature(cli.studio.studio).parameters
    assert parameters["max_upload"].default == usual.megabytes
    assert parameters["max_pixels"].default == usual.megapixels
    assert parameters["time_limit"].default == usual.seconds
    assert parameters["queue"].default == usual.waiting


def test_the_help_imports_no_large_package() -> None:
    script = "import sys; from strokewise import cli; cli.main(['studio', '--help']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert not {"torch", "gradio", "numpy"} & set(shlex.split(done.stdout.splitlines()[-1]))
