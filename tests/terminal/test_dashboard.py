"""The dashboard from start to exit: trains, handles keys, fits its size, restores the terminal."""

import re
import shlex

import pytest

from tests.support.variants import variants
from tests.terminal.programs import run_to_end
from tests.terminal.restored import assert_restored
from tests.terminal.terminal import Terminal

pytestmark = pytest.mark.terminal

SIZES = {(80, 24): "accuracy 100.00 %", (120, 40): "sequence accuracy 100.00 % (16,384 of 16,384)"}
CONTROLS = ("task", "optimizer", "lr", "speed", "seed", "hidden", "batch")
FIGURES = ("now", "mean", "best", "no memory")


def assert_nothing_is_cut(text: str) -> None:
    for name in CONTROLS:
        assert re.search(rf"\b{name} +\S", text), f"no {name} with its value in\n{text}"
    for name in FIGURES:
        assert re.search(rf"\b{name} [^│\n]*?\d\.\d{{3}}(?!\S)", text), f"no {name} in\n{text}"
    assert re.search(r"\? help +q quit *$", text), f"the key line is cut in\n{text}"
    assert "…" not in text, f"something is cut in\n{text}"
    for top, bottom in ("╭╮", "╰╯"):
        assert text.count(top) == text.count(bottom) >= 2, f"an open box in\n{text}"


@pytest.mark.parametrize("size", variants(SIZES, short=[(80, 24)]), ids=str)
def test_learns_to_add_and_prints_the_repeating_command(size: tuple[int, int]) -> None:
    exact = SIZES[size]
    columns, rows = size
    with Terminal(columns=columns, rows=rows) as terminal:
        terminal.wait_for("─ bits ─")
        terminal.wait_for("conf. %")
        terminal.wait_for(lambda text: "no memory 3" in text)
        for speed in ("2,000/s", "5,000/s", "10,000/s", "unlimited"):
            terminal.send(">")
            terminal.wait_for(f"speed {speed}")
        assert_nothing_is_cut(terminal.text)
        terminal.wait_for("finished")
        terminal.wait_for(exact)
        terminal.send("q")
        assert terminal.wait() == 0
        assert_restored(terminal.written)
        left = terminal.left_behind
    assert "sequence accuracy 100.00 % (16,384 of 16,384)" in left
    command = left.strip().splitlines()[-1].strip()
    assert command.startswith("rnn-tui train --recipe binary-addition")
    repeated = run_to_end(*shlex.split(command)[1:])
    assert repeated.returncode == 0
    assert "sequence accuracy 100.00 % (16,384 of 16,384)" in repeated.stdout


def test_names_the_size_it_needs_and_works_after_a_resize() -> None:
    with Terminal(columns=59, rows=19) as terminal:
        terminal.wait_for("rnn-tui needs 60 columns and 20 rows")
        terminal.resize(80, 24)
        terminal.wait_for("─ bits ─")
        terminal.wait_for(lambda text: "needs 60 columns" not in text)
        for shown in ("q quit", "conf. %", "best mean 3"):
            terminal.wait_for(shown)
        assert_nothing_is_cut(terminal.text)
        terminal.send("o")
        acknowledged = re.compile(r"step [\d,]+: optimizer sgd → momentum")
        terminal.wait_for(lambda text: bool(acknowledged.search(text)))
        terminal.send("q")
        assert terminal.wait() == 0
        assert "rnn-tui replay" in terminal.left_behind
