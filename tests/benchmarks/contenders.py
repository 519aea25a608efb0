"""The training loops whose speed is compared, each as a function that takes one step."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from rnn_tui.config.recipes import DEFAULT_RECIPE, RECIPES
from rnn_tui.engine.trainer import Trainer
from rnn_tui.run.run import Run
from tests.benchmarks.plain_loop import BITS, HIDDEN, LARGEST, PlainLoop

TakeStep = Callable[[], object]

SEED = 0


def engine_trainer(batch: int) -> Trainer:
    """Return the trainer of the default recipe's run, with `batch` examples a step."""
    return Run(replace(RECIPES[DEFAULT_RECIPE].settings, batch_size=batch, seed=SEED)).trainer


def engine(batch: int) -> TakeStep:
    return engine_trainer(batch).step


def plain(batch: int) -> TakeStep:
    return PlainLoop(SEED, batch).step


def torch_eager(torch: Any, batch: int) -> TakeStep:
    """Return a step of torch.nn.RNN in its own ways: float32, and tanh for the hidden units."""
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    net = torch.nn.RNN(2, HIDDEN, nonlinearity="tanh", bias=False)
    readout = torch.nn.Linear(HIDDEN, 1, bias=False)
    optimizer = torch.optim.SGD([*net.parameters(), *readout.parameters()], lr=0.1)
    places = torch.arange(BITS)[:, None]

    def step() -> object:
        a, b = torch.randint(LARGEST, (2, batch))
        inputs = torch.stack([a >> places & 1, b >> places & 1], dim=-1).float()
        targets = ((a + b) >> places & 1).float()[:, :, None]
        outputs = torch.sigmoid(readout(net(inputs)[0]))
        loss = 0.5 * ((outputs - targets) ** 2).sum() / batch
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    return step
