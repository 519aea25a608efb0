"""For all tests: runs are recorded in a temporary state directory, and programs under test do not
ignore SIGINT or SIGHUP, even if pytest runs in the background or under nohup."""

import gc
import signal
from collections.abc import Generator, Iterator
from importlib import import_module

import pytest
from hypothesis import settings

with pytest.MonkeyPatch.context() as patch:  # programs under test set these for themselves
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        patch.setenv(variable, "1")
    import_module("numpy")  # reads them once

from rnn_tui.recording.state_folder import mark_first_start

GC_THRESHOLD = 100_000  # objects; with the default, 700, tests take a tenth more processor time

# An example may take any time, on a machine under any load.
# Those of "suite" are the same each time.
settings.register_profile("suite", max_examples=40, deadline=None, derandomize=True)
settings.register_profile("others", max_examples=40, deadline=None)  # --hypothesis-profile others
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


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Search for no garbage while tests are collected, and none among the tests afterwards."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(GC_THRESHOLD)
        gc.enable()
