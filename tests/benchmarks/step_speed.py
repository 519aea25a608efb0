"""Training steps a second, of the engine, a tutorial's plain loop and PyTorch, taken in turns."""

import importlib
from collections.abc import Iterator
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np

from tests.benchmarks.contenders import TakeStep, engine, plain, torch_eager
from tests.benchmarks.report import Effort, Row, main, ratios, speeds

BATCHES = (1, 64, 1024)
TURN = 0.15  # of a round's seconds
BLOCK = 5  # steps between two looks at the clock


def step_speed(effort: Effort) -> Iterator[Row]:
    """Steps a second: one thread each, 8 bits, 16 hidden units."""
    contenders = {"engine": engine, "plain loop": plain}
    torch = _torch()
    if torch:
        contenders[f"PyTorch {torch.__version__}"] = partial(torch_eager, torch)
    for batch in BATCHES:
        steps = {name: make(batch) for name, make in contenders.items()}
        measured: dict[str, list[float]] = {name: [] for name in steps}
        for step in steps.values():
            _steps_a_second(step, TURN * effort.seconds / 4)
        for _ in range(effort.rounds):
            for name, step in steps.items():
                measured[name].append(_steps_a_second(step, TURN * effort.seconds))
        for name, values in measured.items():
            yield speeds(f"{name}, batch {batch}", values)
        ours = measured.pop("engine")
        for name, values in measured.items():
            yield ratios(f"engine / {name}, batch {batch}", ours, values)
    if not torch:
        yield Row("PyTorch", "not installed")


def _steps_a_second(step: TakeStep, seconds: float) -> float:
    count, elapsed, began = 0, 0.0, perf_counter()
    with np.errstate(all="ignore"):
        while elapsed < seconds:
            for _ in range(BLOCK):
                step()
            count += BLOCK
            elapsed = perf_counter() - began
    return count / elapsed


def _torch() -> Any:
    try:
        return importlib.import_module("torch")
    except ImportError:
        return None


if __name__ == "__main__":
    main(step_speed)
