"""The message line and the header: nothing is cut without a place to read all of it."""

from dataclasses import replace

import pytest

from rnn_tui.config.recipes import RECIPES
from rnn_tui.config.switching import switch_task
from rnn_tui.engine.evaluation import Score
from rnn_tui.run.change_messages import gradient_check_message
from rnn_tui.run.settings_state import SettingsState
from rnn_tui.session.snapshot import EMPTY_SNAPSHOT, Status
from rnn_tui.tui.drawing.status_lines import (
    export_lines,
    header,
    loss_line,
    message_lines,
    run_titles,
)

CHECKED = gradient_check_message({"recurrent_weight": 1.2e-8})


@pytest.mark.parametrize("width", [58, 78])
def test_long_message_is_wrapped(width: int) -> None:
    snapshot = replace(EMPTY_SNAPSHOT, message=f"step 100,000: {CHECKED}")
    lines = message_lines(snapshot, width, 2, with_accuracy=True).split("\n")
    assert " ".join(lines) == snapshot.message
    assert max(map(len, lines)) <= width


def test_message_without_room_names_the_pane_that_shows_it() -> None:
    snapshot = replace(EMPTY_SNAPSHOT, message=f"step 100,000: {CHECKED}")
    line = message_lines(snapshot, 58, 1, with_accuracy=False)
    assert line.endswith("…: see changes")
    assert len(line) <= 58


@pytest.mark.parametrize(
    ("width", "title"),
    [
        (90, "addition 8 bits · Elman 16 σ · SGD 0.1 clipped · seed 0"),
        (80, "addition 8 bits · Elman 16 σ · SGD 0.1 clipped"),
        (72, "addition 8 bits · Elman 16 σ · SGD 0.1"),
        (65, "addition 8 bits · Elman 16 σ"),
        (55, "addition · Elman 16 σ"),
    ],
)
def test_header_keeps_task_and_model_longest(width: int, title: str) -> None:
    settings = replace(RECIPES["binary-addition"].settings, clip_norm=1.0)
    snapshot = replace(
        EMPTY_SNAPSHOT,
        settings_state=SettingsState.from_settings(settings),
        status=Status.PAUSED,
        step=6217,
    )
    line = header(snapshot, width)
    assert line == f"rnn-tui  {title}".ljust(width - 22) + "‖ paused at step 6,217"


def test_title_keeps_the_lesion_longer_than_the_optimizer() -> None:
    titles = run_titles(replace(RECIPES["binary-addition"].settings, lesion=8))
    assert "addition 8 bits · Elman 16 σ, lesion 8" in titles
    settings = switch_task(RECIPES["binary-addition"].settings, "counting-ones")
    assert "lesion" not in run_titles(replace(settings, lesion=8))[0]  # of a model without units


def test_header_has_the_lag() -> None:
    settings = switch_task(RECIPES["binary-addition"].settings, "echo").updated(lag=3)
    assert run_titles(settings)[0].startswith("echo length 8 lag 3 · ")


def test_exported_files_are_listed_with_their_contents() -> None:
    suffixes = (".csv", "-evaluations.csv", ".npz", ".svg")
    exported = tuple(f"/home/ada/run-step5{suffix}" for suffix in suffixes)
    snapshot = replace(EMPTY_SNAPSHOT, exported=exported, journal_path="/home/ada/run.jsonl")
    assert export_lines(snapshot).splitlines() == [
        "loss curve: run-step5.csv",
        "accuracy curve: run-step5-evaluations.csv",
        "weights: run-step5.npz",
        "screenshot: run-step5.svg",
        "journal: /home/ada/run.jsonl",
    ]


def test_accuracy_of_earlier_weights_names_its_step() -> None:
    score = Score(n_correct=8, n_sequences=16, n_correct_bits=60, n_bits=64, exhaustive=True)
    now = replace(EMPTY_SNAPSHOT, score=score, score_step=250, step=250)
    assert message_lines(now, 160, 1, with_accuracy=True).endswith("accuracy 50.00 % (8 of 16)")
    later = replace(now, step=300)
    assert message_lines(later, 160, 1, with_accuracy=True).endswith("(8 of 16) at step 250")


def test_loss_before_a_change_of_the_loss_is_named() -> None:
    viewed = replace(EMPTY_SNAPSHOT, metric=2.5)
    assert loss_line(viewed, 80).startswith("now 2.500  ")
    changed = replace(viewed, latest_settings=viewed.settings.updated(loss="cross-entropy"))
    assert loss_line(changed, 80).startswith("now 2.500 (L1 error Σ|y−ŷ|)  ")
