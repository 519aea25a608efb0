"""Journals that were written once must repeat for good, also where rounding is another.

Each was made by lines typed into `rnn-tui --plain --paused --journal FILE`, and `bits` was left
and resumed at step 3,200.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rnn_tui.recording.environment import current_environment
from rnn_tui.recording.journal_format import ChangeRecord, ResumeRecord, read_journal

pytestmark = pytest.mark.long

JOURNALS = sorted((Path(__file__).parents[1] / "data" / "journals").glob("*.jsonl"))
ELSEWHERE: dict[str, dict[str, str]] = {
    "here": {},
    "an old processor": {"OPENBLAS_CORETYPE": "Nehalem"},
    "fewer instructions": {"NPY_DISABLE_CPU_FEATURES": "AVX512_ICL AVX512_SKX X86_V4 X86_V3"},
}


@pytest.mark.parametrize("where", ELSEWHERE)
@pytest.mark.parametrize("journal", JOURNALS, ids=lambda path: path.stem)
def test_a_journal_repeats_for_good(journal: Path, where: str) -> None:
    command = [sys.executable, "-m", "rnn_tui", "replay", str(journal), "--headless"]
    environment = {**os.environ, **ELSEWHERE[where]}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    recording = read_journal(journal)
    machines = [recording.header.environment]
    machines += [line.environment for line in recording.records if isinstance(line, ResumeRecord)]
    promised = where == "here" and all(it.same_arithmetic(current_environment()) for it in machines)
    verdicts = ["identical"] if promised else ["identical", "agrees to 1e-9"]
    assert done.returncode == 0, done
    assert done.stdout in [f"{it} through step {recording.last_step:,}\n" for it in verdicts]


def test_the_journals_have_changes_of_many_kinds_and_a_second_beginning() -> None:
    lines = [line for path in JOURNALS for line in read_journal(path).records]
    assert len({line.change.name for line in lines if isinstance(line, ChangeRecord)}) >= 12
    assert any(isinstance(line, ResumeRecord) for line in lines)
