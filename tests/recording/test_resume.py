"""A resumed run is identical to one that was never interrupted, however that ended."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from rnn_tui.config.settings import Settings
from rnn_tui.recording import checkpoint
from rnn_tui.recording.checkpoint import checkpoint_path
from rnn_tui.recording.environment import current_environment
from rnn_tui.recording.journal import Journal
from rnn_tui.recording.journal_format import (
    JournalContents,
    JournalError,
    ResumeRecord,
    read_journal,
)
from rnn_tui.recording.resume import Cancelled, resume
from rnn_tui.run.branch import Branch
from rnn_tui.run.changes import Schedule, SetField, parse_change
from rnn_tui.run.keyframes import Keyframes
from rnn_tui.run.run import Run
from rnn_tui.run.settings_state import SettingsState
from tests.support.makers import SMALL, settings_with
from tests.support.plans import PLANS, Plan, PlannedChange
from tests.support.recorded import (
    PAIRS,
    Line,
    alter_journal,
    apply_plan,
    change_at,
    end_recording,
    exact_state,
    record_plan,
    replay_verdicts,
    small,
    start_recording,
    uninterrupted_run,
)

pytestmark = pytest.mark.long


def left(branch: Branch, _path: Path) -> None:
    end_recording(branch)


def killed(branch: Branch, path: Path) -> None:
    branch.observer.close()
    checkpoint_path(path).unlink(missing_ok=True)


def killed_with_an_old_checkpoint(branch: Branch, _path: Path) -> None:
    branch.observer.close()


def killed_with_one_of_another_run(branch: Branch, path: Path) -> None:
    branch.observer.close()
    other = small(
        branch.run.initial_settings.task,
        branch.run.initial_settings.optimizer,
        branch.run.initial_settings.seed + 1,
    )
    run = uninterrupted_run(other, (), 50)
    checkpoint.save(checkpoint_path(path), run, Keyframes(run.state))


def killed_with_half_a_line(branch: Branch, path: Path) -> None:
    killed(branch, path)
    with open(path, "ab") as file:
        file.write(b'{"step": 12, "change": "lr=')


End = Callable[[Branch, Path], None]
ENDS: list[End] = [
    left,
    killed,
    killed_with_an_old_checkpoint,
    killed_with_one_of_another_run,
    killed_with_half_a_line,
]
PLANNED = st.lists(
    st.tuples(st.integers(0, 1500), st.sampled_from(["lr=0.05", "clip-norm=2", "optimizer=adam"])),
    max_size=3,
)


@pytest.mark.parametrize(("task", "optimizer"), PAIRS)
def test_resumed_run_is_identical_to_uninterrupted_run(
    task: str, optimizer: str, tmp_path: Path
) -> None:
    count = 0

    @seed(PAIRS.index((task, optimizer)))
    @settings(max_examples=2, deadline=None)
    @given(PLANS, PLANS, PLANNED, st.sampled_from(ENDS), st.integers(0, 1200), st.integers(0, 9))
    def check(
        before: Plan, after: Plan, planned: Schedule, stop: End, tail: int, seed: int
    ) -> None:
        nonlocal count
        count += 1
        start, path = small(task, optimizer, seed), tmp_path / f"{count}.jsonl"
        schedule = sorted(
            ((step, parse_change(str(spec))) for step, spec in planned), key=lambda it: it[0]
        )
        plan = before, after
        uninterrupted = start_recording(tmp_path / f"{count}-whole.jsonl", start, schedule)
        interrupted = start_recording(path, start, schedule)
        for branch in (uninterrupted, interrupted):
            apply_plan(branch, plan[0])
            if branch.observer.path:
                checkpoint.save(checkpoint_path(branch.observer.path), branch.run, branch.keyframes)
            branch.advance(tail)
        present = interrupted.run.step
        halted = interrupted.run.halt_reason
        stop(interrupted, path)
        if not path.exists():  # nothing was done
            end_recording(uninterrupted)
            return
        resumed, message = resume(path)
        assert message.startswith(f"resumed at step {resumed.run.step:,}")
        assert ("another run" in message) == (stop is killed_with_one_of_another_run)
        assert resumed.run.step <= present
        assert stop is not left or resumed.run.step == present
        resumed.advance(present - resumed.run.step)
        assert resumed.run.halt_reason == halted
        assert exact_state(resumed.run) == exact_state(uninterrupted.run)
        for branch in (uninterrupted, resumed):
            apply_plan(branch, plan[1])
            branch.advance(400)
            end_recording(branch)
        assert exact_state(resumed.run) == exact_state(uninterrupted.run)
        assert read_journal(path).last_step == resumed.run.step

    check()
    journals = sorted(tmp_path.glob("*.jsonl"))
    verdicts = [f"identical through step {read_journal(path).last_step:,}" for path in journals]
    assert replay_verdicts(journals) == verdicts


@pytest.mark.parametrize("at", [0, 1000, 1300])
@pytest.mark.parametrize("written", [0, 1, 2])
def test_scheduled_changes_at_last_step_are_not_lost(at: int, written: int, tmp_path: Path) -> None:
    specs = ("lr=0.2", "clip-norm=1")
    schedule = [(at, parse_change(spec)) for spec in specs]
    path = tmp_path / "run.jsonl"
    branch = start_recording(path, SMALL, schedule)
    branch.advance(1500)
    branch.observer.close()

    def cut(lines: list[Line]) -> None:
        places = [place for place, line in enumerate(lines) if "change" in line]
        del lines[places[0] + written :]

    alter_journal(path, cut)
    resumed, _ = resume(path)
    resumed.advance(1500 - resumed.run.step)
    assert [(applied.step, applied.change) for applied in resumed.run.log] == schedule
    assert exact_state(resumed.run) == exact_state(branch.run)
    end_recording(resumed)
    assert replay_verdicts([path]) == ["identical through step 1,500"]


def test_scheduled_change_is_not_applied_twice(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    branch = start_recording(path, SMALL, [(1000, parse_change("lr=0.2"))])
    branch.advance(1000)
    change_at(branch, 1000, "lr=0.3")
    end_recording(branch)
    for _ in range(2):
        resumed, _ = resume(path)
        assert resumed.run.settings.learning_rate == 0.3
        resumed.advance(10)
        assert resumed.run.settings.learning_rate == 0.3
        end_recording(resumed)


def test_diverged_run_stays_halted_until_it_is_changed(tmp_path: Path) -> None:
    start = settings_with(length=5, hidden_size=6, optimizer="momentum", learning_rate=1e6)
    for name, stop in (("left", left), ("killed", killed)):
        path = tmp_path / f"{name}.jsonl"
        branch = start_recording(path, start)
        branch.advance(3000)
        assert branch.run.halt_reason
        branch.deactivate()
        stop(branch, path)
        resumed, _ = resume(path)
        assert exact_state(resumed.run) == exact_state(branch.run)
        change_at(resumed, branch.run.step, "lr=0.1")
        resumed.advance(100)
        again = uninterrupted_run(
            start, [(branch.run.step, SetField("lr", 0.1))], branch.run.step + 100
        )
        assert exact_state(resumed.run) == exact_state(again)
        end_recording(resumed)


def test_checkpoint_may_be_later_than_last_record(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    branch = start_recording(path, SMALL)
    branch.advance(1700)
    branch.keyframes.training_seconds = 3.0
    checkpoint.save(checkpoint_path(path), branch.run, branch.keyframes)
    branch.observer.close()
    assert read_journal(path).last_step == 1000
    resumed, message = resume(path)
    assert message == "resumed at step 1,700"
    assert (resumed.run.step, resumed.keyframes.training_seconds) == (1700, 3.0)
    resumed.advance(500)
    assert exact_state(resumed.run) == exact_state(uninterrupted_run(SMALL, (), 2200))
    end_recording(resumed)
    assert replay_verdicts([path]) == ["identical through step 2,200"]


@pytest.mark.parametrize(
    ("step", "spec"), [(300, "lr=0.2"), (500, "lr=0.3"), (500, None)], ids=["when", "what", "more"]
)
def test_checkpoint_with_other_changes_is_not_used(
    step: int, spec: str | None, tmp_path: Path
) -> None:
    path = tmp_path / "run.jsonl"
    branch = start_recording(path, SMALL)
    change_at(branch, 500, "lr=0.2")
    branch.advance(1000)
    branch.observer.close()
    other = Run(SMALL, [(step, parse_change(spec))] if spec else ())
    other.advance(900)
    checkpoint.save(checkpoint_path(path), other, Keyframes(other.state))
    resumed, message = resume(path)
    reason = f"{checkpoint_path(path)}: the checkpoint is that of another run"
    assert message == f"resumed at step 1,000; no usable checkpoint, journal replayed: {reason}"
    resumed.advance(1500 - resumed.run.step)
    assert exact_state(resumed.run) == exact_state(branch.run)
    end_recording(resumed)


def test_resume_reports_step_and_other_environment(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    record_plan(path, SMALL, [], tail=1200)
    for step in (1200, 1210):
        branch, message = resume(path)
        assert message == f"resumed at step {step:,}"
        branch.advance(10)
        end_recording(branch)
    resumed = [line for line in read_journal(path).records if isinstance(line, ResumeRecord)]
    assert resumed == [
        ResumeRecord(1200, current_environment()),
        ResumeRecord(1210, current_environment()),
    ]
    other = current_environment().as_dict | {"numpy": "0.1"}
    alter_journal(path, lambda lines: lines[0].update(environment=other))
    branch, message = resume(path)
    assert message == "resumed at step 1,220; this machine may round differently"
    end_recording(branch)


@pytest.mark.parametrize(
    ("step", "spec", "why"),
    [
        (300, "lr=0.1", "step 300: lr=0.1 changes nothing"),
        (300, "momentum=0.5", "step 300: momentum=0.5: sgd has no momentum; "),
        (300, "lr=1e6", "training diverges at step 3"),
    ],
)
def test_resume_rejects_impossible_change_and_leaves_journal_unchanged(
    step: int, spec: str, why: str, tmp_path: Path
) -> None:
    path = tmp_path / "run.jsonl"
    record_plan(path, SMALL, [PlannedChange(300, SetField("lr", 0.2))], tail=900)
    checkpoint_path(path).unlink()
    alter_journal(path, lambda lines: lines[1].update(step=step, change=spec))
    with open(path, "ab") as file:
        file.write(b'{"half')
    before = path.read_bytes()
    with pytest.raises(JournalError, match=f"^{why}"):
        resume(path)
    assert path.read_bytes() == before
    journal, _ = Journal.open_append(path)  # nobody holds it
    journal.close()


def test_resume_can_be_cancelled(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    record_plan(path, SMALL, [PlannedChange(3000, SetField("lr", 0.2))], tail=3500)
    checkpoint_path(path).unlink()
    before, reported = path.read_bytes(), []

    def progress(step: int, last: int) -> bool:
        reported.append((step, last))
        return step < 4000

    with pytest.raises(Cancelled):
        resume(path, progress)
    assert {last for _, last in reported} == {6500}
    steps = [step for step, _ in reported]
    assert steps == sorted(steps)
    assert 3000 in steps
    assert steps[-1] >= 4000 > steps[-2]
    assert path.read_bytes() == before
    branch, _ = resume(path)
    assert branch.run.step == 6500
    end_recording(branch)


@pytest.mark.parametrize("has_checkpoint", [True, False])
def test_resume_builds_one_run_and_reads_journal_once(
    has_checkpoint: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "run.jsonl"
    runs: list[Run] = []
    reads: list[Path] = []
    record_plan(path, SMALL, [PlannedChange(300, SetField("lr", 0.2))], tail=900)
    if not has_checkpoint:
        checkpoint_path(path).unlink()
    init = Run._init

    def count_run(run: Run, initial: Settings, state: SettingsState, schedule: Schedule) -> None:
        runs.append(run)
        init(run, initial, state, schedule)

    def count_read(journal: Path) -> JournalContents:
        reads.append(journal)
        return read_journal(journal)

    monkeypatch.setattr(Run, "_init", count_run)
    monkeypatch.setattr("rnn_tui.recording.journal.read_journal", count_read)
    branch, _ = resume(path)
    assert (runs, reads) == ([branch.run], [path])
    end_recording(branch)
