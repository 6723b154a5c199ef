"""How a drawing process is set up; each case in a process of its own, since it is about the whole process."""

import os
import subprocess
import sys
import threading

import pytest

from strokewise import _process

# Frees 50 MB again and again, and counts the pages that had to be fetched anew.
CHURN = """
import resource, sys
import numpy as np
from strokewise._process import tune_process
if {tuned}:
    tune_process()
np.ones(50_000_000, np.uint8)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    np.ones(50_000_000, np.uint8)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""
WAITING = """
import os
from strokewise._process import tune_process
tune_process()
print(os.environ.get("OMP_WAIT_POLICY"), os.environ.get("GOMP_SPINCOUNT"))
"""


def answer(code: str, **environment: str) -> str:
    known = {k: v for k, v in os.environ.items() if not k.startswith(("OMP_", "GOMP_", "MALLOC_"))}
    # Huge pages would hide the faults that are counted.
    done = subprocess.run(
        [sys.executable, "-c", code], env=known | environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.mark.skipif(sys.platform != "linux", reason="about glibc")
def test_freed_memory_stays_with_the_process():
    assert int(answer(CHURN.format(tuned=True))) * 10 < int(answer(CHURN.format(tuned=False)))


@pytest.mark.skipif(sys.platform != "linux", reason="about glibc")
def test_memory_is_left_alone_where_the_user_has_set_it():
    assert int(answer(CHURN.format(tuned=True), MALLOC_TRIM_THRESHOLD_="131072")) > 1000


def test_threads_wait_briefly_unless_the_user_has_said_otherwise():
    assert answer(WAITING) == "None 3000"
    assert answer(WAITING, GOMP_SPINCOUNT="7") == "None 7"
    assert answer(WAITING, OMP_WAIT_POLICY="active") == "active None"


COMMAND = """
import os, sys
import strokewise.__main__
assert "numpy" not in sys.modules, "it is too late for the setting"
sys.argv = ["strokewise", "--version"]
os._exit = lambda code: print(os.environ["OPENBLAS_NUM_THREADS"])
strokewise.__main__.main()
"""


def test_the_command_multiplies_small_matrices_in_one_thread_unless_the_user_has_said_otherwise():
    assert answer(COMMAND).splitlines()[-1] == "1"
    assert answer(COMMAND, OPENBLAS_NUM_THREADS="3").splitlines()[-1] == "3"


def test_work_aside_goes_on_beside_the_block(monkeypatch):
    monkeypatch.setattr(_process, "_threads", 2)
    asked, answered = threading.Event(), threading.Event()

    def work():
        assert asked.wait(60)
        answered.set()
        return 7

    with _process.aside(work) as outcome:
        asked.set()
        assert answered.wait(60)
        assert outcome() == outcome() == 7


def test_with_one_thread_work_aside_is_done_when_it_is_asked_for(monkeypatch):
    monkeypatch.setattr(_process, "_threads", 1)
    done = []
    with _process.aside(lambda: done.append(threading.current_thread())) as outcome:
        assert not done
        outcome()
    assert done == [threading.current_thread()]
    with _process.aside(lambda: done.append(None)):
        pass
    assert len(done) == 1


@pytest.mark.parametrize("threads", [1, 2])
def test_what_work_aside_raises_is_raised_where_its_outcome_is_asked_for(monkeypatch, threads):
    monkeypatch.setattr(_process, "_threads", threads)
    with _process.aside(lambda: 1 / 0):
        pass
    with _process.aside(lambda: 1 / 0) as outcome, pytest.raises(ZeroDivisionError):
        outcome()
