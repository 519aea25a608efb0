"""Diffs against the whole output, both as an emulated terminal shows them."""

import re

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnn_tui.tui.terminal.screen_buffer import ScreenBuffer

COLUMNS, ROWS = 14, 4

ONE_NUMBER = (0, 1, 2, 3, 4, 7, 9, 22, 23, 24, 27, 29, 31, 39, 44, 49, 97, 100)
SEVERAL = ("", "38;5;208", "48;5;17", "38;2;1;2;3", "48;2;9;8;7")
codes = st.sampled_from([*map(str, ONE_NUMBER), *SEVERAL])
pens = st.lists(codes, min_size=1, max_size=3).map(lambda parts: f"\x1b[{';'.join(parts)}m")
texts = st.text(st.sampled_from("ab 01│╭▁█✓σ"), min_size=1, max_size=8)
wide_texts = st.text(st.sampled_from("a 中é日"), min_size=1, max_size=5)
places = st.builds(
    lambda row, column: f"\x1b[{row};{column}H", st.integers(1, ROWS), st.integers(1, COLUMNS)
)


def outputs(text: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """What a program writes in a frame: moves, pens and texts, none beyond the right edge."""
    parts = st.lists(st.builds("{}{}{}\x1b[0m".format, places, pens, text), max_size=6)
    return parts.map("".join)


def terminal() -> tuple[pyte.Screen, pyte.Stream]:
    screen = pyte.Screen(COLUMNS, ROWS)
    screen.reset_mode(pyte.modes.DECAWM)
    return screen, pyte.Stream(screen)


def cells(screen: pyte.Screen) -> list[list[object]]:
    """Every cell as it looks: of a blank, only what is seen of it."""
    return [[_look(screen.buffer[y][x]) for x in range(COLUMNS)] for y in range(ROWS)]


def _look(cell: pyte.screens.Char) -> object:
    if cell.data.strip(" ") or cell.underscore or cell.reverse or cell.strikethrough:
        return cell
    return " ", cell.bg


@given(st.lists(outputs(texts), max_size=6))
def test_diffs_show_the_same_as_the_whole_output(frames: list[str]) -> None:
    screen_buffer = ScreenBuffer(COLUMNS, ROWS)
    (all_shown, all_), (shown, differences) = terminal(), terminal()
    for frame in frames:
        fitting = clipped(frame)
        all_.feed(fitting)
        screen_buffer.feed(fitting)
        differences.feed(screen_buffer.diff())
        assert cells(shown) == cells(all_shown)
    assert screen_buffer.diff() == ""


def clipped(frame: str) -> str:
    """Cut texts at the edge, where pyte puts what is left over on the last column."""

    def cut(match: re.Match[str]) -> str:
        column, between, text = int(match[2]), match[3], match[4]
        return f"\x1b[{match[1]};{column}H{between}{text[: COLUMNS - column + 1]}"

    return re.sub(r"\x1b\[(\d+);(\d+)H(\x1b\[[0-9;]*m)([^\x1b]*)", cut, frame)


@given(st.lists(st.lists(wide_texts, min_size=ROWS, max_size=ROWS), max_size=4))
def test_diff_never_halves_wide_characters(frames: list[list[str]]) -> None:
    screen_buffer = ScreenBuffer(COLUMNS, ROWS)
    (all_shown, all_), (shown, differences) = terminal(), terminal()
    for rows in frames:
        blank = f"{'':{COLUMNS}}"
        frame = "".join(
            f"\x1b[{row};1H{blank}\x1b[{row};1H{text}" for row, text in enumerate(rows, 1)
        )
        all_.feed(frame)
        screen_buffer.feed(frame)
        differences.feed(screen_buffer.diff())
        assert shown.display == all_shown.display


@given(outputs(texts), outputs(texts))
def test_diff_after_invalidate_sends_every_drawn_cell(before: str, after: str) -> None:
    screen_buffer = ScreenBuffer(COLUMNS, ROWS)
    screen_buffer.feed(clipped(before))
    first, terminal_of_first = terminal()
    terminal_of_first.feed(screen_buffer.diff())
    screen_buffer.feed(clipped(after))
    terminal_of_first.feed(screen_buffer.diff())
    screen_buffer.invalidate()
    second, terminal_of_second = terminal()
    terminal_of_second.feed(screen_buffer.diff())
    assert cells(second) == cells(first)


def test_diff_of_one_digit_is_a_move_and_a_digit() -> None:
    screen_buffer = ScreenBuffer(COLUMNS, ROWS)
    screen_buffer.feed("\x1b[2;1H\x1b[1;38;5;9mstep 1234\x1b[0m")
    screen_buffer.diff()
    screen_buffer.feed("\x1b[2;1H\x1b[1;38;5;9mstep 1235\x1b[0m")
    assert screen_buffer.diff() == "\x1b[2;9H5"


def test_overwritten_cells_are_never_sent() -> None:
    screen_buffer = ScreenBuffer(COLUMNS, ROWS)
    for step in range(1000):
        screen_buffer.feed(f"\x1b[1;1H{step:>4}")
    assert screen_buffer.diff() == "\x1b[1;1H\x1b[0m 999"


def test_feed_drops_control_sequences_and_characters_within_text() -> None:
    screen_buffer = ScreenBuffer(COLUMNS, ROWS)
    screen_buffer.feed("a\x1b]52;c;aGk=\x07b\x07\x1b[1;4H\x1b]0;title\x1b\\c\x9b\x1b\x85d")
    assert screen_buffer.diff() == "\x1b[1;1H\x1b[0mab\x1b[4Gcd"


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (200, 60)])
def test_resize_sends_the_drawn_cells_that_fit(size: tuple[int, int]) -> None:
    screen_buffer = ScreenBuffer(COLUMNS, ROWS)
    screen_buffer.feed("\x1b[4;10Habcd")
    screen_buffer.diff()
    screen_buffer.resize(*size)
    screen_buffer.feed("\x1b[1;1Habcd\x1b[70;1Hx")  # still for the old size
    columns, rows = size
    shown = pyte.Screen(columns, rows)
    pyte.Stream(shown).feed(screen_buffer.diff())
    assert shown.display[0].startswith("abcd"[:columns])
    assert (rows < 4) or ("abcd" in shown.display[3])


def test_drawn_cells_survive_a_resize_and_back() -> None:
    screen_buffer = ScreenBuffer(COLUMNS, ROWS)
    screen_buffer.feed("\x1b[1;1Hab\x1b[4;10Hcd")
    screen_buffer.diff()
    screen_buffer.resize(5, 2)
    screen_buffer.resize(COLUMNS, ROWS)
    shown, stream = terminal()
    stream.feed(screen_buffer.diff())
    assert shown.display[0].startswith("ab")
    assert "cd" in shown.display[3]


def test_diff_leaves_the_cursor_where_the_program_put_it() -> None:
    screen_buffer = ScreenBuffer(COLUMNS, ROWS)
    shown, stream = terminal()
    screen_buffer.feed("\x1b[1;1Hab\x1b[3;2Hcd\x1b[2;7H")
    stream.feed(screen_buffer.diff())
    assert (shown.cursor.y, shown.cursor.x) == (1, 6)
