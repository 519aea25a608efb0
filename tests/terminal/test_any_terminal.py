"""Every terminal gets what it can show: colours, letters, mouse, and any size from 60 x 20 on."""

import re
from time import sleep

import pytest

from tests.terminal.reading import assert_hears, step_shown, wait_for_start
from tests.terminal.restored import assert_restored
from tests.terminal.styles import style_codes
from tests.terminal.terminal import Terminal

pytestmark = pytest.mark.terminal

ENDLESS = ("--speed", "1000", "--steps", "100000000")
MOUSE_ON = re.compile(rb"\x1b\[\?(9|100[0-35-7]|101[56])h")
ESCAPE = "\x1b"
# Seconds, or what comes next would be a part of an escape sequence, and before a list is open.
PAUSES = {"\x1b": 0.15, "\r": 0.6}
TOUR = ["?", ESCAPE, ":", "opt", ESCAPE, "\x10", "ad", ESCAPE, ESCAPE, "i", ESCAPE]
TOUR += ["\t", "\r", ESCAPE, ESCAPE]
RECIPES = ("binary-addition", "counting-ones", "xor")
NO_UTF8 = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
SIZES = ((60, 20), (80, 24), (120, 40), (200, 60), (300, 80))


def written_on_a_tour(
    *arguments: str, environment: dict[str, str | None] | None = None, columns: int = 120
) -> bytes:
    """Return all that is written while each kind of dialog is opened, and at the end."""
    given = environment or {}
    with Terminal(*ENDLESS, *arguments, columns=columns, rows=40, environment=given) as terminal:
        terminal.wait_for(lambda text: step_shown(text) > 100)
        for key in TOUR:
            terminal.send(key)
            sleep(PAUSES.get(key, 0.06))
        assert_hears(terminal)
        terminal.send("q")
        assert terminal.wait() == 0
        assert_restored(terminal.written)
        return terminal.written


def colours(written: bytes) -> set[str]:
    """Return the kinds of colours that are switched on: 16, 256 and truecolor."""
    return {kind for _, kind in style_codes(written) if kind}


@pytest.mark.parametrize(
    ("term", "recipe"), [*zip(("xterm", "xterm-256color", "linux"), RECIPES, strict=True)]
)
def test_no_color_means_none(term: str, recipe: str) -> None:
    environment: dict[str, str | None] = {"NO_COLOR": "1", "TERM": term, "COLORTERM": "truecolor"}
    assert colours(written_on_a_tour("--recipe", recipe, environment=environment)) == set()


@pytest.mark.parametrize(
    ("environment", "kind"),
    [
        ({"TERM": "xterm"}, "16"),
        ({"TERM": "linux"}, "16"),
        ({"TERM": "screen"}, "16"),
        ({"TERM": "vt220"}, "16"),
        ({"TERM": "xterm-256color"}, "256"),
        ({"TERM": "tmux-256color"}, "256"),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "truecolor"),
        ({"TERM": "xterm-256color", "COLORTERM": "24bit"}, "truecolor"),
    ],
    ids=str,
)
def test_uses_the_colours_that_there_are(environment: dict[str, str | None], kind: str) -> None:
    ranks = ("16", "256", "truecolor")
    used = colours(written_on_a_tour(environment=environment))
    assert kind in used
    assert used <= set(ranks[: ranks.index(kind) + 1])


@pytest.mark.parametrize(
    ("recipe", "columns"), [*((recipe, 120) for recipe in RECIPES), ("binary-addition", 80)]
)
def test_ascii_means_nothing_else(recipe: str, columns: int) -> None:
    written = written_on_a_tour("--recipe", recipe, "--glyphs", "ascii", columns=columns)
    assert written.isascii()


@pytest.mark.parametrize("environment", [{"TERM": "linux"}, NO_UTF8], ids=["console", "LC_ALL=C"])
def test_ascii_is_what_a_plain_terminal_gets(environment: dict[str, str | None]) -> None:
    assert written_on_a_tour(environment=environment).isascii()


@pytest.mark.parametrize("glyphs", ["braille", "block", "ascii"])
@pytest.mark.parametrize("recipe", ["binary-addition", "counting-ones"])
def test_draws_with_the_chosen_glyphs(glyphs: str, recipe: str) -> None:
    written = written_on_a_tour("--recipe", recipe, "--glyphs", glyphs).decode()
    braille = any("\u2801" <= letter <= "\u28ff" for letter in written)
    assert braille is (glyphs == "braille")


def test_leaves_the_mouse_to_the_terminal() -> None:
    assert not MOUSE_ON.findall(written_on_a_tour("--no-mouse"))
    assert MOUSE_ON.findall(written_on_a_tour())


@pytest.mark.parametrize("arguments", [(), ("--glyphs", "ascii")], ids=["usual", "ascii"])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_nothing_is_cut_at_any_size(size: tuple[int, int], arguments: tuple[str, ...]) -> None:
    columns, rows = size
    with Terminal(*ENDLESS, *arguments, columns=columns, rows=rows) as terminal:
        wait_for_start(terminal)
        assert_hears(terminal)
        terminal.wait_until_still()
        text = terminal.text
    assert re.search(r"\? help +q quit *$", text), f"the key line is cut in\n{text}"
    assert "…" not in text, f"something is cut in\n{text}"
    assert all(len(row) == columns for row in text.split("\n"))
    if not arguments:
        for top, bottom in ("╭╮", "╰╯"):
            assert text.count(top) == text.count(bottom) >= 2, f"an open box in\n{text}"


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (1, 20), (59, 19)], ids=str)
def test_a_window_too_small_for_anything_costs_nothing(size: tuple[int, int]) -> None:
    with Terminal("--paused", columns=size[0], rows=size[1]) as terminal:
        terminal.wait_for("r", 20)  # nn-tui needs 60 columns and 20 rows
        terminal.wait_until_still()
        before = len(terminal.written)
        sleep(1)
        assert len(terminal.written) == before
