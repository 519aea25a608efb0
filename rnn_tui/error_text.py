"""The text of an error for the user."""

import os


def error_text(error: Exception) -> str:
    """Return the text of `error`: of an OSError the file and the reason, without its number."""
    if not (isinstance(error, OSError) and error.strerror):
        return str(error)
    file = error.filename
    return error.strerror if file is None else f"{os.fsdecode(file)}: {error.strerror}"
