"""The finite-state machine that a model has learned: table, graph, fidelity and counterexamples."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from textual.content import Content

from rnn_tui.analysis.automaton import CELL_SIZE, WORD_LENGTH
from rnn_tui.analysis.counterexample import CounterexampleSearch
from rnn_tui.analysis.learned_machine import LearnedMachine
from rnn_tui.analysis.machine import IntArray, Machine, task_symbols
from rnn_tui.analysis.task_machine import example_inputs, task_machine
from rnn_tui.engine.tasks import Task
from rnn_tui.tui.drawing.glyphs import INCORRECT_STYLE, MUTED_STYLE
from rnn_tui.tui.drawing.parts import Part, fitting_rows, paragraph, percent_digits

MIN_TABLE_ROWS = 7  # heading included, of a table without some of the states
TABLE_PRIORITY = 2  # after the counterexample
MAX_GRAPH_STATES = 4
MAX_NUMBER_BITS = 64  # of operands that are written as decimal numbers
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SYMBOL_GAP = 2  # blanks between columns of a table


def draw_machine(value: LearnedMachine, task: Task, width: int, height: int) -> Content:
    """Draw `value` in `width` × `height` cells.

    Size and fidelity come first, then the counterexample to the model, the table, the bits of the
    counterexample, the graph, and the counterexample to the machine.
    """
    mealy = value.automaton.mealy
    parts = [
        Part(0, paragraph(_size_text(value), width)),
        *counterexample_parts(value.against_task, task, width),
    ]
    if mealy is not None:
        before = [part for part in parts if part.priority < TABLE_PRIORITY]
        room = height - len(fitting_rows(before, height))
        table = _table(mealy, _state_names(value, task), task, width, room)
        parts += [Part(TABLE_PRIORITY, table), Part(4, _graph(mealy, task, width))]
    parts.append(Part(5, paragraph(_own_search_text(value), width, MUTED_STYLE)))
    return Content("\n").join(fitting_rows(parts, height))


def _size_text(value: LearnedMachine) -> str:
    """Return the size of the machine with its fidelity, without which that means nothing."""
    automaton, fidelity = value.automaton, value.fidelity
    if automaton.mealy is None or fidelity is None:
        return f"no machine: more than {automaton.max_cells:,} cells of {CELL_SIZE:g} in each unit"
    text = (
        f"{_states_text(automaton.mealy.n_states)} (Moore {automaton.n_moore_states:,}) from "
        f"{automaton.n_cells:,} cells of {CELL_SIZE:g}"
    )
    if value.equals_task:
        text += ", equal to the task's machine" + " where scored" * bool(value.n_unscored)
    elif value.task_machine is not None:
        text += f", not the task's machine ({_states_text(value.task_machine.n_states)})"
    return (
        f"{text}; same as the model on {percent_digits(fidelity.output_agreement)} % of outputs, "
        f"{fidelity.n_matching_words:,} of {fidelity.n_words:,} words of {WORD_LENGTH} time steps"
    )


def _states_text(count: int) -> str:
    return f"{count:,} state{'s' * (count != 1)}"


def _own_search_text(value: LearnedMachine) -> str:
    search = value.against_machine
    if search is None:
        return ""
    if search.word is None:
        return f"model and machine: {_no_word_text(search)}"
    return f"model and machine differ on a word of {_steps_text(len(search.word))}"


def _no_word_text(search: CounterexampleSearch) -> str:
    return (
        f"no counterexample among {search.n_words:,} words up to {search.max_length:,} time steps "
        f"(all up to {search.exhaustive_length})"
    )


def _steps_text(count: int) -> str:
    return f"{count:,} time step{'s' * (count != 1)}"


def counterexample_parts(search: CounterexampleSearch | None, task: Task, width: int) -> list[Part]:
    """Return the shortest word on which the model is incorrect, then its bits.

    For arithmetic the word is a sum, such as 7 + 1, if its numbers can be written.
    """
    if search is None:
        text = "the task has no finite-state machine to compare with"
        return [Part(1, paragraph(text, width, MUTED_STYLE))]
    if search.word is None:
        return [Part(1, paragraph(f"model and task: {_no_word_text(search)}", width))]
    word, inputs = search.word, example_inputs(search.word, task)
    place = f"bit {len(word) - 1}" if task.lsb_first else f"t = {len(word)}"
    is_number = task.is_arithmetic and len(word) <= MAX_NUMBER_BITS
    of_numbers = f" of {task.format_input(inputs)}" if is_number else ""
    found = "" if len(word) <= search.exhaustive_length else " found"
    is_pinnable = bool(pin_text(word, task))
    text = (
        f"incorrect at {place}{of_numbers}, the shortest word{found} ({search.n_words:,} tried)"
        f"{'; p pins it' * is_pinnable}"
    )
    bits = []
    for name, row in zip(task.input_names, inputs.T > 0.5, strict=True):
        digits = "".join("01"[int(bit)] for bit in (row[::-1] if task.lsb_first else row))
        bits.append(Content(f"{name} = {_elide(digits, width - len(f'{name} = '))}"))
    if not is_pinnable:
        bits += paragraph(_unpinnable_text(word, task), width, MUTED_STYLE)
    return [Part(1, paragraph(text, width, INCORRECT_STYLE)), Part(3 if is_number else 1, bits)]


def _unpinnable_text(word: IntArray, task: Task) -> str:
    if len(example_inputs(word, task)) > task.sequence_length:
        return f"longer than the {task.sequence_length} time steps of the sequences, so not pinned"
    return "not one of the task's examples, so not pinned"


def _elide(digits: str, room: int) -> str:
    """Return `digits` in at most `room` cells, without those in the middle."""
    if len(digits) <= room:
        return digits
    left = max(1, room // 2)
    return f"{digits[:left]}…{digits[len(digits) - max(1, room - left - 1) :]}"


def pin_text(word: IntArray, task: Task) -> str:
    """Return the text of the example that starts with `word`, or "" if the task has none."""
    inputs = example_inputs(word, task)
    if len(inputs) > task.sequence_length:
        return ""
    inputs = np.concatenate([inputs, np.zeros((task.sequence_length - len(inputs), task.inputs))])
    rows = " ".join("".join("01"[int(bit)] for bit in row) for row in inputs.T > 0.5)
    text = task.format_input(inputs) if task.is_arithmetic else rows
    try:
        parsed = task.parse_input(text)
    except ValueError:
        return ""
    return text if np.array_equal(parsed[:, 0], inputs) else ""


def _state_letter(state: int) -> str:
    return ALPHABET[state] if state < len(ALPHABET) else f"s{state + 1}"


def _state_names(value: LearnedMachine, task: Task) -> list[str]:
    """Return a name for each state, with the required state that it is where that is known."""
    mealy, minimal = value.automaton.mealy, value.task_machine
    n_states = mealy.n_states if mealy is not None else 0
    names = [_state_letter(state) for state in range(n_states)]
    is_equal = mealy is not None and minimal is not None and mealy.equals_from(minimal, 0)
    if is_equal and _n_required_states(type(task), task.length, task.lag) == n_states:
        return [f"{name} = {task.state_name} {state}" for state, name in enumerate(names)]
    return names


@lru_cache(maxsize=8)
def _n_required_states(task: type[Task], length: int, lag: int) -> int:
    machine = task_machine(task(length, lag))
    return 0 if machine is None else machine.n_states


def _symbol_texts(task: Task) -> list[str]:
    return [f"{symbol:0{task.inputs}b}" for symbol in range(len(task_symbols(task)))]


def _table(
    mealy: Machine, names: Sequence[str], task: Task, width: int, room: int
) -> list[Content]:
    """Return the transition table, "next state/output" for each input, with states that fit."""
    if room < min(mealy.n_states + 1, MIN_TABLE_ROWS):
        return []
    texts = [
        [f"{_state_letter(next_state)}/{output}" for next_state, output in zip(*row, strict=True)]
        for row in zip(mealy.transitions.tolist(), mealy.outputs.tolist(), strict=True)
    ]
    headings = _symbol_texts(task)
    separator = " " * any(len(name) > 1 for name in task.input_names)
    corner = f"state \\ {separator.join(task.input_names)}"
    label = max(len(corner), *map(len, names))
    cells = SYMBOL_GAP + max(len(text) for row in (headings, *texts) for text in row)
    n_columns = max(1, min(len(headings), (width - label) // cells))
    n_rows = mealy.n_states if mealy.n_states < room else room - 2
    more = "…" * (n_columns < len(headings))

    def line(name: str, row: Sequence[str]) -> str:
        columns = "".join(f"{text:>{cells}}" for text in row[:n_columns])
        return f"{name:<{label}}{columns}{more}"

    rows = [Content.styled(line(corner, headings), MUTED_STYLE)]
    rows += [Content(line(name, row)) for name, row in zip(names[:n_rows], texts, strict=False)]
    if n_rows < mealy.n_states:
        rows.append(Content.styled(f"{mealy.n_states - n_rows:,} states more", MUTED_STYLE))
    return rows


def _graph(mealy: Machine, task: Task, width: int) -> list[Content]:
    """Return the states with "input/output" on arrows between them; no rows for many states."""
    if mealy.n_states > MAX_GRAPH_STATES:
        return []
    edges: dict[tuple[int, int], str] = {}
    symbols = _symbol_texts(task)
    for state in range(mealy.n_states):
        for symbol, text in enumerate(symbols):
            edge = state, int(mealy.transitions[state, symbol])
            edges[edge] = f"{edges.get(edge, '')} {text}/{mealy.outputs[state, symbol]}".strip()
    lines = _two_states(edges) if mealy.n_states == 2 else _edge_lines(edges)
    return [Content(line) for line in lines] if max(map(len, lines)) <= width else []


def _two_states(edges: dict[tuple[int, int], str]) -> list[str]:
    there, back = edges.get((0, 1), ""), edges.get((1, 0), "")
    room = max(len(there), len(back))
    right, left = there.center(room, "─") if there else "", back.center(room, "─") if back else ""
    arrow = f"── {right} ─▶" if there else " " * (room + 6)
    back_arrow = f"◀─ {left} ──" if back else " " * (room + 6)
    loops = [edges.get((state, state), "") for state in range(2)]
    margin = max(len(loops[0]) + 1, 1)
    blank = " " * margin
    return [
        f"{blank}╭───╮ {arrow} ╭───╮",
        f"{loops[0]:<{margin}}│ A │ {' ' * (room + 6)} │ B │ {loops[1]}".rstrip(),
        f"{blank}╰───╯ {back_arrow} ╰───╯",
    ]


def _edge_lines(edges: dict[tuple[int, int], str]) -> list[str]:
    return [
        f"{_state_letter(start)} ─▶ {_state_letter(end)}  {text}"
        for (start, end), text in sorted(edges.items())
    ]
