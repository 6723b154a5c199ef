"""Mutation testing of the core: break one line at a time and see whether a test notices.

    pip install cosmic-ray
    python tests/mutation.py svg losses                 # every mutant
    python tests/mutation.py raster --most 60           # at most so many of each file, drawn with a fixed seed
    python tests/mutation.py --again mutation.json      # those that survived, once more

Cosmic Ray makes the mutants. They are run here, each in a forked child that has PyTorch and Numba loaded already and
imports the mutant in place of the file: nothing on disk is changed, and most mutants take a second. The kernels of the
CPU path go through a few quick tests uncompiled; what survives is compiled and goes through all of them. Hypothesis
draws the same examples every time. The Triton kernels are left out: their tests need minutes of an interpreter.
"""

from __future__ import annotations

import argparse
import ast
import gc
import importlib.machinery
import importlib.util
import json
import os
import random
import resource
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import parso.python.tree  # noqa: F401  Cosmic Ray imports parso the wrong way round
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator

ROOT = Path(__file__).parents[1]
RASTER = ["render", "gradients", "agreement", "numba"]
FILES = {
    "svg": ["export/svg/text"],
    "losses": ["optimize/losses"],
    "raster": [f"raster/{name}" for name in ("__init__", "_geometry", "_scene", "_reference", "_tensor")]
    + ["raster/_numba", "raster/_numba_kernels"],
}
TESTS = {
    "svg": ["tests/export/svg/test_svg_values.py", "tests/export/svg/test_svg.py"],
    "losses": ["tests/optimize/test_losses.py"],
    "raster": [f"tests/raster/test_{name}.py" for name in RASTER],
}
# A process of its own would not have the mutant, and so always tell it apart; the others take half of the time.
LEFT_OUT = "in_another_process or big_scenes or float32 or threads"
#: Tests that cannot reach a file, so that survivors do not take a minute each.
BLIND = {"_tensor": "numba or reference", "_numba": "tensor or reference", "_numba_kernels": "tensor or reference"}
#: Tests of the kernels that are quick without compiling them.
QUICK = (
    "numba and (straight_line or thin_strokes or order_colors or mask_equals or shared_width or only_what_needs)"
    " or not_contiguous"
)

#: One opposite of each kind: Cosmic Ray's others are killed by the same tests.
OPERATORS = [
    *("Add_Sub", "Sub_Add", "Mul_Div", "Div_Mul", "FloorDiv_Div", "Mod_Div", "Pow_Mul", "BitOr_BitAnd"),
    *("BitAnd_BitOr", "RShift_LShift", "LShift_RShift"),
]
COMPARISONS = [
    *("Lt_LtE", "Lt_GtE", "LtE_Lt", "LtE_Gt", "Gt_GtE", "Gt_LtE", "GtE_Gt", "GtE_Lt", "Eq_NotEq", "NotEq_Eq"),
    *("Is_IsNot", "IsNot_Is"),
]
OTHERS = [
    *("ReplaceUnaryOperator_Delete_USub", "ReplaceUnaryOperator_Delete_Invert", "ReplaceUnaryOperator_Delete_Not"),
    *("AddNot", "ReplaceTrueWithFalse", "ReplaceFalseWithTrue", "ReplaceAndWithOr", "ReplaceOrWithAnd"),
    *("ReplaceBreakWithContinue", "ReplaceContinueWithBreak", "ExceptionReplacer", "NumberReplacer"),
    *("RemoveDecorator", "ZeroIterationForLoop"),
]


def _source(file: str) -> str:
    return (ROOT / "src/strokewise" / f"{file}.py").read_text()


def _operators() -> list[str]:
    binary = [f"core/ReplaceBinaryOperator_{name}" for name in OPERATORS]
    return binary + [f"core/ReplaceComparisonOperator_{n}" for n in COMPARISONS] + [f"core/{n}" for n in OTHERS]


def _annotations(tree: ast.AST) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Where annotations stand, which nothing evaluates: starts and ends, (line, column)."""
    found = []
    for node in ast.walk(tree):
        for name in ("annotation", "returns"):
            if part := getattr(node, name, None):
                found.append(((part.lineno, part.col_offset), (part.end_lineno, part.end_col_offset)))
    return found


def places(file: str) -> list[dict[str, Any]]:
    """Every mutant of a file, not yet made."""
    source = _source(file)
    nodes, quiet = list(ast_nodes(get_ast(source))), _annotations(ast.parse(source))
    found = []
    for name in _operators():
        operator = get_operator(name)()
        starts = [start for node in nodes for start, _ in operator.mutation_positions(node)]
        for occurrence, at in enumerate(starts):
            if not any(start <= at < end for start, end in quiet):
                found.append({"file": file, "line": at[0], "column": at[1], "operator": name, "nth": occurrence})
    return found


def make(mutant: dict[str, Any]) -> bool:
    """Add the mutant's code, and its line as it is now; False if it is no Python."""
    code = mutate_code(_source(mutant["file"]), get_operator(mutant["operator"])(), mutant["nth"])
    try:
        ast.parse(code or "(")
    except SyntaxError:
        return False
    mutant |= {"code": code, "now": code.splitlines()[mutant["line"] - 1].strip()}
    return True


class _Loader(importlib.machinery.SourceFileLoader):
    code = ""

    def get_code(self, fullname: str) -> Any:
        return compile(self.code, self.path, "exec")


