"""Random keys and sizes during training: no crash, a consistent screen, an orderly exit."""

import os
import re
import shlex
from contextlib import suppress
from datetime import date
from pathlib import Path
from time import sleep

import pytest

from rnn_tui.cli.arguments import schedule_from, settings_from
from rnn_tui.cli.main import make_parser
from tests.terminal.monkey import Monkey
from tests.terminal.pending_keys import REPORT_PENDING_KEYS, wait_until_handled
from tests.terminal.processes import is_alive
from tests.terminal.programs import run_to_end
from tests.terminal.reading import is_paused, step_shown, wait_for_start
from tests.terminal.restored import assert_restored
from tests.terminal.terminal import Terminal

pytestmark = pytest.mark.terminal

ENDLESS = ("--length", "4", "--speed", "500", "--steps", "100000000", "--fps", "4")
RESIZE_PROBABILITY = 0.06  # after each burst
MAX_PENDING_KEYS = 100  # so that windows are resized between keys, and the queue is used
FEW_PRESSES, PRESSES = 90, 150
REST_TIMEOUT = 60.0  # seconds; the branches that were left are evaluated too
ESCAPE, ALL_PANES, REDRAW = "\x1b", "10", "\x0c"
EVALUATED = re.compile(r" after step ([\d,]+) ─")
RESTORED = re.compile(r"halted: .*; weights of step ([\d,]+) restored")
TRANSIENT = ("esc c", "▌", "evaluating")  # dialogs, toasts and running evaluations


@pytest.mark.parametrize(
    ("seed", "presses"),
    [(0, FEW_PRESSES), *(pytest.param(seed, PRESSES, marks=pytest.mark.long) for seed in (0, 1))],
)
def test_survives_random_keys_and_sizes(seed: int, presses: int, tmp_path: Path) -> None:
    run_monkey(Monkey(seed), presses, tmp_path)


@pytest.mark.long
def test_survives_random_keys_and_sizes_of_another_seed_each_day(tmp_path: Path) -> None:
    seed = int(os.environ.get("FUZZ_SEED") or date.today().toordinal())
    print(f"repeat with FUZZ_SEED={seed}")  # shown where the test fails
    run_monkey(Monkey(seed), 2 * PRESSES, tmp_path)


def run_monkey(monkey: Monkey, presses: int, folder: Path) -> None:
    """Send random keys to a dashboard in `folder`; check that it redraws, quits and replays."""
    state = {"XDG_STATE_HOME": str(folder)}  # no runs of other tests
    with Terminal(
        *ENDLESS,
        code=REPORT_PENDING_KEYS,
        folder=folder,
        environment=state,
        columns=120,
        rows=40,
    ) as terminal:
        wait_for_start(terminal)
        for burst in monkey.bursts(presses):
            terminal.send(burst)
            if monkey.chance(RESIZE_PROBABILITY):
                terminal.resize(*monkey.size())
            wait_until_handled(folder, MAX_PENDING_KEYS)
            assert is_alive(terminal.process), f"ended after {burst!r}:\n{terminal.left_behind}"
        come_to_rest(terminal, folder)
        before = terminal.looks
        terminal.send(REDRAW)
        terminal.wait_until_still()
        assert_same(before, terminal.looks)
        assert_agrees_with_itself(terminal.text)
        terminal.send("q")
        assert terminal.wait() == 0
        assert_restored(terminal.written)
        assert terminal.modes == terminal.modes_before
        assert "Traceback" not in terminal.left_behind
        assert_is_repeated(terminal.left_behind)


def come_to_rest(terminal: Terminal, folder: Path) -> None:
    """Close all dialogs, and pause at a size where everything is visible."""
    terminal.resize(120, 40)
    for _ in range(3):
        terminal.send(ESCAPE)
        sleep(0.15)  # so that it is no prefix of the next key
    terminal.send(ALL_PANES)
    wait_until_handled(folder)
    for seconds in (2.0, 4.0, 8.0, 16.0, 32.0):  # on a busy machine the screen lags
        with suppress(AssertionError):
            terminal.wait_for(is_still, seconds)
            sleep(1.0)
        if is_still(terminal.text):
            break
        terminal.send(" ")
        wait_until_handled(folder)
    terminal.wait_for(is_at_rest, REST_TIMEOUT)
    terminal.wait_for(is_evaluated, REST_TIMEOUT)
    terminal.wait_until_still(0.6, 30)


def is_still(text: str) -> bool:
    return is_paused(text) or any(f"{state} at step" in text for state in ("finished", "halted"))


def is_at_rest(text: str) -> bool:
    return is_still(text) and "? help" in text and not any(mark in text for mark in TRANSIENT)


def is_evaluated(text: str) -> bool:
    evaluated, restored = EVALUATED.search(text), RESTORED.search(text)
    step = restored[1] if restored else f"{step_shown(text):,}"
    return not evaluated or evaluated[1] == step


def assert_same(one: tuple[tuple[object, ...], ...], other: tuple[tuple[object, ...], ...]) -> None:
    changed = [
        f"row {y}, column {x}: {was} is {now}"
        for y, (rows, others) in enumerate(zip(one, other, strict=True))
        for x, (was, now) in enumerate(zip(rows, others, strict=True))
        if was != now
    ]
    assert not changed, f"{len(changed)} cells change when redrawn: {changed[:20]}"


def assert_agrees_with_itself(text: str) -> None:
    """Check that the headline and the controls show the same task and seed."""
    headline = text.partition("\n")[0]
    for control, pattern in (("task", r"rnn-tui +{}\b"), ("seed", r"seed {}\b")):
        value = re.search(rf"\b{control} +(\S+)", text.partition("\n")[2])
        assert value, f"no {control} in\n{text}"
        if control in headline or control == "task":
            assert re.search(pattern.format(re.escape(value[1])), headline), text


def assert_is_repeated(left: str) -> None:
    """Check that the printed command is valid and, with a journal, replays identically."""
    if "to repeat the run:" not in left:
        return
    command = shlex.split(left.strip().splitlines()[-1])
    if command[:2] == ["rnn-tui", "replay"]:
        done = run_to_end(*command[1:], "--headless")
        assert done.stdout.startswith("identical through step"), (
            done,
            Path(command[2]).read_text(),
        )
        return
    assert command[:2] == ["rnn-tui", "train"]
    options = make_parser().parse_args(command[1:])
    schedule_from(options, settings_from(options))
