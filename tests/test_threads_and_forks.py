"""Drawings in several threads and processes: the same bytes as one after the other, and no waiting for ever."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PHOTO = Path(__file__).parents[1] / "examples" / "duck.jpg"
DRAW = """
import hashlib, os, sys
import strokewise

def drawn(seed):
    sketch = strokewise.draw(sys.argv[1], strokes=5, steps=3, candidates=1, seed=seed, subject="remove")
    return hashlib.sha256(sketch.to_svg().encode()).hexdigest()
"""
THREADS = """
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(4) as pool:
    together = list(pool.map(drawn, range(4)))
assert len(set(together)) == 4
assert together == [drawn(seed) for seed in range(4)]
print("same")
"""
FORK = """
mine = drawn(0)
children = []
for seed in (0, 1):
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.write(writer, drawn(seed).encode())
            code = 0
        finally:
            os._exit(code)
    os.close(writer)
    children.append((child, reader))
said = []
for child, reader in children:
    said.append(os.read(reader, 100).decode())
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
assert said[0] == mine and said[1] == drawn(1)
print("same")
"""


def run(program: str, threads: int = 2, seconds: float = 240) -> str:
    """What a program prints; a test whose program hangs fails when the seconds are over."""
    variables = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    command = [sys.executable, "-W", "ignore", "-c", DRAW + program, str(PHOTO)]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=seconds)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_four_drawings_in_four_threads_are_those_of_one_after_the_other() -> None:
    assert run(THREADS) == "same"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_both_children_of_a_process_that_has_drawn_draw_too() -> None:
    assert run(FORK) == "same"


def test_any_number_of_threads_draws_the_same() -> None:
    one, two, three = (run("print(drawn(0))", threads) for threads in (1, 2, 3))
    assert one == two == three
