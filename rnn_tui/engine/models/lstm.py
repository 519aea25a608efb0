"""Long short-term memory (Hochreiter & Schmidhuber 1997), in the form of torch.nn.LSTM.

Side by side in the columns of W_x and U stand the input gate i, the forget gate f, the new
content g, and the output gate o:

    a_t = x_t W_x + h_{t-1} U + b          (batch, 4 hidden)
    i, f, o = σ(a_i), σ(a_f), σ(a_o),  g = tanh(a_g)
    c_t = f c_{t-1} + i g                  (batch, hidden), the cell
    h_t = o tanh(c_t)                      (batch, hidden)
    y_t = h_t W_o + d                      (batch, outputs), the logits

Since σ(a) = ½ + ½ tanh(½ a), all four are shift + scale · tanh(scale · a), with the slope
scale² - (value - shift)²; scale is ½ and shift ½ for a gate, 1 and 0 for g.

Going back, ∂L/∂h_t and ∂L/∂c_t are total derivatives, the first with c_t held fixed. Their
factors, called slopes, are found for all steps at once:

    ∂L/∂c_t = ∂L/∂c_{t+1} f_{t+1} + ∂L/∂h_t o (1 - tanh² c_t)
    ∂L/∂a_i, _f, _g = ∂L/∂c_t · (g, c_{t-1}, i) · slope      ∂L/∂a_o = ∂L/∂h_t tanh(c_t) · slope
    ∂L/∂h_{t-1} = ∂L/∂y_{t-1} W_oᵀ + ∂L/∂a_t Uᵀ
"""

from typing import ClassVar, final

import numpy as np

from rnn_tui.engine.models.base import Trace
from rnn_tui.engine.models.gated import GatedModel, flat, steps
from rnn_tui.engine.parameters import FloatArray


@final
class LSTMTrace:
    """The workspace for sequences of one shape; histories and gradients begin before step 0."""

    def __init__(self, time: int, batch: int, inputs: int, hidden: int, outputs: int) -> None:
        self.inputs: FloatArray = np.empty((time, batch, inputs))
        self.driven = np.empty((time, batch, 4 * hidden))
        self.gates = np.empty((time, batch, 4 * hidden))
        self.history = np.zeros((time + 1, batch, hidden))
        self.states: FloatArray = self.history[1:]
        self.cell_history = np.zeros((time + 1, batch, hidden))
        self.cells: FloatArray = self.cell_history[1:]
        self.squashed = np.empty((time, batch, hidden))
        self.logits: FloatArray = np.empty((time, batch, outputs))

        self.gradients = np.zeros((time + 1, batch, hidden))
        self.state_gradients: FloatArray = self.gradients[1:]
        self.cell_gradients = np.zeros((time + 1, batch, hidden))
        self.cell_slopes = np.empty((time, batch, hidden))
        self.slopes = np.empty((time, batch, 4, hidden))
        self.errors = np.empty((time, batch, 4, hidden))
        self.flat_errors = self.errors.reshape(time * batch, 4 * hidden)
        self.passed = np.empty((batch, hidden))
        self.shift: FloatArray = np.repeat([0.5, 0.5, 0.0, 0.5], hidden)
        self.scale: FloatArray = np.repeat([0.5, 0.5, 1.0, 0.5], hidden)

        i, f, g, o = np.split(self.gates, 4, axis=-1)
        h, c, cells = self.history[:-1], self.cell_history[:-1], self.cells
        self.forward_steps = steps(
            h, c, self.driven, self.gates, i, f, g, o, cells, self.squashed, self.states
        )
        dh, dc = self.state_gradients, self.cell_gradients[1:]
        inner, leave = np.s_[:, :, :3], np.s_[:, :, 3]
        slopes, errors = self.slopes, self.errors
        self.backward_steps = steps(
            *(dh, dc, dc[:, :, np.newaxis], self.cell_slopes, slopes[inner], slopes[leave]),
            *(errors[inner], errors[leave], errors.reshape(time, batch, 4 * hidden)),
            *(f, self.gradients[:-1], self.cell_gradients[:-1]),
        )[::-1]


