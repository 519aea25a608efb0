"""`rnn-tui recipes`: lists the recipes with their deviations from the standard."""

import argparse
import sys

from rnn_tui.cli.arguments import add_json_argument
from rnn_tui.cli.parser import Parser
from rnn_tui.config.deviations import deviations
from rnn_tui.config.recipes import RECIPES


def declare_recipes(parser: Parser) -> None:
    """Add the arguments of the command."""
    parser.set_run(_list_recipes)
    add_json_argument(parser)


def _list_recipes(_parser: Parser, args: argparse.Namespace) -> int:
    """List the recipes, and what in each is non-standard."""
    from rnn_tui.cli.json_lines import print_json, settings_fields

    width = max(map(len, RECIPES))
    for name, recipe in RECIPES.items():
        if args.json:
            print_json(
                "recipe",
                **settings_fields(recipe.settings),
                summary=recipe.summary,
                report_every=recipe.report_every,
            )
            continue
        sys.stdout.write(f"{name:<{width}}  {recipe.summary}\n")
        for deviation in deviations(recipe.settings):
            sys.stdout.write(f"{'':<{width}}  · {deviation}\n")
    return 0
