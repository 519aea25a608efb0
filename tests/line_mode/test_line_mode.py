"""Each line that can be typed does, to a run that trains meanwhile, what the table says of it."""

import re
from collections.abc import Callable, Iterator
from math import inf
from pathlib import Path

import pytest

from rnn_tui.config.recipes import RECIPES
from rnn_tui.config.settings import Settings
from rnn_tui.line_mode.client import LineClient
from rnn_tui.line_mode.commands import LINE_COMMANDS, execute
from rnn_tui.run.optimizer_race import CONTENDERS
from rnn_tui.session.requests import Pause
from rnn_tui.session.snapshot import Status
from rnn_tui.session.start import NewRun
from rnn_tui.session.worker import TrainingWorker
from rnn_tui.signals import GracefulExit
from tests.support.shell import run

# A line with each of the table's words, and what is said to it at step 30.
SAID = {
    "": r"step 30 of 10,000, paused\n  error        \d.*\n  first 100 %  not yet",
    "p": r"step \d+: goes on",  # it is on its way already
    "s 5": r"step 35 of 10,000, paused\n.*",
    "S": r"step 130 of 10,000, paused\n.*",
    "wait 40": "",
    "t": "step 30: task addition -> subtraction, weights kept",
    "m": "step 30: model elman -> gru, a new net",
    "o": "step 30: optimizer sgd -> momentum, lr 0.02",
    "O": r"step 30: optimizer sgd -> rprop-tutorial, lr \S+",
    "+": "step 30: lr 0.1 -> 0.2",
    "-": "step 30: lr 0.1 -> 0.05",
    "speed 500": "step 30: speed 500/s",
    ">": "step 30: speed unlimited",
    "<": "step 30: speed 10,000/s",
    "r": r"step \d+: a new run from seed 0",
    "R": r"step \d+: a new run from seed \d+",
    "seed 7": r"step \d+: a new run from seed 7",
    "u": "step 30: not done: there is no change to take back",
    "f": "step 30: branch 2 from step 30: change something, space goes on",
    "b": r"step 30: the only branch: f begins another\nstep 30 of 10,000, paused\n.*",
    "at 10": r"step 10 of 30, past\n.*",
    "[": r"step 0 of 30, past\n.*",
    "]": r"step 30 of 10,000, paused\n.*",
    "{": r"step 0 of 30, past\n.*",
    "}": r"step 30 of 10,000, paused\n.*",
    "home": r"step 0 of 30, past\n.*",
    "end": r"step 30 of 10,000, paused\n.*",
    "e /nowhere": r"step 30: not done: \[Errno 2\] No such file or directory: '/nowhere/.*'",
    "h": r"step 30: held\n  predicted    [01]{8}\n  target       [01]{8}\n.*",
    "n": r"step 30: held\n  predicted    [01]{8}\n  target       [01]{8}\n.*",
    "g": r"step 30: gradient right: worst relative error \S+, in \w+",
    "x": "not done: only two weights that count ones can race",
    "i": r"task: addition: a \+ b, .*\nnet: Elman 16 sigma: .*",
    "every 500": "a report every 500 steps",
    "?": r"an empty line: how the run stands now\np: pause.*\n37\+101: ask the net that.*",
    "q": "",
}
SETTINGS = {
    "lr 0.3": "step 30: lr 0.1 -> 0.3",
    "lr=0.3": "step 30: lr 0.1 -> 0.3",
    ":clip-norm = 1": "step 30: clip norm inf -> 1",
    "lr\t0.3": "step 30: lr 0.1 -> 0.3",
    "optimizer adam": "step 30: optimizer sgd -> adam, lr 0.01",
    "lr 0.1": "step 30: lr=0.1 is so already",
    "lr": r"lr is 0.1: learning rate \(default: 0.1\)",
    "speed": "step 30: speed unlimited",
    "speed max": "step 30: speed unlimited",
    "every 0": "no report but when asked",
    "wait 20": "step 30: that is past step 20 already",
}
NOT_DONE = {
    "optimiser adam": r"there is no command 'optimiser': did you mean optimizer\? A line with .*",
    "\x1b[A": r"there is no command '\\x1b\[A': A line with \? lists all",
    "q 3": "not done: nothing may follow q: quit, .*",
    "optimizer adm": r"not done: optimizer: unknown optimizer 'adm' \(did you mean adam\?\)\. .*",
    "steps 5": "not done: steps is for the start of a run: rnn-tui --steps 5",
    "seed": "not done: seed needs a number after it: start again with this seed",
    "seed -1": "not done: seed must be a whole number from 0 to 4,294,967,295, not -1",
    "s x": "not done: 'x' is not a whole number",
    "s 0": "not done: steps go from 1 to 1,000,000,000,000, not 0",
    "s -1": "not done: steps go from 1 to 1,000,000,000,000, not -1",
    "s 1e30": r"not done: steps go from 1 to 1,000,000,000,000, not 1,000[,0]+",
    "wait -5": "not done: steps go from 0 to 1,000,000,000,000, not -5",
    "wait 1e13": "not done: steps go from 0 to 1,000,000,000,000, not 10,000,000,000,000",
    "lr 0.2 0.3": "not done: lr: '0.2 0.3' is not a number",
    "optimiser adam 0.3": r"there is no command 'optimiser': did you mean optimizer\? A .*",
    "help me": r"not done: nothing may follow \?: these commands",
    "race": "not done: only two weights that count ones can race",
    "speed 0": "not done: a speed is above 0, not 0",
    "every -1": "not done: a report comes every so many steps, or never: 0, not -1",
    "lr -1": r"not done: the learning rate must be above 0 and at most 1,000,000, not -1",
    "momentum 0.5": r"not done: sgd has no momentum; .*",
    "999+1": "not done: numbers here go from 0 to 127",
    "3*4": r"not done: two numbers, please, as in 37\+101",
}


