"""`rnn-tui --plain`: the main loop of line mode."""

import sys
from typing import final

from rnn_tui.config.deviations import deviations
from rnn_tui.config.recipes import RECIPES, summary_of
from rnn_tui.config.settings import Settings
from rnn_tui.exit_status import EXIT_FAILURE
from rnn_tui.line_mode.client import MIN_REPORT_INTERVAL_SECONDS, POLL_INTERVAL_SECONDS, LineClient
from rnn_tui.line_mode.commands import execute
from rnn_tui.line_mode.stdin import StdinLines
from rnn_tui.session.snapshot import Snapshot, Status
from rnn_tui.session.start import SessionStart
from rnn_tui.session.worker import TrainingWorker
from rnn_tui.signals import GracefulExit
from rnn_tui.text.ascii import printable_lines

FIRST_LINE_TIMEOUT_SECONDS = 0.3  # for the first line of a script


def run_line_mode(
    session_start: SessionStart,
    speed: float,
    report_every: int | None,
    *,
    paused: bool,
    n_siblings: int = 0,
) -> int:
    """Train, execute the lines of standard input, and return the exit status.

    Without `report_every` the recipe's report interval counts, but reports are seconds apart. At
    the end of input the run trains to its last planned step.
    """
    settings = session_start.settings
    worker = TrainingWorker(session_start, speed, paused=True, n_siblings=n_siblings)
    default_report_every = RECIPES[settings.recipe].report_every
    lines = StdinLines()
    with GracefulExit() as interrupt:
        worker.start()
        try:
            min_report_interval = MIN_REPORT_INTERVAL_SECONDS if report_every is None else 0.0
            client = LineClient(
                worker,
                interrupt,
                report_every or default_report_every,
                min_report_interval,
                lines.interrupt_requested,
            )
            client.paused_for_input = not paused
            _print_greeting(client, settings)
            _Session(client, lines).run(interrupt)
            client.finish()
        finally:
            last = worker.stop()
        client.print_summary(last)
        return _exit_status(last, interrupt)
    return interrupt.exit_status


def _print_greeting(client: LineClient, settings: Settings) -> None:
    for deviation in deviations(settings):
        client.print_line(deviation)
    client.print_line(summary_of(settings))
    client.print_line("? lists the commands")


def _exit_status(last: Snapshot, interrupt: GracefulExit) -> int:
    if last.failure:
        sys.stderr.write(printable_lines(last.failure))
    halted = last.status in (Status.HALTED, Status.FAILED)
    return EXIT_FAILURE if halted else interrupt.exit_status


@final
class _Session:
    """Executes line after line; the run trains while there is none."""

    def __init__(self, client: LineClient, lines: StdinLines) -> None:
        self._client, self._lines = client, lines

    def run(self, interrupt: GracefulExit) -> None:
        client = self._client
        client.send()  # waits until the run exists
        timeout = 0.0 if self._lines.is_tty else FIRST_LINE_TIMEOUT_SECONDS
        while not (client.quit_requested or interrupt.received or self._is_finished):
            line = self._lines.next_line(timeout)
            timeout = POLL_INTERVAL_SECONDS
            if line is not None:
                execute(client, line)
            elif client.paused_for_input and client.snapshot.status is Status.FINISHED:
                client.paused_for_input = False  # it was finished when it was recorded
            elif client.paused_for_input:
                client.resume()
            elif self._lines.ended and client.snapshot.status is Status.PAUSED:
                client.print_at_step("end of input: training continues")
                client.resume()
            client.update()

    @property
    def _is_finished(self) -> bool:
        now = self._client.snapshot
        if now.status is Status.FAILED:
            return True
        done = now.status is Status.HALTED or now.step >= now.planned_steps
        return self._lines.ended and done
