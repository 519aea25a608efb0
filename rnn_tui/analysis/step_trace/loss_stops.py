"""The stops of the loss and of its gradient with respect to the logits, as in `engine.losses`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, final

import numpy as np

from rnn_tui.analysis.step_trace.equations import (
    EXAMPLE,
    Assignment,
    Axis,
    Equation,
    Index,
    Phase,
    Place,
    Stop,
    Sum,
    Term,
)
from rnn_tui.analysis.step_trace.formulas import OUTPUT
from rnn_tui.engine.batch import Batch
from rnn_tui.engine.losses import BinaryCrossEntropy, HalfSquaredError, Loss, MeanSquaredError
from rnn_tui.engine.trainer import StepResult


@final
class LossFormula(NamedTuple):
    """The loss of one output, and its derivative with respect to the logit, of ŷ and y."""

    loss: str
    derivative: str


LOSS_FORMULAS: dict[type[Loss], LossFormula] = {
    HalfSquaredError: LossFormula("½ (ŷ − y)^2", "(ŷ − y)·ŷ·(1 − ŷ)"),
    MeanSquaredError: LossFormula("(ŷ − y)^2", "2·(ŷ − y)"),
    BinaryCrossEntropy: LossFormula("−(y·ln(ŷ) + (1 − y)·ln(1 − ŷ))", "(ŷ − y)"),
}


@final
class LossStops:
    """The stops of a `loss` of the logits with the symbol `logit`, for a loss in LOSS_FORMULAS."""

    def __init__(self, loss: Loss, result: StepResult, logit: str, output_axis: Axis) -> None:
        self.loss, self.batch, self.logit, self.output_axis = loss, result.batch, logit, output_axis
        self.value, self.outputs = float(result.loss_result.loss), result.loss_result.outputs
        self.logits = result.cache.logits
        self.gradient = result.loss_result.gradient.copy()
        self.formula = LOSS_FORMULAS[type(loss)]
        self.weights = result.batch.loss_weights * loss.reduction_factor(result.batch)

    def forward(self) -> Iterator[Stop]:
        """Yield the loss of each time step with a target, and their sum."""
        for t in np.flatnonzero(self.batch.loss_weights.any(axis=(1, 2))).tolist():
            yield self._output_stop(t)

        def total(index: Index) -> Equation:
            terms = list(self._terms(index[EXAMPLE]))
            others = self.value - sum(term.value for term in terms)
            if self.batch.inputs.shape[1] > 1:
                terms.append(Term(("the other examples of the batch",), (), others))
            return Sum("L", self.value, terms)

        yield Stop(Phase.LOSS, "loss of the batch", f"L = Σ w {self.formula.loss}", (), total)

    def _terms(self, example: int) -> Iterator[Term]:
        scored = self.batch.loss_weights[:, example] > 0
        for t, output in np.argwhere(scored).tolist():
            label = self._label(t, output)
            weight, loss = float(self.weights[t, example, output]), self._loss(t, example, output)
            symbols, factors = (f"w_{label}", f"L_{label}"), (weight, loss)
            yield Term(symbols, factors, weight * loss, Place(t, loss=t))

    def _label(self, t: int, output: int) -> str:
        return f"{t + 1}[{output + 1}]"

    def _loss(self, t: int, example: int, output: int) -> float:
        """Return the loss of one output, by the engine's own function."""
        at = np.s_[t : t + 1, example : example + 1, output : output + 1]
        one = Batch(self.batch.inputs[at[:2]], self.batch.targets[at], np.ones((1, 1, 1)), 1)
        return float(type(self.loss)().compute(self.logits[at].copy(), one).loss)

    def _output_stop(self, t: int) -> Stop:
        linear = self.loss.linear_output
        function = "{}" if linear else "σ({})"

        def equation(index: Index) -> Equation:
            output, example = index[OUTPUT], index[EXAMPLE]
            label, place = self._label(t, output), Place(t, loss=t)
            logit, y_hat, y = f"{self.logit}_{label}", f"ŷ_{label}", f"y_{label}"
            numbers = self._numbers(t, example, output)
            value = float(self.logits[t, example, output])
            loss = self._loss(t, example, output)
            text = _with_symbols(self.formula.loss, y_hat, y)
            return (
                Assignment(y_hat, function.format(logit), {logit: value}, numbers[y_hat], place),
                Assignment(f"L_{label}", text, numbers, loss, place),
            )

        formula = f"ŷ_t = {function.format(self.logit + '_t')},  L_t = {self.formula.loss}"
        return Stop(Phase.LOSS, "loss of an output", formula, (self.output_axis,), equation, t)

    def _numbers(self, t: int, example: int, output: int) -> dict[str, float]:
        label = self._label(t, output)
        return {
            f"ŷ_{label}": float(self.outputs[t, example, output]),
            f"y_{label}": float(self.batch.targets[t, example, output]),
        }

    def backward(self, t: int) -> Stop:
        """Return the stop of the gradient of the logits at time step `t`."""

        def equation(index: Index) -> Equation:
            output, example = index[OUTPUT], index[EXAMPLE]
            label = self._label(t, output)
            numbers = self._numbers(t, example, output)
            y_hat, y = numbers
            numbers[f"w_{label}"] = float(self.weights[t, example, output])
            text = f"w_{label}·{_with_symbols(self.formula.derivative, y_hat, y)}"
            value = float(self.gradient[t, example, output])
            symbol = f"∂L/∂{self.logit}_{label}"
            return (Assignment(symbol, text, numbers, value, Place(t, loss=t)),)

        formula = f"∂L/∂{self.logit}_t = w_t·{self.formula.derivative}"
        title = "gradient of the logit"
        return Stop(Phase.BACKWARD, title, formula, (self.output_axis,), equation, t)


def _with_symbols(text: str, y_hat: str, y: str) -> str:
    """Return `text` with the symbols of an output and its target."""
    return text.replace("ŷ", "\0").replace("y", y).replace("\0", y_hat)
