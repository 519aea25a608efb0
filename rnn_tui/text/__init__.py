"""The state of a run as text, for every front end."""
