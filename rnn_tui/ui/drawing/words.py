"""Numbers and states, said in a few words."""

from math import inf, isfinite, nan

from rnn_tui.engine.models import MODELS
from rnn_tui.engine.optimizers import HYPERPARAMETERS, OPTIMIZERS
from rnn_tui.engine.tasks import TASKS
from rnn_tui.quirks import quirks
from rnn_tui.recipes import RECIPES
from rnn_tui.session.snapshot import Snapshot, Status
from rnn_tui.settings import Settings, plain
from rnn_tui.ui.drawing.bits import verdict

TITLE = "rnn-tui  "
STATUS = {
    Status.STARTING: "· starting",
    Status.RUNNING: "▶ step",
    Status.PAUSED: "‖ paused at step",
    Status.FINISHED: "■ finished at step",
    Status.HALTED: "! halted at step",
    Status.FAILED: "! failed at step",
}

VANISHES, EXPLODES = 0.1, 10.0  # the norm at the first step over that at the last


def speed(steps_per_second: float) -> str:
    """Return a wanted speed, as 1,000/s."""
    if steps_per_second == inf:
        return "unlimited"
    whole = steps_per_second.is_integer()
    return f"{steps_per_second:,.0f}/s" if whole else f"{plain(steps_per_second)}/s"


def figure(value: float) -> str:
    """Return a loss with three digits, or a dash where there is none yet."""
    if not isfinite(value):
        return "—"
    return f"{value:.3f}" if value == 0 or 1e-3 <= abs(value) < 1e4 else scientific(value)


def rough(value: float) -> str:
    """Return a loss with two digits, for what is drawn often: a border costs as much as a pane."""
    return f"{value:.2f}" if value == 0 or 0.01 <= abs(value) < 1e4 else scientific(value)


def scientific(value: float) -> str:
    """Return a number as 1.80e-6."""
    mantissa, _, exponent = f"{value:.2e}".partition("e")
    return f"{mantissa}e{int(exponent)}"


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


def percent(right: int, total: int) -> str:
    """Return a share with two decimals, cut and not rounded: 100 % means all."""
    hundredths = 10_000 * right // total
    return f"{hundredths // 100}.{hundredths % 100:02d} %"


def notice(snapshot: Snapshot, width: int, *, with_score: bool, with_bits: bool = True) -> str:
    """Return one line: the latest news on the left and, where it fits, the score on the right.

    Where the bits have no pane, the example that is held stands there.
    """
    left = snapshot.notice or about(snapshot.settings)
    if snapshot.held and snapshot.example and not with_bits:
        left = f"held: {verdict(snapshot.example).plain}"
    score = snapshot.score
    right = f"exact {score.exact:,} of {score.total:,}" if score and with_score else ""
    gap = width - len(left) - len(right)
    return f"{left}{' ' * gap}{right}" if right and gap >= 2 else shortened(left, width)


def unlike_a_textbook(settings: Settings, width: int) -> str:
    """Return in which order weights change, and what else is unusual: its names, or their number.

    The names stand there if all of it has room in `width` cells.
    """
    odd = [quirk.partition(":")[0] for quirk in quirks(settings)]
    odd = [name for name in odd if not name.startswith("update")]
    said = [settings.update, *odd]
    if not odd or len(", ".join(said)) <= width:
        return ", ".join(said)
    return f"{settings.update}, {len(odd)} unusual: see i"


def about(settings: Settings) -> str:
    """Return a line on the recipe, or on the task where it is another one's."""
    recipe = RECIPES[settings.recipe]
    same = settings.task == recipe.settings.task
    return recipe.summary if same else TASKS[settings.task].summary


def shortened(text: str, width: int) -> str:
    """Return `text`, or as much of it as fits with an ellipsis."""
    return text if len(text) <= width else text[: max(0, width - 1)] + "…"


def ratio(value: float) -> str:
    """Return 0.0055 as 1/182 and 2.5 as ×2.5."""
    if value <= 0:
        return "nothing"
    return f"×{_digits(value)}" if value >= 1 else f"1/{_digits(1 / value)}"


def _digits(value: float) -> str:
    if value >= 1e6:
        mantissa, _, exponent = f"{value:.1e}".partition("e+")
        return f"{mantissa}e{int(exponent)}"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def fate(first: float, last: float) -> str:
    """Return whether a gradient that is `last` at the last step survives to be `first`."""
    if last == 0:
        return "nothing to carry back"
    left = first / last
    fate = "vanishes" if left < VANISHES else "explodes" if left > EXPLODES else "holds"
    return f"{fate}, {ratio(left)} from last step to first"
