"""The siblings of a run in sentences, for every front end."""

from collections.abc import Sequence

from rnn_tui.engine.losses import LOSSES
from rnn_tui.session.siblings import SiblingsView
from rnn_tui.session.siblings_plan import Changes, SiblingState
from rnn_tui.text.format import format_loss, percent

QUESTION = "The siblings are paused: a applies the changes of the run to them too, A does not."
MAX_LISTED = 6  # seeds or changes in a sentence


def exact_sentence(view: SiblingsView, run_step: int) -> str:
    """Return how many siblings were exact by the step that all have reached, with the interval.

    Siblings that have diverged are named; so are the step of the run, `run_step`, and its seed, if
    these are another step and the seed of a sibling.
    """
    text = _exact_interval_text(view)
    if view.update and view.update.step != run_step:
        text += f"; the run is at step {run_step:,}"
    return text


def progress_sentence(view: SiblingsView, run_step: int) -> str:
    """Return `exact_sentence` of siblings that train, with the step of their accuracy."""
    if view.update is None or not view.is_behind(run_step):
        text = exact_sentence(view, run_step)
    else:
        text = f"{_exact_interval_text(view)}; catching up with the run at step {run_step:,}"
    return text + _accuracy_steps(view)


def _accuracy_steps(view: SiblingsView) -> str:
    """Return the steps of the accuracies of siblings, if one is of an earlier step."""
    update = view.update
    states = update.states if update else ()
    steps = {state.accuracy_step for state in states if not state.halt_reason}
    if update is None or steps <= {update.step} or min(steps) < 0:
        return ""
    first, last = min(steps), max(steps)
    at = f"step {first:,}" if first == last else f"steps {first:,} to {last:,}"
    return f"; accuracy after {at}"


def _exact_interval_text(view: SiblingsView) -> str:
    if view.update is None:
        return f"{len(view.seeds)} siblings: no results yet"
    low, high = (round(100 * bound) for bound in view.exact_interval)
    text = f"{exact_text(view)} (Wilson 95 %: {low}–{high} %)"
    if diverged := view.diverged_seeds:
        text += f"; diverged: seed{'s' * (len(diverged) > 1)} {_listed(diverged)}"
    if view.run_seed is not None:
        text += f"; seed {view.run_seed}, that of the run, is one of them"
    return text


def exact_text(view: SiblingsView) -> str:
    """Return how many siblings were exact by the step that all have reached; empty without one."""
    if view.update is None:
        return ""
    return f"{view.n_exact} of {len(view.seeds)} exact by step {view.update.step:,}"


def sibling_notes(view: SiblingsView) -> list[str]:
    """Return sentences on the end of their process, or their question, and on their changes."""
    notes = []
    if view.end_reason:
        notes.append(f"Their process ended {view.end_reason}: N starts another.")
    elif view.is_waiting:
        notes.append(QUESTION)
    if view.missing and not view.is_waiting:
        notes.append(f"The siblings are without {_format_changes(view.missing)}.")
    if view.extra and not view.is_waiting:
        notes.append(f"Only the siblings have {_format_changes(view.extra)}.")
    return notes


def sibling_text(state: SiblingState, metric_name: str) -> str:
    """Return the results of one sibling, whose loss is measured as `metric_name`."""
    parts = [f"seed {state.seed}"]
    if state.halt_reason:
        parts.append(f"diverged at step {state.step:,} ({state.halt_reason})")
    if state.first_exact_step is not None:
        parts.append(f"exact by step {state.first_exact_step:,}")
    elif not state.halt_reason:
        parts.append("not yet exact")
    accuracy = f"accuracy {percent(state.accuracy)}"
    if 0 <= state.accuracy_step != state.step and not state.halt_reason:
        accuracy += f" after step {state.accuracy_step:,}"
    parts += [accuracy, f"mean {metric_name} {format_loss(state.mean_metric)}"]
    return " · ".join(parts)


def sibling_lines(view: SiblingsView) -> list[str]:
    """Return the results of each sibling."""
    if view.update is None:
        return []
    metric_name = LOSSES[view.update.settings.loss].metric_name
    return [sibling_text(state, metric_name) for state in view.update.states]


def _format_changes(changes: Changes) -> str:
    return _listed([f"{change.spec} after step {step:,}" for step, change in changes])


def _listed(items: Sequence[object]) -> str:
    """Return up to MAX_LISTED items, and the number of the others."""
    shown = ", ".join(map(str, items[:MAX_LISTED]))
    n_hidden = len(items) - MAX_LISTED
    return f"{shown} and {n_hidden} more" if n_hidden > 0 else shown
