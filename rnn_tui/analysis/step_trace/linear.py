"""The formulas of the linear model, as in `rnn_tui.engine.models.linear`."""

from __future__ import annotations

from collections.abc import Iterator
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
from rnn_tui.analysis.step_trace.formulas import FROM_UNIT, UNIT, Factors, StepFormulas
from rnn_tui.engine.models.linear import Linear, LinearCache


@final
class LinearFormulas(StepFormulas[Linear, LinearCache]):
    """s_t = x_t w_x + s_{t-1} w_rec, which is the output."""

    logit = "s"
    parameter_symbols: ClassVar = {"input_weight": "w_x", "recurrent_weight": "w_rec"}

    def _weight(self, name: str) -> float:
        return float(self.model.parameters[name].item())

    def forward(self, t: int) -> Iterator[Stop]:
        def equation(index: Index) -> Equation:
            example = index[EXAMPLE]
            x, before = float(self.inputs[t, example, 0]), float(self.cache.states[t, example, 0])
            w_x, w_rec = map(self._weight, ("input_weight", "recurrent_weight"))
            place = Place(t - 1 if t else None, unit=0)
            terms = [
                Term((f"x_{t + 1}", "w_x"), (x, w_x), x * w_x, Place(t, 0)),
                Term((f"s_{t}", "w_rec"), (before, w_rec), before * w_rec, place),
            ]
            return Sum(f"s_{t + 1}", float(self.cache.logits[t, example, 0]), terms)

        formula = "s_t = x_t w_x + s_t−1 w_rec"
        yield Stop(Phase.FORWARD, "state, which is the output", formula, (), equation, t)

    def backward(self, t: int) -> Iterator[Stop]:
        def equation(index: Index) -> Equation:
            example = index[EXAMPLE]
            gradients = self.cache.state_gradients[:, example, 0].tolist()
            own = float(self.logit_gradient[t, example, 0])
            terms = [Term((f"∂L_{t + 1}/∂s_{t + 1}",), (), own, Place(t, unit=0, loss=t))]
            if t + 1 < self.n_time_steps:
                w_rec, after = self._weight("recurrent_weight"), gradients[t + 1]
                symbols = "w_rec", f"∂L/∂s_{t + 2}"
                terms.append(Term(symbols, (w_rec, after), w_rec * after, Place(t + 1, unit=0)))
            return Sum(f"∂L/∂s_{t + 1}", gradients[t], terms)

        formula = "∂L/∂s_t = ∂L_t/∂s_t + w_rec ∂L/∂s_t+1"
        yield Stop(Phase.BACKWARD, "gradient of the state", formula, (), equation, t)

    def factors(self, name: str) -> Factors:
        states, gradients = self.cache.previous_states, self.cache.state_gradients
        axes = Axis(FROM_UNIT, "1"), Axis(UNIT, "1")
        left = {"input_weight": ("x_{t}", self.inputs), "recurrent_weight": ("s_{before}", states)}
        return Factors(*left[name], "∂L/∂s_{t}", gradients, axes)
