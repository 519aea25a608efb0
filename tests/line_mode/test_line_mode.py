"""Line mode over several lines: waiting, breakpoints, branches, siblings, reports and analyses."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from rnn_tui.analysis.analyses import ANALYSES
from rnn_tui.config.recipes import RECIPES
from rnn_tui.config.settings import Settings
from rnn_tui.line_mode.client import LineClient
from rnn_tui.run.optimizer_race import CONTENDERS
from rnn_tui.session import siblings
from rnn_tui.session.snapshot import Status
from tests.line_mode.clients import clients_at_step_30, output_of
from tests.support.makers import settings_with
from tests.support.shell import run
from tests.support.siblings import InlineProcess


def test_events_and_hits_are_printed(
    client: LineClient, capsys: pytest.CaptureFixture[str]
) -> None:
    output_of(client, "break step=40", capsys)
    output_of(client, "wait 50", capsys)
    hit = "step 40: breakpoint step=40: the step is reached"
    assert output_of(client, "events", capsys) == hit


@pytest.fixture
def client_with_siblings(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[LineClient]:
    """A client of a small run, paused at step 30, whose siblings are trained at once."""
    monkeypatch.setattr(siblings, "SiblingsProcess", InlineProcess)
    yield from clients_at_step_30(settings_with(length=3, hidden_size=4), capsys)


def test_siblings_are_reported_asked_about_and_opened(
    client_with_siblings: LineClient, capsys: pytest.CaptureFixture[str]
) -> None:
    client = client_with_siblings
    output_of(client, "seeds 2", capsys)
    assert re.fullmatch(
        r"0 of 2 exact by step 30 .*\nseed 1 \* not yet exact .*\nseed 2 \* .* mean L1 error \S+",
        output_of(client, "siblings", capsys),
    )
    assert "  siblings     0 of 2 exact by step 30 (Wilson 95 %: 0-66 %)" in output_of(
        client, "", capsys
    )
    assert "The siblings are paused: a applies" in output_of(client, "lr 0.3", capsys)
    output_of(client, "A", capsys)
    assert "0 of 2 exact by step 35" in output_of(client, "s 5", capsys)
    assert output_of(client, "sibling 2", capsys) == (
        "step 35: branch 2: the sibling with seed 2, trained again to step 35; space resumes"
    )
    assert client.snapshot.settings.seed == 2
    assert client.snapshot.settings.learning_rate == 0.1


def test_breakpoint_ends_waiting_and_leaves_the_run_paused(
    client: LineClient, capsys: pytest.CaptureFixture[str]
) -> None:
    output_of(client, "break step=45", capsys)
    output_of(client, ":break loss > 0", capsys)
    assert output_of(client, "break", capsys) == "breakpoints: step=45, loss>0"
    reached = "step 45: breakpoint step=45: the step is reached"
    assert output_of(client, "wait 500", capsys) == reached
    assert client.snapshot.status is Status.PAUSED
    assert not client.is_running
    assert output_of(client, "break-delete step=45", capsys) == (
        "step 45: breakpoint step=45 is deleted"
    )
    assert output_of(client, "break-off loss>0", capsys) == "step 45: breakpoint loss>0 is off"
    assert output_of(client, "break", capsys) == "breakpoints: loss>0 (off)"
    output_of(client, "break change", capsys)
    hit = "step 45: breakpoint change: lr 0.1 -> 0.3"
    assert output_of(client, "lr 0.3", capsys) == f"step 45: lr 0.1 -> 0.3\n{hit}"
    assert output_of(client, "wait 600", capsys) == ""
    assert client.snapshot.step == 600


def test_example_is_pinned_and_printed_with_bits_carry_and_confidence(
    client: LineClient, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = output_of(client, "37 + 101", capsys).splitlines()
    assert lines[0] == "step 30: pinned, predicted with the current weights"
    assert lines[2] == "  target       10001010"
    assert lines[3].startswith("  37 + 101 = ")
    assert lines[4:7] == [
        "  a            00100101",
        "  b            01100101",
        "  carry        11001010",
    ]
    assert lines[7].startswith("  confidence % ")
    assert [line[:31] for line in lines[8:]] == [
        "  gradient     loss at last t: ",
        "  by t         loss at last t, ",
        "  by t         loss at all t, t",
    ]
    assert "unpinned: the newest example is shown" in output_of(client, "h", capsys)


@pytest.mark.parametrize(
    ("recipe", "shown"),
    [
        ("counting-ones", "  weights      w_x -0.9"),
        ("counting-ones", "  gradient     dloss/dw_x "),
        ("xor", "  output       1 XOR 0 = 0."),
        ("nonlinear-addition", "  carry        "),
    ],
)
def test_report_covers_every_picture_of_the_dashboard(
    capsys: pytest.CaptureFixture[str], recipe: str, shown: str
) -> None:
    for client in clients_at_step_30(RECIPES[recipe].settings, capsys):
        assert shown in output_of(client, "", capsys)


def test_race_starts_at_the_published_weights(capsys: pytest.CaptureFixture[str]) -> None:
    for client in clients_at_step_30(RECIPES["counting-ones"].settings, capsys):
        output = output_of(client, "x", capsys).splitlines()
        assert output_of(client, "race", capsys).splitlines() == output
        assert len(output) == len(CONTENDERS)
        ending = r", w_rec \S+, loss \S+, (took 500 steps|overflowed at step \d+)"
        for line, entry in zip(output, CONTENDERS, strict=True):
            assert line.startswith(f"  race         {entry.title}: w_x ")
            assert re.search(f"{ending}$", line)
        assert "overflowed at step" in output[1]  # plain SGD


@pytest.mark.parametrize("line", ["s 1e12", "wait 1e12"])
def test_training_to_a_step_can_be_interrupted(
    capsys: pytest.CaptureFixture[str], line: str
) -> None:
    answers: list[bool] = []
    settings = RECIPES["binary-addition"].settings
    for client in clients_at_step_30(settings, capsys, lambda: bool(answers) and answers.pop()):
        answers.extend((True, False))
        assert re.match(
            r"step [\d,]+ of 10,000, (paused|finished)\n", output_of(client, line, capsys)
        )
        assert not client.is_running


def test_halted_run_resumes_after_a_change(capsys: pytest.CaptureFixture[str]) -> None:
    for client in clients_at_step_30(Settings(recipe="binary-addition", learning_rate=1e5), capsys):
        assert client.snapshot.status is Status.HALTED
        assert output_of(client, "wait", capsys).startswith("error: lower the learning rate first")
        assert output_of(client, "p", capsys).startswith("error: lower the learning rate first")
        assert "lr 100000 -> 0.1" in output_of(client, "lr 0.1", capsys)
        assert client.is_running


def test_wait_trains_past_the_last_planned_step(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for client in clients_at_step_30(Settings(recipe="binary-addition", steps=50), capsys):
        assert output_of(client, "wait", capsys) == "step 50: all planned steps are done"
        assert output_of(client, "wait 60", capsys) == ""
        assert client.snapshot.step == 60
        assert client.paused_for_input


def test_failed_worker_gives_status_1_and_a_traceback(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("out of steps")

    monkeypatch.setattr("rnn_tui.run.run.Run.advance", broken)
    status, output, errors = run(capsys, "--plain")
    assert status == 1
    assert "the trainer failed" in output
    assert errors.startswith("Traceback ")
    assert errors.endswith("RuntimeError: out of steps\n")


def test_seek_fork_undo_and_export(
    client: LineClient, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for line in ("lr 0.5", "wait 60", "o", "wait 90"):
        output_of(client, line, capsys)
    assert output_of(client, "[", capsys).startswith("step 60 of 90, viewing")
    assert output_of(client, "lr 2", capsys) == (
        "error: step 60 is read-only; f forks here, end returns to the latest step"
    )
    assert output_of(client, "{", capsys).startswith("step 0 of 90, viewing")
    assert output_of(client, "at 45", capsys).startswith("step 45 of 90, viewing")
    assert output_of(client, "f", capsys).startswith("step 45: branch 2 from step 45")
    assert output_of(client, "lr 2", capsys) == "step 45: lr 0.5 -> 2"
    assert output_of(client, "u", capsys) == "step 45: undone: lr 0.5 -> 2"
    assert output_of(client, "u", capsys) == "step 30: undone: lr 0.1 -> 0.5"
    assert output_of(client, "b", capsys).startswith("step 90: branch 1\nstep 90 of 10,000, paused")
    written = output_of(client, f"e {tmp_path}", capsys).splitlines()
    assert [Path(line.removeprefix("wrote ")).suffix for line in written] == [
        *(".csv", ".csv", ".npz")
    ]
    assert sorted(tmp_path.iterdir()) == sorted(
        Path(line.removeprefix("wrote ")) for line in written
    )


def test_inspect_prints_every_analysis_of_the_viewed_step(
    client: LineClient, capsys: pytest.CaptureFixture[str]
) -> None:
    output_of(client, "at 10", capsys)
    lines = output_of(client, "inspect", capsys).splitlines()
    titles = [line for line in lines if not line.startswith(" ")]
    assert [title.split(":")[:2] for title in titles] == [
        ["step 10", f" {name}"] for name in ANALYSES
    ]


def test_inspect_prints_why_an_analysis_has_no_result(capsys: pytest.CaptureFixture[str]) -> None:
    for client in clients_at_step_30(RECIPES["xor"].settings, capsys):
        assert output_of(client, "inspect memory", capsys).splitlines()[1:] == [
            "  The task has no required state; choose a task that needs memory."
        ]
        assert output_of(client, "evaluate", capsys) == (
            "error: Sequences of this task have one time step; choose a task with a length."
        )
