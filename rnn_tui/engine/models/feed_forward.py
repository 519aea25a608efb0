"""The feed-forward net, of any depth: it sees one step at a time, and remembers nothing.

    h⁰ = x,   hˡ = units(hˡ⁻¹ Wˡ + bˡ)   (time · batch, hidden),   o = hᴸ W + b, the logits

Going back, layer by layer:   ∂L/∂zˡ = ∂L/∂hˡ · units'(zˡ),   ∂L/∂hˡ⁻¹ = ∂L/∂zˡ Wˡᵀ
"""

from collections.abc import Iterator
from itertools import accumulate, pairwise
from typing import final

from rnn_tui.engine.models.activations import UNITS
from rnn_tui.engine.models.base import Architecture, LayeredModel, Trace
from rnn_tui.engine.parameters import FloatArray


@final
class FeedForwardTrace:
    """Each layer's inputs hˡ⁻¹ and each hidden layer's slopes, with all steps in one row."""

    def __init__(self, inputs: FloatArray) -> None:
        self.shape = inputs.shape[:2]
        self.layer_inputs = [inputs.reshape(-1, inputs.shape[2])]
        self.slopes: list[FloatArray] = []
        self.logits: FloatArray
        self.state_gradients: FloatArray  # of the last hidden layer


@final
class FeedForward(LayeredModel):
    """`layers` layers of `hidden` units; weight_1 (inputs, hidden), bias_1 (hidden,) and so on.

    The last weight leads to the logits. Without `biases` there are none.
    """

    summary = "layers of units and no memory: sees one step at a time"
    uses = frozenset({"hidden", "units", "biases", "layers"})

    def __init__(self, architecture: Architecture) -> None:
        it = self.architecture = architecture
        sizes = [it.inputs, *[it.hidden] * it.layers, it.outputs]
        layout: dict[str, tuple[int, ...]] = {}
        for number, (before, after) in enumerate(pairwise(sizes), start=1):
            layout[f"weight_{number}"] = (before, after)
            if it.biases:
                layout[f"bias_{number}"] = (after,)
        super().__init__(layout)
        self.depth, self.biased = it.layers + 1, bool(it.biases)
        self.units = UNITS[it.units]

    @classmethod
    def of(cls, architecture: Architecture) -> "FeedForward":
        return cls(architecture)

    @classmethod
    def describe(cls, architecture: Architecture) -> str:
        layers = "+".join([str(architecture.hidden)] * architecture.layers)
        return f"feed-forward {layers} {UNITS[architecture.units].symbol}"

    def replica(self) -> "FeedForward":
        return FeedForward(self.architecture)

    def forward(self, inputs: FloatArray) -> FeedForwardTrace:
        trace = FeedForwardTrace(inputs)
        for number in range(1, self.depth + 1):
            sums = trace.layer_inputs[-1] @ self.parameters[f"weight_{number}"]
            if self.biased:
                sums += self.parameters[f"bias_{number}"]
            if number < self.depth:
                states, slopes = self.units.activate(sums)
                trace.layer_inputs.append(states)
                trace.slopes.append(slopes)
        trace.logits = sums.reshape(*trace.shape, -1)
        return trace

    def places(self) -> list[slice]:
        sizes = [0]
        for number in range(1, self.depth + 1):
            weight = self.parameters[f"weight_{number}"]
            sizes.append(weight.size + self.biased * weight.shape[1])
        return [slice(*ends) for ends in pairwise(accumulate(sizes))]

    def backward_by_layer(self, trace: Trace, logit_gradient: FloatArray) -> Iterator[slice]:
        assert isinstance(trace, FeedForwardTrace)
        errors = logit_gradient.reshape(-1, logit_gradient.shape[2])
        for number, place in zip(range(self.depth, 0, -1), self.places()[::-1], strict=True):
            weight = self.parameters[f"weight_{number}"]
            trace.layer_inputs[number - 1].T.dot(errors, self.gradient[f"weight_{number}"])
            if self.biased:
                errors.sum(axis=0, out=self.gradient[f"bias_{number}"])
            yield place
            if number > 1:
                below = errors @ weight.T
                if number == self.depth:
                    trace.state_gradients = below.reshape(*trace.shape, -1)
                errors = below * trace.slopes[number - 2]
