"""Journals of sweeps: locked, tolerant of a torn line, and of one version of rnn-tui and numpy."""

import json
from pathlib import Path

import pytest

from rnn_tui.config.errors import UserError
from rnn_tui.recording.journal_format import JournalError, read_journal
from rnn_tui.sweep.grid import Grid
from rnn_tui.sweep.job import JobResult
from rnn_tui.sweep.journal import SweepJournal, default_journal_path
from tests.support.sweeps import make_grid, make_result

GRID = make_grid("lr=0.1,0.2", "100:lr=0.3")


def write_results(path: Path, n: int = 3, grid: Grid = GRID) -> list[JobResult]:
    """Write the results of the first `n` jobs; return all that are in the file."""
    journal = SweepJournal(path, grid)
    cells = {job: cell for cell in grid.cells for job in cell.jobs}
    for job in grid.jobs[:n]:
        journal.write(cells[job], grid.names, job, make_result(job, 250))
    journal.close()
    journal = SweepJournal(path, grid)
    journal.close()
    return list(journal.results.values())


def test_results_are_read_back(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "sweep.jsonl"
    assert write_results(path) == [make_result(job, 250) for job in GRID.jobs[:3]]
    header, first, *_ = map(json.loads, path.read_text("utf-8").splitlines())
    assert header["axes"] == {"lr": ["0.1", "0.2"], "100:lr": ["0.3"]}
    assert (first["values"], first["seed"]) == ({"lr": "0.1", "100:lr": "0.3"}, 0)


@pytest.mark.parametrize("cut", [1, 5, 30])
def test_torn_last_line_is_removed(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "sweep.jsonl"
    results = write_results(path)
    path.write_bytes(path.read_bytes()[:-cut])
    assert write_results(path, 0) == results[:-1]
    assert write_results(path) == results
    assert all(map(json.loads, path.read_text("utf-8").splitlines()))


def test_locked_journal_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "sweep.jsonl"
    journal = SweepJournal(path, GRID)
    with pytest.raises(UserError, match="still active in another process"):
        SweepJournal(path, GRID)
    journal.close()
    SweepJournal(path, GRID).close()
    assert not path.exists()  # without a result nothing is left


def test_results_of_other_versions_are_not_used(tmp_path: Path) -> None:
    path = tmp_path / "sweep.jsonl"
    write_results(path)
    text = path.read_text("utf-8")
    numpy = json.loads(text.splitlines()[0])["environment"]["numpy"]
    path.write_text(text.replace(f'"numpy": "{numpy}"', '"numpy": "1.0"'), "utf-8")
    journal = SweepJournal(path, GRID)
    assert (journal.n_outdated, journal.results) == (3, {})
    journal.close()
    assert len(write_results(path)) == 3  # after another header


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda lines: [b"{}", *lines], "line 1: this is no journal of a sweep"),
        (lambda _: [b"text"], "line 1: this line is damaged"),
        (lambda lines: [lines[0], b"{]", *lines[1:]], "line 2: this line is damaged"),
        (lambda lines: [*lines, b'{"job": 3}'], "line 5: job is '3'"),
        (lambda lines: [lines[0].replace(b": 1,", b": 2,", 1)], "line 1: format 2 is of another"),
    ],
)
def test_damaged_journal_is_rejected(tmp_path: Path, change: object, reason: str) -> None:
    path = tmp_path / "sweep.jsonl"
    write_results(path)
    assert callable(change)
    damaged = b"".join(line + b"\n" for line in change(path.read_bytes().splitlines()))
    path.write_bytes(damaged)
    with pytest.raises(UserError) as raised:
        SweepJournal(path, GRID)
    assert reason in str(raised.value)
    assert path.read_bytes() == damaged


def test_journal_of_a_run_is_rejected() -> None:
    path = Path(__file__).parents[1] / "data" / "journals"
    for run_journal in path.glob("*.jsonl"):
        with pytest.raises(UserError, match="no journal of a sweep"):
            SweepJournal(run_journal, GRID)


def test_journal_of_a_sweep_is_rejected_as_that_of_a_run(tmp_path: Path) -> None:
    path = tmp_path / "sweep.jsonl"
    write_results(path)
    with pytest.raises(JournalError, match="the journal of a sweep; resume it by 'rnn-tui sweep'"):
        read_journal(path)


def test_default_name_is_of_axes_and_options_not_of_values(tmp_path: Path) -> None:
    path = default_journal_path(tmp_path, GRID)
    assert path.name.startswith("addition-lr-100-lr-")
    extended = make_grid("lr=0.1,0.2,0.5", "100:lr=1", n_seeds=7)
    assert default_journal_path(tmp_path, extended) == path
    others = [make_grid("lr=0.1,0.2"), make_grid("lr=0.1,0.2", "100:lr=0.3", length=6)]
    assert len({default_journal_path(tmp_path, grid) for grid in (GRID, *others)}) == 3
