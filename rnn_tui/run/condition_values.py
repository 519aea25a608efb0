"""The evaluation of conditions in a run, and of each term by the function of its name in a table.

That returns why the term holds, with figures, and "" where it does not. It may raise ValueError
where the condition has no meaning for the run.
"""

from collections.abc import Callable, Mapping

from rnn_tui.analysis.evaluation_set import require_memory
from rnn_tui.analysis.memory import MEMORY_USED
from rnn_tui.analysis.subject import Subject
from rnn_tui.analysis.swap import swap
from rnn_tui.analysis.transition import TRANSITIONS
from rnn_tui.config.errors import UserError
from rnn_tui.config.parsing import format_float
from rnn_tui.config.settings import Settings
from rnn_tui.engine.losses import LOSSES
from rnn_tui.engine.models import MODELS
from rnn_tui.run.conditions import Condition, Term
from rnn_tui.run.events import (
    ANALYZED_SEQUENCES,
    ObservedRun,
    exact_text,
    plateau_text,
    saturated_text,
)
from rnn_tui.run.history import SMOOTHING_STEPS

ACCURACY_SEQUENCES = 512


def _exact(run: ObservedRun, _: Term) -> str:
    tracker = run.evaluation_tracker
    return "" if tracker.first_exact_step is None else exact_text(tracker, run.step)


def _loss(run: ObservedRun, term: Term) -> str:
    mean = run.history.mean_metric
    if run.history.mean_steps < SMOOTHING_STEPS or not term.compares(mean):
        return ""
    name = LOSSES[run.settings.loss].metric_name
    return f"the mean {name} of the last {SMOOTHING_STEPS} steps is {mean:.4g}"


def _accuracy(run: ObservedRun, term: Term) -> str:
    subject = Subject(run.task, run.trainer, max_sequences=ACCURACY_SEQUENCES)
    accuracy = subject.forward.sequence_accuracy
    if not term.compares(accuracy):
        return ""
    return f"the accuracy is {accuracy:.4g} over {subject.examples.n:,} sequences"


def _plateau(run: ObservedRun, _: Term) -> str:
    return "" if run.events.plateau_start is None else plateau_text(run)


def _plateau_end(run: ObservedRun, _: Term) -> str:
    ends = (event.text for event in run.events.events if event[:2] == (run.step, "plateau-end"))
    return next(ends, "")


def _memory_used(run: ObservedRun, _: Term) -> str:
    subject = Subject(run.task, run.trainer, max_sequences=ANALYZED_SEQUENCES)
    pairs = swap(subject.model, subject.task, subject.loss, subject.swap_pairs).differing_pairs
    if not pairs.accuracy >= MEMORY_USED:
        return ""
    accuracy = f"{100 * pairs.accuracy:.4g} % of {pairs.n.sum():,} pairs"
    return f"{run.task.state_name} used: the swap test is correct in {accuracy}"


def _check_memory(settings: Settings) -> None:
    """Raise ValueError where no memory can be used."""
    require_memory(settings.make_task())
    if MODELS[settings.model] not in TRANSITIONS:
        raise ValueError(f"model {settings.model} has no recurrent state")


def _saturated(run: ObservedRun, _: Term) -> str:
    return saturated_text(run)


def _lr(run: ObservedRun, term: Term) -> str:
    rate = run.settings.learning_rate
    return f"the learning rate is {format_float(rate)}" if term.compares(rate) else ""


def _optimizer(run: ObservedRun, term: Term) -> str:
    name = run.settings.optimizer
    return f"the optimizer is {name}" if name == term.choice else ""


def _step(run: ObservedRun, term: Term) -> str:
    return "the step is reached" if run.step == term.value else ""


def _change(run: ObservedRun, _: Term) -> str:
    return run.log[-1].text if run.log and run.log[-1].step == run.step else ""


EVALUATORS: Mapping[str, Callable[[ObservedRun, Term], str]] = {
    "exact": _exact,
    "loss": _loss,
    "accuracy": _accuracy,
    "plateau": _plateau,
    "plateau-end": _plateau_end,
    "memory-used": _memory_used,
    "saturated": _saturated,
    "lr": _lr,
    "optimizer": _optimizer,
    "step": _step,
    "change": _change,
}
SETTINGS_CHECKS = {"memory-used": _check_memory}  # of conditions that some settings exclude


def evaluate_condition(condition: Condition, run: ObservedRun) -> str:
    """Return why `condition` holds in `run`, "" where it does not, or has no meaning."""
    reasons = []
    for term in condition.terms:
        try:
            reason = EVALUATORS[term.name](run, term)
        except ValueError:  # of an analysis, after a change of the task or model
            reason = ""
        if not reason:
            return ""
        reasons.append(reason)
    return "; ".join(reasons)


def check_condition(condition: Condition, settings: Settings) -> None:
    """Raise UserError if `condition` cannot hold, at all or with `settings`."""
    condition.check_satisfiable()
    for term in condition.terms:
        try:
            if check := SETTINGS_CHECKS.get(term.name):
                check(settings)
        except ValueError as reason:
            raise UserError(f"{condition.text}: {reason}") from None
