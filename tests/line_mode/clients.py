"""Clients of line mode whose run is paused at step 30, and what a line prints there."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from math import inf

import pytest

from rnn_tui.config.recipes import RECIPES
from rnn_tui.config.settings import Settings
from rnn_tui.line_mode.client import LineClient
from rnn_tui.line_mode.commands import execute
from rnn_tui.session.requests import Pause
from rnn_tui.session.start import NewRun
from rnn_tui.session.worker import TrainingWorker
from rnn_tui.signals import GracefulExit

SMALL_NET = replace(RECIPES["binary-addition"].settings, hidden_size=4)  # of which all is fast


def clients_at_step_30(
    settings: Settings,
    capsys: pytest.CaptureFixture[str] | None = None,
    interrupt_requested: Callable[[], bool] = lambda: False,
) -> Iterator[LineClient]:
    worker = TrainingWorker(NewRun(settings), inf, paused=True)
    worker.start()
    client = LineClient(
        worker, GracefulExit(), report_every=0, interrupt_requested=interrupt_requested
    )
    client.send(Pause())
    client.train_to(30)
    if capsys:
        capsys.readouterr()
    yield client
    worker.stop()


def output_of(client: LineClient, line: str, capsys: pytest.CaptureFixture[str]) -> str:
    execute(client, line)
    output, errors = capsys.readouterr()
    assert errors == ""
    assert all(letter == "\n" or " " <= letter <= "~" for letter in output)
    return output.removesuffix("\n")
