"""The formulas of a feed-forward network, as in `rnn_tui.engine.models.feed_forward`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar, final

from rnn_tui.analysis.step_trace.equations import (
    EXAMPLE,
    Axis,
    Equation,
    Index,
    Phase,
    Place,
    Stop,
    Sum,
    Term,
)
from rnn_tui.analysis.step_trace.formulas import (
    FROM_UNIT,
    OUTPUT,
    UNIT,
    Factors,
    StepFormulas,
    Weighted,
    sum_of,
)
from rnn_tui.analysis.step_trace.recorded_step import RecordedStep
from rnn_tui.engine.models.feed_forward import FeedForward, FeedForwardCache
from rnn_tui.engine.parameters import FloatArray


@final
class FeedForwardFormulas(StepFormulas[FeedForward, FeedForwardCache]):
    """zˡ = hˡ⁻¹ Wˡ + bˡ,  hˡ = activation(zˡ), with h⁰ = x, and the logits o = hᴸ W + b.

    Layers are numbered, as in h1_t for h¹ at time step t.
    """

    parameter_symbols: ClassVar = {}

    def __init__(
        self,
        step: RecordedStep,
        model: FeedForward,
        cache: FeedForwardCache,
        input_names: Sequence[str],
    ) -> None:
        super().__init__(step, model, cache, input_names)
        self._gradients_of_layers: dict[int, FloatArray] = {}

    def parameter_symbol(self, name: str) -> str:
        kind, _, number = name.partition("_")
        return f"{'W' if kind == 'weight' else 'b'}{number}"

    def _layer_inputs(self, number: int) -> FloatArray:
        """Return the inputs of layer `number`, (time, batch, units)."""
        return self.cache.layer_inputs[number - 1].reshape(*self.cache.shape, -1)

    def _errors(self, number: int) -> FloatArray:
        """Return ∂L/∂z of layer `number`, (time, batch, units)."""
        if number == self.model.depth:
            return self.logit_gradient
        return self.cache.errors[self.model.depth - 1 - number].reshape(*self.cache.shape, -1)

    def _input_axis(self, number: int) -> Axis:
        return self.input_axis if number == 1 else Axis(FROM_UNIT, self.unit_axis.labels)

    def _z(self, number: int) -> str:
        return "o" if number == self.model.depth else f"z{number}"

    def _terms(self, number: int, t: int, example: int, column: int) -> list[Term]:
        depth, layer_inputs = self.model.depth, self._layer_inputs(number)[t, example]
        labels = self._input_axis(number).labels
        symbol = f"h{number - 1}" if number > 1 else "x"
        is_last = number == depth
        weighted = Weighted(
            layer_inputs,
            self.model.parameters[f"weight_{number}"][:, column],
            [f"{symbol}_{t + 1}[{label}]" for label in labels],
            [f"W{number}[{label},{column + 1}]" for label in labels],
            [
                Place(t, feature=place)
                if number == 1
                else Place(t, unit=place if is_last else None)
                for place in range(len(labels))
            ],
        )
        return weighted.terms() + self.bias_terms([f"bias_{number}"], column, str(column + 1))

    def forward(self, t: int) -> Iterator[Stop]:
        depth = self.model.depth
        for number in range(1, depth):
            z = self._sum_stop(number, t)
            yield z
            states = self._layer_inputs(number + 1)[t]
            is_last = number == depth - 1
            yield self.activation_stop(t, f"z{number}", f"h{number}", z, states, is_last=is_last)
        yield self._sum_stop(depth, t)

    def _sum_stop(self, number: int, t: int) -> Stop:
        is_output = number == self.model.depth
        axis = self.output_axis if is_output else self.unit_axis
        z, before = self._z(number), f"h{number - 1}" if number > 1 else "x"

        def equation(index: Index) -> Equation:
            column, example = index[OUTPUT if is_output else UNIT], index[EXAMPLE]
            terms = self._terms(number, t, example, column)
            symbol = f"{z}_{t + 1}[{column + 1}]"
            if is_output:
                return Sum(symbol, float(self.cache.logits[t, example, column]), terms)
            return sum_of(symbol, terms)

        bias = f" + b{number}" if self.model.biased else ""
        title = "output: the logit" if is_output else f"preactivation of layer {number}"
        formula = f"{z}_t = {before}_t W{number}{bias}"
        return Stop(Phase.FORWARD, title, formula, (axis,), equation, t)

    def backward(self, t: int) -> Iterator[Stop]:
        depth, shape = self.model.depth, self.cache.shape
        for number in range(depth - 1, 0, -1):
            yield self._state_gradient_stop(number, t)
            arrays = (
                self._state_gradients(number)[t],
                self.cache.derivatives[number - 1].reshape(*shape, -1)[t],
                self._errors(number)[t],
            )
            z, h = f"z{number}", f"h{number}"
            yield self.slope_stop(t, z, h, arrays, is_last=number == depth - 1)

    def _state_gradients(self, number: int) -> FloatArray:
        """Return ∂L/∂h of layer `number`, (time, batch, units), which the engine does not keep."""
        if number not in self._gradients_of_layers:
            above = self._errors(number + 1)
            flat_errors = above.reshape(-1, above.shape[-1])
            below = flat_errors @ self.backward_parameters[f"weight_{number + 1}"].T
            self._gradients_of_layers[number] = below.reshape(*self.cache.shape, -1)
        return self._gradients_of_layers[number]

    def _state_gradient_stop(self, number: int, t: int) -> Stop:
        depth, z = self.model.depth, self._z(number + 1)

        def equation(index: Index) -> Equation:
            unit, example = index[UNIT], index[EXAMPLE]
            errors = self._errors(number + 1)[t, example]
            weights = self.backward_parameters[f"weight_{number + 1}"][unit]
            numbers = range(1, len(errors) + 1)
            is_top = number == depth - 1
            place = Place(t, unit=unit if is_top else None, loss=t)
            terms = Weighted(
                errors,
                weights,
                [f"∂L/∂{z}_{t + 1}[{label}]" for label in numbers],
                [f"W{number + 1}[{unit + 1},{label}]" for label in numbers],
                [place] * len(errors),
            ).terms()
            symbol = f"∂L/∂h{number}_{t + 1}[{unit + 1}]"
            if is_top:
                return Sum(symbol, float(self.cache.state_gradients[t, example, unit]), terms)
            return sum_of(symbol, terms)

        formula = f"∂L/∂h{number}_t = ∂L/∂{z}_t W{number + 1}ᵀ"
        title = f"gradient of hidden layer {number}"
        return Stop(Phase.BACKWARD, title, formula, (self.unit_axis,), equation, t)

    def factors(self, name: str) -> Factors:
        kind, _, text = name.partition("_")
        number = int(text)
        right = f"∂L/∂{self._z(number)}_{{t}}", self._errors(number)
        axis = self.output_axis if number == self.model.depth else self.unit_axis
        if kind == "bias":
            return Factors("", None, *right, (axis,))
        left = f"h{number - 1}_{{t}}" if number > 1 else "x_{t}"
        is_output = number == self.model.depth
        from_axis = self.unit_axis if is_output else self._input_axis(number)
        return Factors(left, self._layer_inputs(number), *right, (from_axis, axis))
