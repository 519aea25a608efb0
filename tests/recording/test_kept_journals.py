"""The kept journals replay identically, and within rounding where arithmetic differs.

Each was made by lines typed into `rnn-tui --plain --paused --journal FILE`, and `bits` was left
and resumed at step 3,200; on `adamw` and `resumed` see `test_format_1`.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rnn_tui.recording.environment import current_environment
from rnn_tui.recording.journal_format import ChangeRecord, ResumeRecord, read_journal
from tests.support.recorded import REPLAY_SCRIPT

pytestmark = pytest.mark.long

JOURNALS = sorted((Path(__file__).parents[1] / "data" / "journals").glob("*.jsonl"))
ENVIRONMENTS: dict[str, dict[str, str]] = {
    "here": {},
    "an old processor": {"OPENBLAS_CORETYPE": "Nehalem"},
    "fewer instructions": {"NPY_DISABLE_CPU_FEATURES": "AVX512_ICL AVX512_SKX X86_V4 X86_V3"},
}


def allowed_verdicts(journal: Path, environment: str) -> list[str]:
    contents = read_journal(journal)
    machines = [contents.header.environment]
    machines += [
        record.environment for record in contents.records if isinstance(record, ResumeRecord)
    ]
    here = current_environment()
    is_same = environment == "here" and all(machine.has_same_rounding(here) for machine in machines)
    agreements = ["identical"] if is_same else ["identical", "agrees to 1e-9"]
    return [f"{agreement} through step {contents.last_step:,}" for agreement in agreements]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_kept_journals_replay(environment: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", REPLAY_SCRIPT],
        input="".join(f"{journal}\n" for journal in JOURNALS),
        env={**os.environ, **ENVIRONMENTS[environment]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    for journal, verdict in zip(JOURNALS, done.stdout.splitlines(), strict=True):
        assert verdict in allowed_verdicts(journal, environment), journal


def test_kept_journals_have_changes_of_many_kinds_and_a_resume() -> None:
    records = [record for path in JOURNALS for record in read_journal(path).records]
    changes = [record.change for record in records if isinstance(record, ChangeRecord)]
    assert len({change.name for change in changes}) >= 12
    assert any(isinstance(record, ResumeRecord) for record in records)
