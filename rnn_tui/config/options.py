"""The settings of a run from the options of the command line, or of a file that has the same."""

from collections.abc import Mapping
from typing import Any

from rnn_tui.config.fields import FIELDS
from rnn_tui.config.parsing import check_choice
from rnn_tui.config.recipes import DEFAULT_RECIPE, RECIPES
from rnn_tui.config.settings import Settings
from rnn_tui.config.switching import initializer_defaults, switched


def settings_from_options(options: Mapping[str, Any]) -> Settings:
    """Return the settings of the recipe with those of `options`, by attribute.

    Entries of other names are ignored. Raises UserError for settings that are not valid.
    """
    recipe = options.get("recipe", DEFAULT_RECIPE)
    settings = RECIPES[check_choice("recipe", recipe.lower(), RECIPES)].settings
    attributes = {field.attribute for field in FIELDS.values()}
    changes = {name: value for name, value in options.items() if name in attributes}
    switches = {name: changes.get(name) for name in ("task", "model", "optimizer")}
    defaults = initializer_defaults(changes["initializer"]) if "initializer" in changes else {}
    return switched(settings, **switches).updated(**defaults | changes)
