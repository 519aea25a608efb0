"""The drawing of the health: figures by weight and by layer, and what is out of line."""

from dataclasses import replace
from math import nan

import numpy as np
import pytest

from rnn_tui.analysis.health import Health
from rnn_tui.analysis.spectra import Spectrum
from rnn_tui.analysis.units import Saturation
from rnn_tui.text.analysis_sentences import format_share, health_sentences
from rnn_tui.tui.drawing.glyphs import ASCII, GlyphSet
from rnn_tui.tui.drawing.health import draw_health, ratio_bar
from tests.tui.drawing.analyses import GLYPH_SETS, lines_at_all_sizes, rows

HEALTH = Health(
    update_ratios={"input_weight": 3.9e-3, "recurrent_weight": 2.4e-3, "output_weight": 3.3e-2},
    gradient_fractions={"input_weight": 0.25, "recurrent_weight": 0.005, "output_weight": 0.745},
    saturated_errors=0.02,
    saturation=(Saturation("hidden state", np.array([0.2, 0.0]), np.array([0.0, 0.1]), 4000),),
    spectra={"recurrent weight": Spectrum(2.673, 11.49)},
    jacobian=Spectrum(0.4885, 1.07),
    n_updates=16,
    batch_size=1,
    n_sequences=500,
    learning_rate=10.0,
)

GATED = replace(
    HEALTH,
    spectra={f"{name} gate": Spectrum(2.4, 4.55) for name in ("input", "forget", "output")},
    saturation=HEALTH.saturation * 6,
)


def test_every_weight_has_its_figures_in_one_line() -> None:
    assert rows(draw_health(HEALTH, 76, 12, ASCII))[1:5] == [
        "input            3.90e-3  ######|#-----      25 %",
        "recurrent        2.40e-3  ######|#-----     0.5 %   2.67       11.5",
        "output             0.033  ######|###---      74 %",
        "Jacobian                                           0.488       1.07",
    ]


def test_spectra_are_left_out_with_their_rows() -> None:
    lines = rows(draw_health(HEALTH, 38, 12))
    assert lines[0].split() == ["weight", "‖Δw‖/‖w‖", "1e-3", "gradient"]
    assert not any("Jacobian" in line for line in lines)


def test_bar_is_on_a_log_scale_with_a_mark_at_the_guide() -> None:
    bars = [ratio_bar(ratio, 6, ASCII) for ratio in (nan, 0.0, 1e-5, 1e-3, 0.1, 5.0)]
    assert bars == ["---|---", "---|---", "#--|---", "###|---", "###|##-", "###|###"]


def test_figures_in_line_need_no_words() -> None:
    assert not list(health_sentences(HEALTH))


def test_saturation_is_named_with_the_learning_rate_but_not_as_its_effect() -> None:
    layer = Saturation("hidden state", np.array([0.0, 0.2]), np.array([0.62, 0.0]), 100)
    saturated = replace(HEALTH, saturation=(layer,))
    assert list(health_sentences(saturated)) == [
        "hidden state: 41 % of outputs are saturated, at learning rate 10"
    ]


def test_dead_units_and_updates_far_from_the_guide_are_named() -> None:
    layer = Saturation("hidden state", np.array([1.0, 0.0, 0.0, 0.0]), np.zeros(4), 100)
    ratios = {"input_weight": 0.2, "recurrent_weight": 2e-14, "output_weight": 7.88e-6}
    ill = replace(HEALTH, saturation=(layer,), update_ratios=ratios)
    assert list(health_sentences(ill)) == [
        "hidden state: 1 of 4 units never leave one bound",
        "updates are far from the guide of 1e-3: input 200×, recurrent 1/5.00e10, output "
        "1/127, at learning rate 10",
    ]


def test_outputs_that_are_incorrect_and_saturated_are_named() -> None:
    stuck = replace(HEALTH, saturated_errors=0.505)
    assert list(health_sentences(stuck)) == [
        "output: 50 % of outputs are incorrect and saturated, at learning rate 10"
    ]


def test_gradient_of_zero_is_named() -> None:
    fractions = dict.fromkeys(HEALTH.gradient_fractions, nan)
    no_gradient = replace(HEALTH, gradient_fractions=fractions)
    assert list(health_sentences(no_gradient)) == ["the gradient is zero or not finite"]
    assert "nan" not in draw_health(no_gradient, 76, 20).plain


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0 %"), (1e-5, "<0.1 %"), (0.005, "0.5 %"), (0.9999, "99 %"), (1, "100 %"), (nan, "—")],
)
def test_share_is_rounded_down(value: float, text: str) -> None:
    assert format_share(value) == text


@GLYPH_SETS
@pytest.mark.parametrize("health", [HEALTH, GATED], ids=["elman", "gated"])
def test_health_fits_every_size(health: Health, glyphs: GlyphSet) -> None:
    lines = lines_at_all_sizes(lambda width, height: draw_health(health, width, height, glyphs))
    assert not glyphs.ascii_only or "".join(lines).isascii()
