"""The header, the message line and the loss line: the state of a run in one row of text each."""

import re
from math import inf, nan
from pathlib import Path
from textwrap import wrap

from rnn_tui.config.deviations import deviations
from rnn_tui.config.parsing import format_float
from rnn_tui.config.recipes import summary_of
from rnn_tui.config.settings import Settings
from rnn_tui.engine.losses import LOSSES
from rnn_tui.engine.models import MODELS
from rnn_tui.engine.optimizers import HYPERPARAMETERS, OPTIMIZERS
from rnn_tui.engine.tasks import TASKS
from rnn_tui.recording.export import EVALUATIONS_SUFFIX
from rnn_tui.session.snapshot import Snapshot, Status
from rnn_tui.text.ascii import printable
from rnn_tui.text.format import format_loss, format_percent, format_sequence_accuracy
from rnn_tui.text.report import mean_steps
from rnn_tui.text.siblings import QUESTION
from rnn_tui.tui.drawing.bit_grid import verdict

APP_TITLE = "rnn-tui  "
FILE_CONTENTS = {
    EVALUATIONS_SUFFIX: "accuracy curve",
    ".csv": "loss curve",
    ".npz": "weights",
    ".svg": "screenshot",
}  # by the end of the name
STATUS_TEXTS = {
    Status.STARTING: "· starting",
    Status.RUNNING: "▶ step",
    Status.PAUSED: "‖ paused at step",
    Status.FINISHED: "■ finished at step",
    Status.HALTED: "! halted at step",
    Status.FAILED: "! failed at step",
    Status.VIEWING: "◂ viewing step",
}


def run_titles(settings: Settings) -> list[str]:
    """Return the run's task, model, optimizer and seed, from the longest title to the shortest.

    The task and the model, with its lesion, remain the longest; the seed and the optimizer's
    details go first.
    """
    model = MODELS[settings.model].describe(settings.model_spec)
    if settings.model_kwargs.get("lesion"):
        model += f", lesion {settings.lesion}"
    model_with_extras = ", ".join([model, *_model_extras(settings)])
    task = _task_title(settings)
    rate, *details = _optimizer_parts(settings)
    optimizer, seed = " ".join([rate, *details]), f"seed {settings.seed}"
    titles = (
        (task, model_with_extras, optimizer, seed),
        (task, model, optimizer, seed),
        (task, model, optimizer),
        (task, model, rate),
        (task, model),
        (settings.task, model),
        (settings.task, settings.model),
        (task,),
    )
    return [" · ".join(parts) for parts in titles]


def _task_title(settings: Settings) -> str:
    if not TASKS[settings.task].uses_length:
        return settings.task
    is_number = TASKS[settings.task].lsb_first
    length = f"{settings.length} bits" if is_number else f"length {settings.length}"
    lag = f" lag {settings.lag}" if TASKS[settings.task].uses_lag else ""
    return f"{settings.task} {length}{lag}"


def _optimizer_parts(settings: Settings) -> list[str]:
    """Return the optimizer with its learning rate, then its details."""
    parts = [f"{OPTIMIZERS[settings.optimizer].title} {format_float(settings.learning_rate)}"]
    for name, hyperparameter in HYPERPARAMETERS.items():
        if (value := settings.get(name)) is not None:
            parts.append(f"{hyperparameter.symbol} {format_float(value)}")
    if min(settings.clip_norm, settings.clip_value) < inf:
        parts.append("clipped")
    if settings.weight_decay:
        parts.append(f"weight decay {format_float(settings.weight_decay)}")
    return parts


def _model_extras(settings: Settings) -> list[str]:
    """Return the optional parameters of the model: biases and a learned initial state."""
    uses, counts = MODELS[settings.model].spec_fields, ("", "bias", "2 biases")
    biases = settings.model_kwargs.get("biases", 0)
    extras = [counts[biases]] if biases else []
    if "initial_state" in uses and settings.initial_state == "learned":
        extras.append("learned initial state")
    return extras


def progress_text(snapshot: Snapshot) -> str:
    """Return the status, the step and the speed."""
    text = f"{STATUS_TEXTS[snapshot.status]} {snapshot.step:,}"
    if snapshot.status is Status.VIEWING:
        return f"{text} of {snapshot.latest_step:,}"
    if snapshot.status is Status.RUNNING and snapshot.step < snapshot.planned_steps:
        text += f" of {snapshot.planned_steps:,}"
    if snapshot.measured_speed:
        text += f"  {snapshot.measured_speed:,.0f}/s"
    return text


