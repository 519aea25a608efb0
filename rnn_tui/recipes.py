"""The programs of the tutorials, by name, each as the settings that reproduce it."""

from dataclasses import dataclass
from typing import final

from rnn_tui.settings import Settings

DEFAULT_RECIPE = "binary-addition"


@final
@dataclass(frozen=True, slots=True)
class Recipe:
    """A named run and one line that says what it shows."""

    summary: str
    settings: Settings


def _elman(recipe: str, task: str, initialisation: str, steps: int) -> Settings:
    return Settings(
        recipe=recipe,
        task=task,
        optimizer="sgd",
        learning_rate=0.1,
        hidden=16,
        bits=8,
        batch=1,
        seed=0,
        steps=steps,
        initialisation=initialisation,
    )


RECIPES = {
    recipe.settings.recipe: recipe
    for recipe in (
        Recipe(
            "an Elman net learns to add two numbers bit by bit, from uniform weights",
            _elman("binary-addition", "addition", "uniform", 10_000),
        ),
        Recipe(
            "the same from normally distributed weights, for 20,000 steps",
            _elman("binary-addition-normal", "addition", "normal", 20_000),
        ),
        Recipe(
            "the same net learns a − b; pairs with a < b are drawn, skipped, and counted",
            _elman("binary-subtraction", "subtraction", "uniform", 10_000),
        ),
    )
}
