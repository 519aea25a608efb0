"""Each command of line mode acts on the run and prints its result."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from math import inf
from pathlib import Path

import pytest

from rnn_tui.analysis.analyses import ANALYSES
from rnn_tui.config.recipes import RECIPES
from rnn_tui.config.settings import Settings
from rnn_tui.line_mode.client import LineClient
from rnn_tui.line_mode.commands import LINE_COMMANDS, execute
from rnn_tui.run.conditions import CONDITIONS
from rnn_tui.run.optimizer_race import CONTENDERS
from rnn_tui.session import siblings
from rnn_tui.session.requests import Pause
from rnn_tui.session.snapshot import Status
from rnn_tui.session.start import NewRun
from rnn_tui.session.worker import TrainingWorker
from rnn_tui.signals import GracefulExit
from tests.support.makers import settings_with
from tests.support.shell import run
from tests.support.siblings import InlineProcess

SMALL_NET = replace(RECIPES["binary-addition"].settings, hidden_size=4)  # of which all is fast
PINNED = (
    r"step 30: pinned, predicted with the current weights\n"
    r"  predicted    [01]{8}\n  target       [01]{8}\n.*"
)
# A line with a word of each command, and what is printed for it at step 30.
OUTPUTS = {
    "": r"step 30 of 10,000, paused\n  L1 error     \d\S+ of the latest batch, before its update\n"
    r".*\n  100 %        not yet",
    "p": r"step \d+: running",
    "pause": r"step 30: paused",
    "resume": r"step \d+: running",
    "s 5": r"step 35 of 10,000, paused\n.*",
    "S": r"step 130 of 10,000, paused\n.*",
    "wait 40": "",
    "t": "step 30: task addition -> subtraction, weights kept",
    "m": "step 30: model elman -> gru, all weights new",
    "o": "step 30: optimizer sgd -> momentum, lr 0.02",
    "O": r"step 30: optimizer sgd -> rprop-tutorial, lr \S+",
    "+": "step 30: lr 0.1 -> 0.2",
    "-": "step 30: lr 0.1 -> 0.05",
    "speed 500": "step 30: speed 500/s",
    ">": "step 30: speed unlimited",
    "<": "step 30: speed 10,000/s",
    "r": r"step \d+: restarted with seed 0",
    "R": r"step \d+: restarted with seed \d+",
    "seed 7": r"step \d+: restarted with seed 7",
    "u": "error: nothing to undo",
    "f": "step 30: branch 2 from step 30: change something, space resumes",
    "b": r"step 30: only one branch: f forks another\nstep 30 of 10,000, paused\n.*",
    "at 10": r"step 10 of 30, viewing\n.*",
    "[": r"step 0 of 30, viewing\n.*",
    "]": r"step 30 of 10,000, paused\n.*",
    "{": r"step 0 of 30, viewing\n.*",
    "}": r"step 30 of 10,000, paused\n.*",
    "home": r"step 0 of 30, viewing\n.*",
    "end": r"step 30 of 10,000, paused\n.*",
    "N 2": "step 30: 2 siblings with other seeds train along; N stops them",
    "y": "error: there are no siblings; N trains some",
    "Y": "error: there are no siblings; N trains some",
    "open-sibling 3": "error: there are no siblings; N trains some",
    "e /dev/null/x": r"error: /dev/null/x: Not a directory",
    "break exact": "step 30: breakpoint exact is set: evaluated every 250 steps",
    "break-off exact": "error: no breakpoint exact is set",
    "break-delete exact": "error: no breakpoint exact is set",
    "h": PINNED,
    "pin 13+11": PINNED.replace(r"\n.*", r"\n  13 \+ 11 = .*"),
    "n": PINNED,
    "g": r"step 30: gradient correct: worst relative error \S+, in \w+",
    "x": "error: optimizers race only on the cost surface of counting-ones and model linear",
    "i": r"task: addition: a \+ b, .*\nmodel: Elman 4 sigma: .*",
    "inspect memory": r"step 30: memory: whether .*\n  swap         \d.* differs, .*\n  caution .*",
    "evaluate 12,16": r"step 30: length: accuracy .*\n  12 bits      \d.*\n  16 bits .*ripple .*",
    "every 500": "a report every 500 steps",
    "siblings": "error: there are no siblings; N trains some",
    "events": "step 30: no events yet",
    "?": r"an empty line: Print a report\np, toggle-pause: Pause .*\n37\+101: predict .*",
    "q": "",
}
SETTING_OUTPUTS = {
    "lr 0.3": "step 30: lr 0.1 -> 0.3",
    "lr=0.3": "step 30: lr 0.1 -> 0.3",
    "learning_rate 0.3": "step 30: lr 0.1 -> 0.3",
    ":clip-norm = 1": "step 30: clip norm inf -> 1",
    "lr\t0.3": "step 30: lr 0.1 -> 0.3",
    "optimizer adam": "step 30: optimizer sgd -> adam, lr 0.01",
    "lr 0.1": "step 30: lr=0.1 is already set",
    "lr": r"lr is 0.1: learning rate \(default: the optimizer's; 0.1 for sgd; .*\)",
    "speed": "step 30: speed unlimited",
    "speed max": "step 30: speed unlimited",
    "every 0": "no regular reports",
    "break": "no breakpoints: break CONDITION sets one, as in break loss<1 and exact",
    ":break step=30": "error: step=30 cannot be hit after step 30",
    "break exat": r"error: unknown condition 'exat' \(did you mean exact\?\)\. Choose from: .*",
    "break-off": "error: enter a condition, .*",
    "wait 20": "step 30: already past step 20",
}
ERRORS = {
    "optimiser adam": r"error: unknown command 'optimiser' \(did you mean optimizer\?\); .*",
    "\x1b[A": r"error: unknown command '\\x1b\[A'; \? lists all",
    "q 3": "error: q takes no argument: Quit; .*",
    "optimizer adm": r"error: optimizer: unknown optimizer 'adm' \(did you mean adam\?\)\. .*",
    "epochs 3": "error: training draws fresh samples, so there are no epochs; use --steps",
    "units tanh": "error: 'units' is now 'activation'",
    ":examples=20": "error: 'examples' is now 'dataset-size'",
    "init": "error: 'init' is now 'initializer'",
    "steps 5": "error: steps cannot change during a run; start one with --steps 5",
    "seed": "error: seed needs a number: Restart with seed N",
    "seed -1": "error: seed must be an integer from 0 to 4,294,967,295, not -1",
    "s x": "error: 'x' is not an integer",
    "s 0": "error: steps must be from 1 to 1,000,000,000,000, not 0",
    "s -1": "error: steps must be from 1 to 1,000,000,000,000, not -1",
    "s 1e30": r"error: steps must be from 1 to 1,000,000,000,000, not 1,000[,0]+",
    "wait -5": "error: steps must be from 0 to 1,000,000,000,000, not -5",
    "wait 1e13": "error: steps must be from 0 to 1,000,000,000,000, not 10,000,000,000,000",
    "lr 0.2 0.3": "error: lr: '0.2 0.3' is not a number",
    "optimiser adam 0.3": r"error: unknown command 'optimiser' \(did you mean optimizer\?\); .*",
    "help me": r"error: unknown command 'me'.*",
    "race": "error: optimizers race only on the cost surface of counting-ones and model linear",
    "speed 0": "error: the speed must be above 0, not 0",
    "inspect memroy": r"error: unknown analysis 'memroy' \(did you mean memory\?\)\. .*",
    "evaluate x": "error: 'x' is not an integer",
    "evaluate 4096": "error: .* sequences of length 4,096 cannot be evaluated; choose up to .*",
    "every -1": r"error: the report interval must be 0 \(never\) or more steps, not -1",
    "lr -1": r"error: the learning rate must be above 0 and at most 1,000,000, not -1",
    "layers 3": r"error: layers 3 has no effect with model elman \(used by feed-forward\)",
    "lag=2": r"error: lag 2 has no effect on task addition \(used by echo, delayed-xor\)",
    "batching overlapping": r"error: .* without a fixed dataset \(set dataset-size\)",
    "momentum 0.5": r"error: sgd has no momentum; .*",
    "999+1": "error: numbers must be from 0 to 127",
    "3*4": r"error: expected two numbers, as in 37\+101",
}


@pytest.fixture
def client(capsys: pytest.CaptureFixture[str]) -> Iterator[LineClient]:
    """A client of the default run, paused at step 30."""
    yield from clients_at_step_30(SMALL_NET, capsys)


@pytest.fixture(scope="module")
def shared_client() -> Iterator[LineClient]:
    """A shared client for the lines that change nothing."""
    yield from clients_at_step_30(SMALL_NET)


def clients_at_step_30(
    settings: Settings,
    capsys: pytest.CaptureFixture[str] | None = None,
    interrupt_requested: Callable[[], bool] = lambda: False,
) -> Iterator[LineClient]:
    worker = TrainingWorker(NewRun(settings), inf, paused=True)
    worker.start()
    client = LineClient(
        worker, GracefulExit(), report_every=0, interrupt_requested=interrupt_requested
    )
    client.send(Pause())
    client.train_to(30)
    if capsys:
        capsys.readouterr()
    yield client
    worker.stop()


def output_of(client: LineClient, line: str, capsys: pytest.CaptureFixture[str]) -> str:
    execute(client, line)
    output, errors = capsys.readouterr()
    assert errors == ""
    assert all(letter == "\n" or " " <= letter <= "~" for letter in output)
    return output.removesuffix("\n")


def test_every_command_is_tested() -> None:
    assert {line.partition(" ")[0] for line in OUTPUTS} <= set(LINE_COMMANDS)
    tried = {LINE_COMMANDS[line.partition(" ")[0]] for line in OUTPUTS}
    assert tried == set(LINE_COMMANDS.values())


def test_help_of_a_word(shared_client: LineClient, capsys: pytest.CaptureFixture[str]) -> None:
    lines = output_of(shared_client, "help break", capsys).splitlines()
    assert lines[0].startswith("break [CONDITION]: Pause where a condition holds")
    assert "  exact: every sequence is correct, every 250 steps" in lines
    assert len(lines) == 2 + len(CONDITIONS)
    assert output_of(shared_client, "help lr", capsys).startswith("lr is 0.1: learning rate")


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
    assert "The siblings are paused: y applies" in output_of(client, "lr 0.3", capsys)
    output_of(client, "Y", capsys)
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


def test_command_is_called_by_its_name_and_by_its_key() -> None:
    assert LINE_COMMANDS["undo"] is LINE_COMMANDS["u"]
    assert LINE_COMMANDS["seek"] is LINE_COMMANDS["at"]


@pytest.mark.parametrize(("line", "expected"), [*OUTPUTS.items(), *SETTING_OUTPUTS.items()])
def test_line_prints_its_result(
    client: LineClient, capsys: pytest.CaptureFixture[str], line: str, expected: str
) -> None:
    output = output_of(client, line, capsys)
    assert re.fullmatch(expected, output, flags=re.DOTALL), output
    assert client.quit_requested == (line == "q")


@pytest.mark.parametrize(("line", "expected"), ERRORS.items())
def test_invalid_line_changes_nothing_and_prints_one_error(
    shared_client: LineClient, capsys: pytest.CaptureFixture[str], line: str, expected: str
) -> None:
    output = output_of(shared_client, line, capsys)
    assert output.count("\n") == 0
    assert re.fullmatch(expected, output), output
    shared_client.send(Pause())
    now = shared_client.snapshot
    assert (now.step, now.log, now.speed, now.status) == (30, (), inf, Status.PAUSED)


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


@pytest.mark.parametrize("word", ["quit", "exit"])
def test_quit_and_exit_are_accepted(
    client: LineClient, capsys: pytest.CaptureFixture[str], word: str
) -> None:
    assert output_of(client, word, capsys) == ""
    assert client.quit_requested


def test_help_is_accepted(shared_client: LineClient, capsys: pytest.CaptureFixture[str]) -> None:
    assert output_of(shared_client, "help", capsys) == output_of(shared_client, "?", capsys)


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