def header(snapshot: Snapshot, width: int) -> str:
    """Return one line of exactly `width` cells: the run's title, and its progress on the right."""
    right = progress_text(snapshot)
    for left in run_titles(snapshot.settings):
        gap = width - len(APP_TITLE) - len(left) - len(right)
        if gap >= 2:
            return APP_TITLE + left + " " * gap + right
    return right[:width].ljust(width)


def loss_line(snapshot: Snapshot, width: int) -> str:
    """Return the latest, mean, best and baseline loss, in the longest form that fits.

    They are named where the curve is of another loss, to which the run was changed later.
    """
    now, mean, best = map(
        format_loss, (snapshot.metric, snapshot.mean_metric, snapshot.best_mean_metric)
    )
    name = TASKS[snapshot.settings.task].baseline_name
    baseline = f"{name} {format_loss(snapshot.baseline.metric if snapshot.baseline else nan)}"
    loss = snapshot.settings.loss
    if loss != snapshot.latest_settings.loss:
        now = f"{now} ({LOSSES[loss].title})"
    lines = (
        f"now {now}  mean of {mean_steps(snapshot)}: {mean}  best mean {best}  {baseline}",
        f"now {now}  mean {mean}  best {best}  {baseline}",
        f"now {now}  mean {mean}  {baseline}",
    )
    return next((line for line in lines if len(line) <= width), lines[-1])


def message_lines(
    snapshot: Snapshot,
    width: int,
    rows: int,
    *,
    with_accuracy: bool,
    with_bits: bool = True,
    hint: str = "",
) -> str:
    """Return the latest message in up to `rows` lines, and the accuracy on the right if it fits.

    A longer message ends with the name of the pane that shows all of it. `with_bits` says that a
    pane shows the example; without one, a pinned example is the message. `hint` stands where there
    is no message.
    """
    left = latest_message(snapshot) or hint or summary_line(snapshot.settings, width)
    if snapshot.siblings and snapshot.siblings.is_waiting:
        left = f"{QUESTION} ({left})"
    if snapshot.is_pinned and snapshot.example and not with_bits:
        left = f"pinned: {verdict(snapshot.example).plain}"
    for right in _accuracy_texts(snapshot) if with_accuracy else ():
        gap = width - len(left) - len(right)
        if gap >= 2:
            return left + " " * gap + right
    return "\n".join(wrap(left, max(width, 20), max_lines=rows, placeholder=" …: see changes"))


def latest_message(snapshot: Snapshot) -> str:
    """Return the message of the latest request or change, or else the warning, if any."""
    return printable(snapshot.message or snapshot.warning)


def export_lines(snapshot: Snapshot) -> str:
    """Return the names of the latest exported files and the path of the journal, one per line.

    The message of the export has their folder.
    """
    paths = map(Path, snapshot.exported)
    files = [
        (next(text for end, text in FILE_CONTENTS.items() if path.name.endswith(end)), path.name)
        for path in paths
    ]
    files += [("journal", snapshot.journal_path)] if snapshot.journal_path else []
    return "\n".join(f"{content}: {printable(name)}" for content, name in files)


def _accuracy_texts(snapshot: Snapshot) -> tuple[str, ...]:
    """Return the sequence accuracy, from the longest form to the shortest."""
    score = snapshot.score
    if score is None:
        return ()
    percent = format_percent(score.n_correct, score.n_sequences)
    of_step = "" if snapshot.score_step == snapshot.step else f" at step {snapshot.score_step:,}"
    return (
        f"sequence accuracy {format_sequence_accuracy(score)}{of_step}",
        f"sequence accuracy {percent}{of_step}",
        f"accuracy {percent}{of_step}",
    )


def deviations_text(settings: Settings, width: int) -> str:
    """Return the update rule and the other non-standard settings, or else their number."""
    names = [deviation.partition(":")[0] for deviation in deviations(settings)]
    names = [name for name in names if not name.startswith("update")]
    rule, number = settings.update_rule, f"{len(names)} non-standard"
    if not names:
        return rule
    texts = (
        ", ".join([rule, *names]),
        f"{rule}, {number}: see i",
        f"{rule}, {number}: i",
        f"{rule}, {number}",
    )
    return next((text for text in texts if len(text) <= width), f"{number}: i")


def summary_line(settings: Settings, width: int) -> str:
    """Return what is trained in one line, cut at a punctuation mark where it does not fit."""
    text = summary_of(settings)
    while len(text) > width and (shorter := re.match("(.*)[,;:?] ", text)):
        text = shorter[1]
    return text


def ellipsize(text: str, width: int) -> str:
    """Return `text`, cut to `width` cells with an ellipsis where it is longer."""
    return text if len(text) <= width else text[: max(0, width - 1)] + "…"