@pytest.fixture
def talk(capsys: pytest.CaptureFixture[str]) -> Iterator[LineClient]:
    """A conversation with the default run, which is paused at step 30."""
    yield from begun(RECIPES["binary-addition"].settings, capsys)


@pytest.fixture(scope="module")
def unmoved() -> Iterator[LineClient]:
    """One for all the lines that change nothing."""
    yield from begun(RECIPES["binary-addition"].settings)


def begun(
    settings: Settings,
    capsys: pytest.CaptureFixture[str] | None = None,
    cut_short: Callable[[], bool] = lambda: False,
) -> Iterator[LineClient]:
    runner = TrainingWorker(NewRun(settings), inf, paused=True)
    runner.start()
    talk = LineClient(runner, GracefulExit(), report_every=0, interrupt_requested=cut_short)
    talk.send(Pause())
    talk.train_to(30)
    if capsys:
        capsys.readouterr()
    yield talk
    runner.stop()


def said_to(talk: LineClient, line: str, capsys: pytest.CaptureFixture[str]) -> str:
    execute(talk, line)
    output, errors = capsys.readouterr()
    assert errors == ""
    assert all(letter == "\n" or " " <= letter <= "~" for letter in output)
    return output.removesuffix("\n")


def test_every_order_of_the_table_is_tried() -> None:
    assert [line.partition(" ")[0] for line in SAID] == list(LINE_COMMANDS)


@pytest.mark.parametrize(("line", "answer"), [*SAID.items(), *SETTINGS.items()])
def test_a_line_is_obeyed_and_answered(
    talk: LineClient, capsys: pytest.CaptureFixture[str], line: str, answer: str
) -> None:
    said = said_to(talk, line, capsys)
    assert re.fullmatch(answer, said, flags=re.DOTALL), said
    assert talk.quit_requested == (line == "q")


@pytest.mark.parametrize(("line", "answer"), NOT_DONE.items())
def test_what_is_not_understood_changes_nothing_and_is_said_in_a_line(
    unmoved: LineClient, capsys: pytest.CaptureFixture[str], line: str, answer: str
) -> None:
    said = said_to(unmoved, line, capsys)
    assert said.count("\n") == 0
    assert re.fullmatch(answer, said), said
    unmoved.send(Pause())
    now = unmoved.snapshot
    assert (now.step, now.log, now.speed, now.status) == (30, (), inf, Status.PAUSED)


def test_a_question_is_held_and_answered_with_bits_carry_and_sureness(
    talk: LineClient, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = said_to(talk, "37 + 101", capsys).splitlines()
    assert lines[0] == "step 30: held"
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
        "  gradient     loss at all t: i",
        "  by t         loss at last t, ",
        "  by t         loss at all t, t",
    ]
    assert "newest example is on show again" in said_to(talk, "h", capsys)


