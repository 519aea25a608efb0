"""One deterministic run: no files, no threads."""
