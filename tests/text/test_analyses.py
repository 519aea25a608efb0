"""The text of every analysis has its figures, with their number of examples."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from rnn_tui.analysis.analyses import ANALYSES
from rnn_tui.analysis.counterexample import CounterexampleSearch
from rnn_tui.analysis.learned_machine import LearnedMachine
from rnn_tui.analysis.length import evaluate_lengths
from rnn_tui.analysis.units import Ablations
from rnn_tui.config.errors import UserError
from rnn_tui.config.settings import Settings
from rnn_tui.config.switching import switched
from rnn_tui.engine.models import MODELS
from rnn_tui.engine.tasks import TASKS
from rnn_tui.run.run import Run
from rnn_tui.run.subject import analyze
from rnn_tui.text.analyses import analysis_lines
from tests.support.makers import SMALL, settings_with

PLANTED_LINES = {
    "hidden-states": [
        "  a            01010001",
        "  b            01110001",
        "  target       11000010",
        "  predicted    11000010",
        "  carry        01110001  after the time step",
        "  unit 2       0.00 1.00 1.00 1.00 0.00 0.00 0.00 1.00  r .1.000  ablated .*",
        "  meaning      unit 2 correlates most with the carry .*: r .1.000 over 7,116 propagate .*",
    ],
    "memory": [
        "  swap         100 % of 6,875 pairs whose carry differs, 100 % of all 14,336",
        "  by t         swap after t 7 to 1: 100 % .*",
        "  probe        100 % of 7,116 propagate time steps; baselines: majority 63.5 %, .*",
        "  meaning      the carry is used: .*",
    ],
    "machine": [
        r"  machine      2 states \(Mealy\), 4 \(Moore\), minimized from 4 cells of 0.5",
        "  state 1      00 → 0/1, 01 → 1/0, 10 → 1/0, 11 → 1/1",
        "  fidelity     to the model: 100.00 % of 128,000 outputs, .* of 2,000 random words of 64",
        "  search       no word found on which the model is incorrect; 4,496 words .*",
        "  meaning      the machine is the minimal one of the task, 2 states",
    ],
    "attractors": [
        "  a b: 0 1     stable ŷ 4.54.e-05, .*; saddle ŷ 0.5, ρ 5.000; stable ŷ 1, .*",
        "  meaning      carry kept for ever: attractors of both outputs under every input .*",
        "  caution      of 256 starts .*",
    ],
    "gradient-map": [
        "  gain         per time step back, of loss t 8 to 2: .*",
        "  n            means over 2,048 sequences",
    ],
    "health": [
        "  update       recurrent weight: ‖Δw‖/‖w‖ .*",
        "  saturation   hidden state: 100 % of 49,152 outputs, .*; 0 of 3 units always .*",
        "  spectrum     recurrent weight: spectral radius 20, .*",
        "  meaning      hidden state: .* % of outputs are saturated, at learning rate 0.1",
    ],
    "accuracy-by": [
        "  sequences    100.00 % of a sample of 2,048",
        "  bit 7        100 % of 2,048, carry 0: 100 % of 1,030, carry 1: 100 % of 1,018",
        "  meaning      every output of these sequences is correct",
    ],
    "length": [
        r"  16 bits      100.00 % \(95 %: 99.63 to 100.00 %\) of 1,024 random pairs",
        r"  ripple       carry 1 kept by \(1, 0\) columns: correct to 1,000 columns, .*",
        "  meaning      every ripple of up to 1,000 columns is correct",
    ],
}


@lru_cache
def planted_run() -> Run:
    return Run(settings_with(hidden_size=3, biases=1, initializer="planted"))


@pytest.mark.parametrize("name", ANALYSES)
def test_text_of_the_planted_adder_has_the_known_figures(name: str) -> None:
    run = planted_run()
    lines = list(analysis_lines(name, analyze(run, name, "81 + 113"), run.settings))
    for pattern in PLANTED_LINES[name]:
        assert any(re.fullmatch(pattern, line) for line in lines), (pattern, lines)


def various_settings() -> Iterator[Settings]:
    """Yield small settings of every task, and of every model."""
    yield from (replace(switched(SMALL, task), hidden_size=3) for task in TASKS)
    for model in MODELS:
        task = "counting-ones" if model == "linear" else "addition"
        yield replace(switched(SMALL, task, model), hidden_size=3)


@lru_cache
def trained_run(settings: Settings) -> Run:
    run = Run(settings)
    run.advance(3)
    return run


# Of numbers of other lengths the text does not depend on the model.
@pytest.mark.parametrize("name", [name for name in ANALYSES if name != "length"])
def test_every_model_of_every_task_has_text(name: str) -> None:
    for settings in various_settings():
        run = trained_run(settings)
        try:
            result = analyze(run, name)
        except UserError:
            continue
        lines = list(analysis_lines(name, result, settings))
        if TASKS[settings.task].state_name:
            assert lines[-1].startswith("  caution ")
            assert any(line.startswith("  meaning ") for line in lines)
        assert all(re.fullmatch(r"  (?! ).{11,}", line) or line[2:15] == " " * 13 for line in lines)
        assert not any(re.search(r"\b(nan|inf|None)\b", line) for line in lines), lines


def test_untrained_model_does_not_use_its_memory() -> None:
    run = Run(SMALL)
    (line,) = (
        line
        for line in analysis_lines("memory", analyze(run, "memory"), SMALL)
        if line.startswith("  meaning ")
    )
    assert line.startswith("  meaning      the carry is not used reliably: ")


@pytest.mark.parametrize(
    ("task", "text"),
    [
        ("addition", "bit 2 of 3 + 3"),
        ("subtraction", "bit 2 of 3 − 3"),
        ("times-three", "bit 2 of n 011"),
        ("parity", "time step 3 of x 110"),
    ],
)
def test_counterexample_is_an_example_of_the_task(task: str, text: str) -> None:
    one = (1 << TASKS[task](8).inputs) - 1
    search = CounterexampleSearch(9, 3, 3, np.array([one, one, 0]))
    without_machine = replace(analyze(planted_run(), "machine").automaton, mealy=None)
    result = LearnedMachine(without_machine, None, None, None, search)
    lines = list(analysis_lines("machine", result, settings_with(task=task)))
    assert f"  search       the model is incorrect at {text}; 9 words of up to 3 tried" in lines


def test_health_names_saturation_with_the_learning_rate() -> None:
    run = Run(replace(SMALL, learning_rate=10.0))
    run.weights["input_weight"][...] *= 100
    lines = list(analysis_lines("health", analyze(run, "health"), run.settings))
    assert any(
        re.fullmatch(
            r"  meaning      hidden state: \S+ % of outputs are saturated, at learning rate 10",
            line,
        )
        for line in lines
    )


def test_incorrect_ripple_is_named_as_a_calculation() -> None:
    run = Run(SMALL)
    result = evaluate_lengths(run.trainer.model, run.task, run.settings.make_loss(), [70], 20, 90)
    lines = list(analysis_lines("length", result, SMALL))
    assert lines[0].startswith("  70 bits      0.00 % (95 %: 0.00 to 16.11 %) of 20 random pairs; ")
    assert re.search(r"; 0x[0-9a-f]+ \+ 0x[0-9a-f]+ is incorrect, first at bit \d$", lines[0])
    found = re.compile(r"correct to \d+ columns?; \d+ \+ \d+ is incorrect")
    assert any(map(found.search, lines))


def test_other_tasks_have_sequences_by_length() -> None:
    settings = switched(SMALL, "parity")
    run, loss = Run(settings), settings.make_loss()
    result = evaluate_lengths(run.trainer.model, run.task, loss, [6, 20], 50)
    lines = list(analysis_lines("length", result, settings))
    assert [line[:14] for line in lines] == ["  length 6    ", "  length 20   "]
    assert lines[1].endswith(" of 1,000 outputs")


def test_units_without_an_ablation_have_none_in_their_lines() -> None:
    """Of a large model only some units are clamped."""
    run = planted_run()
    result = analyze(run, "hidden-states")
    some = Ablations(np.array([1]), np.array([0.5]), np.array([0.25]), 1.0, 512)
    lines = list(analysis_lines("hidden-states", replace(result, ablations=some), run.settings))
    clamped = [line.split()[1] for line in lines if "  ablated 25 %" in line]
    assert clamped == ["2"]
    assert sum("  ablated " in line for line in lines) == 1