@final
class LSTM(GatedModel[LSTMTrace]):
    """A long short-term memory: `inputs` features, `hidden` cells, `outputs` logits a step.

    Parameters: input_weight (inputs, 4 hidden), recurrent_weight (hidden, 4 hidden), both in the
    order i, f, g, o, and output_weight (hidden, outputs); with `bias`, hidden_bias (4 hidden,) and
    output_bias (outputs,), which are b and d; with `learned_start`, start_state (hidden,) and
    start_cell (hidden,), what h and c are before the first step, which else are 0.
    """

    summary = "long short-term memory: three gates guard a cell, which else would never change"
    blocks = 4
    bias_blocks: ClassVar = {"hidden_bias": 4}
    states = ("start_state", "start_cell")

    def new_trace(self, time: int, batch: int) -> LSTMTrace:
        return LSTMTrace(time, batch, self.inputs, self.hidden, self.outputs)

    def forward(self, inputs: FloatArray) -> LSTMTrace:
        trace, weights = self.trace_for(inputs), self.parameters
        trace.inputs[...] = inputs
        if self.learned_start:
            trace.history[0] = weights["start_state"]
            trace.cell_history[0] = weights["start_cell"]
        flat(trace.inputs).dot(weights["input_weight"], flat(trace.driven))
        if self.bias:
            trace.driven += weights["hidden_bias"]

        recurrent_weight, passed = weights["recurrent_weight"], trace.passed
        shift, scale = trace.shift, trace.scale
        add, multiply, tanh = np.add, np.multiply, np.tanh
        for h, c, driven, gates, i, f, g, o, cell, squashed, state in trace.forward_steps:
            h.dot(recurrent_weight, gates)
            add(gates, driven, gates)
            multiply(gates, scale, gates)
            tanh(gates, gates)
            multiply(gates, scale, gates)
            add(gates, shift, gates)
            multiply(i, g, passed)
            multiply(f, c, cell)
            add(cell, passed, cell)
            tanh(cell, squashed)
            multiply(o, squashed, state)

        flat(trace.states).dot(weights["output_weight"], flat(trace.logits))
        if self.bias:
            trace.logits += weights["output_bias"]
        return trace

    def backward(self, trace: Trace, logit_gradient: FloatArray) -> None:
        assert isinstance(trace, LSTMTrace)
        output_errors = logit_gradient.reshape(-1, self.outputs)
        output_errors.dot(self.parameters["output_weight"].T, flat(trace.state_gradients))
        trace.gradients[0] = 0.0
        trace.cell_gradients[-1] = 0.0
        self._fill_slopes(trace)
        reader, passed = self.parameters["recurrent_weight"].T, trace.passed
        add, multiply = np.add, np.multiply
        for step in trace.backward_steps:
            dh, dc, spread_dc, cell_slope, inner_slopes, o_slope, *others = step
            inner_errors, o_error, errors, f, previous_dh, previous_dc = others
            multiply(dh, cell_slope, passed)
            add(dc, passed, dc)
            multiply(spread_dc, inner_slopes, inner_errors)
            multiply(dh, o_slope, o_error)
            multiply(dc, f, previous_dc)
            errors.dot(reader, passed)
            add(previous_dh, passed, previous_dh)

        gradient, errors = self.gradient, trace.flat_errors
        flat(trace.inputs).T.dot(errors, gradient["input_weight"])
        flat(trace.history[:-1]).T.dot(errors, gradient["recurrent_weight"])
        flat(trace.states).T.dot(output_errors, gradient["output_weight"])
        if self.bias:
            errors.sum(axis=0, out=gradient["hidden_bias"])
            output_errors.sum(axis=0, out=gradient["output_bias"])
        if self.learned_start:
            trace.gradients[0].sum(axis=0, out=gradient["start_state"])
            trace.cell_gradients[0].sum(axis=0, out=gradient["start_cell"])

    def _fill_slopes(self, trace: LSTMTrace) -> None:
        """Write what the errors are in multiples of ∂L/∂c_t, and of ∂L/∂h_t for o and c itself."""
        slopes, squashed = trace.slopes, trace.squashed
        gates = trace.gates.reshape(slopes.shape)
        slopes[...] = (trace.scale**2 - (trace.gates - trace.shift) ** 2).reshape(slopes.shape)
        slopes[:, :, 0] *= gates[:, :, 2]
        slopes[:, :, 1] *= trace.cell_history[:-1]
        slopes[:, :, 2] *= gates[:, :, 0]
        slopes[:, :, 3] *= squashed
        np.multiply(gates[:, :, 3], 1 - squashed * squashed, trace.cell_slopes)
