"""A sweep in progress: its grid, the results so far, and how far it is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import inf
from time import monotonic
from typing import final

from rnn_tui.sweep.dispatch import train_groups
from rnn_tui.sweep.grid import Cell, Grid
from rnn_tui.sweep.groups import make_groups
from rnn_tui.sweep.job import Job, JobResult
from rnn_tui.sweep.journal import SweepJournal
from rnn_tui.sweep.pools import Pool

MIN_PACE_SECONDS = 3.0  # of training, until its pace is known


@final
@dataclass(frozen=True, slots=True)
class SweepProgress:
    """How far a sweep is.

    n_done, n_runs  runs with a result, of all
    fraction        of the steps planned that are taken or no longer needed
    seconds_left    at the pace since the first steps; infinity before there is one
    """

    n_done: int
    n_runs: int
    fraction: float
    seconds_left: float


@final
class Sweep:
    """Trains the runs of `grid` that have no result yet in `journal`.

    `results` may be read by other threads while `run` adds to them.
    """

    def __init__(self, grid: Grid, journal: SweepJournal | None = None) -> None:
        self.grid, self._journal = grid, journal
        known = {} if journal is None else journal.results
        self._cell_of = {job.digest: (cell, job) for cell in grid.cells for job in cell.jobs}
        self.results = {digest: known[digest] for digest in self._cell_of if digest in known}
        self.n_found = len(self.results)
        self._planned_steps = sum(job.settings.steps for _, job in self._cell_of.values())
        self._done_steps = sum(self._cell_of[digest][1].settings.steps for digest in self.results)
        self._unfinished_steps = 0
        self._first_progress: tuple[float, int] | None = None  # time, and steps taken then

    @property
    def jobs_left(self) -> list[Job]:
        """The jobs without a result; of equal ones the first."""
        left = {job.digest: job for job in self.grid.jobs if job.digest not in self.results}
        return list(left.values())

    def cell_results(self, cell: Cell) -> list[JobResult]:
        """Return the results so far of the runs of `cell`."""
        return [self.results[job.digest] for job in cell.jobs if job.digest in self.results]

    def cell_of(self, result: JobResult) -> tuple[Cell, Job]:
        """Return the cell and the job of a result."""
        return self._cell_of[result.job_digest]

    @property
    def _taken_steps(self) -> int:
        return self._done_steps + self._unfinished_steps

    @property
    def progress(self) -> SweepProgress:
        """How far the sweep is now."""
        taken = self._taken_steps
        fraction = min(1.0, taken / self._planned_steps)
        seconds_left = inf
        if self._first_progress is not None:
            since, taken_before = self._first_progress
            seconds = monotonic() - since
            if taken > taken_before and seconds >= MIN_PACE_SECONDS:
                seconds_left = (
                    max(0, self._planned_steps - taken) * seconds / (taken - taken_before)
                )
        return SweepProgress(len(self.results), len(self._cell_of), fraction, seconds_left)

    def run(
        self,
        pool: Pool,
        should_stop: Callable[[], bool],
        on_notice: Callable[[str], None],
    ) -> Iterator[JobResult | None]:
        """Train the jobs left in `pool`; yield each result, and None now and then in between.

        Raises WorkersFailed, UserError where the pool fails, and OSError of the journal.
        """
        taken_before, self._first_progress = self._taken_steps, None
        groups = make_groups(self.jobs_left, pool.n_workers)
        for results in train_groups(groups, pool, should_stop, on_notice):
            self._unfinished_steps = pool.unfinished_steps
            if self._first_progress is None and self._taken_steps > taken_before:
                # Before, processes start and import modules.
                self._first_progress = (monotonic(), self._taken_steps)
            for result in results:
                cell, job = self._cell_of[result.job_digest]
                if self._journal is not None:
                    self._journal.write(cell, self.grid.names, job, result)
                self.results[result.job_digest] = result
                self._done_steps += job.settings.steps
                yield result
            if not results:
                yield None
