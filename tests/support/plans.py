"""Hypothesis strategies for changes of every kind at random steps."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from hypothesis import strategies as st

from rnn_tui.config.fields import FIELDS
from rnn_tui.config.settings import CHOICES, RANGES
from rnn_tui.run.changes import CHANGEABLE_FIELDS, Change, SetField, SetWeights

Range = tuple[float, float]

SIZES = {
    "length": (2, 6),
    "hidden-size": (1, 6),
    "layers": (1, 3),
    "biases": (0, 2),
    "lag": (1, 3),
    "lesion": (0, 4),
}
FLOATS = {"lr": (1e-4, 10.0), "clip-norm": (1e-3, 10.0), "clip-value": (1e-3, 10.0)}


class PlannedChange(NamedTuple):
    """So many steps, and then a change."""

    steps: int
    change: Change


Plan = Sequence[PlannedChange]


def setting_changes(
    names: Sequence[str], floats: Mapping[str, Range] = FLOATS
) -> st.SearchStrategy[SetField]:
    """Draw a change of one of these settings, to a value that suits it."""

    def values(name: str) -> st.SearchStrategy[Any]:
        option = FIELDS[name]
        if option.attribute in CHOICES:
            return st.sampled_from(list(CHOICES[option.attribute]))
        if option.attribute in RANGES:
            return st.integers(*SIZES.get(name, (0, 9)))
        return st.floats(*floats.get(name, (0.0, 2.0)))

    return st.sampled_from(names).flatmap(
        lambda name: st.builds(SetField, st.just(name), values(name))
    )


SETTING_CHANGES = setting_changes(CHANGEABLE_FIELDS)
WEIGHT_CHANGES = st.lists(st.floats(-2, 2), min_size=2, max_size=2).map(tuple).map(SetWeights)
DIVERGING_CHANGES = st.sampled_from([1e5, 1e6]).map(
    lambda rate: SetField("lr", rate)
)  # training halts
PLANNED_CHANGES = st.builds(
    PlannedChange, st.integers(0, 400), SETTING_CHANGES | WEIGHT_CHANGES | DIVERGING_CHANGES
)
PLANS = st.lists(PLANNED_CHANGES, min_size=1, max_size=6)
