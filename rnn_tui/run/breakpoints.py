"""Breakpoints of a run: conditions at which training pauses."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import NamedTuple, final

from rnn_tui.config.errors import UserError
from rnn_tui.run.condition_values import check_condition, evaluate_condition
from rnn_tui.run.conditions import Condition
from rnn_tui.run.events import ObservedRun

ACTIONS = ("set", "off", "deleted", "hit")  # the kinds of `BreakpointAction`


@final
class BreakpointAction(NamedTuple):
    """A breakpoint was set, switched off, deleted or hit after `step` and `n_changes` changes.

    `text` says why it was hit, with figures.
    """

    step: int
    n_changes: int
    action: str
    condition: Condition
    text: str = ""

    @property
    def message(self) -> str:
        """The step, the condition, and why it holds."""
        return f"step {self.step:,}: breakpoint {self.condition.text}: {self.text}"


@final
@dataclass(frozen=True, slots=True)
class Breakpoint:
    """A condition that is `enabled` or switched off, and the step at which it was last hit."""

    condition: Condition
    enabled: bool = True
    hit_step: int | None = None


@final
class Breakpoints:
    """The breakpoints of a run by their text, with a `log` of all actions.

    A breakpoint is hit at the first step after it was set at which its condition is evaluated and
    holds, and then whenever the condition holds again after an evaluation in which it did not. The
    steps depend on the numbers of the run and on the actions alone. `pending` actions are applied
    when the run reaches their steps, as changes of a schedule are. `satisfied` are the texts of the
    conditions that were true at their last evaluation.
    """

    def __init__(
        self,
        log: Sequence[BreakpointAction] = (),
        satisfied: frozenset[str] = frozenset(),
        pending: Sequence[BreakpointAction] = (),
    ) -> None:
        self.log: list[BreakpointAction] = []
        self.hits: list[BreakpointAction] = []  # those actions that are hits
        self.by_text: dict[str, Breakpoint] = {}
        self._satisfied: set[str] = set()
        for action in log:
            self._apply(action)
        self._satisfied |= satisfied
        self._pending = [action for action in pending if action.action != "hit"][::-1]

    @classmethod
    def at(
        cls, log: Sequence[BreakpointAction], n_actions: int, satisfied: frozenset[str]
    ) -> "Breakpoints":
        """Return the breakpoints after `n_actions` of `log`, with the later ones pending."""
        return cls(log[:n_actions], satisfied, log[n_actions:])

    @property
    def satisfied(self) -> frozenset[str]:
        """The texts of the conditions that were true at their last evaluation."""
        return frozenset(self._satisfied)

    def edit(self, run: ObservedRun, action: str, condition: Condition) -> None:
        """Set, switch off or delete the breakpoint of `condition` at the present step of `run`.

        Raises UserError, with nothing changed, where there is no such breakpoint, or where it is
        set already or can never be hit.
        """
        existing = self.by_text.get(condition.text)
        if action != "set":
            if existing is None or (action == "off" and not existing.enabled):
                raise UserError(f"no breakpoint {condition.text} is set")
        elif existing and existing.enabled:
            raise UserError(f"breakpoint {condition.text} is already set")
        else:
            check_condition(condition, run.settings)
            if not condition.on_change and condition.next_due_step(run.step) == inf:
                raise UserError(f"{condition.text} cannot be hit after step {run.step:,}")
        self._apply(BreakpointAction(run.step, len(run.log), action, condition))

    def match(self, run: ObservedRun, other: "Breakpoints") -> None:
        """Set, switch off and delete breakpoints so that they are those of `other`."""
        for text, existing in list(self.by_text.items()):
            if text not in other.by_text:
                self.edit(run, "deleted", existing.condition)
        for text, wanted in other.by_text.items():
            present, condition = self.by_text.get(text), wanted.condition
            is_past = condition.next_due_step(run.step) == inf and not condition.on_change
            if present is None and not is_past:
                self._apply(BreakpointAction(run.step, len(run.log), "set", condition))
            if text in self.by_text and self.by_text[text].enabled != wanted.enabled:
                action = "set" if wanted.enabled else "off"
                self._apply(BreakpointAction(run.step, len(run.log), action, condition))

    def next_due_step(self, step: int, n_changes: int) -> float:
        """Return the next step after `step` with an evaluation or a pending action.

        Pending actions up to `step` and `n_changes` are applied before.
        """
        self.apply_pending(step, n_changes)
        steps = [action.step for action in self._pending if action.step > step][-1:]
        evaluations = (each.condition.next_due_step(step) for each in self._enabled)
        return min([*steps, *evaluations], default=inf)

    def apply_pending(self, step: int, n_changes: int) -> None:
        """Apply the pending actions up to `step` and `n_changes`."""
        while self._pending and self._pending[-1][:2] <= (step, n_changes):
            self._apply(self._pending.pop())

    def check_step(self, run: ObservedRun) -> None:
        """Evaluate the conditions that are due at the present step of `run`, after training it."""
        for each in self._enabled:
            if each.condition.next_due_step(run.step - 1) == run.step:
                self._evaluate(run, each.condition)

    def check_change(self, run: ObservedRun) -> None:
        """Evaluate the conditions that are due after a change of `run`."""
        self.apply_pending(run.step, len(run.log) - 1)
        for each in self._enabled:
            if each.condition.on_change:
                self._evaluate(run, each.condition)

    @property
    def _enabled(self) -> list[Breakpoint]:
        return [each for each in self.by_text.values() if each.enabled]

    def _evaluate(self, run: ObservedRun, condition: Condition) -> None:
        reason, text = evaluate_condition(condition, run), condition.text
        if reason and text not in self._satisfied:
            self._apply(BreakpointAction(run.step, len(run.log), "hit", condition, reason))
        if reason and not condition.is_momentary:
            self._satisfied.add(text)
        else:
            self._satisfied.discard(text)

    def _apply(self, action: BreakpointAction) -> None:
        text = action.condition.text
        match action.action:
            case "hit":
                self.by_text[text] = replace(self.by_text[text], hit_step=action.step)
                self.hits.append(action)
            case "deleted":
                del self.by_text[text]
            case _:
                present = self.by_text.get(text, Breakpoint(action.condition))
                self.by_text[text] = replace(present, enabled=action.action == "set")
        if action.action != "hit":
            self._satisfied.discard(text)
        self.log.append(action)
