"""Journals, checkpoints, replay and resume, without threads or screens."""
