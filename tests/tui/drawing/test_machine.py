"""The machine drawing: size with fidelity, table, graph and counterexample."""

from dataclasses import replace

import numpy as np
import pytest

from rnn_tui.analysis.automaton import Automaton
from rnn_tui.analysis.counterexample import CounterexampleSearch
from rnn_tui.analysis.learned_machine import LearnedMachine
from rnn_tui.analysis.machine import Machine
from rnn_tui.engine.tasks import TASKS
from rnn_tui.text.ascii import to_ascii
from rnn_tui.tui.drawing.machine import counterexample_parts, draw_machine, pin_text
from tests.tui.drawing.analyzed import SIZES, analyzed, rows_of, task_of

RIPPLE = np.array([3] + [1] * 30)  # 1 + (2^31 - 1)


def found(word: list[int]) -> CounterexampleSearch:
    return CounterexampleSearch(4496, 1000, 6, np.array(word))


def three_states() -> LearnedMachine:
    machine = Machine(np.array([[1, 0], [2, 0], [0, 2]]), np.array([[0, 1], [1, 0], [0, 0]]))
    value: LearnedMachine = analyzed("machine", planted=True)
    return replace(value, automaton=Automaton(7, 4096, machine, 4))


def test_planted_adder_is_the_machine_of_addition() -> None:
    value, task = analyzed("machine", planted=True), task_of(planted=True)
    rows = rows_of(draw_machine(value, task, 76, 14), 76, 14)
    text = " ".join(rows)
    assert text.startswith("2 states (Moore 4) from ")
    assert "equal to the task's machine; same as the model on 100 % of outputs, 2,000 of" in text
    assert "model and task: no counterexample among 4,496 words up to 1,000 time steps" in text
    assert rows[4:10] == [
        "state \\ ab    00   01   10   11",
        "A = carry 0  A/0  A/1  A/1  B/0",
        "B = carry 1  A/1  B/0  B/0  B/1",
        "               ╭───╮ ── 11/0 ─▶ ╭───╮",
        "00/0 01/1 10/1 │ A │            │ B │ 01/0 10/0 11/1",
        "               ╰───╯ ◀─ 00/1 ── ╰───╯",
    ]


def test_three_states_are_a_list_of_arrows() -> None:
    rows = rows_of(draw_machine(three_states(), TASKS["parity"](8), 62, 20), 62, 20)
    assert "state \\ x    0    1" in rows
    assert "A          B/0  A/1" in rows
    assert [row for row in rows if "─▶" in row] == [
        "A ─▶ A  1/1",
        "A ─▶ B  0/0",
        "B ─▶ A  1/0",
        "B ─▶ C  0/1",
        "C ─▶ A  0/0",
        "C ─▶ C  1/0",
    ]


def test_size_is_never_without_fidelity() -> None:
    value, task = analyzed("machine", planted=True), task_of(planted=True)
    for height in range(1, 12):
        text = " ".join(draw_machine(value, task, 50, height).plain.split("\n"))
        assert ("2 states" in text) == ("2,000 of 2,000 words" in text)


def counterexample(word: list[int], task: str, width: int) -> list[str]:
    parts = counterexample_parts(found(word), TASKS[task](8), width)
    return [row.plain for part in parts for row in part.rows]


def test_counterexample_is_a_sum_with_the_highest_bit_first() -> None:
    assert counterexample([3, 1], "addition", 76) == [
        "incorrect at bit 1 of 1 + 3, the shortest word (4,496 tried); p pins it",
        "a = 01",
        "b = 11",
    ]


def test_long_counterexample_is_shown_with_both_ends_and_not_pinned() -> None:
    text = " ".join(counterexample(RIPPLE.tolist(), "addition", 24))
    assert "at bit 30 of 1 + 2147483647, the shortest word found (4,496 tried)" in text
    assert "b = 1111111111…111111111" in text
    assert "longer than the 8 time steps of the sequences" in text
    endless = " ".join(counterexample([3] + [1] * 200, "addition", 40))
    assert "incorrect at bit 200, the shortest" in endless


def test_counterexample_of_a_subtraction_is_a_pair_that_the_task_scores() -> None:
    assert counterexample([1], "subtraction", 76) == [
        "incorrect at bit 0 of 2 − 1, the shortest word (4,496 tried); p pins it",
        "a = 10",
        "b = 01",
    ]


def test_counterexample_of_a_bit_sequence_runs_from_left_to_right() -> None:
    assert counterexample([1, 0, 0], "parity", 90) == [
        "incorrect at t = 3, the shortest word (4,496 tried); p pins it",
        "x = 100",
    ]


def test_counterexample_has_room_before_the_table() -> None:
    value, task = analyzed("machine", planted=True), task_of(planted=True)
    refuted = replace(value, against_task=found(RIPPLE.tolist()))
    rows = rows_of(draw_machine(refuted, task, 50, 9), 50, 9)
    assert rows[3].startswith("incorrect at bit 30 of 1 + 2147483647")
    assert rows[-1].startswith("B = carry 1")


@pytest.mark.parametrize(
    ("task", "word", "text"),
    [
        ("addition", [3, 1], "1 + 3"),
        ("addition", [0] * 7 + [3], ""),  # operands have 7 bits
        ("addition", [3] * 9, ""),
        ("subtraction", [1], "2 − 1"),  # 0 − 1 is not an example
        ("subtraction", [2], "1 − 0"),
        ("subtraction", [0] * 7 + [1], ""),  # operands have 7 bits
        ("parity", [1, 0, 1], "10100000"),
    ],
)
def test_pinned_example_starts_with_the_word(task: str, word: list[int], text: str) -> None:
    assert pin_text(np.array(word), TASKS[task](8)) == text


def test_limit_of_cells_is_named() -> None:
    value = replace(
        analyzed("machine", planted=True),
        automaton=Automaton(4099, 4096, None, None),
        fidelity=None,
        against_machine=None,
    )
    rows = rows_of(draw_machine(value, task_of(), 62, 12), 62, 12)
    assert rows[0] == "no machine: more than 4,096 cells of 0.5 in each unit"


def test_drawing_fits_in_every_size_and_in_ascii() -> None:
    addition, parity = task_of(), TASKS["parity"](8)
    for value, task in (
        (analyzed("machine"), addition),
        (analyzed("machine", planted=True), addition),
        (three_states(), parity),
    ):
        for size in SIZES:
            rows = rows_of(draw_machine(value, task, *size), *size)
            assert "?" not in to_ascii("".join(rows))
