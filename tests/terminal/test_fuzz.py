"""Thousands of random keys and sizes while it trains: it lives, shows what is, ends in order."""

import re
import shlex
from pathlib import Path
from time import monotonic, sleep

import pytest

from rnn_tui.cli.arguments import schedule_from, settings_from
from rnn_tui.cli.main import make_parser
from tests.terminal.monkey import Monkey
from tests.terminal.processes import is_alive
from tests.terminal.programs import run_to_end
from tests.terminal.reading import is_paused, step_shown, wait_for_start
from tests.terminal.restored import assert_restored
from tests.terminal.terminal import Terminal

pytestmark = pytest.mark.terminal

ENDLESS = ("--speed", "500", "--steps", "100000000")
RESIZE = 0.06  # how likely a new size is after a burst
BREATH = 0.002  # seconds for each byte; what comes faster only waits in line
PATIENCE = 480.0  # seconds; thousands of keys wait in line, and a large net makes them slow
EXAMS = 60.0  # seconds for the score of the last step; branches that were left have exams too
ESCAPE, ALL_PANES, REDRAW = "\x1b", "0", "\x0c"
SEEDS, PRESSES = (0, 1, 2), 5_000
EXAMINED = re.compile(r" after step ([\d,]+) ─")
PASSING = ("esc c", "▌", "exam under way")  # a dialog, a toast, and a score to come


@pytest.mark.parametrize("seed", SEEDS)
def test_random_keys_and_sizes(seed: int, tmp_path: Path) -> None:
    monkey = Monkey(seed)
    with Terminal(
        *ENDLESS,
        folder=tmp_path,  # files are written there
        columns=120,
        rows=40,
    ) as terminal:
        wait_for_start(terminal)
        for burst in monkey.bursts(PRESSES):
            terminal.send(burst)
            if monkey.chance(RESIZE):
                terminal.resize(*monkey.size())
            sleep(BREATH * len(burst))
            assert is_alive(terminal.process), f"it ended after {burst!r}:\n{terminal.left_behind}"
        come_to_rest(terminal)
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


def come_to_rest(terminal: Terminal) -> None:
    """Leave all dialogs, and pause at a size where everything can be seen."""
    terminal.resize(120, 40)
    deadline, before = monotonic() + PATIENCE, ""
    while not (is_at_rest(terminal.text) and terminal.text == before):
        assert monotonic() < deadline, f"it does not come to rest:\n{terminal.text}"
        before = terminal.text
        for _ in range(3):
            terminal.send(ESCAPE)
            sleep(0.2)
        terminal.send(ALL_PANES if is_at_rest(terminal.text) else ALL_PANES + " ")
        sleep(1.5)  # some keys may still wait in line
    terminal.wait_for(is_examined, EXAMS)
    terminal.wait_until_still(1.0, 30)


def is_at_rest(text: str) -> bool:
    still = is_paused(text) or any(f"{it} at step" in text for it in ("finished", "halted"))
    return still and "? help" in text and not any(it in text for it in PASSING)


def is_examined(text: str) -> bool:
    examined = EXAMINED.search(text)
    return not examined or examined[1] == f"{step_shown(text):,}"


def assert_same(one: tuple[tuple[object, ...], ...], other: tuple[tuple[object, ...], ...]) -> None:
    wrong = [
        f"row {y}, column {x}: {was} is {now}"
        for y, (rows, others) in enumerate(zip(one, other, strict=True))
        for x, (was, now) in enumerate(zip(rows, others, strict=True))
        if was != now
    ]
    assert not wrong, f"{len(wrong)} cells change when all is drawn anew: {wrong[:20]}"


def assert_agrees_with_itself(text: str) -> None:
    """Check that the headline and the controls say the same of the run."""
    headline = text.partition("\n")[0]
    for control, pattern in (("task", r"rnn-tui +{}\b"), ("seed", r"seed {}\b")):
        value = re.search(rf"\b{control} +(\S+)", text.partition("\n")[2])
        assert value, f"no {control} in\n{text}"
        if control in headline or control == "task":
            assert re.search(pattern.format(re.escape(value[1])), headline), text


def assert_is_repeated(left: str) -> None:
    """Check that the command which repeats the run does so, to the last bit if by a journal."""
    if "to repeat it:" not in left:
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
