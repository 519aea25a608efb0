"""Lessons: pages of text that set up a run, ask, wait for conditions, and set goals."""
