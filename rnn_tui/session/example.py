"""One example with what the net made of it: all that the bit grid and the gradient plot show."""

from dataclasses import dataclass
from typing import final

import numpy as np
import numpy.typing as npt

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.losses import Loss
from rnn_tui.engine.models.base import Model, Trace
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks import PairTask
from rnn_tui.engine.tasks.pairs import gather

BoolArray = npt.NDArray[np.bool_]


@final
@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A pair of numbers column by column, lowest bit first; every array is (time,).

    carry          whether a carry comes into the column
    outputs        the net's probability that the result's bit is 1
    error          Σ_t |y - ŷ|
    felt           ‖∂L/∂h_k‖, L the loss over all columns
    felt_from_last ‖∂L_T/∂h_k‖, L_T the loss of the last column alone
    """

    a: int
    b: int
    true: int
    predicted: int
    symbol: str
    carry_name: str
    a_bits: BoolArray
    b_bits: BoolArray
    carry: BoolArray
    true_bits: BoolArray
    outputs: FloatArray
    error: float
    felt: FloatArray
    felt_from_last: FloatArray

    @property
    def predicted_bits(self) -> BoolArray:
        bits: BoolArray = self.outputs > 0.5
        return bits

    @property
    def right(self) -> bool:
        return self.predicted == self.true


def look(
    task: PairTask, model: Model, loss: Loss, batch: Batch, outputs: FloatArray | None = None
) -> Example:
    """Run `model` over a `batch` of one and return what it shows; it changes no weight.

    `outputs` (time, 1, 1), where given, are shown instead of those of the present weights: what
    the net said when it trained on this example.
    """
    trace = model.forward(batch.inputs)
    judgement = loss.judge(trace.logits, batch)
    model.backward(trace, judgement.gradient)
    felt = _norms(trace)
    from_last = judgement.gradient.copy()
    from_last[:-1] = 0.0
    model.backward(trace, from_last)
    said = (judgement.outputs if outputs is None else outputs)[:, 0, 0].copy()

    a_bits, b_bits = batch.inputs[:, 0, 0] > 0.5, batch.inputs[:, 0, 1] > 0.5
    true_bits = batch.targets[:, 0, 0] > 0.5
    a, b, true, predicted = gather(np.stack([a_bits, b_bits, true_bits, said > 0.5], axis=1))
    return Example(
        a=a,
        b=b,
        true=true,
        predicted=predicted,
        symbol=task.symbol,
        carry_name=task.carry_name,
        a_bits=a_bits,
        b_bits=b_bits,
        carry=a_bits ^ b_bits ^ true_bits,
        true_bits=true_bits,
        outputs=said,
        error=float(np.abs(true_bits - said).sum()),
        felt=felt,
        felt_from_last=_norms(trace),
    )


def one_of(batch: Batch) -> tuple[Batch, int]:
    """Return the first sequence that `batch` learns from, as a batch of one, and its index."""
    index = int(np.argmax(batch.weights.any(axis=(0, 2))))
    inputs, targets = (values[:, index : index + 1].copy() for values in batch[:2])
    return Batch.even(inputs, targets), index


def _norms(trace: Trace) -> FloatArray:
    norms: FloatArray = np.sqrt(np.square(trace.state_gradients[:, 0]).sum(axis=1))
    return norms
