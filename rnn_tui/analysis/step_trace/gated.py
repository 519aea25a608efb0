"""The formulas of gated models, as in `rnn_tui.engine.models.lstm` and `gru`."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import ClassVar, TypeVar, final

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
from rnn_tui.analysis.step_trace.formulas import (
    FROM_UNIT,
    GATE,
    UNIT,
    Factors,
    StepFormulas,
)
from rnn_tui.engine.models.gru import GRU, GRUCache
from rnn_tui.engine.models.lstm import LSTM, LSTMCache
from rnn_tui.engine.parameters import FloatArray

AnyGatedCache = TypeVar("AnyGatedCache", LSTMCache, GRUCache)
AnyGatedModel = TypeVar("AnyGatedModel", LSTM, GRU)


class _GatedFormulas(StepFormulas[AnyGatedModel, AnyGatedCache]):
    """What the formulas of both models share.

    gates    the blocks of the weights' columns
    symbols  those of the numbers in expressions
    """

    gates: ClassVar[tuple[str, ...]]
    symbols: ClassVar[tuple[str, ...]]

    @property
    def gate_axes(self) -> tuple[Axis, Axis]:
        """The axes of a preactivation."""
        return Axis(GATE, self.gates), self.unit_axis

    def column(self, index: Index) -> int:
        """Return the column of the weights of a gate of a unit."""
        return index[GATE] * self.model.hidden + index[UNIT]

    def column_label(self, column: int) -> str:
        """Return the symbol of a column of the weights, such as i5."""
        gate, unit = divmod(column, self.model.hidden)
        return f"{self.gates[gate]}{unit + 1}"

    def column_labels(self) -> list[str]:
        """Return the symbols of all columns."""
        return [self.column_label(column) for column in range(len(self.gates) * self.model.hidden)]

    def input_terms(self, t: int, example: int, column: int) -> list[Term]:
        """Return the terms of x_t W_x and the bias."""
        label = self.column_label(column)
        terms = self.weighted_inputs(t, example, column, label).terms()
        return terms + self.bias_terms(["hidden_bias"], column, label)

    def recurrent_terms(self, t: int, example: int, column: int) -> list[Term]:
        """Return the terms of h_{t-1} U."""
        weights = self.model.lesioned("recurrent_weight")[:, column]
        states = self.cache.previous_states[t, example]
        return self.weighted_states(states, t, weights, "U", self.column_label(column)).terms()

    def forward(self, t: int) -> Iterator[Stop]:
        yield from self.gate_stops(t)
        yield self.logit_stop(t)

    @abstractmethod
    def gate_stops(self, t: int) -> Iterator[Stop]:
        """Yield the stops from the preactivations to the hidden state."""

    def rows_stop(
        self, phase: Phase, t: int, title: str, formula: str, rows: Sequence[tuple[str, str]]
    ) -> Stop:
        """Return a stop with a row for each symbol and its expression.

        The symbols have a time step t, t−1 or t+1, and are those of `number`.
        """

        def equation(index: Index) -> Equation:
            unit, example = index[UNIT], index[EXAMPLE]

            def numbered(symbol: str) -> str:
                name, _, time = symbol.rpartition("_")
                step = {"t": t + 1, "t−1": t, "t+1": t + 2}[time]
                return f"{name}_{step}[{unit + 1}]"

            def row(symbol: str, expression: str) -> Assignment:
                is_clamped = symbol == "h_t" and self.is_clamped(unit)
                text, numbers = "0" if is_clamped else expression, dict[str, float]()
                for name in sorted(self.symbols, key=len, reverse=True):
                    for time, offset in (("t−1", -1), ("t+1", 1), ("t", 0)):
                        found = f"{name}_{time}"
                        if found in text:
                            text = text.replace(found, f"\0{len(numbers)}\0")
                            value = self.number(name, t + offset, example, unit)
                            numbers[numbered(found)] = value
                for place, name in enumerate(numbers):
                    text = text.replace(f"\0{place}\0", name)
                name, _, _ = symbol.rpartition("_")
                value = self.number(name, t, example, unit)
                return Assignment(numbered(symbol), text, numbers, value, Place(t, unit=unit))

            return tuple(row(*each) for each in rows)

        return Stop(phase, title, formula, (self.unit_axis,), equation, t)

    @abstractmethod
    def number(self, symbol: str, t: int, example: int, unit: int) -> float:
        """Return the number of one of the `symbols`; 0 before and after the sequence."""

    def in_time(self, array: FloatArray, t: int, example: int, *place: int) -> float:
        """Return the number in `array` (time, batch, ...), 0 outside of the sequence."""
        return float(array[(t, example, *place)]) if 0 <= t < len(array) else 0.0


@final
class LSTMFormulas(_GatedFormulas[LSTM, LSTMCache]):
    """a = x W_x + h U + b;  c = f c + i g;  h = o tanh(c), with gates i, f, o and candidate g."""

    gates = ("i", "f", "g", "o")
    logit = "y"
    logit_formula = "y_t = h_t W_o"
    symbols = (
        *("∂L/∂a_i", "∂L/∂a_f", "∂L/∂a_g", "∂L/∂a_o", "∂L/∂h", "∂L/∂c"),
        *("a_i", "a_f", "a_g", "a_o", "i", "f", "g", "o", "c", "h"),
    )
    parameter_symbols: ClassVar = {
        "input_weight": "W_x",
        "recurrent_weight": "U",
        "output_weight": "W_o",
        "hidden_bias": "b",
        "output_bias": "d",
        "initial_hidden": "h_0",
        "initial_cell": "c_0",
    }

    def number(self, symbol: str, t: int, example: int, unit: int) -> float:
        cache, hidden = self.cache, self.model.hidden
        name = symbol.rpartition("_")[2]
        if symbol.startswith("∂L/∂a"):
            return self.in_time(cache.errors, t, example, self.gates.index(name), unit)
        if symbol.startswith("a_"):
            column = self.gates.index(name) * hidden + unit
            scaled = self.in_time(cache.preactivations, t, example, column)
            return scaled / float(cache.scale[column])  # ½ or 1: exact
        if symbol in self.gates:
            column = self.gates.index(symbol) * hidden + unit
            return self.in_time(cache.gates, t, example, column)
        arrays = {
            "h": (cache.state_history, 1),
            "c": (cache.cell_history, 1),
            "∂L/∂h": (cache.state_gradients, 0),
            "∂L/∂c": (cache.cell_gradients, 1),
        }
        array, offset = arrays[symbol]
        return self.in_time(array, t + offset, example, unit)

    def gate_stops(self, t: int) -> Iterator[Stop]:
        def preactivation(index: Index) -> Equation:
            column, example = self.column(index), index[EXAMPLE]
            terms = self.input_terms(t, example, column) + self.recurrent_terms(t, example, column)
            gate = self.gates[index[GATE]]
            value = self.number(f"a_{gate}", t, example, index[UNIT])
            return Sum(f"a_{gate}_{t + 1}[{index[UNIT] + 1}]", value, terms)

        formula = "a_t = x_t W_x + h_t−1 U" + (" + b" if self.model.bias else "")
        title = "preactivation of a gate"
        yield Stop(Phase.FORWARD, title, formula, self.gate_axes, preactivation, t)
        yield self.rows_stop(
            Phase.FORWARD,
            t,
            "input, forget and output gate, candidate",
            "i, f, o = σ(a_i), σ(a_f), σ(a_o),  g = tanh(a_g)",
            [
                ("i_t", "σ(a_i_t)"),
                ("f_t", "σ(a_f_t)"),
                ("g_t", "tanh(a_g_t)"),
                ("o_t", "σ(a_o_t)"),
            ],
        )
        yield self.rows_stop(
            Phase.FORWARD,
            t,
            "cell and hidden state",
            "c_t = f_t c_t−1 + i_t g_t,  h_t = o_t tanh(c_t)",
            [("c_t", "f_t·c_t−1 + i_t·g_t"), ("h_t", "o_t·tanh(c_t)")],
        )

    def backward(self, t: int) -> Iterator[Stop]:
        def state_gradient(index: Index) -> Equation:
            unit, example = index[UNIT], index[EXAMPLE]
            terms = self.logit_gradient_terms(t, example, unit)
            if t + 1 < self.n_time_steps:
                deltas = self.cache.errors[t + 1, example].ravel()
                terms += self.through_time_terms(t, unit, deltas, "U", self.column_labels(), "a")
            value = self.number("∂L/∂h", t, example, unit)
            return Sum(f"∂L/∂h_{t + 1}[{unit + 1}]", value, terms)

        formula = "∂L/∂h_t = ∂L/∂y_t W_oᵀ + ∂L/∂a_t+1 Uᵀ"
        title = "gradient of the hidden state"
        yield Stop(Phase.BACKWARD, title, formula, (self.unit_axis,), state_gradient, t)
        yield self.rows_stop(
            Phase.BACKWARD,
            t,
            "gradient of the cell",
            "∂L/∂c_t = ∂L/∂c_t+1 f_t+1 + ∂L/∂h_t o_t (1 − tanh²(c_t))",
            [("∂L/∂c_t", "∂L/∂c_t+1·f_t+1 + ∂L/∂h_t·o_t·(1 − tanh(c_t)^2)")],
        )
        yield self.rows_stop(
            Phase.BACKWARD,
            t,
            "gradient of the gates' preactivations",
            "∂L/∂a = ∂L/∂c (g, c_t−1, i) slope for i, f, g;  ∂L/∂h tanh(c) slope for o",
            [
                ("∂L/∂a_i_t", "∂L/∂c_t·g_t·i_t·(1 − i_t)"),
                ("∂L/∂a_f_t", "∂L/∂c_t·c_t−1·f_t·(1 − f_t)"),
                ("∂L/∂a_g_t", "∂L/∂c_t·i_t·(1 − g_t^2)"),
                ("∂L/∂a_o_t", "∂L/∂h_t·tanh(c_t)·o_t·(1 − o_t)"),
            ],
        )

    def factors(self, name: str) -> Factors:
        cache, unit, output = self.cache, self.unit_axis, self.output_axis
        shape = *cache.errors.shape[:2], -1
        a, y = ("∂L/∂a_{t}", cache.errors.reshape(shape)), ("∂L/∂y_{t}", self.logit_gradient)
        from_unit = Axis(FROM_UNIT, unit.labels)
        h = "∂L/∂h_{before}", cache.gradients[:1]
        c = "∂L/∂c_{before}", cache.cell_gradients[:1]
        return {
            "input_weight": Factors("x_{t}", self.inputs, *a, (self.input_axis, *self.gate_axes)),
            "recurrent_weight": Factors(
                "h_{before}", cache.previous_states, *a, (from_unit, *self.gate_axes)
            ),
            "hidden_bias": Factors("", None, *a, self.gate_axes),
            "output_weight": Factors("h_{t}", cache.states, *y, (unit, output)),
            "output_bias": Factors("", None, *y, (output,)),
            "initial_hidden": Factors("", None, *h, (unit,)),
            "initial_cell": Factors("", None, *c, (unit,)),
        }[name]


@final
class GRUFormulas(_GatedFormulas[GRU, GRUCache]):
    """a = x W_x + b, u = h U + [0, 0, c];  h = (1 - z) n + z h, with gates r, z and candidate n."""

    gates = ("r", "z", "n")
    symbols = (
        *("∂L/∂a_r", "∂L/∂a_z", "∂L/∂a_n", "∂L/∂u_n", "∂L/∂h"),
        *("a_r", "a_z", "a_n", "u_r", "u_z", "u_n", "r", "z", "n", "h"),
    )
    error_names: ClassVar = ("a_r", "a_z", "u_n", "a_n")  # of r and z, those of a and u are equal
    parameter_symbols: ClassVar = {
        "input_weight": "W_x",
        "recurrent_weight": "U",
        "output_weight": "W_o",
        "hidden_bias": "b",
        "candidate_bias": "c",
        "output_bias": "d",
        "initial_hidden": "h_0",
    }

    def number(self, symbol: str, t: int, example: int, unit: int) -> float:
        cache, hidden = self.cache, self.model.hidden
        kind, _, name = symbol.rpartition("_")
        if symbol.startswith("∂L/∂") and name in self.gates:
            error = self.error_names.index(symbol.removeprefix("∂L/∂"))
            return self.in_time(cache.errors, t, example, error, unit)
        if kind in ("a", "u"):
            array = cache.input_projection if kind == "a" else cache.recurrent
            return self.in_time(array, t, example, self.gates.index(name) * hidden + unit)
        arrays = {
            "r": (cache.reset, 0),
            "z": (cache.update, 0),
            "n": (cache.candidates, 0),
            "h": (cache.state_history, 1),
            "∂L/∂h": (cache.state_gradients, 0),
        }
        array, offset = arrays[symbol]
        return self.in_time(array, t + offset, example, unit)

    def gate_stops(self, t: int) -> Iterator[Stop]:
        def from_inputs(index: Index) -> Equation:
            column, example, gate = self.column(index), index[EXAMPLE], self.gates[index[GATE]]
            value = self.number(f"a_{gate}", t, example, index[UNIT])
            terms = self.input_terms(t, example, column)
            return Sum(f"a_{gate}_{t + 1}[{index[UNIT] + 1}]", value, terms)

        def from_state(index: Index) -> Equation:
            column, example, gate = self.column(index), index[EXAMPLE], self.gates[index[GATE]]
            value = self.number(f"u_{gate}", t, example, index[UNIT])
            terms = self.recurrent_terms(t, example, column)
            if gate == "n":
                terms += self.bias_terms(["candidate_bias"], index[UNIT], str(index[UNIT] + 1))
            return Sum(f"u_{gate}_{t + 1}[{index[UNIT] + 1}]", value, terms)

        biases = (" + b", " + [0, 0, c]") if self.model.bias else ("", "")
        axes = self.gate_axes
        formulas = f"a_t = x_t W_x{biases[0]}", f"u_t = h_t−1 U{biases[1]}"
        titles = "preactivation from the inputs", "preactivation from the state"
        yield Stop(Phase.FORWARD, titles[0], formulas[0], axes, from_inputs, t)
        yield Stop(Phase.FORWARD, titles[1], formulas[1], axes, from_state, t)
        yield self.rows_stop(
            Phase.FORWARD,
            t,
            "gates, candidate and hidden state",
            "r, z = σ(a + u),  n = tanh(a_n + r u_n),  h_t = (1 − z) n + z h_t−1",
            [
                ("r_t", "σ(a_r_t + u_r_t)"),
                ("z_t", "σ(a_z_t + u_z_t)"),
                ("n_t", "tanh(a_n_t + r_t·u_n_t)"),
                ("h_t", "(1 − z_t)·n_t + z_t·h_t−1"),
            ],
        )

    def backward(self, t: int) -> Iterator[Stop]:
        def state_gradient(index: Index) -> Equation:
            unit, example = index[UNIT], index[EXAMPLE]
            terms = self.logit_gradient_terms(t, example, unit)
            if t + 1 < self.n_time_steps:
                deltas = self.cache.errors[t + 1, example, :3].ravel()
                terms += self.through_time_terms(t, unit, deltas, "U", self.column_labels(), "u")
                after, z = (self.number(name, t + 1, example, unit) for name in ("∂L/∂h", "z"))
                symbols = f"∂L/∂h_{t + 2}[{unit + 1}]", f"z_{t + 2}[{unit + 1}]"
                terms.append(Term(symbols, (after, z), after * z, Place(t + 1, unit=unit)))
            value = self.number("∂L/∂h", t, example, unit)
            return Sum(f"∂L/∂h_{t + 1}[{unit + 1}]", value, terms)

        formula = "∂L/∂h_t = ∂L/∂o_t W_oᵀ + ∂L/∂u_t+1 Uᵀ + ∂L/∂h_t+1 z_t+1"
        title = "gradient of the hidden state"
        yield Stop(Phase.BACKWARD, title, formula, (self.unit_axis,), state_gradient, t)
        yield self.rows_stop(
            Phase.BACKWARD,
            t,
            "gradient of the gates' preactivations",
            "∂L/∂a_n = ∂L/∂h (1 − z)(1 − n²), ∂L/∂a_z = ∂L/∂h (h_t−1 − n) z (1 − z), "
            "∂L/∂a_r = ∂L/∂a_n u_n r (1 − r)",
            [
                ("∂L/∂a_n_t", "∂L/∂h_t·(1 − z_t)·(1 − n_t^2)"),
                ("∂L/∂u_n_t", "∂L/∂a_n_t·r_t"),
                ("∂L/∂a_z_t", "∂L/∂h_t·(h_t−1 − n_t)·z_t·(1 − z_t)"),
                ("∂L/∂a_r_t", "∂L/∂a_n_t·u_n_t·r_t·(1 − r_t)"),
            ],
        )

    def factors(self, name: str) -> Factors:
        cache, unit, output = self.cache, self.unit_axis, self.output_axis
        shape = *cache.errors.shape[:2], -1
        a = "∂L/∂a_{t}", cache.errors[:, :, [0, 1, 3]].reshape(shape)
        u = "∂L/∂u_{t}", cache.errors[:, :, :3].reshape(shape)
        o = "∂L/∂o_{t}", self.logit_gradient
        h = "∂L/∂h_{before}", cache.initial_gradient[None]
        u_n = "∂L/∂u_n_{t}", cache.errors[:, :, 2]
        from_unit = Axis(FROM_UNIT, unit.labels)
        return {
            "input_weight": Factors("x_{t}", self.inputs, *a, (self.input_axis, *self.gate_axes)),
            "recurrent_weight": Factors(
                "h_{before}", cache.previous_states, *u, (from_unit, *self.gate_axes)
            ),
            "hidden_bias": Factors("", None, *a, self.gate_axes),
            "candidate_bias": Factors("", None, *u_n, (unit,)),
            "output_weight": Factors("h_{t}", cache.states, *o, (unit, output)),
            "output_bias": Factors("", None, *o, (output,)),
            "initial_hidden": Factors("", None, *h, (unit,)),
        }[name]
