"""Numbers and states, said in a few words."""

import re
from math import inf, isfinite, nan

from rnn_tui.config.deviations import quirks
from rnn_tui.config.recipes import RECIPES
from rnn_tui.config.settings import Settings, plain
from rnn_tui.engine.models import MODELS
from rnn_tui.engine.optimizers import HYPERPARAMETERS, OPTIMIZERS
from rnn_tui.engine.tasks import TASKS
from rnn_tui.session.snapshot import Snapshot, Status
from rnn_tui.text.format import fate as fate
from rnn_tui.text.format import figure, scientific
from rnn_tui.text.format import percent as percent
from rnn_tui.text.format import ratio as ratio
from rnn_tui.text.format import speed as speed
from rnn_tui.tui.drawing.bit_grid import verdict

TITLE = "rnn-tui  "
STATUS = {
    Status.STARTING: "· starting",
    Status.RUNNING: "▶ step",
    Status.PAUSED: "‖ paused at step",
    Status.FINISHED: "■ finished at step",
    Status.HALTED: "! halted at step",
    Status.FAILED: "! failed at step",
    Status.PAST: "◂ back at step",
}


def rough(value: float) -> str:
    """Return a loss with two digits, for what is drawn often: a border costs as much as a pane."""
    return f"{value:.2f}" if value == 0 or 0.01 <= abs(value) < 1e4 else scientific(value)


def short(value: float) -> str:
    """Return a number with three to five digits, in at most 9 characters if below 1e100."""
    size = abs(value)
    if not isfinite(value):
        return "overflow"
    if size == 0 or 0.01 <= size < 1000:
        return f"{value:.4g}"
    if 1000 <= size < 99_999.5:
        return f"{value:,.0f}"
    return scientific(value)


def what_runs(settings: Settings) -> list[str]:
    """Return the run in words, the longest way first."""
    task = settings.task if settings.task == "xor" else f"{settings.task} {settings.bits} bits"
    net = MODELS[settings.model].describe(settings.architecture)
    whole_net = ", ".join([net, *_additions(settings)])
    optimizer = f"{OPTIMIZERS[settings.optimizer].title} {plain(settings.learning_rate)}"
    for name, row in HYPERPARAMETERS.items():
        if (value := getattr(settings, name)) is not None:
            optimizer += f" {row.symbol} {plain(value)}"
    if min(settings.clip_norm, settings.clip_value) < inf:
        optimizer += " clipped"
    if settings.weight_decay:
        optimizer += f" decay {plain(settings.weight_decay)}"
    seed = f"seed {settings.seed}"
    ways = (
        (task, whole_net, optimizer, seed),
        (task, net, optimizer, seed),
        (task, net, optimizer),
        (task, optimizer),
        (task,),
    )
    return [" · ".join(way) for way in ways]


def _additions(settings: Settings) -> list[str]:
    """Return what the net has besides its weights."""
    uses, counts = MODELS[settings.model].uses, ("", "bias", "2 biases")
    said = [counts[settings.biases]] if "biases" in uses and settings.biases else []
    if "learned_start" in uses and settings.start == "learned":
        said.append("learnt start")
    return said


def how_far(snapshot: Snapshot) -> str:
    text = f"{STATUS[snapshot.status]} {snapshot.step:,}"
    if snapshot.status is Status.PAST:
        return f"{text} of {snapshot.present:,}"
    if snapshot.status is Status.RUNNING and snapshot.step < snapshot.start.steps:
        text += f" of {snapshot.start.steps:,}"
    if snapshot.measured_speed:
        text += f"  {snapshot.measured_speed:,.0f}/s"
    return text


def headline(snapshot: Snapshot, width: int) -> str:
    """Return one line of exactly `width` cells: what runs on the left, how far on the right."""
    right = how_far(snapshot)
    for left in what_runs(snapshot.settings):
        gap = width - len(TITLE) - len(left) - len(right)
        if gap >= 2:
            return TITLE + left + " " * gap + right
    return right[:width].ljust(width)


def figures(snapshot: Snapshot, width: int) -> str:
    """Return the loss pane's four figures, with fewer words where there is less room."""
    now, mean, best = map(figure, (snapshot.now, snapshot.last_hundred, snapshot.best_hundred))
    chance = TASKS[snapshot.settings.task].chance_name
    blind = f"{chance} {figure(snapshot.baseline.error if snapshot.baseline else nan)}"
    ways = (
        f"now {now}  mean of 100 {mean}  best mean {best}  {blind}",
        f"now {now}  mean {mean}  best {best}  {blind}",
        f"now {now}  mean {mean}  {blind}",
    )
    return next((way for way in ways if len(way) <= width), ways[-1])


def notice(snapshot: Snapshot, width: int, *, with_score: bool, with_bits: bool = True) -> str:
    """Return one line: the latest news on the left and, where it fits, the score on the right.

    Where the bits have no pane, the example that is held stands there.
    """
    left = snapshot.notice or snapshot.trouble or about(snapshot.settings, width)
    if snapshot.held and snapshot.example and not with_bits:
        left = f"held: {verdict(snapshot.example).plain}"
    score = snapshot.score
    right = f"exact {score.exact:,} of {score.total:,}" if score and with_score else ""
    gap = width - len(left) - len(right)
    return f"{left}{' ' * gap}{right}" if right and gap >= 2 else shortened(left, width)


def unlike_a_textbook(settings: Settings, width: int) -> str:
    """Return in which order weights change, and what else is unusual, in `width` cells if it can.

    It is said by names, else by their number.
    """
    odd = [quirk.partition(":")[0] for quirk in quirks(settings)]
    odd = [name for name in odd if not name.startswith("update")]
    number = f"{len(odd)} unusual: see i" if odd else settings.update
    ways = [", ".join([settings.update, *odd]), f"{settings.update}, {number}"]
    ways.append(ways[-1].replace("see ", ""))
    return next((way for way in ways if len(way) <= width), number)


def about(settings: Settings, width: int) -> str:
    """Return a line on the recipe, or on the task where it is another one's.

    Where there is no room for all of it, it ends at a comma or the like.
    """
    recipe = RECIPES[settings.recipe]
    same = settings.task == recipe.settings.task
    said = recipe.summary if same else TASKS[settings.task].summary
    while len(said) > width and (less := re.match("(.*)[,;:?] ", said)):
        said = less[1]
    return said


def shortened(text: str, width: int) -> str:
    """Return `text`, or as much of it as fits with an ellipsis."""
    return text if len(text) <= width else text[: max(0, width - 1)] + "…"
