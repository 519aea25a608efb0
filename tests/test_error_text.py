"""Errors are shown with the file and the reason, never with a number or a Python name."""

from errno import ENOSPC
from pathlib import Path

import pytest

from rnn_tui.error_text import error_text


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ValueError("no such run"), "no such run"),
        (OSError("a.jsonl was deleted or moved"), "a.jsonl was deleted or moved"),
        (OSError(ENOSPC, "No space left on device"), "No space left on device"),
        (FileNotFoundError(2, "No such file", "a.csv"), "a.csv: No such file"),
        (FileNotFoundError(2, "No such file", Path("a.csv")), "a.csv: No such file"),
        (FileNotFoundError(2, "No such file", b"\xff.csv"), "\udcff.csv: No such file"),
    ],
)
def test_text_of_an_error_names_file_and_reason(error: Exception, text: str) -> None:
    assert error_text(error) == text
