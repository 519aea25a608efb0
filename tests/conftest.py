"""For all tests: runs are recorded in a temporary state directory, and programs under test do not
ignore SIGINT or SIGHUP, even if pytest runs in the background or under nohup."""

import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings

from rnn_tui.recording.state_folder import mark_first_start

settings.register_profile("suite", max_examples=40, derandomize=True)  # each time the same
settings.register_profile("others", max_examples=40)  # by `--hypothesis-profile others`
settings.load_profile("suite")

for number, default in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGHUP, signal.SIG_DFL),
):
    if signal.getsignal(number) == signal.SIG_IGN:
        signal.signal(number, default)


@pytest.fixture(scope="session", autouse=True)
def state_directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        state_home = tmp_path_factory.mktemp("state")
        patch.setenv("XDG_STATE_HOME", str(state_home))
        mark_first_start(state_home / "rnn-tui")  # else one test would see the hint
        yield
