"""Colors, glyphs, mouse and layout fit every terminal of at least 60 x 20 cells."""

import os
import re
from time import sleep
from unittest.mock import patch

import pytest

from rnn_tui.config.appearance import Appearance
from rnn_tui.config.recipes import RECIPES
from rnn_tui.session.start import NewRun
from rnn_tui.session.worker import TrainingWorker
from rnn_tui.tui.app import RnnTui
from rnn_tui.tui.dashboard import Dashboard
from tests.support.variants import variants
from tests.terminal.reading import assert_key_works, wait_for_start, wait_for_step
from tests.terminal.restored import assert_restored
from tests.terminal.styles import style_codes
from tests.terminal.terminal import Terminal

pytestmark = pytest.mark.terminal

LENGTH = ("--length", "4")  # which is evaluated sooner
ENDLESS = (*LENGTH, "--speed", "1000", "--steps", "100000000")
MOUSE_ON = re.compile(rb"\x1b\[\?(9|100[0-35-7]|101[56])h")
ESCAPE = "\x1b"
STILL_SECONDS = 0.15  # without output after a key, also so that escape is no prefix of the next
TOUR = ["?", ESCAPE, ":", "opt", ESCAPE, "\x10", "ad", ESCAPE, ESCAPE, "i", ESCAPE]
TOUR += ["\t", "\r", ESCAPE, ESCAPE]
NO_UTF8: dict[str, str | None] = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
ASCII = ("--glyphs", "ascii")


def written_on_a_tour(
    *arguments: str,
    environment: dict[str, str | None] | None = None,
    size: tuple[int, int] = (80, 24),
) -> bytes:
    """Return the output while each kind of dialog is opened, up to the exit."""
    (columns, rows), given = size, environment or {}
    with Terminal(
        "--paused", *arguments, columns=columns, rows=rows, environment=given
    ) as terminal:
        terminal.wait_for("? help")
        terminal.send("S")
        wait_for_step(terminal, 100)
        for key in TOUR:
            terminal.send(key)
            terminal.wait_until_still(STILL_SECONDS)
        assert_key_works(terminal)
        terminal.send("q")
        assert terminal.wait() == 0
        assert_restored(terminal.written)
        return terminal.written


def colors(written: bytes) -> set[str]:
    """Return the color systems used: 16, 256 and truecolor."""
    return {kind for _, kind in style_codes(written) if kind}


@pytest.mark.parametrize(
    ("term", "recipe", "size"),
    [
        pytest.param("xterm", "binary-addition", (120, 40), marks=pytest.mark.long),
        ("xterm-256color", "counting-ones", (120, 40)),
        pytest.param("linux", "xor", (80, 40), marks=pytest.mark.long),
    ],
)
def test_no_color_and_ascii_in_every_dialog(term: str, recipe: str, size: tuple[int, int]) -> None:
    environment: dict[str, str | None] = {"NO_COLOR": "1", "TERM": term, "COLORTERM": "truecolor"}
    arguments = ("--recipe", recipe, "--glyphs", "ascii")
    written = written_on_a_tour(*arguments, environment=environment, size=size)
    assert colors(written) == set()
    assert written.isascii()


@pytest.mark.parametrize(
    ("environment", "kind"),
    [
        ({"TERM": "linux"}, "16"),
        pytest.param({"TERM": "xterm-256color"}, "256", marks=pytest.mark.long),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor", **NO_UTF8}, "truecolor"),
    ],
    ids=["16", "256", "truecolor without UTF-8"],
)
def test_uses_the_colors_and_glyphs_of_its_terminal(
    environment: dict[str, str | None], kind: str
) -> None:
    ranks = ("16", "256", "truecolor")
    written = written_on_a_tour(*LENGTH, environment=environment)
    used = colors(written)
    assert kind in used
    assert used <= set(ranks[: ranks.index(kind) + 1])
    assert written.isascii() is (environment["TERM"] == "linux" or "LC_ALL" in environment)
    assert MOUSE_ON.findall(written)


@pytest.mark.parametrize(
    ("environment", "system"),
    [
        ({"TERM": "xterm"}, "standard"),
        ({"TERM": "screen"}, "standard"),
        ({"TERM": "vt220"}, "standard"),
        ({"TERM": "tmux-256color"}, "256"),
        ({"TERM": "xterm-256color", "COLORTERM": "24bit"}, "truecolor"),
    ],
    ids=str,
)
def test_detects_the_color_system(environment: dict[str, str], system: str) -> None:
    with patch.dict(os.environ, environment, clear=True):
        worker = TrainingWorker(NewRun(RECIPES["xor"].settings), 1.0)
        app = RnnTui(Dashboard(worker, Appearance()))
    assert app.console.color_system == system


@pytest.mark.parametrize(
    ("recipe", "glyphs"),
    [
        *(("counting-ones", glyphs) for glyphs in ("braille", "block", "ascii")),
        pytest.param("binary-addition", "block", marks=pytest.mark.long),
    ],
)
def test_draws_with_the_chosen_glyphs(glyphs: str, recipe: str) -> None:
    arguments = ("--paused", "--recipe", recipe, "--glyphs", glyphs, "--no-mouse")
    with Terminal(*arguments, columns=120, rows=40) as terminal:
        terminal.wait_for("? help")
        terminal.send("S")
        wait_for_step(terminal, 100)
        text = terminal.text
        assert not MOUSE_ON.findall(terminal.written)
    assert any("\u2801" <= letter <= "\u28ff" for letter in text) is (glyphs == "braille")
    assert text.isascii() is (glyphs == "ascii")


@pytest.mark.parametrize(
    ("columns", "rows", "arguments"),
    [
        (60, 20, ()),
        (60, 20, ASCII),
        pytest.param(80, 24, ASCII, marks=pytest.mark.long),
        pytest.param(120, 40, (), marks=pytest.mark.long),
        pytest.param(200, 60, ASCII, marks=pytest.mark.long),
        pytest.param(300, 80, (), marks=pytest.mark.long),
    ],
)
def test_no_text_is_cut_at_any_size(columns: int, rows: int, arguments: tuple[str, ...]) -> None:
    with Terminal(*ENDLESS, *arguments, columns=columns, rows=rows) as terminal:
        wait_for_start(terminal)
        assert_key_works(terminal)
        terminal.wait_until_still()
        text = terminal.text
    assert re.search(r"\? help +q quit *$", text), f"the key line is cut in\n{text}"
    assert "…" not in text, f"something is cut in\n{text}"
    assert all(len(row) == columns for row in text.split("\n"))
    if not arguments:
        for top, bottom in ("╭╮", "╰╯"):
            assert text.count(top) == text.count(bottom) >= 2, f"an open box in\n{text}"


@pytest.mark.parametrize(
    "size", variants([(1, 1), (2, 2), (1, 20), (59, 19)], short=[(1, 1), (59, 19)]), ids=str
)
def test_writes_nothing_to_a_window_that_is_too_small(size: tuple[int, int]) -> None:
    with Terminal("--paused", *LENGTH, columns=size[0], rows=size[1]) as terminal:
        terminal.wait_for("r")  # nn-tui needs 60 columns and 20 rows
        terminal.wait_until_still()
        before = len(terminal.written)
        sleep(1)
        assert len(terminal.written) == before
