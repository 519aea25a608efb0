"""The training loops whose speed is compared, each as a function that takes steps."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple, final

from rnn_tui.config.recipes import DEFAULT_RECIPE, RECIPES
from rnn_tui.config.settings import EXACT_CHECK_INTERVAL_STEPS
from rnn_tui.engine.stacked_trainer import StackedTrainer
from rnn_tui.engine.trainer import Trainer
from rnn_tui.run.replica_group import ReplicaGroup
from rnn_tui.run.run import Run
from tests.benchmarks.plain_loop import BITS, HIDDEN, LARGEST, PlainLoop

TakeStep = Callable[[], object]

SEED = 0
SCAN_STEPS = 50  # of one call of a loop
GROUP_STEPS = EXACT_CHECK_INTERVAL_STEPS


@final
class Contender(NamedTuple):
    """A function, and the number of training steps that a call of it takes."""

    take: TakeStep
    steps: int = 1


def engine_trainer(batch: int) -> Trainer:
    """Return the trainer of the default recipe's run, with `batch` examples a step."""
    return Run(replace(RECIPES[DEFAULT_RECIPE].settings, batch_size=batch, seed=SEED)).trainer


def engine(batch: int) -> Contender:
    return Contender(engine_trainer(batch).step)


def engine_replicas(replicas: int) -> Contender:
    """Return a step of as many runs that differ in the seed; counted in steps of one run."""
    settings = RECIPES[DEFAULT_RECIPE].settings
    runs = [Run(replace(settings, seed=seed)) for seed in range(replicas)]
    stack = StackedTrainer([run.trainer for run in runs])
    return Contender(partial(stack.train, SCAN_STEPS), SCAN_STEPS * replicas)


def run_group(replicas: int) -> Contender:
    """Return the steps between two exact checks of as many runs that a sweep trains together."""
    settings = RECIPES[DEFAULT_RECIPE].settings
    group = ReplicaGroup([replace(settings, seed=seed) for seed in range(replicas)])
    return Contender(partial(group.advance, GROUP_STEPS), GROUP_STEPS * replicas)


def single_run() -> Contender:
    """Return the steps between two exact checks of a run alone."""
    run = Run(RECIPES[DEFAULT_RECIPE].settings)
    return Contender(partial(run.advance, GROUP_STEPS), GROUP_STEPS)


def plain(batch: int) -> Contender:
    return Contender(PlainLoop(SEED, batch).step)


def torch_eager(torch: Any, batch: int) -> Contender:
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

    return Contender(step)


def jax_scan(jax: Any, batch: int) -> Contender:
    """Return a loop of steps that is compiled as a whole, in float64."""
    return _jax_contender(_jax_loop(jax, batch, SCAN_STEPS), _jax_start(jax, SEED), SCAN_STEPS)


def jax_vmap(jax: Any, replicas: int) -> Contender:
    """Return a compiled step of as many nets that differ in the seed; counted as one net's."""
    run = jax.jit(jax.vmap(_jax_loop(jax, 1, 1)))
    starts = [_jax_start(jax, seed) for seed in range(replicas)]
    carry = jax.tree.map(lambda *leaves: jax.numpy.stack(leaves), *starts)
    return _jax_contender(run, carry, replicas)


def _jax_contender(run: Any, carry: Any, n_steps: int) -> Contender:
    """Return the compiled `run`, which takes `n_steps` from `carry`."""

    def take() -> object:
        nonlocal carry
        carry, losses = run(carry)
        return losses.block_until_ready()

    take()  # compile
    return Contender(take, n_steps)


def _jax_start(jax: Any, seed: int) -> Any:
    jax.config.update("jax_enable_x64", True)
    key, *keys = jax.random.split(jax.random.PRNGKey(seed), 4)
    shapes = (2, HIDDEN), (HIDDEN, HIDDEN), (HIDDEN, 1)
    draw = jax.random.uniform
    weights = [
        draw(one, shape, minval=-1, maxval=1) for one, shape in zip(keys, shapes, strict=True)
    ]
    return key, weights


def _jax_loop(jax: Any, batch: int, steps: int) -> Any:
    """Return a compiled function of a key and weights to those after `steps`, and losses."""
    jnp, lax = jax.numpy, jax.lax
    places = jnp.arange(BITS)[:, None]

    def loss_of(weights: Any, inputs: Any, targets: Any) -> Any:
        into, around, out = weights

        def next_state(state: Any, column: Any) -> Any:
            state = jax.nn.sigmoid(column @ into + state @ around)
            return state, state

        _, states = lax.scan(next_state, jnp.zeros((batch, HIDDEN)), inputs)
        difference = jax.nn.sigmoid(states @ out)[:, :, 0] - targets
        return 0.5 * (difference**2).sum() / batch, jnp.abs(difference).sum() / batch

    def step(carry: Any, _: Any) -> Any:
        key, weights = carry
        key, drawing = jax.random.split(key)
        a, b = jax.random.randint(drawing, (2, batch), 0, LARGEST)
        inputs = jnp.stack([a >> places & 1, b >> places & 1], axis=-1).astype(float)
        targets = ((a + b) >> places & 1).astype(float)
        gradient, error = jax.grad(loss_of, has_aux=True)(weights, inputs, targets)
        weights = [weight - 0.1 * g for weight, g in zip(weights, gradient, strict=True)]
        return (key, weights), error

    return jax.jit(lambda carry: lax.scan(step, carry, None, length=steps))
