"""What the quantities of lessons are measured on: a run at one moment, and its analyses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, final

from rnn_tui.config.errors import UserError

if TYPE_CHECKING:
    from rnn_tui.engine.evaluation import Score
    from rnn_tui.run.example import Example
    from rnn_tui.run.run import Run


@final
class Measurements:
    """What is measured of `run` at one moment; each analysis is computed once, when needed."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._results: dict[str, Any] = {}

    def analysis(self, name: str) -> Any:
        """Return the result of the analysis `name`; raises UserError where it has no meaning."""
        from rnn_tui.run.subject import analyze

        if name not in self._results:
            self._results[name] = analyze(self.run, name)
        return self._results[name]

    @property
    def score(self) -> Score:
        """The score of the weights."""
        run = self.run
        return run.evaluation_tracker.evaluate(run.trainer.model, run.weights_step)

    @property
    def example(self) -> Example:
        """The displayed example; raises UserError before the first step without a pinned one."""
        example = self.run.inspector.example()
        if example is None:
            raise UserError("no example is displayed: pin one")
        return example

    @property
    def untrained(self) -> Measurements:
        """Those of a run with the same settings before its first step."""
        from rnn_tui.run.run import Run

        return Measurements(Run(self.run.settings))
