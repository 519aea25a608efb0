"""`rnn-tui sweep`: trains a grid of runs with a progress bar, or on a live screen."""

from __future__ import annotations

import argparse
import csv
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import replace
from math import inf
from pathlib import Path
from shutil import get_terminal_size
from time import monotonic
from typing import TYPE_CHECKING, Any, final

from rnn_tui.cli.arguments import appearance_from, exclude_screen_options, given_schedule
from rnn_tui.cli.json_lines import print_json
from rnn_tui.cli.launch import supports_screen
from rnn_tui.cli.output import print_line, print_notice
from rnn_tui.cli.progress import ProgressLine
from rnn_tui.config.appearance import Appearance
from rnn_tui.config.errors import UserError
from rnn_tui.config.fields import FIELDS
from rnn_tui.exit_status import EXIT_FAILURE
from rnn_tui.recording.run_store import JournalTarget
from rnn_tui.recording.state_folder import state_folder
from rnn_tui.run.changes import AppliedChange
from rnn_tui.run.schedule import planned_settings
from rnn_tui.signals import GracefulExit
from rnn_tui.sweep.background import SweepStatus, SweepThread
from rnn_tui.sweep.cluster import SCHEDULER_LOST, DaskPool
from rnn_tui.sweep.dispatch import WorkersFailed
from rnn_tui.sweep.grid import DEFAULT_N_SEEDS, Grid, parse_axis
from rnn_tui.sweep.grid_file import GridFile, read_grid_file
from rnn_tui.sweep.job import Job, JobResult
from rnn_tui.sweep.journal import SweepJournal, default_journal_path
from rnn_tui.sweep.pools import Pool, ProcessPool, ThreadPool
from rnn_tui.sweep.summary import compare_values, summarize_cell
from rnn_tui.sweep.sweep import Sweep
from rnn_tui.text.ascii import printable_lines
from rnn_tui.text.repeat_command import repeat_command
from rnn_tui.text.sweep_table import (
    COMPARISON_TITLE,
    LEGEND,
    comparison_text,
    progress_text,
    table_lines,
)

if TYPE_CHECKING:
    from rnn_tui.session.start import SessionStart
    from rnn_tui.session.start_sweep import SweepRun

GRID_FILE_SUFFIX = ".toml"
MAX_PROCESSES = 1024
BAR_CELLS = 20
NOTICE_INTERVAL_SECONDS = 30.0  # between two lines of progress where there is no terminal


def sweep(args: argparse.Namespace) -> int:
    """Train the grid of `args`; return the exit status. Raises UserError."""
    _check_arguments(args)
    grid = grid_from(args)
    grid.cells  # noqa: B018 - an invalid grid is refused before a journal is opened
    with _journal_from(args, grid) as journal:
        found = Sweep(grid, journal)
        if args.json or args.csv or "headless" in args or not supports_screen():
            return _train_headless(args, found, journal)
        return _train_on_screen(args, found, journal)


def _check_arguments(args: argparse.Namespace) -> None:
    if "seed" in args:
        raise UserError(
            f"--seed is of one run; use --seeds {args.seed}-{args.seed} for this seed alone, "
            "or --seeds 20 for 0 to 19"
        )
    if "seeds" in args:
        raise UserError("--seeds comes after the command: rnn-tui sweep --seeds 20")
    if args.json and args.csv:
        raise UserError("--json and --csv exclude each other")
    if "journal" in args and "no_journal" in args:
        raise UserError("--journal and --no-journal exclude each other")
    if "jobs" in args and not 1 <= args.jobs <= MAX_PROCESSES:
        raise UserError(f"--jobs must be from 1 to {MAX_PROCESSES:,}, not {args.jobs:,}")
    if "jobs" in args and "scheduler" in args:
        raise UserError("--jobs is of this machine; a --scheduler uses all of its workers")
    for mode in ("headless", "json", "csv"):
        exclude_screen_options(args, mode)


def grid_from(args: argparse.Namespace) -> Grid:
    """Return the grid of the command line, and of its file if it names one; raises UserError."""
    words = list(args.grid)
    files = [word for word in words if "=" not in word and word.endswith(GRID_FILE_SUFFIX)]
    if len(files) > 1:
        raise UserError(f"one file at a time, not {' and '.join(files)}")
    file = read_grid_file(Path(files[0])) if files else GridFile()
    own_axes = [parse_axis(word) for word in words if word not in files]
    replaced = {axis.name for axis in own_axes}
    attributes = {"recipe", *(field.attribute for field in FIELDS.values())}
    own_options = {name: value for name, value in vars(args).items() if name in attributes}
    default_seeds = tuple(range(DEFAULT_N_SEEDS)) if file.seeds is None else file.seeds
    return Grid(
        axes=(*(axis for axis in file.axes if axis.name not in replaced), *own_axes),
        options=file.options | own_options,
        schedule=tuple(sorted([*file.schedule, *given_schedule(args)], key=lambda one: one[0])),
        seeds=getattr(args, "sweep_seeds", default_seeds),
        until_exact=file.until_exact or "until_exact" in args,
    )


