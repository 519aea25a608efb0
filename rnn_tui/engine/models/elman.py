"""The simple recurrent net (Elman 1990), trained by backpropagation through time.

    z_t = x_t W_x + h_{t-1} W_h + b        (batch, hidden)
    h_t = units(z_t)                       (batch, hidden), h_{-1} = 0 or learnt
    o_t = h_t W_o + c                      (batch, outputs), the logits

Going forward, each step in time is one product and one squashing. With h = shift + scale · s (see
`units`) the net runs on s, and all that leads to the next state becomes one folded matrix F:

    s_t = squash([s_{t-1}, x_t, 1] F)

Going back, each step is one product and one multiplication. The errors of a state's two readers,
the next state and the output, lie side by side, and so do the weights through which they came:

    ∂L/∂h_t = [∂L/∂z_{t+1}, ∂L/∂o_t] [W_h, W_o]ᵀ      ∂L/∂z_t = ∂L/∂h_t · units'(z_t)

The weights' gradients then are one product each, over all steps and sequences at once.
"""

from collections.abc import Callable
from typing import final

import numpy as np

from rnn_tui.engine.models.activations import UNITS
from rnn_tui.engine.models.base import Architecture, Model, Trace
from rnn_tui.engine.parameters import FloatArray

Dot = Callable[[FloatArray, FloatArray], FloatArray]


@final
class ElmanTrace:
    """The workspace for sequences of one shape.

    Its views and bound methods are made once: making one costs as much as a small product.
    """

    def __init__(self, time: int, batch: int, inputs: int, hidden: int, outputs: int) -> None:
        self.rows = np.zeros((time + 1, batch, hidden + inputs + 1))  # [s_{t-1}, x_t, 1]
        self.rows[:, :, -1] = 1.0
        self.inputs = self.rows[:-1, :, hidden:-1]
        self.start = self.rows[0, :, :hidden]
        self.squashed = self.rows[1:, :, :hidden]  # s_t
        self.preactivation = np.empty((batch, hidden))
        self.states = np.zeros((time + 1, batch, hidden))  # h_{t-1}, so that [0] is the start
        self.slopes = np.empty((time, batch, hidden))
        self.logits: FloatArray = np.empty((time, batch, outputs))
        self.state_gradients: FloatArray = np.zeros((time, batch, hidden))
        self.errors = np.zeros((time + 1, batch, hidden + outputs))  # [∂L/∂z_t, ∂L/∂o_{t-1}]
        self.state_errors = self.errors[:-1, :, :hidden]
        self.output_errors = self.errors[1:, :, hidden:]

        flat = time * batch
        self.inputs_in_time = np.empty((time, batch, inputs))
        self.flat_inputs = self.inputs_in_time.reshape(flat, inputs)
        self.states_in_time = self.states[1:]
        self.start_state = self.states[0]
        self.flat_states = self.states[1:].reshape(flat, hidden)
        self.flat_slopes = self.slopes.reshape(flat, hidden)
        self.flat_previous = self.states[:-1].reshape(flat, hidden)
        self.flat_logits = self.logits.reshape(flat, outputs)
        self.flat_errors = np.empty((flat, hidden))
        self.errors_in_time = self.flat_errors.reshape(time, batch, hidden)

        self.forward_steps: list[tuple[Dot, FloatArray]] = [
            (self.rows[t].dot, self.squashed[t]) for t in range(time)
        ]
        self.backward_steps: list[tuple[Dot, FloatArray, FloatArray, FloatArray]] = [
            (
                self.errors[t + 1].dot,
                self.state_gradients[t],
                self.slopes[t],
                self.state_errors[t],
            )
            for t in reversed(range(time))
        ]