class _Finder:
    """Finds one module, mutated."""

    def __init__(self, file: str, code: str) -> None:
        self.name = f"strokewise.{file}".replace("/", ".").removesuffix(".__init__")
        self.loader = _Loader(self.name, str(ROOT / "src/strokewise" / f"{file}.py"))
        self.loader.code = code

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        return importlib.util.spec_from_loader(name, self.loader) if name == self.name else None


class _First:
    """Notes the first test that fails."""

    name = ""

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed and not self.name:
            self.name = report.nodeid

    def pytest_collectreport(self, report: Any) -> None:
        self.pytest_runtest_logreport(report)


def _child(mutant: dict[str, Any], seconds: int, compiled: bool, out: Path) -> int:
    import numba
    import pytest

    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    signal.alarm(8 * seconds)
    with tempfile.TemporaryDirectory() as cache:
        if mutant["file"].endswith("_numba_kernels"):
            numba.config.DISABLE_JIT = not compiled
            numba.config.CACHE_DIR = cache  # its key does not see every change
        sys.meta_path.insert(0, _Finder(mutant["file"], mutant["code"]))  # type: ignore[arg-type]
        room, name = mutant["file"].split("/")[0], mutant["file"].split("/")[-1]
        skip = " or ".join(filter(None, (LEFT_OUT, BLIND.get(name))))
        which = f"not ({skip})" if compiled else QUICK
        first = _First()
        options = ["-x", "-q", "--tb=no", "--no-header", "-p", "no:cacheprovider", "-k", which]
        options += ["-p", "no:unraisableexception", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 1)
            os.dup2(nowhere.fileno(), 2)
            status = int(pytest.main([*options, "-m", "not slow", *TESTS[room]], plugins=[first]))
        out.write_text(first.name)
    return status


def run(mutant: dict[str, Any], seconds: int, compiled: bool) -> str:
    """The test that killed it, "time" if it took too long, or "" if it lives."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "first")
        child = os.fork()
        if child == 0:
            status = 3
            try:
                status = _child(mutant, seconds, compiled, out)
            except BaseException as error:
                out.write_text(repr(error))
            finally:
                os._exit(status)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            return "time" if os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL, signal.SIGALRM) else "crash"
        return (out.read_text() if out.exists() else "") or "import" if os.WEXITSTATUS(status) else ""


def judge(mutant: dict[str, Any], seconds: int) -> str:
    quick = run(mutant, seconds, compiled=False) if mutant["file"].endswith("_numba_kernels") else ""
    return quick or run(mutant, seconds, compiled=True)


def _load() -> None:
    """What every child would have to load by itself."""
    import hypothesis
    import numba  # noqa: F401
    import numpy as np
    import PIL.Image  # noqa: F401
    import pytest  # noqa: F401
    import torch
    from hypothesis.extra import numpy as _  # noqa: F401

    np.testing.assert_array_equal(torch.ones(1).numpy(), 1)
    torch.testing.assert_close(torch.ones(1), torch.ones(1))  # the first one loads a large part of PyTorch
    torch.set_num_threads(1)
    phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate)  # that it fails is enough: no shrinking
    hypothesis.settings.register_profile("mutation", database=None, derandomize=True, phases=phases)
    hypothesis.settings.load_profile("mutation")
    gc.freeze()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rooms", nargs="*", help=f"{', '.join(FILES)} or single files such as raster/_scene")
    parser.add_argument("--most", type=int, default=10**9, help="mutants of each file, drawn at random")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=int, default=120, help="processor time after which a mutant counts as killed")
    parser.add_argument("--again", type=Path, help="run only what survived in this file")
    parser.add_argument("--out", type=Path, default=Path("mutation.json"))
    given = parser.parse_args()

    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT / "src"))
    os.environ["OMP_NUM_THREADS"] = "1"
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    _load()

    known = json.loads(given.again.read_text()) if given.again else []
    alive = [{k: v for k, v in m.items() if k not in ("killer", "now")} for m in known if not m["killer"]]
    files = sorted({m["file"] for m in alive}) or [f for room in given.rooms for f in FILES.get(room, [room])]
    done: list[dict[str, Any]] = []
    print(f"{'file':24}{'of':>6}{'run':>6}{'killed':>8}{'alive':>7}{'seconds':>9}", flush=True)
    for file in files:
        start, every = time.monotonic(), places(file)
        if killer := run({"file": file, "code": _source(file)}, 600, compiled=True):
            sys.exit(f"the tests of {file} fail without any mutant: {killer}")
        chosen = [m for m in every if m in alive] if alive else every
        if not alive and len(every) > given.most:
            chosen = random.Random(given.seed).sample(every, len(every))[: given.most]
        chosen = [m for m in chosen if make(m)]
        for mutant in chosen:
            mutant["killer"] = judge(mutant, given.seconds)
            del mutant["code"]
            done.append(mutant)
            given.out.write_text(json.dumps(done, indent=1) + "\n")
        lives = sorted((m for m in chosen if not m["killer"]), key=lambda m: m["line"])
        counts = f"{len(every):6}{len(chosen):6}{len(chosen) - len(lives):8}{len(lives):7}"
        print(f"{file:24}{counts}{time.monotonic() - start:9.0f}")
        for m in lives:
            print(f"    {m['line']}: {m['operator'].split('/')[1]}: {m['now']}", flush=True)


if __name__ == "__main__":
    main()
