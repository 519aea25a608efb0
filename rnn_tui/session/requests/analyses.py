"""Requests for analyses and exports of the viewed run, which change nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, final

from rnn_tui.analysis.analyses import ANALYSES
from rnn_tui.config.errors import UserError
from rnn_tui.error_text import error_text
from rnn_tui.recording.export import export, file_stem
from rnn_tui.run.change_messages import gradient_check_message
from rnn_tui.run.optimizer_race import run_race
from rnn_tui.run.subject import evaluate_run_at, subject_of
from rnn_tui.session.snapshot import RequestedAnalyses

if TYPE_CHECKING:
    from rnn_tui.session.controller import SessionController


@final
@dataclass(frozen=True, slots=True)
class CheckGradient:
    """Compare the gradient of the displayed example with central differences."""

    def handle(self, controller: SessionController) -> None:
        run = controller.session.seek_now()
        verdict = gradient_check_message(run.inspector.check_gradient())
        controller.message = f"step {run.step:,}: {verdict}"


@final
@dataclass(frozen=True, slots=True)
class Analyze:
    """Compute the analyses `names`, of ANALYSES, of the viewed run."""

    names: tuple[str, ...]

    def handle(self, controller: SessionController) -> None:
        run = controller.session.seek_now()
        subject = subject_of(run.state, run.inspector.shown_inputs)
        results = {name: ANALYSES[name].compute_or_reason(subject) for name in self.names}
        controller.requested_analyses = RequestedAnalyses(run.weights_step, run.settings, results)


@final
@dataclass(frozen=True, slots=True)
class EvaluateLengths:
    """Evaluate the viewed run on sequences of `lengths`; without any, of default lengths."""

    lengths: tuple[int, ...]

    def handle(self, controller: SessionController) -> None:
        run = controller.session.seek_now()
        results = {"length": (evaluate_run_at(run, self.lengths), "")}
        controller.requested_analyses = RequestedAnalyses(run.weights_step, run.settings, results)


@final
@dataclass(frozen=True, slots=True)
class TraceStep:
    """Pause, and trace the next step of the viewed run, of hidden `unit`, from 1, in line mode."""

    unit: int = 1

    def handle(self, controller: SessionController) -> None:
        hidden_size = controller.session.viewed.settings.hidden_size
        if not 1 <= self.unit <= hidden_size:
            raise UserError(f"the unit must be from 1 to {hidden_size}, not {self.unit:,}")
        controller.trace_step()


@final
@dataclass(frozen=True, slots=True)
class DisplayTracedExample:
    """Display the sequence `number` of the batch of the traced step, from 0."""

    number: int

    def handle(self, controller: SessionController) -> None:
        controller.tracing.display_example(self.number)


@final
@dataclass(frozen=True, slots=True)
class LeaveTrace:
    """Trace no further steps."""

    def handle(self, controller: SessionController) -> None:
        controller.tracing.end()


@final
@dataclass(frozen=True, slots=True)
class Race:
    """Race optimizers from the weights `start` on the cost surface of the run."""

    start: tuple[float, float]

    def handle(self, controller: SessionController) -> None:
        surface = controller.session.seek_now().cost_surface
        if surface is None:
            raise UserError(
                "optimizers race only on the cost surface of counting-ones and model linear"
            )
        controller.race = surface, run_race(surface, self.start)


@final
@dataclass(frozen=True, slots=True)
class Export:
    """Export the viewed run to files in `folder`, with a `screenshot` as SVG.

    `step` is that of the screenshot: a run that has trained further is exported as it was then.
    """

    folder: str
    screenshot: str = ""
    step: int | None = None

    def handle(self, controller: SessionController) -> None:
        run = controller.session.run_at(self.step)
        stem = Path(self.folder).absolute() / file_stem(
            run, controller.session.current.observer.name
        )
        try:
            paths = export(run, stem, screenshot=self.screenshot)
        except OSError as reason:
            raise UserError(error_text(reason)) from None
        controller.exported = tuple(map(str, paths))
        controller.message = f"wrote {len(paths)} files to {stem.parent}"
