"""Lessons in line mode: pages as text, their words, and those that act on the run."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from rnn_tui.lessons.reader import read_lesson
from rnn_tui.line_mode.lesson import run_lesson
from rnn_tui.line_mode.stdin import StdinLines
from tests.support.lessons import LESSON_FILE, altered_file

Play = Callable[..., list[str]]


@pytest.fixture
def play(capsys: pytest.CaptureFixture[str]) -> Play:
    def play(*lines: str, path: Path = LESSON_FILE, page: int = 1) -> list[str]:
        """Return the lines that are printed for `lines`, which then end."""
        reader, writer = os.pipe()
        with open(writer, "w") as script:
            script.write("".join(f"{line}\n" for line in lines))
        try:
            assert run_lesson(read_lesson(path), page, StdinLines(reader)) == 0
        finally:
            os.close(reader)
        output, errors = capsys.readouterr()
        assert errors == ""
        assert all(letter == "\n" or " " <= letter <= "~" for letter in output)
        return output.splitlines()

    return play


def test_lesson_is_played_to_its_end(play: Play) -> None:
    lines = play("next", "2", "1", "next", "hint", "step 5", "optimizer=adam", "next")
    texts = [
        "Counting with two weights",
        "page 1 of 3: Two weights",
        "This net has only 2 weights, and has taken 0 steps. The baseline is 2.25.",
        "(next)",
        "page 2 of 3",
        "Train until all is correct.",
        "Does the loss fall?",
        "3: Only with Adam",
        "It does: that is what the gradient is for.",
        "Correct.",
        "(training until exact)",
        "step 250: breakpoint exact: all 1,024 sequences are correct",
        "At step 250 it counts all 1,024 sequences, 100 % of them.",
        "page 3 of 3",
        "Choose another optimizer. The step is 260.",
        "Press o until it is Adam.",
        "step 265: optimizer rprop-tutorial -> adam, lr 0.01",
        "Adam from step 265 on, with 2 weights.",
        "(next ends the lesson)",
        "The lesson is over.",
    ]
    positions = [lines.index(text) for text in texts]
    assert positions == sorted(positions)


def test_pane_of_a_page_is_printed_as_text(play: Play, tmp_path: Path) -> None:
    path = altered_file(tmp_path, ('pane = "cost-map"', 'pane = "bit-grid"'))
    assert "step 0: pinned, predicted with the current weights" in play(path=path)
    path = altered_file(tmp_path, ('pane = "cost-map"', 'pane = "health"'))
    assert any(line.startswith("step 0: health: sizes of updates") for line in play(path=path))
    assert "step 0 of 2,000, paused" in play()


def test_back_again_and_skip(play: Play) -> None:
    lines = play("next", "skip", "again", "back", "skip", "skip", "skip")
    headings = [line for line in lines if line.startswith("page ")]
    assert [heading.split()[1] for heading in headings] == ["1", "2", "2", "1", "2", "3"]
    assert lines[-1] == "left at page 3 of 3"


def test_first_page_may_be_a_later_one(play: Play) -> None:
    lines = play(page=3)
    assert [line for line in lines if line.startswith("page ")] == ["page 3 of 3"]
    assert "Choose another optimizer. The step is 260." in lines


def test_words_that_do_not_fit_are_errors(play: Play) -> None:
    lines = play("next", "next", "hint", "4", "foo", "?", "leave", "next")
    errors = [line for line in lines if line.startswith("error: ")]
    assert errors == [
        "error: the page is not complete: skip completes it",
        "error: this page has no hint: skip completes it",
        "error: answer with a number from 1 to 3, not 4",
        "error: unknown command 'foo'; ? lists all",
    ]
    assert any(line.startswith("p, toggle-pause: ") for line in lines)
    assert lines[-1] == "left at page 2 of 3"


def test_quit_ends_the_lesson(play: Play) -> None:
    assert "page 2 of 3" not in play("q", "next")


@pytest.mark.parametrize("word", ["p", "wait 30", "at 0", "break step=30"])
def test_next_does_not_wait_for_a_paused_run(play: Play, word: str) -> None:
    lines = play("next", "speed 200", "1", word, "", "next", "end", "resume", "next", "leave")
    assert "error: the page is not complete: skip completes it" in lines
    assert not any(line.endswith(", running") for line in lines if word == "wait 30")
    assert lines[-1] == "left at page 3 of 3"


def test_wait_that_cannot_come_gets_a_notice(play: Play, tmp_path: Path) -> None:
    path = altered_file(tmp_path, ('wait = "exact"', 'wait = "step=3000"'))
    lines = play("next", "1", "speed max", "next", path=path)
    assert "error: the page is not complete: skip completes it" in lines
    notice = "The run has reached its last step: go back to the start of this page."
    assert notice in lines
