"""The programs of the tutorials, by name, each as the settings that reproduce it."""

from dataclasses import dataclass
from typing import final

from rnn_tui.config.settings import Settings
from rnn_tui.config.switching import task_defaults

DEFAULT_RECIPE = "binary-addition"


@final
@dataclass(frozen=True, slots=True)
class Recipe:
    """A named run, and one line that says what it shows.

    It is reported every so many steps, and watched at so many a second.
    """

    summary: str
    settings: Settings
    report_every: int = 1000
    speed: float = 1000.0


RECIPES = {
    recipe.settings.recipe: recipe
    for recipe in (
        Recipe(
            "an Elman net learns to add two numbers bit by bit, from uniform weights",
            Settings(recipe="binary-addition"),
        ),
        Recipe(
            "an Elman net learns to add, from normally distributed weights, in 20,000 steps",
            Settings(recipe="binary-addition-normal", initializer="normal", steps=20_000),
        ),
        Recipe(
            "an Elman net learns a − b; pairs with a < b are drawn, skipped, and counted",
            Settings(recipe="binary-subtraction", task="subtraction"),
        ),
        Recipe(
            "a linear net of two weights learns to count ones, by the tutorial's Rprop",
            Settings(
                recipe="counting-ones",
                task="counting-ones",
                seed=1,
                steps=500,
                **task_defaults("counting-ones"),
            ),
            report_every=50,
            speed=50.0,
        ),
        Recipe(
            "a feed-forward net with 64 hidden units learns XOR, from its four rows",
            Settings(recipe="xor", task="xor", steps=1000, **task_defaults("xor")),
            report_every=100,
            speed=200.0,
        ),
        Recipe(
            "a feed-forward net with two hidden layers of 64 learns XOR, in 5,000 steps",
            Settings(
                recipe="xor-deep", task="xor", steps=5000, **task_defaults("xor") | {"layers": 2}
            ),
            report_every=500,
        ),
        Recipe(
            "three tanh units with a learnt start add 7-bit numbers, after 100 updates",
            Settings(
                recipe="nonlinear-addition",
                length=7,
                hidden_size=3,
                activation="tanh",
                biases=2,
                initial_state="learned",
                initializer="glorot-second",
                loss="cross-entropy",
                reduction="step",
                optimizer="rmsprop-ahead",
                learning_rate=0.05,
                batch_size=100,
                dataset_size=2000,
                batching="overlapping",
                seed=1,
                steps=100,
            ),
            report_every=10,
            speed=10.0,
        ),
    )
}
