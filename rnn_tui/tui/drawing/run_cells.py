"""The cells of the table of runs, by column."""

from rich.text import Text

from rnn_tui.recording.run_store import SavedRun
from rnn_tui.run.settings_history import UNSET_TEXT, SettingsHistory, format_setting
from rnn_tui.run.summary import RunSummary
from rnn_tui.text.format import format_accuracy, format_loss

PLOT_COLUMN = "plot"
LEFT_COLUMNS = (PLOT_COLUMN, "run")
RESULT_COLUMNS = ("steps", "accuracy", "100 % by")  # the most telling ones, visible at once
SETTING_COLUMNS = ("task", "model", "optimizer", "lr", "seed")
FIGURE_COLUMNS = ("mean of 100", "steps/s", "changes")
DIFFERENCES_COLUMN = "differences"
COLUMNS = (*LEFT_COLUMNS, *RESULT_COLUMNS, *SETTING_COLUMNS, *FIGURE_COLUMNS, DIFFERENCES_COLUMN)
RIGHT_COLUMNS = (*RESULT_COLUMNS, "lr", "seed", *FIGURE_COLUMNS)


def summary_cells(summary: RunSummary) -> dict[str, str]:
    """Return the cells of a run without its differences."""
    score, accuracy = summary.score, UNSET_TEXT
    if score:
        accuracy = format_accuracy(
            score.n_correct, score.n_sequences, summary.score_step, summary.step
        )
    step = summary.known_exact_step
    return _setting_cells(summary.settings_history) | {
        "steps": f"{summary.step:,}",
        "accuracy": accuracy,
        "100 % by": UNSET_TEXT if step is None else f"{step:,}",
        "mean of 100": format_loss(summary.mean_metric),
        "steps/s": f"{summary.speed:,.0f}" if summary.speed else UNSET_TEXT,
        "changes": f"{summary.n_changes:,}",
    }


def saved_run_cells(saved_run: SavedRun, reason: str) -> dict[str, str]:
    """Return the known cells of a run that has no summary for a `reason` of a few words."""
    cells = {"100 % by": reason}  # where the checkpoint is missed
    if saved_run.contents and saved_run.settings:
        cells |= {"steps": f"{saved_run.last_step:,}", "changes": f"{saved_run.changes:,}"}
        cells |= _setting_cells(saved_run.settings_history)
    if saved_run.score:
        cells["accuracy"] = format_accuracy(*saved_run.score, saved_run.last_step)
    return cells


def _setting_cells(history: SettingsHistory) -> dict[str, str]:
    return {name: format_setting(name, history) for name in SETTING_COLUMNS}


def aligned(column: str, text: str) -> Text:
    """Return `text`, on the right of `column` if that has numbers."""
    return Text(text, justify="right" if column in RIGHT_COLUMNS else "left")
