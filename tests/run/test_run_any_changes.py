"""Whatever is asked of a run, and whenever, it goes on or halts cleanly, and can be repeated."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_tui.config.errors import UserError
from rnn_tui.config.settings import Settings
from rnn_tui.config.switching import switched
from rnn_tui.engine.models import MODELS
from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.engine.tasks import TASKS
from rnn_tui.engine.trainer import HALT_REASONS
from rnn_tui.run.changes import CHANGEABLE_FIELDS, SetWeights
from rnn_tui.run.run import Run
from rnn_tui.session.snapshot import take_snapshot
from tests.support.makers import SMALL, state_after, state_of, unrecorded_session
from tests.support.plans import FLOATS, PlannedChange, setting_changes

TURNS = ("task", "model", "optimizer")


SETS = setting_changes(
    [*CHANGEABLE_FIELDS, *CHANGEABLE_FIELDS, *TURNS], {**FLOATS, "lr": (1e-4, 1e6)}
)
PUTS = st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=2).map(tuple).map(SetWeights)
PLANS = st.lists(st.builds(PlannedChange, st.integers(0, 40), SETS | PUTS), max_size=12)


@st.composite
def starts(draw: st.DrawFn) -> Settings:
    """A task, net and optimizer that fit together, of a small size."""
    task, optimizer = draw(st.sampled_from(list(TASKS))), draw(st.sampled_from(list(OPTIMIZERS)))
    fitting = [name for name in MODELS if name != "linear" or len(TASKS[task].input_names) == 1]
    start = switched(SMALL, task, draw(st.sampled_from(fitting)), optimizer)
    return replace(
        start, length=5, hidden_size=draw(st.integers(1, 6)), seed=draw(st.integers(0, 9))
    )


def check_all_fits(run: Run) -> None:
    """Check what has to be true of a run at any moment."""
    model, now = run.trainer.model, run.settings
    assert run.history.steps == run.step
    assert run.trainer.learning_rate == now.learning_rate
    assert run.trainer.update_rule.optimizer == now.make_optimizer()
    assert type(run.task) is TASKS[now.task]
    assert type(model) is MODELS[now.model]
    fresh = MODELS[now.model](now.model_spec)
    assert model.parameters.layout == fresh.parameters.layout
    assert np.isfinite(model.parameters.vector).all()
    time, batch, inputs = run.trainer.stream.next().inputs.shape
    assert (time, inputs) == (run.task.sequence_length, run.task.inputs)
    assert 1 <= batch <= now.batch_size
    assert batch == now.batch_size or now.dataset_size  # the rest of a fixed set


@settings(max_examples=15, deadline=None)
@given(starts(), PLANS)
def test_run_with_any_changes_is_reproducible(start: Settings, plan: list[PlannedChange]) -> None:
    run = Run(start)
    for steps, change in plan:
        before = run.step, run.halt_reason
        run.advance(steps)
        if before[1]:
            assert (run.step, run.halt_reason) == before
        elif run.halt_reason:
            assert before[0] < run.step <= before[0] + steps
            assert run.halt_reason in HALT_REASONS
        else:
            assert run.step == before[0] + steps
        unchanged, logged = run.settings, len(run.log)
        try:
            applied = run.apply(change)
        except UserError as reason:
            assert str(reason).isprintable()  # noqa: PT017 - either outcome is right
            assert (run.settings, len(run.log)) == (unchanged, logged)
        else:
            assert (applied is None) == (len(run.log) == logged)
            assert applied is None or (run.log[-1] is applied and not run.halt_reason)
        with np.errstate(all="ignore"):
            take_snapshot(unrecorded_session(run))
    run.advance(7)
    again = Run(start, [(applied.step, applied.change) for applied in run.log])
    again.advance(run.step)
    assert state_of(again) == state_of(run)
    assert state_after(again, 20) == state_after(run, 20)
    check_all_fits(run)
