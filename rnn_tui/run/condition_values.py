"""The evaluation of each condition of `conditions.CONDITIONS` in a run.

Each function returns why its term holds, with figures, and "" where it does not. It may raise
ValueError where the condition has no meaning for the run.
"""

from rnn_tui.analysis.evaluation_set import require_memory
from rnn_tui.analysis.memory import MEMORY_USED
from rnn_tui.analysis.subject import Subject
from rnn_tui.analysis.swap import swap
from rnn_tui.analysis.transition import TRANSITIONS
from rnn_tui.config.parsing import format_float
from rnn_tui.config.settings import Settings
from rnn_tui.engine.losses import LOSSES
from rnn_tui.engine.models import MODELS
from rnn_tui.run.conditions import Term
from rnn_tui.run.events import (
    ANALYZED_SEQUENCES,
    ObservedRun,
    exact_text,
    plateau_text,
    saturated_text,
)
from rnn_tui.run.history import SMOOTHING_STEPS

ACCURACY_SEQUENCES = 512


def exact(run: ObservedRun, _: Term) -> str:
    tracker = run.evaluation_tracker
    return "" if tracker.first_exact_step is None else exact_text(tracker, run.step)


def loss(run: ObservedRun, term: Term) -> str:
    mean = run.history.mean_metric
    if run.history.mean_steps < SMOOTHING_STEPS or not term.compares(mean):
        return ""
    name = LOSSES[run.settings.loss].metric_name
    return f"the mean {name} of the last {SMOOTHING_STEPS} steps is {mean:.4g}"


def accuracy(run: ObservedRun, term: Term) -> str:
    subject = Subject(run.task, run.trainer, max_sequences=ACCURACY_SEQUENCES)
    accuracy = subject.forward.sequence_accuracy
    if not term.compares(accuracy):
        return ""
    return f"the accuracy is {accuracy:.4g} over {subject.examples.n:,} sequences"


def plateau(run: ObservedRun, _: Term) -> str:
    return "" if run.events.plateau_start is None else plateau_text(run)


def plateau_end(run: ObservedRun, _: Term) -> str:
    ends = (event.text for event in run.events.events if event[:2] == (run.step, "plateau-end"))
    return next(ends, "")


def memory_used(run: ObservedRun, _: Term) -> str:
    subject = Subject(run.task, run.trainer, max_sequences=ANALYZED_SEQUENCES)
    pairs = swap(subject.model, subject.task, subject.loss, subject.swap_pairs).differing_pairs
    if not pairs.accuracy >= MEMORY_USED:
        return ""
    accuracy = f"{100 * pairs.accuracy:.4g} % of {pairs.n.sum():,} pairs"
    return f"{run.task.state_name} used: the swap test is correct in {accuracy}"


def check_memory(settings: Settings) -> None:
    """Raise ValueError where no memory can be used."""
    require_memory(settings.make_task())
    if MODELS[settings.model] not in TRANSITIONS:
        raise ValueError(f"model {settings.model} has no recurrent state")


def saturated(run: ObservedRun, _: Term) -> str:
    return saturated_text(run)


def lr(run: ObservedRun, term: Term) -> str:
    rate = run.settings.learning_rate
    return f"the learning rate is {format_float(rate)}" if term.compares(rate) else ""


def optimizer(run: ObservedRun, term: Term) -> str:
    name = run.settings.optimizer
    return f"the optimizer is {name}" if name == term.choice else ""


def step(run: ObservedRun, term: Term) -> str:
    return "the step is reached" if run.step == term.value else ""


def change(run: ObservedRun, _: Term) -> str:
    return run.log[-1].text if run.log and run.log[-1].step == run.step else ""
