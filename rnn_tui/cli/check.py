"""`rnn-tui check`: compares each parameter's gradient with central differences."""

import sys
from math import isnan

from rnn_tui.cli.json_lines import print_json
from rnn_tui.cli.reporters import print_run
from rnn_tui.config.errors import UserError
from rnn_tui.config.settings import MAX_DATASET_SIZE, Settings
from rnn_tui.engine.batch import Batch
from rnn_tui.engine.data import DataStream
from rnn_tui.engine.gradient_check import TOLERANCE, gradient_check
from rnn_tui.exit_status import EXIT_FAILURE
from rnn_tui.run.run import Run


def check(settings: Settings, *, as_json: bool) -> int:
    """Check the gradient at the initial weights, a line a parameter; return the exit status.

    Raises UserError where the data has no target.
    """
    run = Run(settings)
    model, batch = run.trainer.model, _first_trainable_batch(run.trainer.stream)
    if as_json:
        print_run(run)
    has_mismatch = False
    for name in model.parameters:  # one at a time: in a large model each takes a while
        error = gradient_check(model, run.trainer.loss, batch, names=[name])[name]
        correct = None if isnan(error) else error < TOLERANCE
        has_mismatch |= correct is False
        shape = model.parameters.layout[name]
        if as_json:
            print_json(
                "gradient-check",
                parameter=name,
                shape=shape,
                relative_error=error,
                correct=correct,
            )
        else:
            _print_line(name, shape, error, correct)
    return EXIT_FAILURE if has_mismatch else 0


def _print_line(name: str, shape: tuple[int, ...], error: float, correct: bool | None) -> None:
    verdict = f"max relative error {error:.2e}  {'correct' if correct else 'INCORRECT'}"
    if correct is None:
        verdict = "not compared: finite differences do not converge at any weight"
    sys.stdout.write(f"{name:<17} {' × '.join(map(str, shape)):>9}  {verdict}\n")
    sys.stdout.flush()


def _first_trainable_batch(stream: DataStream) -> Batch:
    """Return the first batch with a target; raises UserError without one."""
    for _ in range(MAX_DATASET_SIZE):
        batch = stream.next()
        if batch.n_valid:
            return batch
    raise UserError("no sequence of this dataset has a target; choose another --seed")
