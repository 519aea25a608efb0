"""Journals of format 1 and their checkpoints are read with today's names, replayed and resumed.

`adamw` ended with its checkpoint. `resumed` was resumed at step 150 by `resume --plain` and killed
before its next checkpoint, so that its checkpoint is that of step 150. `adamw-switch` was switched
to AdamW twice, with a weight decay, which AdamW then added to the gradient besides its own.
"""

from pathlib import Path
from shutil import copy

import pytest

from rnn_tui.config.recipes import RECIPES
from rnn_tui.recording.environment import current_environment
from rnn_tui.recording.format_1 import (
    ADAMW_DECAY,
    upgrade_change,
    upgrade_settings,
    with_adamw_decay,
)
from rnn_tui.recording.journal_format import (
    ChangeRecord,
    DigestRecord,
    JournalContents,
    ResumeRecord,
    read_journal,
    settings_from_json,
)
from rnn_tui.recording.recorder import make_digest
from rnn_tui.recording.replay import ReplayVerifier
from rnn_tui.recording.resume import resume
from rnn_tui.run.branch import Branch
from rnn_tui.run.changes import parse_change
from rnn_tui.run.run import Run

JOURNALS = Path(__file__).parents[1] / "data" / "journals"
CHANGES = {
    "adamw": [(60, "activation=tanh"), (100, "initial-state=learned")],
    "resumed": [
        (70, "dataset-size=40"),
        (110, "rho=0.75"),
        (400, "rho=0.9"),
        (400, "length=8"),
        (600, "task=addition"),
        (600, "hidden-size=3"),
        (600, "activation=relu"),
        (600, "initial-state=learned"),
        (1100, "hidden-size=4"),
    ],
    "adamw-switch": [
        (60, "optimizer=adamw"),
        (60, "decoupled-weight-decay=0.01"),
        (120, "weight-decay=0.2"),
        (160, "optimizer=sgd"),
        (180, "optimizer=adamw"),
    ],
}


def journal_of_format_1(name: str) -> JournalContents:
    contents = read_journal(JOURNALS / f"{name}.jsonl")
    assert not contents.error
    return contents


def has_same_rounding(contents: JournalContents) -> bool:
    environments = [contents.header.environment]
    environments += [
        record.environment for record in contents.records if isinstance(record, ResumeRecord)
    ]
    here = current_environment()
    return all(environment.has_same_rounding(here) for environment in environments)


def test_settings_have_todays_names() -> None:
    settings = journal_of_format_1("adamw").header.settings
    assert (settings.length, settings.hidden_size, settings.batch_size) == (5, 5, 4)
    assert (settings.dataset_size, settings.batching) == (12, "overlapping")
    assert (settings.initializer, settings.activation) == ("glorot", "sigmoid")
    assert settings.get("decoupled_weight_decay") == 0.05
    assert journal_of_format_1("resumed").header.settings.get("rho") == 0.8


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("reduction=result", "reduction=sequence-mean"),
        ("reduction=step", "reduction=time-step-mean"),
        ("minibatches=in-turn", "batching=sequential"),
        ("init=far", "initializer=constant"),
        ("init=glorot-second", "initializer=glorot-second-draw"),
        ("reduction=sequence-mean", "reduction=sequence-mean"),
    ],
)
def test_values_have_todays_names(old: str, new: str) -> None:
    assert upgrade_change(old) == new


def test_both_weight_decays_of_adamw_are_kept() -> None:
    values = {"recipe": "binary-addition", "optimizer": "adamw", "weight-decay": "0.1"}
    settings = settings_from_json(upgrade_settings(values))
    assert settings.l2_weight_decay == 0.1
    assert settings.hyperparameters["decoupled_weight_decay"] == 0.01


@pytest.mark.parametrize("name", CHANGES)
def test_changes_and_schedule_have_todays_names(name: str) -> None:
    contents = journal_of_format_1(name)
    schedule = [(step, change.spec) for step, change in contents.header.schedule]
    changes = [record for record in contents.records if isinstance(record, ChangeRecord)]
    assert [(step, change.spec) for step, change in changes] == CHANGES[name]
    assert bool(schedule) == (name != "adamw-switch")
    assert set(schedule) <= set(CHANGES[name])


@pytest.mark.parametrize("name", CHANGES)
def test_journal_replays_identically(name: str) -> None:
    contents = journal_of_format_1(name)
    verifier = ReplayVerifier(contents)
    branch = Branch(Run(contents.header.settings), verifier)
    branch.advance(contents.last_step)
    assert verifier.finished
    verdicts = [
        f"{word} through step {contents.last_step:,}" for word in ("identical", "agrees to 1e-9")
    ]
    assert verifier.verdict in (verdicts[:1] if has_same_rounding(contents) else verdicts)


@pytest.mark.parametrize(
    ("name", "checkpoint_step"),
    [("adamw", 150), ("resumed", 150), ("adamw-switch", 200)],
)
def test_run_resumes_from_checkpoint(name: str, checkpoint_step: int, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.jsonl"
    for suffix in (".jsonl", ".npz"):
        copy(JOURNALS / f"{name}{suffix}", tmp_path)
    contents = read_journal(path)
    *_, recorded = (record for record in contents.records if isinstance(record, DigestRecord))
    steps_taken: list[int] = []

    def note_step(step: int, _last: int) -> bool:
        steps_taken.append(step)
        return True

    branch, message = resume(path, note_step)
    branch.observer.close()
    assert "checkpoint" not in message
    assert branch.run.step == recorded.step
    assert min(steps_taken, default=checkpoint_step) >= checkpoint_step
    assert [(applied.step, applied.change.spec) for applied in branch.run.log] == CHANGES[name]
    resumed = make_digest(branch.run)
    if has_same_rounding(contents):
        assert resumed.digest == recorded.digest
    assert resumed.metric == pytest.approx(recorded.metric, rel=1e-9)
    assert resumed.weight_norm == pytest.approx(recorded.weight_norm, rel=1e-9)


def test_switch_of_a_later_version_has_one_weight_decay(tmp_path: Path) -> None:
    copy(JOURNALS / "xor.jsonl", tmp_path)
    branch, _ = resume(tmp_path / "xor.jsonl")
    specs = ["optimizer=adamw", "weight-decay=0.3"]
    for spec in specs:
        branch.apply(parse_change(spec))
    branch.observer.close()
    records = read_journal(tmp_path / "xor.jsonl").records
    *_, switch, decay = (record for record in records if isinstance(record, ChangeRecord))
    assert [switch.change.spec, decay.change.spec] == specs


def test_scheduled_switch_to_adamw_keeps_both_weight_decays() -> None:
    adamw, sgd = parse_change("optimizer=adamw"), parse_change("optimizer=sgd")
    settings = RECIPES["binary-addition"].settings
    upgraded = list(with_adamw_decay(settings, [(1, adamw), (2, sgd), (3, adamw)]))
    assert upgraded == [[(1, adamw), (1, ADAMW_DECAY)], [(2, sgd)], [(3, adamw)]]
