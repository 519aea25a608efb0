"""Recipes: named settings, each of which reproduces a published program."""

from dataclasses import dataclass, replace
from typing import final

from rnn_tui.config.settings import Settings
from rnn_tui.config.switching import task_defaults
from rnn_tui.engine.models import MODELS
from rnn_tui.engine.tasks import TASKS

DEFAULT_RECIPE = "binary-addition"


@final
@dataclass(frozen=True, slots=True)
class Recipe:
    """Settings with a summary, steps between two reports, and a speed in steps per second."""

    summary: str
    settings: Settings
    report_every: int = 1000
    speed: float = 1000.0


RECIPES = {
    recipe.settings.recipe: recipe
    for recipe in (
        Recipe(
            "Elman network on binary addition, with uniformly distributed initial weights",
            Settings(recipe="binary-addition"),
        ),
        Recipe(
            "Elman network on binary addition, with normally distributed weights, 20,000 steps",
            Settings(recipe="binary-addition-normal", initializer="normal", steps=20_000),
        ),
        Recipe(
            "Elman network on binary subtraction; pairs with a < b are skipped, but count as steps",
            Settings(recipe="binary-subtraction", task="subtraction"),
        ),
        Recipe(
            "linear recurrent network of two weights on counting ones, with the tutorial's Rprop",
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
            "feed-forward network with one hidden layer of 64 units on the four rows of XOR",
            Settings(recipe="xor", task="xor", steps=1000, **task_defaults("xor")),
            report_every=100,
            speed=200.0,
        ),
        Recipe(
            "feed-forward network with two hidden layers of 64 units on XOR, 5,000 steps",
            Settings(
                recipe="xor-deep", task="xor", steps=5000, **task_defaults("xor") | {"layers": 2}
            ),
            report_every=500,
        ),
        Recipe(
            "Elman network of three tanh units on 7-bit addition, learned initial state",
            Settings(
                recipe="nonlinear-addition",
                length=7,
                hidden_size=3,
                activation="tanh",
                biases=2,
                initial_state="learned",
                initializer="glorot-second-draw",
                loss="cross-entropy",
                reduction="time-step-mean",
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


def summary_of(settings: Settings) -> str:
    """Return the summary of the recipe if `settings` are its own but for seed and steps.

    Otherwise the model and the summary of the task, which hold for any settings.
    """
    recipe = RECIPES[settings.recipe]
    if replace(settings, seed=recipe.settings.seed, steps=recipe.settings.steps) == recipe.settings:
        return recipe.summary
    model = MODELS[settings.model].describe(settings.model_spec)
    return f"{model} on {settings.task}: {TASKS[settings.task].summary}"
