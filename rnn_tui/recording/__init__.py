"""Journals, checkpoints, replay and resume: nothing here knows threads or screens."""
