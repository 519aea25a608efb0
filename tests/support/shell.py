"""Runs the program as a shell would, without leaving the process."""

import json
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from io import StringIO
from typing import Any

import pytest

from rnn_tui.cli.main import main
from rnn_tui.config.recipes import DEFAULT_RECIPE, RECIPES
from rnn_tui.config.switching import switched
from rnn_tui.config.unused import unused_fields


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Return exit status, standard output and standard error."""
    try:
        status = main(arguments)
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else 1
    output, errors = capsys.readouterr()
    return status, output, errors


@cache
def output_of(*arguments: str) -> str:
    """Return the standard output of a run that has no other effect and ends with status 0.

    The run is made once for all tests of this process.
    """
    with redirect_stdout(StringIO()) as output, redirect_stderr(StringIO()) as errors:
        status = main(arguments)
    assert (status, errors.getvalue()) == (0, "")
    return output.getvalue()


def small_size_options(
    recipe: str = DEFAULT_RECIPE, task: str | None = None, model: str | None = None
) -> list[str]:
    """Return the options for a short and small run, without those that have no effect on it."""
    unused = unused_fields(switched(RECIPES[recipe].settings, task, model))
    sizes = {"length": "5", "hidden-size": "4"}
    pairs = [(f"--{name}", size) for name, size in sizes.items() if name not in unused]
    return [word for pair in pairs for word in pair]


def objects(output: str) -> list[dict[str, Any]]:
    """Return the JSON objects of `output`, one a line; NaN and Infinity are no JSON."""
    return [json.loads(line, parse_constant=_refuse) for line in output.splitlines()]


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")
