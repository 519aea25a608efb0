"""Models, their training and their evaluation, in numpy only.

The order of the data flow: `tasks` sample a `batch`, `models` run forward, `losses` compute the
loss and its gradient, `models` run backward, `optimizers` update the `parameters`.
"""