@pytest.mark.parametrize(
    ("recipe", "shown"),
    [
        ("counting-ones", "  weights      w_x -0.9"),
        ("counting-ones", "  gradient     dloss/dw_x "),
        ("xor", "  output       1 XOR 0 = 0."),
        ("nonlinear-addition", "  carry        "),
    ],
)
def test_every_picture_of_the_dashboard_is_said(
    capsys: pytest.CaptureFixture[str], recipe: str, shown: str
) -> None:
    for talk in begun(RECIPES[recipe].settings, capsys):
        assert shown in said_to(talk, "", capsys)


def test_optimizers_race_from_the_published_start(capsys: pytest.CaptureFixture[str]) -> None:
    for talk in begun(RECIPES["counting-ones"].settings, capsys):
        said = said_to(talk, "x", capsys).splitlines()
        assert said_to(talk, "race", capsys).splitlines() == said
        assert len(said) == len(CONTENDERS)
        told = r", w_rec \S+, cost \S+, (took 500 steps|overflowed at step \d+)"
        for line, entry in zip(said, CONTENDERS, strict=True):
            assert line.startswith(f"  race         {entry.title}: w_x ")
            assert re.search(f"{told}$", line)
        assert "overflowed at step" in said[1]  # plain SGD


@pytest.mark.parametrize("word", ["quit", "exit"])
def test_the_words_of_other_programs_end_it_too(
    talk: LineClient, capsys: pytest.CaptureFixture[str], word: str
) -> None:
    assert said_to(talk, word, capsys) == ""
    assert talk.quit_requested


def test_help_is_understood(unmoved: LineClient, capsys: pytest.CaptureFixture[str]) -> None:
    assert said_to(unmoved, "help", capsys) == said_to(unmoved, "?", capsys)


@pytest.mark.parametrize("line", ["s 1e12", "wait 1e12"])
def test_training_to_a_step_can_be_cut_short(capsys: pytest.CaptureFixture[str], line: str) -> None:
    answers: list[bool] = []
    settings = RECIPES["binary-addition"].settings
    for talk in begun(settings, capsys, lambda: bool(answers) and answers.pop()):
        answers.extend((True, False))
        assert re.match(r"step [\d,]+ of 10,000, (paused|finished)\n", said_to(talk, line, capsys))
        assert not talk.is_running


def test_a_net_that_halts_is_mended_by_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    for talk in begun(Settings(recipe="binary-addition", learning_rate=1e5), capsys):
        assert talk.snapshot.status is Status.HALTED
        assert said_to(talk, "wait", capsys).endswith("lower the rate first, or start again")
        assert said_to(talk, "p", capsys).endswith("lower the rate first, or start again")
        assert "lr 100000 -> 0.1" in said_to(talk, "lr 0.1", capsys)
        assert talk.is_running


def test_past_the_planned_end_it_goes_on_when_asked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for talk in begun(Settings(recipe="binary-addition", steps=50), capsys):
        assert said_to(talk, "wait", capsys) == "step 50: all planned steps are done"
        assert said_to(talk, "wait 60", capsys) == ""
        assert talk.snapshot.step == 60
        assert talk.paused_for_input


def test_a_trainer_that_fails_is_status_1_and_says_where(
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


def test_a_run_is_gone_back_into_branched_and_written_out(
    talk: LineClient, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for line in ("lr 0.5", "wait 60", "o", "wait 90"):
        said_to(talk, line, capsys)
    assert said_to(talk, "[", capsys).startswith("step 60 of 90, past")
    assert said_to(talk, "lr 2", capsys) == (
        "step 60: not done: this is the past: f begins a branch here, end goes back"
    )
    assert said_to(talk, "{", capsys).startswith("step 0 of 90, past")
    assert said_to(talk, "at 45", capsys).startswith("step 45 of 90, past")
    assert said_to(talk, "f", capsys).startswith("step 45: branch 2 from step 45")
    assert said_to(talk, "lr 2", capsys) == "step 45: lr 0.5 -> 2"
    assert said_to(talk, "u", capsys) == "step 45: taken back: step 45: lr 0.5 -> 2"
    assert said_to(talk, "u", capsys) == "step 30: taken back: step 30: lr 0.1 -> 0.5"
    assert said_to(talk, "b", capsys).startswith("step 90: branch 1\nstep 90 of 10,000, paused")
    written = said_to(talk, f"e {tmp_path}", capsys).splitlines()
    assert [Path(line.removeprefix("wrote ")).suffix for line in written] == [".csv", ".npz"]
    assert sorted(tmp_path.iterdir()) == sorted(
        Path(line.removeprefix("wrote ")) for line in written
    )
