"""The net as a tutorial would write it: one matrix and one column of bits at a time, no workspaces.

It is what the engine's speed is measured against, so it must do the same work: `test_benchmarks`
checks that it arrives at the same numbers.
"""

from typing import Any, final

import numpy as np
import numpy.typing as npt

BITS = 8
LARGEST = 2 ** (BITS - 1)  # of a summand, so that the sum has BITS bits
HIDDEN = 16

Matrix = npt.NDArray[Any]

COLUMNS = np.unpackbits(np.arange(2**BITS, dtype=np.uint8)[:, None], axis=1)  # highest bit first


def sigmoid(z: Matrix) -> Matrix:
    squashed: Matrix = 1 / (1 + np.exp(-z))
    return squashed


def slope(squashed: Matrix) -> Matrix:
    derivative: Matrix = squashed * (1 - squashed)
    return derivative


@final
class PlainLoop:
    """Learns to add, from `batch` new pairs of numbers at each step."""

    def __init__(self, seed: int, batch: int, learning_rate: float = 0.1) -> None:
        self.random = np.random.RandomState(seed)
        self.batch, self.learning_rate = batch, learning_rate
        self.input_weight = 2 * self.random.random_sample((2, HIDDEN)) - 1
        self.output_weight = 2 * self.random.random_sample((HIDDEN, 1)) - 1
        self.recurrent_weight = 2 * self.random.random_sample((HIDDEN, HIDDEN)) - 1

    def draw(self) -> tuple[Matrix, Matrix]:
        """Return both summands, each (batch,)."""
        if self.batch == 1:
            a, b = self.random.randint(LARGEST), self.random.randint(LARGEST)
            return np.array([a]), np.array([b])
        pairs = self.random.randint(LARGEST, size=(self.batch, 2))
        return pairs[:, 0], pairs[:, 1]

    def step(self) -> float:
        """Train on new examples and return their error, Σ_t |y - ŷ|, the mean over the batch."""
        a, b = self.draw()
        a_bits, b_bits, true_bits = COLUMNS[a], COLUMNS[b], COLUMNS[a + b]
        input_update = np.zeros_like(self.input_weight)
        recurrent_update = np.zeros_like(self.recurrent_weight)
        output_update = np.zeros_like(self.output_weight)

        error = 0.0
        states = [np.zeros((self.batch, HIDDEN))]
        output_deltas = []
        for place in range(BITS):
            column = BITS - 1 - place
            x = np.array([a_bits[:, column], b_bits[:, column]]).T
            y = true_bits[:, column : column + 1]
            state = sigmoid(
                np.dot(x, self.input_weight) + np.dot(states[-1], self.recurrent_weight)
            )
            output = sigmoid(np.dot(state, self.output_weight))
            miss = y - output
            error += np.abs(miss).sum()
            output_deltas.append(miss * slope(output))
            states.append(state)

        later_delta = np.zeros((self.batch, HIDDEN))
        for column in range(BITS):
            x = np.array([a_bits[:, column], b_bits[:, column]]).T
            state, earlier_state = states[-column - 1], states[-column - 2]
            output_delta = output_deltas[-column - 1]
            delta = (
                np.dot(later_delta, self.recurrent_weight.T)
                + np.dot(output_delta, self.output_weight.T)
            ) * slope(state)
            output_update += np.dot(state.T, output_delta)
            recurrent_update += np.dot(earlier_state.T, delta)
            input_update += np.dot(x.T, delta)
            later_delta = delta

        rate = self.learning_rate / self.batch
        self.input_weight += rate * input_update
        self.recurrent_weight += rate * recurrent_update
        self.output_weight += rate * output_update
        return error / self.batch
