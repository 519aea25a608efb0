"""For all tests: runs are recorded in a temporary state directory, and programs under test do not
ignore SIGINT or SIGHUP, even if pytest runs in the background or under nohup."""

import gc
import os
import signal
import sys
from collections.abc import Generator, Iterator
from importlib import import_module

import pytest
from hypothesis import settings

with pytest.MonkeyPatch.context() as patch:  # programs under test set these for themselves
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        patch.setenv(variable, "1")
    import_module("numpy")  # reads them once

from rnn_tui.recording.state_folder import mark_first_start

# Without bytecode each worker and each program under test would compile all of it again.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

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


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Let each worker begin elsewhere, so that it finds modules that others have compiled."""
    report = yield
    worker = getattr(collector.config, "workerinput", None)
    if worker and isinstance(collector, pytest.Directory):
        number = int(worker["workerid"].removeprefix("gw"))
        first = len(report.result) * number // worker["workercount"]
        report.result = [*report.result[first:], *report.result[:first]]
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Restore the order of files, which has to be the same in all workers.

    Tests of terminals, which wait a lot, are put first: in one worker, beside those that compute.
    """
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: (not item.get_closest_marker("terminal"), str(item.path)))
