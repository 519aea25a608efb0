"""What a net can be asked to learn."""

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np

from rnn_tui.engine.batch import Batch


class Task(ABC):
    """A source of examples, `time` steps long, with `inputs` features and `outputs` targets."""

    summary: ClassVar[str]
    time: int
    inputs: int
    outputs: int

    @abstractmethod
    def sample(self, random: np.random.RandomState, count: int) -> Batch:
        """Draw `count` sequences, leaving `random` as if they had been drawn one by one."""
