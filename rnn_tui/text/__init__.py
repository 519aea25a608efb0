"""The state of a run as plain text, for every front end."""
