"""The nets, their training and their evaluation: numpy only, and nothing else.

The files read in the order in which data flows: `tasks` draw a `batch`, `models` carry it
forward, `losses` judge it, `models` carry the error back, `optimizers` move the `parameters`.
"""
