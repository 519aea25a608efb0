"""Analyses agree with other libraries, where these are installed: AALpy and PyTorch."""

from itertools import product
from math import log
from typing import Any

import numpy as np
import pytest

from rnn_tui.analysis.automaton import CELL_SIZE, ModelSystem, extract_automaton
from rnn_tui.analysis.gradient_map import gradient_map
from rnn_tui.analysis.machine import Machine
from rnn_tui.engine.losses import HalfSquaredError
from rnn_tui.engine.models import MODELS, Model, ModelSpec
from rnn_tui.engine.tasks import TASKS, Task
from tests.analysis.trained import Trained
from tests.engine.makers import random_batch, random_model

FINE_CELL_SIZE = 0.02
N_WORDS = 256  # that an equivalence query tries


def learned_by_l_star(system: ModelSystem) -> Machine:
    """Return the Mealy machine that AALpy's L* learns from queries to `system` (Angluin 1987)."""
    aalpy: Any = pytest.importorskip("aalpy")

    class Queries(aalpy.base.SUL):  # type: ignore[misc]  # aalpy may not be installed
        def pre(self) -> None:
            self.state = system.initial_state[np.newaxis]

        def post(self) -> None:
            pass

        def step(self, symbol: int) -> int:
            self.state = system.step(self.state, system.symbols[symbol : symbol + 1])
            return int(system.output(self.state)[0])

    alphabet, queries = list(range(len(system.symbols))), Queries()
    words = list(product(alphabet, repeat=round(log(N_WORDS, len(alphabet)))))

    # AALpy's own oracle tries each word once, and none again after a counterexample.
    class AllWords(aalpy.base.Oracle):  # type: ignore[misc]  # aalpy may not be installed
        def find_cex(self, hypothesis: Any) -> tuple[int, ...] | None:
            for word in words:
                self.reset_hyp_and_sul(hypothesis)
                for length, symbol in enumerate(word, start=1):
                    if hypothesis.step(symbol) != queries.step(symbol):
                        return word[:length]
            return None

    oracle = AllWords(alphabet, queries)
    learned = aalpy.learning_algs.run_Lstar(alphabet, queries, oracle, "mealy", print_level=0)
    numbers = {learned.initial_state.state_id: 0}
    transitions, outputs, pending = [], [], [learned.initial_state]
    for state in pending:  # breadth first, as the states of a minimal machine are numbered
        successors = [state.transitions[symbol] for symbol in alphabet]
        pending += [
            after
            for number, after in enumerate(successors)
            if after.state_id not in numbers and after not in successors[:number]
        ]
        transitions.append(
            [numbers.setdefault(after.state_id, len(numbers)) for after in successors]
        )
        outputs.append([state.output_fun[symbol] for symbol in alphabet])
    return Machine(np.array(transitions), np.array(outputs))


def assert_same_machine(model: Model, task: Task, cell_size: float = CELL_SIZE) -> None:
    system = ModelSystem(model, task, HalfSquaredError())
    learned, extracted = learned_by_l_star(system), extract_automaton(system, cell_size).mealy
    assert extracted is not None
    assert extracted.transitions.tolist() == learned.transitions.tolist()
    assert extracted.outputs.tolist() == learned.outputs.tolist()


def test_l_star_learns_the_extracted_machine_of_the_planted_adder(planted: Model) -> None:
    assert_same_machine(planted, TASKS["addition"]())


def test_l_star_learns_the_extracted_machine_of_the_default_recipe(trained: Trained) -> None:
    assert_same_machine(trained.model(10_000), trained.task)


# The machines of these have 4, 3, 6, 5 and 4 states; many random nets have one or hundreds.
@pytest.mark.parametrize("seed", [4, 22, 65, 87, 124])
def test_l_star_learns_the_extracted_machine_of_small_nets(seed: int) -> None:
    model = random_model(seed, (1, 3, 1))
    model.parameters.vector *= 4  # so that outputs depend on several inputs
    assert_same_machine(model, TASKS["parity"](), FINE_CELL_SIZE)


@pytest.mark.parametrize("kind", ["elman", "gru", "lstm"])
def test_gradient_map_equals_torch_autograd(kind: str) -> None:
    torch: Any = pytest.importorskip("torch")
    time, n, inputs, hidden = 6, 3, 2, 4
    model = MODELS[kind](ModelSpec(inputs, hidden, 1, activation="tanh", biases=1))
    model.parameters.vector[:] = np.random.RandomState(5).uniform(
        -1, 1, model.parameters.vector.size
    )
    batch = random_batch(6, time, n, inputs, 1)
    weights = {
        name: torch.tensor(model.parameters[name], dtype=torch.float64) for name in model.parameters
    }
    cells = {"elman": torch.nn.RNNCell, "gru": torch.nn.GRUCell, "lstm": torch.nn.LSTMCell}
    cell = cells[kind](inputs, hidden, dtype=torch.float64)
    state = {name: torch.zeros_like(value) for name, value in cell.state_dict().items()}
    state["weight_ih"], state["weight_hh"] = (
        weights["input_weight"].T,
        weights["recurrent_weight"].T,
    )
    state["bias_ih"] = weights["hidden_bias"]
    if "candidate_bias" in weights:
        state["bias_hh"][2 * hidden :] = weights["candidate_bias"]
    cell.load_state_dict(state)
    has_cell = kind == "lstm"
    expected, expected_cells = np.zeros((2, time, time))
    for sequence in range(n):
        zero = torch.zeros(1, hidden, dtype=torch.float64, requires_grad=True)
        carried, states, losses = (zero, zero) if has_cell else zero, [], []
        for t in range(time):
            carried = cell(torch.tensor(batch.inputs[t, sequence : sequence + 1]), carried)
            states.append(carried if has_cell else (carried,))
            logit = states[-1][0] @ weights["output_weight"] + weights["output_bias"]
            target = torch.tensor(batch.targets[t, sequence])
            losses.append(((torch.sigmoid(logit) - target) ** 2).sum() / 2)
        for t in range(time):
            for k in range(t + 1):
                gradients = torch.autograd.grad(losses[t], states[k], retain_graph=True)
                for total, gradient in zip((expected, expected_cells), gradients, strict=False):
                    total[t, k] += float(gradient.norm()) / n
    computed = gradient_map(model, HalfSquaredError(), batch)
    np.testing.assert_allclose(computed.norms, expected, rtol=1e-11)
    if has_cell:
        assert computed.cell_norms is not None
        np.testing.assert_allclose(computed.cell_norms, expected_cells, rtol=1e-11)
