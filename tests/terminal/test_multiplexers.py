"""In tmux and GNU screen: trains while detached, and is redrawn on attaching."""

import os
import re
import shutil
import sys
from base64 import b64decode
from pathlib import Path
from time import sleep

import pytest

from tests.terminal.multiplexer import TMUX, Multiplexer
from tests.terminal.processes import wait_for_end
from tests.terminal.reading import assert_key_works, step_shown, wait_for_start, wait_for_step
from tests.terminal.restored import left_changed
from tests.terminal.terminal import Terminal

ENDLESS = ("--length", "4", "--speed", "1000", "--steps", "100000000")
SCREEN = shutil.which("screen")

pytestmark = pytest.mark.terminal
with_tmux = pytest.mark.skipif(not TMUX, reason="tmux is not installed")
with_screen = pytest.mark.skipif(not SCREEN, reason="GNU screen is not installed")


def is_open(text: str) -> bool:
    return step_shown(text) >= 0 and "conf. %" in text and "? help" in text


@with_tmux
def test_works_in_a_detached_tmux(tmp_path: Path) -> None:
    with Multiplexer(*ENDLESS, socket=tmp_path / "tmux") as tmux:
        tmux.wait_for(is_open)
        before = step_shown(tmux.text)
        tmux.send("o")
        tmux.wait_for(lambda text: "optimizer sgd → momentum" in text)
        tmux.wait_for(lambda text: step_shown(text) > before + 500)
        tmux.send("Space")
        tmux.wait_for(lambda text: "paused at step" in text)
        tmux.accept_clipboard()
        tmux.send("y")
        tmux.wait_for(lambda text: "copied 24 lines of the screen" in text)
        assert tmux.clipboard.splitlines()[0] == tmux.text.splitlines()[0]
        assert len(tmux.clipboard.splitlines()) == 24


@with_tmux
def test_attaching_again_shows_the_newest_state(tmp_path: Path) -> None:
    with Multiplexer(*ENDLESS, socket=tmp_path / "tmux") as tmux:
        with tmux.attach(120, 41) as terminal:  # the last row is tmux's
            wait_for_start(terminal)
            terminal.wait_for("─ gradient over time")
            before = step_shown(terminal.text)
            tmux.detach()
            assert terminal.wait() == 0
        sleep(2)
        with tmux.attach(80, 25) as terminal:
            wait_for_step(terminal, before + 1500)
            terminal.wait_for(is_open)
            assert_key_works(terminal)
            assert_key_works(terminal)
            wait_for_step(terminal, step_shown(terminal.text) + 300)
            terminal.send("q")
            terminal.wait()
        wait_for_end(tmux.process)


@with_tmux
@pytest.mark.parametrize("watched", [False, True])
def test_exits_with_its_session(tmp_path: Path, watched: bool) -> None:
    with Multiplexer(*ENDLESS, socket=tmp_path / "tmux") as tmux:
        tmux.wait_for(is_open)
        if watched:
            with tmux.attach(80, 25) as terminal:
                wait_for_start(terminal)
                tmux.end()
                terminal.wait()
        else:
            tmux.end()
        wait_for_end(tmux.process)


@with_tmux
def test_prints_the_summary_in_the_window(tmp_path: Path) -> None:
    command = f"{sys.executable} -m rnn_tui {' '.join(ENDLESS)}; echo status $?; exec sleep 60"
    with Multiplexer(*ENDLESS, socket=tmp_path / "tmux") as tmux:
        tmux.wait_for(is_open)
        tmux.open(["sh", "-c", command])
        tmux.wait_for(is_open)
        tmux.send("q")
        tmux.wait_for(lambda text: "to repeat the run:" in text and "status 0" in text)
        assert "addition, after" in tmux.text


@with_screen
def test_works_in_gnu_screen_and_exits_with_it(tmp_path: Path) -> None:
    sockets = tmp_path / "screens"
    sockets.mkdir(mode=0o700)
    run = [sys.executable, "-m", "rnn_tui", *ENDLESS]
    command = [str(SCREEN), "-U", "-c", os.devnull, *run]
    with Terminal(command=command, environment={"SCREENDIR": str(sockets)}) as terminal:
        wait_for_start(terminal)
        assert_key_works(terminal)
        assert_key_works(terminal)
        before = step_shown(terminal.text)
        wait_for_step(terminal, before + 300)
        terminal.send(" y")
        terminal.wait_for("copied 24 lines of the screen")
        terminal.send("q")
        terminal.wait()
        copied = re.search(rb"\x1b\]52;c;([\w+/=]*)\x07", terminal.written)
        assert copied
        assert b64decode(copied[1]).startswith(b"rnn-tui  addition 4 bits")
        own = b"\x1b[1;24r"  # screen's own margins, which are the whole window
        assert not left_changed(terminal.written.replace(own, b""))