@final
class Elman(Model):
    """An Elman net: `inputs` features, `hidden` units of one kind, `outputs` logits a step.

    Parameters: input_weight (inputs, hidden), recurrent_weight (hidden, hidden), output_weight
    (hidden, outputs); with one of `biases` hidden_bias (hidden,) and output_bias (outputs,), with
    two of them input_bias (hidden,) as well; with a `learned_start` start_state (hidden,).
    """

    summary = "the simple recurrent net: its hidden units see their own last state"
    uses = frozenset({"hidden", "units", "biases", "learned_start"})
    most_biases = 2

    def __init__(
        self,
        inputs: int,
        hidden: int,
        outputs: int,
        *,
        units: str = "sigmoid",
        biases: int = 0,
        learned_start: bool = False,
    ) -> None:
        layout: dict[str, tuple[int, ...]] = {
            "input_weight": (inputs, hidden),
            "recurrent_weight": (hidden, hidden),
            "output_weight": (hidden, outputs),
        }
        self.bias_names = ("hidden_bias", "input_bias")[:biases]
        layout |= dict.fromkeys(self.bias_names, (hidden,))
        if biases:
            layout |= {"output_bias": (outputs,)}
        if learned_start:
            layout |= {"start_state": (hidden,)}
        super().__init__(layout)
        self.architecture = Architecture(inputs, hidden, outputs, units, biases, learned_start)
        self.inputs, self.hidden, self.outputs = inputs, hidden, outputs
        self.learned_start, self.units = learned_start, UNITS[units]
        self._squash, self._slope = self.units.squash, self.units.slope
        self._traces: dict[tuple[int, int], ElmanTrace] = {}

        shift, scale = self.units.shift, self.units.scale
        # As 0-d arrays, which numpy multiplies by in half the time that a Python float takes.
        self._shift, self._scale, self._scale_squared = map(np.array, (shift, scale, scale**2))
        self._folded = np.zeros((hidden + inputs + 1, hidden))  # F
        self._folded_recurrent = self._folded[:hidden]
        self._folded_input = self._folded[hidden:-1]
        self._folded_constant = self._folded[-1:]
        self._lift: Dot = np.full((1, hidden), shift / scale).dot
        self._readers = np.zeros((hidden, hidden + outputs))  # [W_h, W_o]
        self._recurrent_reader = self._readers[:, :hidden]
        self._output_reader = self._readers[:, hidden:]

    @classmethod
    def of(cls, architecture: Architecture) -> "Elman":
        it = architecture
        return cls(
            it.inputs,
            it.hidden,
            it.outputs,
            units=it.units,
            biases=it.biases,
            learned_start=it.learned_start,
        )

    @classmethod
    def describe(cls, architecture: Architecture) -> str:
        return f"Elman {architecture.hidden} {UNITS[architecture.units].symbol}"

    def replica(self) -> "Elman":
        return self.of(self.architecture)

    def forward(self, inputs: FloatArray) -> ElmanTrace:
        trace = self._trace(inputs.shape[0], inputs.shape[1])
        trace.inputs[...] = inputs
        folded, preactivation, squash = self._fold(), trace.preactivation, self._squash
        if self.learned_start:
            trace.start_state[...] = self.parameters["start_state"]
            np.subtract(trace.start_state, self._shift, trace.start)
            np.divide(trace.start, self._scale, trace.start)
        for dot, squashed in trace.forward_steps:
            dot(folded, preactivation)
            squash(preactivation, squashed)

        states, slopes = trace.flat_states, trace.flat_slopes
        trace.states_in_time[...] = trace.squashed
        np.multiply(states, self._scale, states)
        self._slope(states, self._scale_squared, slopes)
        np.add(states, self._shift, states)
        states.dot(self.parameters["output_weight"], trace.flat_logits)
        if self.bias_names:
            trace.flat_logits += self.parameters["output_bias"]
        return trace

    def backward(self, trace: Trace, logit_gradient: FloatArray) -> None:
        assert isinstance(trace, ElmanTrace)
        self._recurrent_reader[...] = self.parameters["recurrent_weight"]
        self._output_reader[...] = self.parameters["output_weight"]
        readers, multiply = self._readers.T, np.multiply
        trace.output_errors[...] = logit_gradient
        for dot, state_gradient, slope, error in trace.backward_steps:
            dot(readers, state_gradient)
            multiply(state_gradient, slope, error)

        gradient, errors = self.gradient, trace.flat_errors
        output_errors = logit_gradient.reshape(-1, self.outputs)
        trace.errors_in_time[...] = trace.state_errors
        trace.inputs_in_time[...] = trace.inputs
        trace.flat_inputs.T.dot(errors, gradient["input_weight"])
        trace.flat_previous.T.dot(errors, gradient["recurrent_weight"])
        trace.flat_states.T.dot(output_errors, gradient["output_weight"])
        for name in self.bias_names:
            errors.sum(axis=0, out=gradient[name])
        if self.bias_names:
            output_errors.sum(axis=0, out=gradient["output_bias"])
        if self.learned_start:
            first_errors = trace.state_errors[0].sum(axis=0)
            self.parameters["recurrent_weight"].dot(first_errors, gradient["start_state"])

    def _trace(self, time: int, batch: int) -> ElmanTrace:
        trace = self._traces.get((time, batch))
        if trace is None:
            trace = ElmanTrace(time, batch, self.inputs, self.hidden, self.outputs)
            trace.rows[0, :, : self.hidden] = -self.units.shift / self.units.scale  # h = 0
            self._traces[time, batch] = trace
        return trace

    def _fold(self) -> FloatArray:
        """Write the present weights into F, scaled and shifted from h to s."""
        weights = self.parameters
        np.multiply(weights["recurrent_weight"], self._scale_squared, self._folded_recurrent)
        np.multiply(weights["input_weight"], self._scale, self._folded_input)
        self._lift(self._folded_recurrent, self._folded_constant)
        for name in self.bias_names:
            self._folded_constant += self._scale * weights[name]
        return self._folded
