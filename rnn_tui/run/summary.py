"""What there is to compare of a run: how it was set, how it went, how far it got."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import final

from rnn_tui.config.fields import OPTIONS
from rnn_tui.config.settings import CHOICES, Settings
from rnn_tui.engine.evaluation import Score
from rnn_tui.recording import checkpoint
from rnn_tui.recording.checkpoint import CheckpointError
from rnn_tui.recording.journal_format import Digest
from rnn_tui.recording.run_store import Entry
from rnn_tui.run.history import Curve
from rnn_tui.run.run import Run

PLANS = ("steps",)  # settings that make no difference to what is learnt
NOTHING = "—"
PART = " · "


@final
@dataclass(frozen=True, slots=True, eq=False)
class Strand:
    """One run beside others; `number` tells it from them, `parent` is that of where it left, or 0.

    The number is that of a branch, or below 0 for a run that is not of this session.

    forked    the step after which it left its parent, or 0
    error     the mean of the last 100 steps, NaN before the first
    score     of the net after `score_step`, None before the first exam
    speed     steps a second of training
    """

    number: int
    name: str
    parent: int
    forked: int
    start: Settings
    settings: Settings
    step: int
    changes: int
    curve: Curve
    error: float
    score: Score | None
    score_step: int
    first_exact: int | None
    speed: float

    @property
    def title(self) -> str:
        return f"branch {self.number}" if self.number > 0 else self.name


def strand_of(
    run: Run, number: int, name: str, seconds: float, parent: int = 0, forked: int = 0
) -> Strand:
    """Return what there is to compare of `run`, whose training took so many seconds."""
    return Strand(
        number=number,
        name=name,
        parent=parent,
        forked=forked,
        start=run.start,
        settings=run.settings,
        step=run.step,
        changes=len(run.log),
        curve=run.history.whole(),
        error=run.history.last_hundred,
        score=run.scorekeeper.score,
        score_step=run.scorekeeper.score_step,
        first_exact=run.scorekeeper.first_exact,
        speed=steps_a_second(run.step, seconds),
    )


def steps_a_second(steps: int, seconds: float) -> float:
    return steps / seconds if seconds else 0.0


def earlier_strand(entry: Entry, number: int) -> Strand:
    """Return what there is to compare of an earlier run, from its latest checkpoint.

    Raises CheckpointError, which says in a few words why there is nothing.
    """
    if entry.recording is None:
        raise CheckpointError("bad journal")
    start = entry.recording.header.settings
    try:
        kept = checkpoint.load(checkpoint.beside(entry.path), start, past=False)
    except FileNotFoundError:
        raise CheckpointError("no checkpoint") from None
    except (CheckpointError, OSError):
        raise CheckpointError("bad checkpoint") from None
    strand = strand_of(kept.run, number, entry.name, kept.timeline.seconds)
    digests = (it for it in entry.recording.lines if isinstance(it, Digest))
    scores = [it.exact for it in digests if it.exact and it.exact[2] <= strand.step]
    if not scores:
        return strand
    right, total, step = scores[-1]
    score = Score(right, total, 0, 0, exhaustive=False)
    return replace(strand, score=score, score_step=step)


def differing(settings: Sequence[Settings]) -> list[str]:
    """Return the names of the settings in which these differ."""
    return [
        name
        for name, option in OPTIONS.items()
        if name not in PLANS
        and len({getattr(it, option.field) for it in settings}) > 1
        and len({option.shown(it) for it in settings}) > 1
    ]


def said(names: Sequence[str], settings: Settings, *, brief: bool = False) -> str:
    """Return the settings of these names as people type them, but for those that are not there.

    A brief way leaves out the names where the values are names themselves, as adam is.
    """
    shown = [(OPTIONS[name], OPTIONS[name].shown(settings)) for name in names]
    return PART.join(
        value if brief and option.field in CHOICES else f"{option.name} {value}"
        for option, value in shown
        if value != NOTHING
    )
