"""Searches for a short word on which two systems differ: a model, its automaton, a task's machine.

Words are tried in three families: all words up to a length, then short words followed by a period
that repeats many times (a carry that is held through many columns, which no random word holds), and
long random words. The shortest word found is shortened to its shortest suffix that still differs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import final

import numpy as np

from rnn_tui.analysis.automaton import random_words
from rnn_tui.analysis.machine import IntArray

MAX_EXHAUSTIVE_WORDS = 4096
MAX_PREFIX_LENGTH, MAX_PERIOD = 2, 2
MAX_PERIODIC_WORDS, N_RANDOM_WORDS = 512, 64
MAX_LENGTH = 1000

Runner = Callable[[IntArray], IntArray]  # outputs (time, n) of words (time, n) of symbols


@final
@dataclass(frozen=True, slots=True, eq=False)
class CounterexampleSearch:
    """The shortest word found on which two systems differ, at its last symbol.

    n_words            number of words tried
    max_length         length of the longest ones
    exhaustive_length  no word up to this length differs, or the shortest one was found
    word               (time,) symbols, None if no word differs
    """

    n_words: int
    max_length: int
    exhaustive_length: int
    word: IntArray | None


def find_counterexample(
    first: Runner, second: Runner, n_symbols: int, max_length: int = MAX_LENGTH
) -> CounterexampleSearch:
    """Search for the shortest word of `n_symbols` symbols on which `first` and `second` differ.

    `max_length` is that of the periodic and the random words, to which the time is proportional.
    """
    exhaustive = all_words(n_symbols)
    n_words, length = exhaustive.shape[1], len(exhaustive)
    word = _shortest_difference(first, second, exhaustive)
    if word is not None:
        return CounterexampleSearch(n_words, length, length, word)
    found: list[IntArray] = []
    for words in (
        periodic_words(n_symbols, max_length),
        random_words(n_symbols, max_length, N_RANDOM_WORDS),
    ):
        n_words += words.shape[1]
        word = _shortest_difference(first, second, words)
        if word is not None:
            n_words += len(word)
            shortened = _shortest_difference(first, second, suffixes(word))
            found.append(word if shortened is None else shortened)
    return CounterexampleSearch(n_words, max_length, length, min(found, key=len, default=None))


def all_words(n_symbols: int) -> IntArray:
    """Return all words of the largest length that has at most MAX_EXHAUSTIVE_WORDS, (time, n).

    Their prefixes are all shorter words.
    """
    length = 1
    while n_symbols ** (length + 1) <= MAX_EXHAUSTIVE_WORDS:
        length += 1
    return np.array(list(product(range(n_symbols), repeat=length))).T


def periodic_words(n_symbols: int, length: int) -> IntArray:
    """Return words of a prefix and a repeated period, each of up to two symbols, (length, n)."""
    prefixes = [
        prefix
        for size in range(MAX_PREFIX_LENGTH + 1)
        for prefix in product(range(n_symbols), repeat=size)
    ]
    periods = product(range(n_symbols), repeat=MAX_PERIOD)
    words = [(prefix + period * length)[:length] for period, prefix in product(periods, prefixes)]
    return np.array(words[:MAX_PERIODIC_WORDS]).T


def suffixes(word: IntArray) -> IntArray:
    """Return the suffixes of `word` (time,), each filled up with symbol 0, (time, time)."""
    offsets = np.add.outer(np.arange(len(word)), np.arange(len(word)))
    filled = np.concatenate([word, np.zeros_like(word)])
    return filled[offsets]


def _shortest_difference(first: Runner, second: Runner, words: IntArray) -> IntArray | None:
    """Return the shortest prefix of `words` (time, n) at whose last symbol the outputs differ."""
    differs = first(words) != second(words)
    if not differs.any():
        return None
    lengths = np.where(differs.any(axis=0), differs.argmax(axis=0), len(words))
    shortest = int(lengths.argmin())
    return words[: lengths[shortest] + 1, shortest]
