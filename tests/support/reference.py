"""The reference values in tests/data, by name of their file."""

import json
from pathlib import Path
from typing import Any


def load(name: str) -> Any:
    """Return what `name`.json holds; its "what" says where the values are from."""
    return json.loads((Path(__file__).parents[1] / "data" / f"{name}.json").read_text("utf-8"))
