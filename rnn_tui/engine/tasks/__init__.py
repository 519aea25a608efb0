"""The tasks, by name."""

from rnn_tui.engine.tasks.addition import Addition
from rnn_tui.engine.tasks.base import Task
from rnn_tui.engine.tasks.pairs import MAX_BITS, MIN_BITS, Pairs, PairTask
from rnn_tui.engine.tasks.subtraction import Subtraction

TASKS: dict[str, type[PairTask]] = {"addition": Addition, "subtraction": Subtraction}

__all__ = ["MAX_BITS", "MIN_BITS", "TASKS", "PairTask", "Pairs", "Task"]
