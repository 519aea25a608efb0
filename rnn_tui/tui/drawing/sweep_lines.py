"""The lines of the sweep's screen around its table."""

from collections.abc import Iterable

from textual.content import Content

from rnn_tui.sweep.background import SweepStatus
from rnn_tui.sweep.grid import Cell
from rnn_tui.sweep.job import Job, JobResult
from rnn_tui.sweep.sweep import Sweep
from rnn_tui.text.format import format_loss, format_percent
from rnn_tui.text.sweep_table import crop, plural, progress_text

MAX_BAR_CELLS = 40
RUN_COLUMNS = ("seed", "100 % at step", "accuracy", "mean of 100", "steps", "")
MAX_NOTE_CELLS = 23
N_LAST_KEYS = 2  # at the end of a line of keys at any width


def headline(sweep: Sweep, width: int) -> str:
    """Return what is swept in one line: the counts first, since many tasks may be cut."""
    grid = sweep.grid
    tasks = dict.fromkeys(cell.settings.task for cell in grid.cells)
    steps = max(cell.settings.steps for cell in grid.cells)
    limit = f"{'up to ' if grid.until_exact else ''}{steps:,} steps"
    counts = f"{plural(len(grid.cells), 'setting')} × {plural(len(grid.seeds), 'seed')}"
    text = f"rnn-tui sweep  {counts}, {limit}: {', '.join(tasks)}"
    return crop(text, width)


def progress_line(sweep: Sweep, status: SweepStatus, message: str, width: int) -> str:
    """Return a bar, the runs done, and the time left or how the sweep ended."""
    progress = sweep.progress
    if status is SweepStatus.RUNNING:
        text = progress_text(progress)
    else:
        text = f"{status.value}: {progress.n_done:,} of {progress.n_runs:,} runs"
    text += f" · {message}" if message else ""
    n_cells = max(0, min(MAX_BAR_CELLS, width - len(text) - 1))
    n_filled = int(n_cells * progress.fraction)
    bar = "█" * n_filled + "░" * (n_cells - n_filled)
    return crop(f"{bar} {text}".strip(), width)


def keys_line(keys: Iterable[tuple[str, str]], width: int) -> Content:
    """Return as many pairs of a key and its label as fit; the last two, help and quit, always."""
    pairs = [Content.assemble((key, "$key bold"), f" {label}") for key, label in keys]
    gap = Content("  ")
    while len(pairs) > N_LAST_KEYS and len(gap.join(pairs).plain) > width:
        del pairs[-N_LAST_KEYS - 1]
    return gap.join(pairs)


def run_column_widths(cell: Cell) -> tuple[int, ...]:
    """Return the width of each of RUN_COLUMNS, whatever the results of `cell` will be."""
    seed = max(len(str(job.settings.seed)) for job in cell.jobs)
    names = tuple(map(len, RUN_COLUMNS))
    steps = max(names[4], len(f"{cell.settings.steps:,}"))
    return max(names[0], seed), *names[1:4], steps, MAX_NOTE_CELLS


def run_row(job: Job, result: JobResult | None) -> tuple[str, ...]:
    """Return the texts of RUN_COLUMNS for a run."""
    seed = str(job.settings.seed)
    if result is None:
        return seed, "", "", "", "", "no result yet"
    return (
        seed,
        "—" if result.exact_step is None else f"{result.exact_step:,}",
        format_percent(result.n_correct, result.n_sequences),
        format_loss(result.mean_metric),
        f"{result.step:,}",
        f"halted: {result.halt_reason}" if result.halt_reason else "",
    )
