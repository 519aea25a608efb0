"""Fixtures of line mode: a client for each test, and a shared one."""

from collections.abc import Iterator

import pytest

from rnn_tui.line_mode.client import LineClient
from tests.line_mode.clients import SMALL_NET, clients_at_step_30


@pytest.fixture
def client(capsys: pytest.CaptureFixture[str]) -> Iterator[LineClient]:
    """A client of the default run, paused at step 30."""
    yield from clients_at_step_30(SMALL_NET, capsys)


@pytest.fixture(scope="module")
def shared_client() -> Iterator[LineClient]:
    """A shared client for the lines that change nothing."""
    yield from clients_at_step_30(SMALL_NET)
