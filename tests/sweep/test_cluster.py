"""A Dask cluster trains as this machine does: a scheduler and workers on loopback."""

import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import wait
from contextlib import contextmanager
from importlib.util import find_spec
from math import inf
from pathlib import Path
from types import ModuleType

import pytest

from rnn_tui.config.settings import MAX_STEPS
from rnn_tui.recording.environment import Environment
from rnn_tui.sweep.cluster import DaskPool
from rnn_tui.sweep.groups import train_jobs
from rnn_tui.sweep.job import JobResult
from rnn_tui.sweep.pools import MAX_SUBMITTED_GROUPS_PER_WORKER
from tests.support.shell import objects, run
from tests.support.sweeps import make_grid

ROOT = Path(__file__).parents[2]
WORDS = ("lr=0.1,0.2,0.5", "--seeds", "6", "--length", "5", "--hidden-size", "3", "--steps", "1500")
TIMEOUT_SECONDS = 600  # before a sweep that never ends is a failure

needs_distributed = pytest.mark.skipif(
    find_spec("distributed") is None,
    reason="distributed is not installed: pip install '.[cluster]'",
)


@contextmanager
def dask(tool: str, *options: str, path: Path = ROOT) -> Iterator[subprocess.Popen[str]]:
    """Run a tool of distributed, with the rnn_tui in `path`, until the block ends."""
    old_path = os.environ.get("PYTHONPATH", "")
    process = subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.dask_{tool}", *options, "--no-dashboard"],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(path), old_path])},
        cwd=path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_for_line(process: subprocess.Popen[str], pattern: str) -> str:
    """Return the first group of `pattern` in the log of a process."""
    assert process.stdout is not None
    for line in process.stdout:
        if match := re.search(pattern, line):
            return match[1]
    raise AssertionError(f"{process.args!r} has ended")


@contextmanager
def cluster(*worker_paths: Path) -> Iterator[tuple[str, list[subprocess.Popen[str]]]]:
    """Yield the address of a scheduler, and a worker for each path."""
    with dask("scheduler", "--host", "127.0.0.1", "--port", "0") as scheduler:
        address = wait_for_line(scheduler, r"Scheduler at: +(tcp://\S+)")
        options = (address, "--nthreads", "1", "--no-nanny")
        with (
            dask("worker", *options, path=worker_paths[0]) as first,
            dask("worker", *options, path=worker_paths[1]) as second,
            dask("worker", *options, path=worker_paths[2]) as third,
        ):
            workers = [first, second, third]
            for worker in workers:
                wait_for_line(worker, r"(Registered to)")
            yield address, workers


def check_notices_of_other_rounding(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    notices: list[str] = []
    with monkeypatch.context() as patch:
        patch.setattr(Environment, "has_same_rounding", lambda *_: False)
        with DaskPool(address, notices.append):
            (notice,) = (notice for notice in notices if "refused" not in notice)
    assert re.fullmatch(r"worker tcp://127\.0\.0\.1:\d+ has another processor, .+", notice)


def check_progress_and_end_of_a_group_in_training(address: str) -> None:
    options = {"optimizer": "sgd", "clip_norm": inf, "steps": MAX_STEPS}
    halted, long = make_grid("lr=1e6,1e-9", n_seeds=1, **options).jobs
    with DaskPool(address, lambda _: None) as pool:
        assert not logging.getLogger("distributed.client").isEnabledFor(logging.CRITICAL)
        assert logging.getLogger("another").isEnabledFor(logging.CRITICAL)
        future = pool.submit([halted, long])
        results: list[JobResult] = []
        while not (future.done() or (results and pool.unfinished_steps)):
            results += pool.new_results()
            wait([future], timeout=0.05)
        assert not future.done()
    assert [result.job_digest for result in results] == [halted.digest]
    with DaskPool(address, lambda _: None) as pool:  # whose only worker is free again
        assert pool.n_workers == 1
        assert pool.submit([halted]).result(TIMEOUT_SECONDS)


@needs_distributed
def test_cluster_without_a_killed_and_a_refused_worker_has_the_same_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other" / "rnn_tui"
    other.mkdir(parents=True)
    (other / "__init__.py").write_text('__version__ = "0.0.1"\n', "utf-8")
    with cluster(ROOT, ROOT, other.parent) as (address, workers):
        command = [sys.executable, "-m", "rnn_tui", "sweep", *WORDS, "--scheduler", address]
        process = subprocess.Popen(
            [*command, "--no-journal", "--json"],
            bufsize=0,  # or lines after the first two would be in a buffer
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert process.stdout is not None
        lines = [process.stdout.readline(), process.stdout.readline()]  # the first result
        workers[0].kill()
        rest, error_output = process.communicate(timeout=TIMEOUT_SECONDS)
        output, errors = b"".join([*lines, rest]).decode(), error_output.decode()
        assert process.returncode == 0, errors
        check_progress_and_end_of_a_group_in_training(address)
        check_notices_of_other_rounding(address, monkeypatch)
    refused = [line for line in errors.splitlines() if "refused" in line]
    assert len(refused) == 1
    assert re.fullmatch(
        r"rnn-tui: worker tcp://127\.0\.0\.1:\d+ is refused: rnn-tui 0\.0\.1 \(here [\d.]+\)",
        refused[0],
    )
    runs = [line for line in objects(output) if line["kind"] == "sweep-run"]
    grid = make_grid("lr=0.1,0.2,0.5", n_seeds=6, steps=1500)
    expected = {
        result.job_digest: result.weights
        for result in train_jobs(grid.jobs, lambda *_: True, record=False)
    }
    assert {line["job"]: line["weights"] for line in runs} == expected
    assert len(runs) == len(expected) > 3 * MAX_SUBMITTED_GROUPS_PER_WORKER


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("tcp://127.0.0.1:9", "no scheduler at tcp://127.0.0.1:9: [Errno 111] Connection refused"),
        ("tcp://127.0.0.1:99999", "no scheduler at tcp://127.0.0.1:99999: "),
        ("127.0.0.1:8786", "'127.0.0.1:8786' is not tcp://HOST:PORT"),
        ("tcp://host", "'tcp://host' is not tcp://HOST:PORT"),
    ],
)
def test_unreachable_scheduler_is_one_line(
    address: str,
    reason: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", ModuleType("distributed"))
    status, output, errors = run(
        capsys, "sweep", *WORDS, "--scheduler", address, "--no-journal", "--json"
    )
    assert (status, errors.count("\n")) == (2, 1)
    assert [line["kind"] for line in objects(output)] == ["sweep"]
    assert errors.startswith(f"rnn-tui: --scheduler: {reason}")


def test_missing_package_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    status, _, errors = run(capsys, "sweep", *WORDS, "--scheduler", "tcp://x:1", "--no-journal")
    assert status == 2
    assert errors == (
        "rnn-tui: --scheduler needs the package distributed; install it by "
        "pip install '.[cluster]' in a checkout\n"
    )
