"""Bits are expected only where the arithmetic is that of the recording: elsewhere it agrees."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from rnn_tui.recording.environment import current_environment
from rnn_tui.recording.journal_format import read_journal
from rnn_tui.recording.replay import ReplayVerifier
from rnn_tui.recording.resume import resume
from rnn_tui.run.branch import Branch
from rnn_tui.run.run import Run
from tests.support.makers import SMALL
from tests.support.recorded import (
    Line,
    alter_journal,
    end_recording,
    record_plan,
)

HERE = current_environment()
OTHER_THREADS = replace(HERE, blas_threads=f"{HERE.blas_threads}0")
PRINT_THREADS = """
from rnn_tui.recording.environment import current_environment
print(current_environment().blas_threads)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal whose last digest has other bits and the same values."""
    path = tmp_path / "run.jsonl"
    record_plan(path, SMALL, [], tail=1500)
    alter_journal(path, lambda lines: lines[-1].update(digest="0" * 32))
    return path


def record_environment(path: Path, environment: dict[str, str]) -> None:
    alter_journal(path, lambda lines: lines[0].update(environment=environment))


def verdict(path: Path) -> str:
    contents = read_journal(path)
    verifier = ReplayVerifier(contents)
    Branch(Run(contents.header.settings), verifier).advance(contents.last_step)
    return verifier.verdict


@pytest.mark.parametrize(
    ("variables", "threads"),
    [
        ({"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "9999"}, 1),
        ({"OMP_NUM_THREADS": "9999"}, len(os.sched_getaffinity(0))),
    ],
)
def test_environment_names_the_threads_of_blas(variables: dict[str, str], threads: int) -> None:
    unset = {name: value for name, value in os.environ.items() if "_NUM_THREADS" not in name}
    done = subprocess.run(
        [sys.executable, "-c", PRINT_THREADS],
        env=unset | variables,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{threads}\n"


def test_bits_of_another_number_of_threads_are_not_expected(path: Path) -> None:
    assert verdict(path).endswith("; other bits")
    record_environment(path, OTHER_THREADS.as_dict)
    assert verdict(path) == "agrees to 1e-9 through step 1,500"
    branch, message = resume(path)
    end_recording(branch)
    assert message == "resumed at step 1,500; this machine may round differently"


def test_bits_of_a_journal_without_threads_are_expected(path: Path) -> None:
    older = {name: value for name, value in HERE.as_dict.items() if name != "blas_threads"}
    record_environment(path, older)
    assert verdict(path).endswith("; other bits")
    branch, message = resume(path)
    end_recording(branch)
    assert message == "resumed at step 1,500"


def test_bits_after_resuming_on_another_machine_are_not_expected(path: Path) -> None:
    end_recording(resume(path)[0])

    def move(lines: list[Line]) -> None:
        lines[0].update(environment=HERE.as_dict | {"processor": "another"})
        lines[-1].update(digest="0" * 32)

    alter_journal(path, move)
    assert verdict(path) == "agrees to 1e-9 through step 1,500"
