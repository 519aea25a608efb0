"""A learned machine as lines of text."""

from collections.abc import Iterator

from rnn_tui.analysis.automaton import CELL_SIZE, WORD_LENGTH
from rnn_tui.analysis.counterexample import CounterexampleSearch
from rnn_tui.analysis.learned_machine import LearnedMachine
from rnn_tui.analysis.machine import IntArray, Machine, task_symbols
from rnn_tui.analysis.task_machine import example_inputs
from rnn_tui.config.settings import Settings
from rnn_tui.engine.tasks import Task
from rnn_tui.text.analyses.values import count, digits, operands
from rnn_tui.text.analysis_sentences import bits_text
from rnn_tui.text.format import format_percent
from rnn_tui.text.report import labeled_line

MAX_STATES = 16  # of a machine whose transitions are printed
MAX_WORD = 64  # symbols of a word that is printed in full


def machine_lines(result: LearnedMachine, settings: Settings) -> Iterator[str]:
    task, automaton = settings.make_task(), result.automaton
    machine, found = automaton.mealy, f"{automaton.n_cells:,} cells of {CELL_SIZE:g}"
    if machine is None:
        found = f"none: more than {automaton.max_cells:,} cells of {CELL_SIZE:g}"
        yield labeled_line("machine", found)
    else:
        yield labeled_line(
            "machine",
            f"{count(machine.n_states, 'state')} (Mealy), "
            f"{automaton.n_moore_states:,} (Moore), minimized from {found}",
        )
        yield from _transition_lines(machine, task)
    if result.fidelity is not None:
        matches = result.fidelity
        outputs = format_percent(matches.n_matching_outputs, matches.n_outputs)
        words = format_percent(matches.n_matching_words, matches.n_words)
        yield labeled_line(
            "fidelity",
            f"to the model: {outputs} of {matches.n_outputs:,} outputs, {words} of "
            f"{matches.n_words:,} random words of {WORD_LENGTH}",
        )
    searches = {
        "model and machine differ": result.against_machine,
        "the model is incorrect": result.against_task,
    }
    for name, search in searches.items():
        if search is not None:
            yield labeled_line("search", _search_text(search, name, task))
    yield labeled_line("meaning", _machine_meaning(result))
    yield labeled_line(
        "caution",
        "a number of states means nothing without its fidelity, as one incorrect transition can "
        "multiply it; no word found is no proof that there is none",
    )


def _transition_lines(machine: Machine, task: Task) -> Iterator[str]:
    symbols = [bits_text(inputs, "") for inputs in task_symbols(task)]
    for state in range(min(machine.n_states, MAX_STATES)):
        arrows = [
            f"{symbol} → {after}/{output}"
            for symbol, after, output in zip(
                symbols, machine.transitions[state], machine.outputs[state], strict=True
            )
        ]
        yield labeled_line(f"state {state}", ", ".join(arrows))
    if machine.n_states > MAX_STATES:
        yield labeled_line("", f"… {machine.n_states - MAX_STATES:,} more states")
    yield labeled_line("", f"({' '.join(task.input_names)} → next state/output)")


def _search_text(search: CounterexampleSearch, difference: str, task: Task) -> str:
    tried = f"{search.n_words:,} words of up to {search.max_length:,} tried"
    if search.word is None:
        return f"no word found on which {difference}; {tried}"
    return f"{difference} at {_word_text(search.word, task)}; {tried}"


def _word_text(word: IntArray, task: Task) -> str:
    """Return the place of the last symbol of `word` (time,) in an example of `task`."""
    place = f"bit {len(word) - 1:,}" if task.lsb_first else f"time step {len(word):,}"
    rows = [digits(row, task) for row in example_inputs(word, task).T]
    if task.is_arithmetic:
        a, b = (int(row, 2) for row in rows)
        return f"{place} of {operands(a, b, task)}"
    if len(word) > MAX_WORD:
        return place
    named_rows = zip(task.input_names, rows, strict=True)
    return f"{place} of {', '.join(f'{name} {row}' for name, row in named_rows)}"


def _machine_meaning(result: LearnedMachine) -> str:
    if result.automaton.mealy is None:
        return "the states do not fall into a small number of cells: no machine was learned"
    if result.task_machine is None:
        return "the task has no machine to compare with"
    n_states = count(result.task_machine.n_states, "state")
    if result.equals_task:
        scored = ", from the first scored time step on" * bool(result.n_unscored)
        meaning = f"the machine is the minimal one of the task, {n_states}{scored}"
        own = result.against_machine
        differs = own is not None and own.word is not None
        return f"{meaning}, but the model differs from both" if differs else meaning
    return f"the machine is not that of the task, which has {n_states}"
