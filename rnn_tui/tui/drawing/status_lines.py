"""Numbers and states, said in a few words."""

import re
from math import inf, isfinite, nan

from rnn_tui.config.deviations import deviations
from rnn_tui.config.recipes import RECIPES
from rnn_tui.config.settings import Settings, format_float
from rnn_tui.engine.models import MODELS
from rnn_tui.engine.optimizers import HYPERPARAMETERS, OPTIMIZERS
from rnn_tui.engine.tasks import TASKS
from rnn_tui.session.snapshot import Snapshot, Status
from rnn_tui.text.format import format_loss, format_scientific
from rnn_tui.text.format import format_percent as format_percent
from rnn_tui.text.format import format_ratio as format_ratio
from rnn_tui.text.format import format_speed as format_speed
from rnn_tui.text.format import gradient_trend as gradient_trend
from rnn_tui.tui.drawing.bit_grid import verdict

APP_TITLE = "rnn-tui  "
STATUS_TEXTS = {
    Status.STARTING: "· starting",
    Status.RUNNING: "▶ step",
    Status.PAUSED: "‖ paused at step",
    Status.FINISHED: "■ finished at step",
    Status.HALTED: "! halted at step",
    Status.FAILED: "! failed at step",
    Status.VIEWING: "◂ back at step",
}


def format_two_digits(value: float) -> str:
    """Return a loss with two digits, for what is drawn often: a border costs as much as a pane."""
    return f"{value:.2f}" if value == 0 or 0.01 <= abs(value) < 1e4 else format_scientific(value)


def format_short(value: float) -> str:
    """Return a number with three to five digits, in at most 9 characters if below 1e100."""
    size = abs(value)
    if not isfinite(value):
        return "overflow"
    if size == 0 or 0.01 <= size < 1000:
        return f"{value:.4g}"
    if 1000 <= size < 99_999.5:
        return f"{value:,.0f}"
    return format_scientific(value)


def run_titles(settings: Settings) -> list[str]:
    """Return the run in words, the longest way first."""
    length = f" {settings.length} bits" if TASKS[settings.task].uses_length else ""
    task = settings.task + length
    model = MODELS[settings.model].describe(settings.model_spec)
    model_with_extras = ", ".join([model, *_model_extras(settings)])
    optimizer = f"{OPTIMIZERS[settings.optimizer].title} {format_float(settings.learning_rate)}"
    for name, row in HYPERPARAMETERS.items():
        if (value := settings.get(name)) is not None:
            optimizer += f" {row.symbol} {format_float(value)}"
    if min(settings.clip_norm, settings.clip_value) < inf:
        optimizer += " clipped"
    if settings.weight_decay:
        optimizer += f" decay {format_float(settings.weight_decay)}"
    seed = f"seed {settings.seed}"
    titles = (
        (task, model_with_extras, optimizer, seed),
        (task, model, optimizer, seed),
        (task, model, optimizer),
        (task, optimizer),
        (task,),
    )
    return [" · ".join(way) for way in titles]


def _model_extras(settings: Settings) -> list[str]:
    """Return what the net has besides its weights."""
    uses, counts = MODELS[settings.model].spec_fields, ("", "bias", "2 biases")
    extras = [counts[settings.biases]] if "biases" in uses and settings.biases else []
    if "learned_initial_state" in uses and settings.initial_state == "learned":
        extras.append("learnt start")
    return extras


def progress_text(snapshot: Snapshot) -> str:
    text = f"{STATUS_TEXTS[snapshot.status]} {snapshot.step:,}"
    if snapshot.status is Status.VIEWING:
        return f"{text} of {snapshot.latest_step:,}"
    if snapshot.status is Status.RUNNING and snapshot.step < snapshot.initial_settings.steps:
        text += f" of {snapshot.initial_settings.steps:,}"
    if snapshot.measured_speed:
        text += f"  {snapshot.measured_speed:,.0f}/s"
    return text


def header(snapshot: Snapshot, width: int) -> str:
    """Return one line of exactly `width` cells: what runs on the left, how far on the right."""
    right = progress_text(snapshot)
    for left in run_titles(snapshot.settings):
        gap = width - len(APP_TITLE) - len(left) - len(right)
        if gap >= 2:
            return APP_TITLE + left + " " * gap + right
    return right[:width].ljust(width)


def loss_line(snapshot: Snapshot, width: int) -> str:
    """Return the loss pane's four figures, with fewer words where there is less room."""
    now, mean, best = map(
        format_loss, (snapshot.loss, snapshot.last_hundred, snapshot.best_hundred)
    )
    chance = TASKS[snapshot.settings.task].baseline_name
    baseline = f"{chance} {format_loss(snapshot.baseline.metric if snapshot.baseline else nan)}"
    lines = (
        f"now {now}  mean of 100 {mean}  best mean {best}  {baseline}",
        f"now {now}  mean {mean}  best {best}  {baseline}",
        f"now {now}  mean {mean}  {baseline}",
    )
    return next((way for way in lines if len(way) <= width), lines[-1])


def message_line(
    snapshot: Snapshot, width: int, *, with_accuracy: bool, with_bits: bool = True
) -> str:
    """Return one line: the latest news on the left and, where it fits, the score on the right.

    Where the bits have no pane, the example that is held stands there.
    """
    left = snapshot.message or snapshot.warning or recipe_line(snapshot.settings, width)
    if snapshot.is_pinned and snapshot.example and not with_bits:
        left = f"held: {verdict(snapshot.example).plain}"
    score = snapshot.score
    right = f"exact {score.n_correct:,} of {score.n_sequences:,}" if score and with_accuracy else ""
    gap = width - len(left) - len(right)
    return f"{left}{' ' * gap}{right}" if right and gap >= 2 else ellipsize(left, width)


def deviations_text(settings: Settings, width: int) -> str:
    """Return in which order weights change, and what else is unusual, in `width` cells if it can.

    It is said by names, else by their number.
    """
    deviating = [quirk.partition(":")[0] for quirk in deviations(settings)]
    deviating = [name for name in deviating if not name.startswith("update")]
    number = f"{len(deviating)} unusual: see i" if deviating else settings.update_rule
    texts = [", ".join([settings.update_rule, *deviating]), f"{settings.update_rule}, {number}"]
    texts.append(texts[-1].replace("see ", ""))
    return next((way for way in texts if len(way) <= width), number)


def recipe_line(settings: Settings, width: int) -> str:
    """Return a line on the recipe, or on the task where it is another one's.

    Where there is no room for all of it, it ends at a comma or the like.
    """
    recipe = RECIPES[settings.recipe]
    same = settings.task == recipe.settings.task
    text = recipe.summary if same else TASKS[settings.task].summary
    while len(text) > width and (less := re.match("(.*)[,;:?] ", text)):
        text = less[1]
    return text


def ellipsize(text: str, width: int) -> str:
    """Return `text`, or as much of it as fits with an ellipsis."""
    return text if len(text) <= width else text[: max(0, width - 1)] + "…"
