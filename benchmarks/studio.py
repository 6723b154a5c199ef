"""The studio in use: with a real server and a real browser.

python benchmarks/studio.py --drawings 50 --json out/studio.json

Prints the time from pressing "Draw" to the first visible stroke, the updates a second while strokes move, and the
server's memory after each drawing. Needs the extras `studio` and `bench`, Playwright, psutil, and a Chromium.
"""

from __future__ import annotations

import argparse
import json
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
WATCH = """() => {
  window.seen = { pressed: 0, first: 0, updates: [] };
  const sheet = document.querySelector("#sw-sheet");
  new MutationObserver(() => {
    const now = performance.now(), strokes = sheet.querySelectorAll(".sw-live path").length;
    if (!strokes) return;
    if (!seen.first) seen.first = now;
    seen.updates.push(now);
  }).observe(sheet, { childList: true, subtree: true });
  document.addEventListener("click", (event) => {  // the button itself comes and goes
    if (event.target.closest("#sw-draw")) seen = { pressed: performance.now(), first: 0, updates: [] };
  }, true);
}"""
"""Notes in the browser when "Draw" was pressed and when the strokes on the sheet changed."""


def serve(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    """Start a studio that is ready to draw; its process and address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = folder / "log.txt"
    with log.open("wb") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", "strokewise", "studio", "--port", str(port)], stdout=out, stderr=out, cwd=folder
        )
    while b"ready to draw" not in log.read_bytes():
        if server.poll() is not None:
            raise SystemExit(log.read_text())
        time.sleep(0.2)
    return server, f"http://127.0.0.1:{port}"


def memory(server: subprocess.Popen[bytes]) -> float:
    """Megabytes of memory of the server."""
    import psutil

    return float(psutil.Process(server.pid).memory_info().rss / 1e6)


def draw(page: Any, stop_after: float | None) -> dict[str, float]:
    """Press "Draw" and measure what the browser shows; stops after a number of seconds of moving strokes, if given."""
    page.click("#sw-draw")
    page.wait_for_selector(".sw-live path", state="attached")
    if stop_after is not None:
        page.wait_for_function("/Step [1-9]/.test(document.querySelector('#sw-note').innerText)")
        page.wait_for_timeout(1000 * stop_after)
        page.click("#sw-stop")
    page.wait_for_selector("#sw-sheet .sw-hit", state="attached")
    page.wait_for_selector("#sw-draw", state="visible")
    seen = page.evaluate("window.seen")
    gaps = [(b - a) / 1000 for a, b in zip(seen["updates"], seen["updates"][1:], strict=False)]
    rate = (len(seen["updates"]) - 1) / max((seen["updates"][-1] - seen["updates"][0]) / 1000, 1e-9)
    first = (seen["first"] - seen["pressed"]) / 1000
    return {"first stroke, s": first, "updates a second": rate, "longest pause, s": max(gaps, default=0.0)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photo", type=Path, nargs="?", default=Path(__file__).parents[1] / "examples" / "coffee.jpg")
    parser.add_argument("--drawings", type=int, default=50, help="drawings over which memory is watched")
    parser.add_argument("--whole", type=int, default=3, help="of these, so many are drawn to the end, for the rates")
    parser.add_argument("--chromium", default=shutil.which("chromium") or "chromium")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    from playwright.sync_api import sync_playwright

    rows: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server, url = serve(Path(folder))
        try:
            browser = playwright.chromium.launch(executable_path=arguments.chromium, args=ARGUMENTS)
            page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="en-US")
            page.set_default_timeout(300_000)
            page.goto(url)
            page.wait_for_selector(".sw-blank p")
            page.set_input_files("#sw-photo input[type=file]", arguments.photo)
            page.wait_for_function("document.querySelector('#sw-note').innerText.includes('Ready')")
            page.evaluate(WATCH)
            for number in range(arguments.drawings):
                row = draw(page, None if number < arguments.whole else 1.0)
                rows.append({**row, "memory, MB": memory(server)})
                print(f"{number + 1:4}  " + "  ".join(f"{name} {value:.2f}" for name, value in rows[-1].items()))
            browser.close()
        finally:
            server.terminate()
            server.wait(60)
    whole = rows[: arguments.whole]
    for name in ("first stroke, s", "updates a second", "longest pause, s"):
        print(f"{name:20} {statistics.median(row[name] for row in whole):8.2f}   (median of {len(whole)})")
    late = [row["memory, MB"] for row in rows[min(5, len(rows) - 1) :]]
    print(
        f"{'memory, MB':20} {late[0]:8.0f} after the first few, {late[-1]:.0f} after {len(rows)}, most {max(late):.0f}"
    )
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps({"photo": arguments.photo.name, "rows": rows}, indent=1))


if __name__ == "__main__":
    main()
