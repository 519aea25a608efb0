"""Each command of line mode acts on the run and prints its result."""

import re
from math import inf

import pytest

from rnn_tui.line_mode.client import LineClient
from rnn_tui.line_mode.commands import LINE_COMMANDS
from rnn_tui.run.conditions import CONDITIONS
from rnn_tui.session.requests import Pause
from rnn_tui.session.snapshot import Status
from tests.line_mode.clients import output_of

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
    "recipe xor": r"step \d+: recipe xor: feed-forward network with .*",
    "steps 20000": "step 30: 20,000 steps are planned",
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
    "N 2": "step 30: 2 siblings with other seeds train alongside; N stops them",
    "a": "error: there are no siblings; N trains some",
    "A": "error: there are no siblings; N trains some",
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
    "trace 2": r"trace of step 31, .*\nforward .* unit 2 of 4\n(.*\n)+update \* SGD: W_o .*",
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
    "lr": r"lr is 0.1: learning rate \(default: 0.1 for sgd; 0.02 for momentum, .*\)",
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
    "steps 5": "error: steps must be above 30, the step of the run",
    "recipe": "error: recipe needs a name: Start a run of a recipe .*",
    "recipe xr": r"error: unknown recipe 'xr' \(did you mean xor\?\)\. .*",
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
    "trace 0": "error: the unit must be from 1 to 4, not 0",
    "every -1": r"error: the report interval must be 0 \(never\) or more steps, not -1",
    "lr -1": r"error: the learning rate must be above 0 and at most 1,000,000, not -1",
    "layers 3": r"error: layers 3 has no effect with model elman \(used by feed-forward\)",
    "lag=2": r"error: lag 2 has no effect on task addition \(used by echo, delayed-xor\)",
    "batching overlapping": r"error: .* without a fixed dataset \(set dataset-size\)",
    "momentum 0.5": r"error: sgd has no momentum; .*",
    "999+1": "error: numbers must be from 0 to 127",
    "3*4": r"error: expected two numbers, as in 37\+101",
}


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


@pytest.mark.parametrize("word", ["quit", "exit"])
def test_quit_and_exit_are_accepted(
    client: LineClient, capsys: pytest.CaptureFixture[str], word: str
) -> None:
    assert output_of(client, word, capsys) == ""
    assert client.quit_requested


def test_help_is_accepted(shared_client: LineClient, capsys: pytest.CaptureFixture[str]) -> None:
    assert output_of(shared_client, "help", capsys) == output_of(shared_client, "?", capsys)
