"""Traces the next step of the viewed run again and again, whenever training pauses."""

from contextlib import suppress
from typing import final

from rnn_tui.analysis.step_trace import StepTrace
from rnn_tui.config.errors import UserError
from rnn_tui.run.step_trace import trace_next_step
from rnn_tui.session.session import Session


@final
class StepTracing:
    """From `begin` to `end`, `trace` is that of the next step of the viewed run, while paused.

    A sequence of its batch is displayed instead of the example.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self.trace: StepTrace | None = None
        self._is_on = False
        self._key: tuple[object, ...] = ()  # of the run that is traced
        self._example = 0

    def begin(self) -> None:
        """Trace the next step; raises UserError if there is none to trace."""
        self.trace = trace_next_step(self._session.seek_now())
        self._is_on, self._key = True, self._run_key
        self.display_example(self.trace.first_example)

    def display_example(self, number: int) -> None:
        """Display the sequence `number` of the batch of the traced step, from 0."""
        if self.trace:
            self._example = number
            self._session.display_example(self.trace.example(number))

    def end(self) -> None:
        """Trace no further steps."""
        self._is_on = False
        self._drop()

    def update(self, *, is_training: bool) -> None:
        """Trace the next step again after the run has changed; none while it `is_training`."""
        if not self._is_on:
            return
        if self._run_key == self._key and not is_training:
            self.display_example(self._example)  # whatever was pinned meanwhile
            return
        self._drop()
        if not (is_training or self._session.is_seeking):
            self._key = self._run_key
            with suppress(UserError):  # where training is halted, which the message says
                self.begin()

    @property
    def _run_key(self) -> tuple[object, ...]:
        run = self._session.viewed
        return run, run.step, len(run.log)

    def _drop(self) -> None:
        if self.trace:
            self.trace, self._key = None, ()
            self._session.display_example(None)