@contextmanager
def _journal_from(args: argparse.Namespace, grid: Grid) -> Iterator[SweepJournal | None]:
    """Open the journal of `grid`, None without one; raises UserError."""
    if "no_journal" in args:
        yield None
        return
    default = default_journal_path(state_folder(os.environ), grid)
    journal = SweepJournal(Path(getattr(args, "journal", default)), grid)
    if journal.n_outdated:
        print_notice(
            f"{journal.n_outdated:,} results of another version of rnn-tui or numpy are not used"
        )
    try:
        yield journal
    finally:
        journal.close()


def _make_pool(
    args: argparse.Namespace, on_notice: Callable[[str], None], *, on_screen: bool
) -> Pool:
    """Return where the runs are trained; raises UserError."""
    record = "journal_runs" in args
    if "scheduler" in args:
        return DaskPool(args.scheduler, on_notice, record=record)
    n_processes = int(getattr(args, "jobs", len(os.sched_getaffinity(0))))
    if n_processes == 1 and not on_screen:  # else the screen is drawn while it trains
        return ThreadPool(record=record)
    return ProcessPool(n_processes, record=record)


def _train_headless(args: argparse.Namespace, sweep: Sweep, journal: SweepJournal | None) -> int:
    reporter = _Reporter(args, sweep, journal)
    with GracefulExit() as graceful_exit:
        reporter.begin()
        reason = ""
        if sweep.jobs_left:
            try:
                with _make_pool(args, reporter.notice, on_screen=False) as pool:
                    for result in sweep.run(pool, lambda: graceful_exit.received, reporter.notice):
                        reporter.update(result)
            except WorkersFailed as error:
                reason = str(error)
            except CancelledError:
                reason = SCHEDULER_LOST
        reporter.end()
        if reason:
            print_notice(reason)
        left_status = _print_runs_left(sweep, journal)
        return graceful_exit.exit_status or left_status
    return graceful_exit.exit_status


def _print_runs_left(sweep: Sweep, journal: SweepJournal | None) -> int:
    """Print how many runs have no result, if any, and return the exit status."""
    n_left = len(sweep.jobs_left)
    if n_left:
        advice = "" if journal is None else "; the same command resumes the sweep"
        print_notice(f"{n_left:,} of {sweep.progress.n_runs:,} runs without a result{advice}")
    return EXIT_FAILURE if n_left else 0


def _train_on_screen(args: argparse.Namespace, sweep: Sweep, journal: SweepJournal | None) -> int:
    """Show the sweep, and the dashboard for runs that are opened; return the exit status."""
    from rnn_tui.tui.screens.sweep import Place
    from rnn_tui.tui.sweep_app import run_sweep_app

    appearance, place = appearance_from(args), Place()
    thread = SweepThread(sweep, lambda: pool)
    pool = _make_pool(args, thread.notify, on_screen=True)
    thread.start()
    try:
        while True:
            chosen, status, failure = run_sweep_app(sweep, thread, appearance, place)
            if chosen is not None:
                status = _open_dashboard(args, chosen.runs, appearance)
            if chosen is None or status:
                break
    finally:
        thread.stop()
    if failure := thread.failure + failure:
        sys.stderr.write(printable_lines(failure))
        return EXIT_FAILURE
    for line in summary_lines(sweep, journal):
        print_line(line)
    if thread.message and thread.status is SweepStatus.FAILED:
        print_notice(thread.message)
    left_status = _print_runs_left(sweep, journal)
    return status or left_status


def _open_dashboard(
    args: argparse.Namespace, runs: Sequence[SweepRun], appearance: Appearance
) -> int:
    """Open runs in the dashboard, several in the view that compares; return its exit status."""
    from rnn_tui.session.start import NewRun
    from rnn_tui.session.start_sweep import CompareSweepRuns
    from rnn_tui.tui.app import run_dashboard

    first = runs[0]
    settings = replace(first.job.settings, steps=first.step)
    target = None
    if "no_journal" not in args:
        target = JournalTarget.from_settings(state_folder(os.environ), settings)
    if len(runs) > 1:
        start: SessionStart = CompareSweepRuns(runs, target)
        return run_dashboard(start, inf, appearance, paused=True, view="compare")
    start = NewRun(settings, first.job.schedule, target)
    return run_dashboard(start, inf, appearance, paused=False)


