"""Analyses of a model that is trained, or being trained: what its hidden states represent and do.

Each takes an engine model and sequences of a task, works on a copy of the model, draws from no
training stream, and returns its figures with the number of examples they are computed on.
"""
