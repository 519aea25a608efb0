"""The tasks, by name."""

from rnn_tui.engine.tasks.addition import Addition
from rnn_tui.engine.tasks.automata import Comparison, Parity, TimesThree
from rnn_tui.engine.tasks.base import MAX_LENGTH, MAX_TRAINING_LENGTH, MIN_LENGTH, Task, take
from rnn_tui.engine.tasks.counting import CountingOnes
from rnn_tui.engine.tasks.memory import DelayedXor, Echo, FlipFlop, TemporalOrder
from rnn_tui.engine.tasks.subtraction import Subtraction, TwosComplement
from rnn_tui.engine.tasks.xor import Xor

TASKS: dict[str, type[Task]] = {
    "addition": Addition,
    "subtraction": Subtraction,
    "twos-complement": TwosComplement,
    "times-three": TimesThree,
    "comparison": Comparison,
    "parity": Parity,
    "echo": Echo,
    "delayed-xor": DelayedXor,
    "flip-flop": FlipFlop,
    "temporal-order": TemporalOrder,
    "counting-ones": CountingOnes,
    "xor": Xor,
}

__all__ = ["MAX_LENGTH", "MAX_TRAINING_LENGTH", "MIN_LENGTH", "TASKS", "Task", "take"]
