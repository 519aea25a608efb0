"""Textual widgets, adapted to a screen that is never cut off and never blinks."""
