"""The base class of the formulas of a model: stops of a time step, and the factors of gradients."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import ClassVar, Generic, NamedTuple, TypeVar, final

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
    fsum_or_nan,
    numbered,
)
from rnn_tui.analysis.step_trace.recorded_step import RecordedStep
from rnn_tui.engine.models.activations import ACTIVATIONS
from rnn_tui.engine.models.base import ForwardCache, Model
from rnn_tui.engine.parameters import FloatArray, Parameters

AnyCache = TypeVar("AnyCache", bound=ForwardCache)
AnyModel = TypeVar("AnyModel", bound=Model)

UNIT, OUTPUT, INPUT, FROM_UNIT, GATE = "unit", "output", "input", "from unit", "gate"


@final
class Factors(NamedTuple):
    """The factors of a parameter's gradient, Σ_t left_t · right_t, summed over the batch.

    left, right  (time, batch, n); no left factor for a bias
    left_symbol, right_symbol
                 with {t} for the time step, from 1, or {before} for the one before
    axes         of the parameter's shape
    """

    left_symbol: str
    left: FloatArray | None
    right_symbol: str
    right: FloatArray
    axes: tuple[Axis, ...]


@final
class Weighted(NamedTuple):
    """Values (n,) with their weights (n,), and the symbols and places of both."""

    values: FloatArray
    weights: FloatArray
    value_symbols: Sequence[str]
    weight_symbols: Sequence[str]
    places: Sequence[Place]

    def terms(self) -> list[Term]:
        """Return their products."""
        products = self.values * self.weights
        columns = self.values.tolist(), self.weights.tolist(), products.tolist()
        symbols = zip(self.value_symbols, self.weight_symbols, strict=True)
        return [
            Term(pair, (value, weight), product, place)
            for pair, value, weight, product, place in zip(
                symbols, *columns, self.places, strict=True
            )
        ]


class StepFormulas(ABC, Generic[AnyModel, AnyCache]):
    """The formulas of a model for the pass of `step`, whose `model` and `cache` are of its types.

    logit               the symbol of the logits
    logit_formula       how they are computed
    parameter_symbols   the symbol of each parameter
    """

    logit: ClassVar[str] = "o"
    logit_formula: ClassVar[str] = "o_t = h_t W_o"
    parameter_symbols: ClassVar[dict[str, str]]

    def __init__(
        self, step: RecordedStep, model: AnyModel, cache: AnyCache, input_names: Sequence[str]
    ) -> None:
        self.step, self.model, self.cache, self.input_names = step, model, cache, input_names
        result = step.result
        assert result is not None
        self.inputs, self.logit_gradient = result.batch.inputs, result.loss_result.gradient.copy()
        self.n_time_steps = len(self.inputs)
        spec = model.spec
        self.unit_axis, self.output_axis = numbered(UNIT, spec.hidden_size), self.outputs_axis()
        self.input_axis = Axis(INPUT, input_names)
        self.activation = ACTIVATIONS[spec.activation]
        self.backward_parameters = Parameters(model.parameters.layout)
        self.backward_parameters.vector[:] = step.backward_weights

    def outputs_axis(self) -> Axis:
        """Return the axis of the outputs."""
        return numbered(OUTPUT, self.model.spec.outputs)

    @abstractmethod
    def forward(self, t: int) -> Iterator[Stop]:
        """Yield the stops of the forward pass at time step `t`, from 0."""

    @abstractmethod
    def backward(self, t: int) -> Iterator[Stop]:
        """Yield the stops of the backward pass at time step `t`, after that of the logits."""

    @abstractmethod
    def factors(self, name: str) -> Factors:
        """Return the factors of the gradient of the parameter `name`."""

    def parameter_symbol(self, name: str) -> str:
        """Return the symbol of the parameter `name`."""
        return self.parameter_symbols[name]

    # -- parts of several models ----------------------------------------------------------------

    def weighted_inputs(self, t: int, example: int, column: int, label: str) -> Weighted:
        """Return x_t with the column of W_x."""
        names = self.input_names
        return Weighted(
            self.inputs[t, example],
            self.model.parameters["input_weight"][:, column],
            [f"x_{t + 1}[{name}]" for name in names],
            [f"W_x[{name},{label}]" for name in names],
            [Place(t, feature) for feature in range(len(names))],
        )

    def weighted_states(
        self, states: FloatArray, t: int, weights: FloatArray, matrix: str, label: str
    ) -> Weighted:
        """Return `states` (hidden,) after `t` time steps with a column of a `matrix` (hidden,)."""
        numbers = range(1, len(states) + 1)
        time = t - 1 if t else None
        return Weighted(
            states,
            weights,
            [f"h_{t}[{number}]" for number in numbers],
            [f"{matrix}[{number},{label}]" for number in numbers],
            [Place(time, unit=unit) for unit in range(len(states))],
        )

    def bias_terms(self, names: Sequence[str], column: int, label: str) -> list[Term]:
        """Return the elements of those bias vectors that the model has."""
        return [
            Term(
                (f"{self.parameter_symbol(name)}[{label}]",),
                (),
                float(self.model.parameters[name][column]),
            )
            for name in names
            if name in self.model.parameters.layout
        ]

    def is_clamped(self, unit: int) -> bool:
        """Return whether a lesion clamps the hidden state of `unit` to 0."""
        return unit == self.model.lesion - 1

    def logit_stop(self, t: int) -> Stop:
        """Return the stop of the logits, h_t W_o and the bias."""

        def equation(index: Index) -> Equation:
            output, example = index[OUTPUT], index[EXAMPLE]
            states = self.cache.hidden_states[t, example]
            weights = self.model.parameters["output_weight"][:, output]
            label = str(output + 1)
            terms = self.weighted_states(states, t + 1, weights, "W_o", label).terms()
            terms += self.bias_terms(["output_bias"], output, label)
            value = float(self.cache.logits[t, example, output])
            return Sum(f"{self.logit}_{t + 1}[{label}]", value, terms)

        has_bias = "output_bias" in self.model.parameters.layout
        bias = f" + {self.parameter_symbol('output_bias')}" if has_bias else ""
        axes = (self.output_axis,)
        title = "output: the logit"
        return Stop(Phase.FORWARD, title, self.logit_formula + bias, axes, equation, t)

    def logit_gradient_terms(self, t: int, example: int, unit: int) -> list[Term]:
        """Return the terms of ∂L/∂h_t through the output weights."""
        gradients = self.logit_gradient[t, example]
        numbers = range(1, len(gradients) + 1)
        place = Place(t, unit=unit, loss=t)
        return Weighted(
            gradients,
            self.model.lesioned("output_weight")[unit],
            [f"∂L/∂{self.logit}_{t + 1}[{number}]" for number in numbers],
            [f"W_o[{unit + 1},{number}]" for number in numbers],
            [place] * len(gradients),
        ).terms()

    def through_time_terms(
        self, t: int, unit: int, deltas: FloatArray, matrix: str, labels: Sequence[str], symbol: str
    ) -> list[Term]:
        """Return the terms of ∂L/∂h_t through `deltas` (n,) of the next time step."""
        hidden = len(self.unit_axis.labels)
        return Weighted(
            deltas,
            self.model.lesioned("recurrent_weight")[unit],
            [f"∂L/∂{symbol}_{t + 2}[{label}]" for label in labels],
            [f"{matrix}[{unit + 1},{label}]" for label in labels],
            [Place(t + 1, unit=column % hidden) for column in range(len(deltas))],
        ).terms()

    def activation_stop(
        self, t: int, name: str, state: str, z: Stop, states: FloatArray, *, is_last: bool = True
    ) -> Stop:
        """Return the stop of `states` (batch, hidden), the activations of the sums of the stop `z`.

        `name` and `state` are the symbols of both; the hidden states pane shows the last layer.
        """
        function = self.activation.symbol
        function = {"ReLU": "max"}.get(function, function)

        def equation(index: Index) -> Equation:
            unit, example = index[UNIT], index[EXAMPLE]
            preactivation = z.equation(index)
            assert isinstance(preactivation, Sum)
            symbol = preactivation.symbol
            expression = f"max(0, {symbol})" if function == "max" else f"{function}({symbol})"
            if self.is_clamped(unit):
                expression = "0"
            row = Assignment(
                f"{state}_{t + 1}[{unit + 1}]",
                expression,
                {symbol: preactivation.value},
                float(states[example, unit]),
                Place(t, unit=unit if is_last else None),
            )
            return (row,)

        argument = f"0, {name}_t" if function == "max" else f"{name}_t"
        formula = f"{state}_t = {function}({argument})"
        return Stop(Phase.FORWARD, "activation", formula, (self.unit_axis,), equation, t)

    def slope_stop(
        self,
        t: int,
        name: str,
        state: str,
        arrays: tuple[FloatArray, FloatArray, FloatArray],
        *,
        is_last: bool = True,
    ) -> Stop:
        """Return the stop of ∂L/∂z_t = ∂L/∂h_t · activation'(z_t).

        `arrays` are ∂L/∂h, the derivative and ∂L/∂z of the time step, (batch, hidden).
        """
        slope = self.activation.slope.format(h=f"{state}_t")
        state_gradients, derivatives, errors = arrays

        def equation(index: Index) -> Equation:
            unit, example = index[UNIT], index[EXAMPLE]
            label, place = f"{t + 1}[{unit + 1}]", Place(t, unit=unit if is_last else None)
            numbers = {
                f"∂L/∂{state}_{label}": float(state_gradients[example, unit]),
                f"{self.activation.symbol}′({name}_{label})": float(derivatives[example, unit]),
            }
            product = "·".join(numbers)
            value = float(errors[example, unit])
            return (Assignment(f"∂L/∂{name}_{label}", product, numbers, value, place),)

        derivative = f"{self.activation.symbol}′({name}_t)"
        formula = f"∂L/∂{name}_t = ∂L/∂{state}_t · {derivative},  {derivative} = {slope}"
        axes = (self.unit_axis,)
        title = "gradient of the preactivation"
        return Stop(Phase.BACKWARD, title, formula, axes, equation, t)


def sum_of(symbol: str, terms: Sequence[Term]) -> Sum:
    """Return the sum of `terms`, where the engine does not keep it."""
    return Sum(symbol, fsum_or_nan([term.value for term in terms]), terms)
