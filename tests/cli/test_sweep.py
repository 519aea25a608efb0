"""`rnn-tui sweep` without a screen: results on standard output, narration on standard error."""

import csv
import json
import os
import signal
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from rnn_tui.cli import sweep as sweep_command
from rnn_tui.sweep.dispatch import WorkersFailed
from rnn_tui.sweep.job import JobResult
from rnn_tui.sweep.sweep import Sweep
from tests.support.shell import objects, run

SMALL = ("--length", "5", "--hidden-size", "3", "--steps", "300", "--jobs", "1")
WORDS = ("lr=0.1,0.5", "--seeds", "2", *SMALL)

USAGE_ERRORS = {
    ("lrr=1",): "unknown setting 'lrr' (did you mean lr?)",
    ("lr",): "'lr' is not NAME=VALUE,VALUE,…",
    ("lr=1", "--lr", "2"): "lr is both an axis and an option of all runs",
    ("lr=1", "--seed", "3"): "use --seeds 3-3 for this seed alone",
    ("--seeds", "0"): "--seeds must be a number from 1",
    ("--jobs", "0"): "--jobs must be from 1 to 1,024, not 0",
    ("--jobs", "2", "--scheduler", "tcp://x:1"): "--jobs is of this machine",
    ("--json", "--glyphs", "ascii"): "--json and --glyphs exclude each other",
    ("--headless", "--no-mouse"): "--headless and --no-mouse exclude each other",
    ("--json", "--csv"): "--json and --csv exclude each other",
    ("--journal", "x", "--no-journal"): "--journal and --no-journal exclude each other",
    ("a.toml", "b.toml"): "one file at a time, not a.toml and b.toml",
    ("missing.toml",): "missing.toml: No such file or directory",
    ("--until-exct",): "unknown option --until-exct (did you mean --until-exact?)",
    ("--lag", "3"): "lag 3 has no effect on task addition",
    ("--at", "5:seed=1"): "seed cannot change during a run",
}


