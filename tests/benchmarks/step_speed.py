"""Training steps a second, of the engine, a tutorial's plain loop, PyTorch and JAX, in turns."""

import importlib
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from time import process_time
from typing import Any

import numpy as np

from tests.benchmarks.contenders import (
    Contender,
    engine,
    engine_replicas,
    jax_scan,
    jax_vmap,
    plain,
    run_group,
    single_run,
    torch_eager,
)
from tests.benchmarks.report import Effort, Row, main, ratios, speeds

BATCHES = (1, 64, 256, 1024)
REPLICAS = 32
TURN = 0.15  # of a round's seconds
SLICE_SECONDS = 0.02  # of one contender in a turn
BLOCK = 5  # single steps between two looks at the clock


def step_speed(effort: Effort) -> Iterator[Row]:
    """Steps a second of processor time: one thread each, 8 bits, 16 hidden units."""
    makers: dict[str, Callable[[int], Contender]] = {"engine": engine, "plain loop": plain}
    peers = {"torch": ("PyTorch", torch_eager), "jax": ("JAX scan", jax_scan)}
    for module, (name, maker) in peers.items():
        imported = _import(module)
        if imported:
            makers[f"{name} {imported.__version__}"] = partial(maker, imported)
        else:
            yield Row(name, "not installed")
    for batch in BATCHES:
        contenders = {name: make(batch) for name, make in makers.items()}
        yield from _compare(contenders, f", batch {batch}", effort)


def replica_speed(effort: Effort) -> Iterator[Row]:
    """Steps of one run a second, of 32 seeds together and of a single run: batch 1.

    Those of the engine and of JAX are steps alone, with their sampling; those of runs have checks
    for exactness, events, histories and rollback points as well, as in a sweep.
    """
    contenders = {
        f"steps of {REPLICAS} seeds": engine_replicas(REPLICAS),
        "steps of one seed": engine(1),
    }
    jax = _import("jax")
    if jax:
        contenders[f"JAX vmap {jax.__version__}"] = jax_vmap(jax, REPLICAS)
    yield from _compare(contenders, "", effort)
    runs = {f"{REPLICAS} runs as a group": run_group(REPLICAS), "one run": single_run()}
    yield from _compare(runs, "", effort)


def _compare(contenders: Mapping[str, Contender], suffix: str, effort: Effort) -> Iterator[Row]:
    """Measure the contenders in turns; yield their speeds, and the ratios of the first one's."""
    measured: dict[str, list[float]] = {name: [] for name in contenders}
    _measure(contenders, TURN * effort.seconds / 4)
    for _ in range(effort.rounds):
        for name, speed in _measure(contenders, TURN * effort.seconds).items():
            measured[name].append(speed)
    for name, values in measured.items():
        yield speeds(f"{name}{suffix}", values)
    (first, ours), *others = measured.items()
    for name, values in others:
        yield ratios(f"{first} / {name}{suffix}", ours, values)


def _measure(contenders: Mapping[str, Contender], seconds: float) -> dict[str, float]:
    """Return the steps a second of each contender, in so many seconds of it.

    They take short turns, since a busy machine is twice as slow for seconds at a time.
    """
    counts, elapsed = dict.fromkeys(contenders, 0), dict.fromkeys(contenders, 0.0)
    with np.errstate(all="ignore"):
        while min(elapsed.values()) < seconds:
            for name, contender in contenders.items():
                end = elapsed[name] + SLICE_SECONDS
                while elapsed[name] < end:
                    n_calls = BLOCK if contender.steps == 1 else 1
                    began = process_time()
                    for _ in range(n_calls):
                        contender.take()
                    elapsed[name] += process_time() - began
                    counts[name] += n_calls * contender.steps
    return {name: count / elapsed[name] for name, count in counts.items()}


def _import(module: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError:
        return None


if __name__ == "__main__":
    main(step_speed, replica_speed)
