"""Parameters of which some are left to the long tests."""

from collections.abc import Collection, Iterable
from typing import Any

import pytest


def variants(values: Iterable[Any], short: Collection[Any]) -> list[Any]:
    """Return the values of one parameter; those that are not in `short` are marked as long."""
    return [
        pytest.param(value, marks=() if value in short else pytest.mark.long) for value in values
    ]
