"""The formulas of an Elman network, as in `rnn_tui.engine.models.elman`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, final

from rnn_tui.analysis.step_trace.equations import EXAMPLE, Axis, Equation, Index, Phase, Stop, Sum
from rnn_tui.analysis.step_trace.formulas import (
    FROM_UNIT,
    UNIT,
    Factors,
    StepFormulas,
    sum_of,
)
from rnn_tui.engine.models.elman import BIAS_NAMES, Elman, ElmanCache


@final
class ElmanFormulas(StepFormulas[Elman, ElmanCache]):
    """z_t = x_t W_x + h_{t-1} W_h + b,  h_t = activation(z_t),  o_t = h_t W_o + c."""

    parameter_symbols: ClassVar = {
        "input_weight": "W_x",
        "recurrent_weight": "W_h",
        "output_weight": "W_o",
        "hidden_bias": "b",
        "input_bias": "b_x",
        "output_bias": "c",
        "initial_hidden": "h_0",
    }

    def forward(self, t: int) -> Iterator[Stop]:
        z = self._preactivation_stop(t)
        yield z
        yield self.activation_stop(t, "z", "h", z, self.cache.hidden_states[t])
        yield self.logit_stop(t)

    def _preactivation_stop(self, t: int) -> Stop:
        def equation(index: Index) -> Equation:
            unit, example = index[UNIT], index[EXAMPLE]
            label = str(unit + 1)
            weights = self.model.lesioned("recurrent_weight")[:, unit]
            states = self.cache.states[t, example]
            terms = self.weighted_inputs(t, example, unit, label).terms()
            terms += self.weighted_states(states, t, weights, "W_h", label).terms()
            terms += self.bias_terms(BIAS_NAMES, unit, label)
            return sum_of(f"z_{t + 1}[{label}]", terms)

        symbols = [self.parameter_symbol(name) for name in self.model.bias_names]
        formula = " + ".join(["z_t = x_t W_x", "h_t−1 W_h", *symbols])
        return Stop(Phase.FORWARD, "preactivation", formula, (self.unit_axis,), equation, t)

    def backward(self, t: int) -> Iterator[Stop]:
        cache = self.cache

        def state_gradient(index: Index) -> Equation:
            unit, example = index[UNIT], index[EXAMPLE]
            terms = self.logit_gradient_terms(t, example, unit)
            if t + 1 < self.n_time_steps:
                deltas = cache.state_errors[t + 1, example]
                labels = self.unit_axis.labels
                terms += self.through_time_terms(t, unit, deltas, "W_h", labels, "z")
            value = float(cache.state_gradients[t, example, unit])
            return Sum(f"∂L/∂h_{t + 1}[{unit + 1}]", value, terms)

        formula = "∂L/∂h_t = ∂L/∂o_t W_oᵀ + ∂L/∂z_t+1 W_hᵀ"
        title = "gradient of the hidden state"
        yield Stop(Phase.BACKWARD, title, formula, (self.unit_axis,), state_gradient, t)
        arrays = cache.state_gradients[t], cache.derivatives[t], cache.state_errors[t]
        yield self.slope_stop(t, "z", "h", arrays)

    def factors(self, name: str) -> Factors:
        cache, unit, output = self.cache, self.unit_axis, self.output_axis
        z, o = ("∂L/∂z_{t}", cache.state_errors), ("∂L/∂o_{t}", self.logit_gradient)
        from_unit = Axis(FROM_UNIT, unit.labels)
        if name == "initial_hidden":
            first = cache.state_errors[:1] @ self.model.lesioned("recurrent_weight").T
            return Factors("", None, "∂L/∂h_{before}", first, (unit,))
        return {
            "input_weight": Factors("x_{t}", self.inputs, *z, (self.input_axis, unit)),
            "recurrent_weight": Factors("h_{before}", cache.states[:-1], *z, (from_unit, unit)),
            "output_weight": Factors("h_{t}", cache.hidden_states, *o, (unit, output)),
            "output_bias": Factors("", None, *o, (output,)),
        }.get(name) or Factors("", None, *z, (unit,))