@final
class _Reporter:
    """Prints results on standard output, and progress on standard error."""

    def __init__(
        self, args: argparse.Namespace, sweep: Sweep, journal: SweepJournal | None
    ) -> None:
        self._as_json, self._as_csv = args.json, args.csv
        self._sweep, self._journal = sweep, journal
        self._line = ProgressLine()
        self._csv = csv.writer(sys.stdout, lineterminator="\n")
        self._noticed_at = monotonic()

    def begin(self) -> None:
        """Print the sweep, and the results that are in its journal."""
        sweep, journal = self._sweep, self._journal
        path = None if journal is None else str(journal.path)
        if sweep.n_found:
            print_notice(
                f"{sweep.n_found:,} of {sweep.progress.n_runs:,} runs are in {path} already"
            )
        if self._as_json:
            print_json(
                "sweep",
                axes={axis.name: list(axis.texts) for axis in sweep.grid.axes},
                seeds=list(sweep.grid.seeds),
                n_runs=sweep.progress.n_runs,
                n_found=sweep.n_found,
                journal=path,
            )
        elif self._as_csv:
            self._csv.writerow([*sweep.grid.names, *CSV_COLUMNS])
        for result in list(sweep.results.values()):
            self._print_result(result)

    def update(self, result: JobResult | None) -> None:
        """Print a result, if there is one, and the progress."""
        if result is not None:
            self._line.clear()
            self._print_result(result)
        text = progress_text(self._sweep.progress)
        n_filled = int(BAR_CELLS * self._sweep.progress.fraction)
        self._line.update(f"[{'#' * n_filled}{'.' * (BAR_CELLS - n_filled)}] {text}")
        if not sys.stderr.isatty() and monotonic() - self._noticed_at > NOTICE_INTERVAL_SECONDS:
            self._noticed_at = monotonic()
            print_notice(text)

    def notice(self, text: str) -> None:
        """Print `text` on standard error, above the progress."""
        self._line.clear()
        print_notice(text)

    def end(self) -> None:
        """Print the summary: a table, on standard error where results are on standard output."""
        self._line.clear()
        sweep = self._sweep
        if self._as_json:
            for index, cell in enumerate(sweep.grid.cells):
                values = dict(zip(sweep.grid.names, cell.values, strict=True))
                print_json("sweep-cell", values=values, **_cell_fields(sweep, index))
            for axis, value, baseline, estimate, n_exact in compare_values(sweep):
                print_json(
                    "sweep-comparison",
                    axis=axis,
                    value=value,
                    baseline=baseline,
                    improvement=estimate.value,
                    interval=list(estimate.interval),
                    n_exact=n_exact,
                )
        lines = summary_lines(sweep, self._journal)
        if self._as_json or self._as_csv:
            sys.stdout.flush()
            sys.stderr.write("\n".join([*lines, ""]))
        else:
            for line in lines:
                print_line(line)

    def _print_result(self, result: JobResult) -> None:
        cell, job = self._sweep.cell_of(result)
        fields = {
            **result.to_json(),
            "sequence_accuracy": result.accuracy,
            "repeat_command": job_command(job),
        }
        if self._as_json:
            values = dict(zip(self._sweep.grid.names, cell.values, strict=True))
            ordered = {name: fields[name] for name in RUN_KEYS}
            print_json("sweep-run", values=values, seed=job.settings.seed, **ordered)
        elif self._as_csv:
            row = [fields[name] for name in CSV_COLUMNS[1:]]
            self._csv.writerow([*cell.values, job.settings.seed, *row])
            sys.stdout.flush()


def summary_lines(sweep: Sweep, journal: SweepJournal | None) -> list[str]:
    """Return the table of a sweep, what its cells show, and the comparisons of values."""
    lines = [*table_lines(sweep, get_terminal_size().columns), "", *LEGEND]
    if comparisons := list(compare_values(sweep)):
        lines += ["", COMPARISON_TITLE]
        lines += [f"  {comparison_text(comparison)}" for comparison in comparisons]
    if journal is not None:
        lines += ["", f"journal: {journal.path}"]
    return lines


RUN_KEYS = (
    "job",
    "exact_step",
    "step",
    "n_correct",
    "n_sequences",
    "sequence_accuracy",
    "mean_metric",
    "halt_reason",
    "weights",
    "seconds",
    "repeat_command",
)
CSV_COLUMNS = ("seed", *RUN_KEYS)


def _cell_fields(sweep: Sweep, index: int) -> dict[str, Any]:
    summary = summarize_cell(sweep, index)
    has_results = summary.success is not None
    return {
        "n_runs": summary.n_runs,
        "n_done": summary.n_done,
        "n_exact": summary.n_exact,
        "n_halted": summary.n_halted,
        "success_rate": summary.success_rate,
        "success_interval": None if summary.success is None else list(summary.success),
        "steps_quartiles": list(summary.quartiles) if has_results else None,
        "accuracy_iqm": summary.accuracy.value,
        "accuracy_interval": list(summary.accuracy.interval) if has_results else None,
    }


def job_command(job: Job) -> str:
    """Return the `rnn-tui train` command of the run of `job`."""
    later = planned_settings(job.settings, job.schedule)[1:]
    log = [
        AppliedChange(step, change, "", "", settings)
        for (step, change), settings in zip(job.schedule, later, strict=True)
    ]
    command = repeat_command(job.settings, log, job.settings.steps)
    return f"{command} --until-exact" if job.until_exact else command