@pytest.mark.parametrize("words", USAGE_ERRORS)
def test_usage_error_is_one_line(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    status, output, errors = run(capsys, "sweep", *words)
    assert (status, output, errors.count("\n")) == (2, "", 1)
    assert USAGE_ERRORS[words] in errors


def test_same_command_finds_the_results_of_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    status, output, errors = run(capsys, "sweep", *WORDS)
    assert (status, errors) == (0, "")
    table, _, comparisons, journal = output.split("\n\n")
    assert table.splitlines()[0].split()[:3] == ["lr", "exact", "95"]
    assert [line.split()[:2] for line in table.splitlines()[1:]] == [["0.1", "0/2"], ["0.5", "0/2"]]
    assert "lr 0.5 vs 0.1: — (no run is exact)" in comparisons
    path = journal.strip().removeprefix("journal: ")
    assert Path(path).parent == tmp_path / "rnn-tui" / "sweeps"
    again = run(capsys, "sweep", *WORDS)
    assert again == (0, output, f"rnn-tui: 4 of 4 runs are in {path} already\n")
    extended = ("lr=0.5,0.1,0.2", "--seeds", "3", *SMALL, "--json")
    found = objects(run(capsys, "sweep", *extended)[1])[0]
    assert (found["n_runs"], found["n_found"], found["journal"]) == (9, 4, path)


def test_json_has_runs_cells_and_comparisons(capsys: pytest.CaptureFixture[str]) -> None:
    status, output, errors = run(capsys, "sweep", *WORDS, "--no-journal", "--json")
    lines = objects(output)
    kinds = ["sweep", *["sweep-run"] * 4, *["sweep-cell"] * 2, "sweep-comparison"]
    assert (status, [line["kind"] for line in lines]) == (0, kinds)
    assert lines[1]["values"] in ({"lr": "0.1"}, {"lr": "0.5"})
    assert "accuracy: interquartile mean" in errors
    repeated = lines[1]["repeat_command"].split()[1:]
    summary = objects(run(capsys, *repeated, "--json", "--no-journal")[1])[-1]
    assert summary["n_correct"] == lines[1]["n_correct"]


def test_csv_has_a_line_for_each_run(capsys: pytest.CaptureFixture[str]) -> None:
    words = (*WORDS, "100:lr=0.2,0.3", "--no-journal", "--csv", "--until-exact")
    status, output, _ = run(capsys, "sweep", *words)
    rows = list(csv.DictReader(StringIO(output)))
    assert (status, len(rows)) == (0, 8)
    assert {(row["lr"], row["100:lr"], row["seed"]) for row in rows} == {
        (lr, later, seed) for lr in ("0.1", "0.5") for later in ("0.2", "0.3") for seed in "01"
    }
    command = rows[0]["repeat_command"]
    assert command.endswith(f"--at 100:lr={rows[0]['100:lr']} --until-exact")
    assert {row["exact_step"] for row in rows} == {""}


def test_file_and_command_line_together(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "grid.toml"
    path.write_text(
        "steps = 9\nseeds = [4]\nuntil-exact = true\n[grid]\nlr = [1, 2]\nmodel = ['gru']\n",
        "utf-8",
    )
    words = (str(path), "lr=3", *SMALL, "--no-journal", "--json")
    described, first, *_ = objects(run(capsys, "sweep", *words)[1])
    assert described["axes"] == {"model": ["gru"], "lr": ["3"]}
    assert (described["seeds"], first["step"]) == ([4], 300)
    assert first["repeat_command"].endswith("--until-exact")
    path.write_text("[grid]\nlr = [1, 'x']\n", "utf-8")
    status, _, errors = run(capsys, "sweep", str(path))
    assert (status, errors) == (2, f"rnn-tui: {path}:2: lr: 'x' is not a number\n")


def test_interrupted_sweep_keeps_its_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "sweep.jsonl"
    words = ("hidden-size=2,3", "--seeds", "2", "--length", "5", "--steps", "300", "--jobs", "1")
    command = ("sweep", *words, "--journal", str(path))
    run_all = Sweep.run

    def interrupted(self: Sweep, *args: Any) -> Iterator[JobResult | None]:
        results = run_all(self, *args)
        first = next(result for result in results if result)
        os.kill(os.getpid(), signal.SIGINT)
        yield first
        yield from results

    with monkeypatch.context() as patch:
        patch.setattr(Sweep, "run", interrupted)
        status, output, errors = run(capsys, *command)
    assert status == 130
    assert "– of 2" in output
    n_done = len(path.read_text("utf-8").splitlines()) - 1
    assert errors.endswith(
        f"rnn-tui: {4 - n_done} of 4 runs without a result; the same command resumes the sweep\n"
    )
    assert run(capsys, *command)[0] == 0
    lines = map(json.loads, path.read_text("utf-8").splitlines())
    jobs = [line["job"] for line in lines if "job" in line]
    assert len(jobs) == len(set(jobs)) == 4


def test_failed_workers_are_status_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def failing(_self: Sweep, *_args: Any) -> Iterator[JobResult | None]:
        raise WorkersFailed("no memory")

    monkeypatch.setattr(Sweep, "run", failing)
    status, _, errors = run(capsys, "sweep", *WORDS, "--no-journal")
    assert status == 1
    assert errors == "rnn-tui: no memory\nrnn-tui: 4 of 4 runs without a result\n"


def test_progress_is_printed_now_and_then_without_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sweep_command, "NOTICE_INTERVAL_SECONDS", 0.0)
    _, _, errors = run(capsys, "sweep", *WORDS, "--no-journal")
    lines = errors.splitlines()
    assert lines[-1] == "rnn-tui: 4 of 4 runs"
    assert all(line.startswith("rnn-tui: ") and "of 4 runs" in line for line in lines)


def test_help_says_what_exit_statuses_mean(capsys: pytest.CaptureFixture[str]) -> None:
    text = " ".join(run(capsys, "sweep", "--help")[1].split())
    assert "Exit status: 0 all runs have a result, 1 some have none" in text
    assert "number of processes (default: all cores of this machine)" in text
