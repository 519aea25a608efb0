"""Searches find words on which two systems differ, and state how many they tried."""

from functools import partial

import numpy as np

from rnn_tui.analysis.automaton import ModelSystem, extract_automaton, run_system
from rnn_tui.analysis.counterexample import Run as RunWords
from rnn_tui.analysis.counterexample import find_counterexample, suffixes
from rnn_tui.analysis.machine import IntArray
from rnn_tui.analysis.task_machine import task_machine
from rnn_tui.engine.tasks import TASKS
from tests.analysis.trained import Trained


def adder() -> RunWords:
    machine = task_machine(TASKS["addition"](8))
    assert machine is not None
    return machine.run


def test_model_without_error_on_all_sums_fails_at_a_carry_of_28_columns(trained: Trained) -> None:
    model = trained.model(8_000)
    system = ModelSystem(model, trained.task, trained.loss)
    search = find_counterexample(partial(run_system, system), adder(), 4)
    assert search.word is not None
    assert search.word.tolist() == [3] + [2] * 27  # (1, 1), then (1, 0) until the carry is lost
    word = search.word[:, np.newaxis]
    differs = (model.forward(system.symbols[word]).logits[:, :, 0] > 0) != adder()(word)
    assert differs[:, 0].tolist() == [False] * 27 + [True]
    assert search.exhaustive_length == 6
    assert search.n_words > 4096


def test_search_reports_words_tried_without_a_difference(trained: Trained) -> None:
    system = ModelSystem(trained.model(10_000), trained.task, trained.loss)
    mealy = extract_automaton(system).mealy
    assert mealy is not None
    search = find_counterexample(partial(run_system, system), mealy.run, 4)
    assert search.word is None
    assert search.n_words == 4**6 + 336 + 64


def test_search_finds_the_shortest_word_of_all() -> None:
    def differs_after_two_ones_and_a_zero(words: IntArray) -> IntArray:
        outputs = np.zeros_like(words)
        outputs[2:] = (words[:-2] == 1) & (words[1:-1] == 1) & (words[2:] == 0)
        return outputs

    search = find_counterexample(differs_after_two_ones_and_a_zero, np.zeros_like, 2)
    assert search.word is not None
    assert search.word.tolist() == [1, 1, 0]


def test_long_word_is_shortened_to_its_suffix() -> None:
    def nonzero_after_fourteen_ones(words: IntArray) -> IntArray:
        outputs, run = np.zeros_like(words), np.zeros_like(words[0])
        for t, symbols in enumerate(words):
            run = (run + 1) * (symbols == 1)
            outputs[t] = run == 14
        return outputs

    search = find_counterexample(nonzero_after_fourteen_ones, np.zeros_like, 2)
    assert search.word is not None
    assert search.word.tolist() == [1] * 14
    assert suffixes(np.array([1, 2])).tolist() == [[1, 2], [2, 0]]
