"""The components of a run list every setting with an effect that is not at its default."""

import pytest

from rnn_tui.cli.json_lines import settings_fields
from rnn_tui.config.components import components
from rnn_tui.config.fields import FIELDS
from rnn_tui.config.parsing import format_float
from rnn_tui.config.settings import Settings
from rnn_tui.config.switching import DEFAULTS, switched
from rnn_tui.config.unused import no_effect_reason
from rnn_tui.engine.models import ACTIVATIONS
from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.tui.drawing.status_lines import run_titles
from tests.support.makers import OTHER_VALUES, start_for

OTHERS = OTHER_VALUES | {"initializer": "glorot", "initializer-noise": "0.25", "seed": "3"}


def listing(settings: Settings) -> str:
    """Return the title line of a run and its components, as `i` shows them."""
    lines = [f"{name}  {summary}" for _, name, summary in components(settings)]
    return "\n".join([run_titles(settings)[0], *lines])


@pytest.mark.parametrize("name", [name for name in FIELDS if name != "steps"])
def test_every_value_but_the_default_is_listed(name: str) -> None:
    field, base = FIELDS[name], start_for(name)
    value = field.parse(OTHERS[name])
    assert no_effect_reason(name, value, base) is None
    changed = field.set(base, value)
    added = set(listing(changed).splitlines()) - set(listing(base).splitlines())
    assert added
    shown = format_float(value) if isinstance(value, float) else str(value)
    names = {shown, getattr(ACTIVATIONS.get(shown), "symbol", shown)}
    if name == "optimizer":
        names.add(OPTIMIZERS[shown].title)
    if name not in ("model", "layers", "batching"):  # described: "GRU 16", "16+16"
        assert any(text in line for text in names for line in added)
    assert settings_fields(changed)["settings"][name] == value


def lines_about(text: str, settings: Settings) -> list[str]:
    return [line for line in listing(settings).splitlines()[1:] if text in line]


def test_weight_decay_of_adamw_is_listed_once() -> None:
    adamw = switched(DEFAULTS, optimizer="adamw").updated(weight_decay=0.03)
    assert len(lines_about("0.03", adamw)) == 1
    assert len(lines_about("0.03", DEFAULTS.updated(weight_decay=0.03))) == 1


def test_number_of_biases_is_that_of_the_model() -> None:
    gru = switched(DEFAULTS, model="gru").updated(biases=2)
    assert len(lines_about("biases  1", gru)) == 1
    assert run_titles(gru)[0].startswith("addition 8 bits · GRU 16, bias · ")


def test_cost_is_explained_where_there_is_a_cost_map() -> None:
    counting = switched(DEFAULTS, "counting-ones")
    assert counting.has_cost_surface
    (line,) = lines_about("cost ξ", counting)
    assert line.endswith("the tutorial's name for the loss: mean over all sequences")
    assert not lines_about("cost ξ", switched(counting, model="elman"))


def test_default_clipping_is_listed_as_the_default_of_the_combination() -> None:
    counting = switched(DEFAULTS, "counting-ones", optimizer="sgd")
    (line,) = lines_about("clip norm", counting)
    assert line.endswith("1  clip gradients to this L2 norm: the default of sgd with model linear")
    (line,) = lines_about("clip norm", DEFAULTS.updated(clip_norm=1.0))
    assert line.endswith("clip gradients to this L2 norm")
    for name in ("clip-norm", "lr"):
        assert "for model linear with sgd, momentum, nesterov, nesterov-ahead" in FIELDS[name].help


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_effective_learning_rate_is_listed_where_the_velocity_sums_gradients(
    optimizer: str,
) -> None:
    settings = switched(DEFAULTS, optimizer=optimizer)
    lines = lines_about("effective learning rate", settings)
    if optimizer in ("momentum", "nesterov", "nesterov-ahead"):
        text = "0.2 = 0.02/(1 − 0.9), for a constant gradient"
        assert lines == [f"effective learning rate  {text}"]
        assert not lines_about("effective", settings.updated(momentum=0.0))
    else:
        assert lines == []


def test_reduction_is_said_to_leave_steps_of_rprop_alone() -> None:
    rprop = switched(DEFAULTS, optimizer="rprop")
    (line,) = lines_about("sequence-mean", rprop)
    assert line.endswith("; scales the loss, not the steps of rprop")
    for settings in (DEFAULTS, rprop.updated(weight_decay=0.1)):
        (line,) = lines_about("sequence-mean", settings)
        assert line.endswith("sum over time steps, mean over sequences")
