"""Over ssh: handles keys, restores the terminal, and exits when the connection is cut."""

import os
import signal
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from time import sleep

import pytest

from rnn_tui.recording.journal_format import read_journal
from tests.support.variants import variants
from tests.terminal import processes
from tests.terminal.programs import run_to_end
from tests.terminal.reading import (
    assert_key_works,
    assert_trains_during_a_stall,
    wait_for_start,
    wait_for_step,
)
from tests.terminal.restored import assert_restored
from tests.terminal.ssh import LACKS, Server
from tests.terminal.terminal import Terminal

pytestmark = [
    pytest.mark.terminal,
    pytest.mark.long,
    pytest.mark.skipif(bool(LACKS), reason=f"not installed: {LACKS}"),
]

STEPS = 100_000_000
SPEED = 1_000  # steps a second
MAX_BACKLOG = 60_000  # bytes
SLOW_RATE = 8_000.0  # bytes a second
MAX_SLOW_BACKLOG = 16_000  # bytes


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("ssh")) as server:
        yield server


@pytest.fixture
def arguments(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """Return the arguments of a long run, with a number of steps that no other test has."""
    steps = STEPS + abs(hash(request.node.name)) % STEPS
    return "--speed", str(SPEED), "--steps", str(steps)


def remote_process(arguments: tuple[str, ...]) -> int:
    """Return the process that runs with `arguments` on the server."""
    marked = processes.marked(arguments[-1])
    found = [process for process in marked if "ssh" not in name_of(process)]
    assert len(found) == 1, [name_of(process) for process in found]
    return found[0]


def name_of(process: int) -> str:
    return processes.threads(process)[process].name


def parent_of(process: int) -> int:
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


def test_handles_keys_stalls_and_a_slow_link_and_restores_the_terminal(
    server: Server, arguments: tuple[str, ...], tmp_path: Path
) -> None:
    """ssh and sshd buffer far more than a terminal: without queries the screen lags by seconds."""
    journal = tmp_path / "run.jsonl"
    with server.open(*arguments, "--journal", str(journal)) as terminal:
        wait_for_start(terminal)
        assert_key_works(terminal)
        assert_key_works(terminal)
        assert_trains_during_a_stall(terminal, journal, MAX_BACKLOG)
        terminal.link.rate = SLOW_RATE
        sleep(2)
        written = len(terminal.written)
        terminal.send("+")
        terminal.wait_for("lr 0.1 → 0.2")
        assert len(terminal.written) - written < MAX_SLOW_BACKLOG
        terminal.link.rate = 0.0
        terminal.resize(80, 24)
        terminal.wait_for(lambda text: "─ gradient over time" not in text and "conf. %" in text)
        terminal.send("q")
        assert terminal.wait() == 0
        assert_restored(terminal.written)
        assert terminal.modes == terminal.modes_before
        assert "to repeat the run" in terminal.left_behind


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGTERM, 143), pytest.param(signal.SIGINT, 130, marks=pytest.mark.long)],
)
def test_exits_in_order(
    server: Server, arguments: tuple[str, ...], number: int, status: int
) -> None:
    with server.open(*arguments) as terminal:
        wait_for_start(terminal)
        os.kill(remote_process(arguments), number)
        assert terminal.wait() == status
        assert_restored(terminal.written)
        assert terminal.modes == terminal.modes_before


@pytest.mark.parametrize(
    "cut",
    variants(
        product(("client", "server"), ("at work", "paused", "stalled")),
        short=[("client", "stalled"), ("server", "at work")],
    ),
    ids="-".join,
)
def test_exits_when_the_connection_is_cut(
    server: Server, arguments: tuple[str, ...], cut: tuple[str, str]
) -> None:
    side, state = cut
    with server.open(*arguments) as terminal:
        wait_for_start(terminal)
        disturb(terminal, state)
        program = remote_process(arguments)
        os.kill(terminal.process if side == "client" else parent_of(program), signal.SIGKILL)
        processes.wait_for_end(program)
        assert not list(processes.marked(arguments[-1])) or side == "server"


def test_resumes_a_run_whose_connection_was_cut(
    server: Server, arguments: tuple[str, ...], tmp_path: Path
) -> None:
    journal = tmp_path / "run.jsonl"
    with server.open(*arguments, "--journal", str(journal)) as terminal:
        wait_for_start(terminal)
        terminal.send("+")
        terminal.wait_for("lr 0.1 → 0.2")
        program = remote_process(arguments)
        os.kill(terminal.process, signal.SIGKILL)
        processes.wait_for_end(program)
    steps = read_journal(journal).last_step
    with server.open("resume", str(journal), "--paused", "--speed", str(SPEED)) as terminal:
        terminal.wait_for(f"paused at step {steps:,}")
        terminal.wait_for("lr 0.1 → 0.2")
        terminal.send(" ")
        wait_for_step(terminal, steps + 100)
        terminal.send("q")
        assert terminal.wait() == 0
    done = run_to_end("replay", str(journal), "--headless")
    assert (done.returncode, done.stdout.split(" step")[0]) == (0, "identical through")


def disturb(terminal: Terminal, state: str) -> None:
    if state == "paused":
        assert_key_works(terminal)
    elif state == "stalled":
        terminal.link.stall()
        sleep(2)
