"""Runs the program as a shell would, without leaving the process."""

import json
from typing import Any

import pytest

from rnn_tui.cli.main import main


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Return exit status, standard output and standard error."""
    try:
        status = main(arguments)
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else 1
    output, errors = capsys.readouterr()
    return status, output, errors


def objects(output: str) -> list[dict[str, Any]]:
    """Return the JSON objects of `output`, one a line; NaN and Infinity are no JSON."""
    return [json.loads(line, parse_constant=_refuse) for line in output.splitlines()]


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")
