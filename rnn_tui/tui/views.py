"""The views of the dashboard, and their keys."""

# The views by name, in the order of their keys 1, 2, 3 …, with their help.
VIEWS = {
    "train": "loss, bits, gradient, accuracy and changes",
    "inside": "hidden states, memory, machine, attractors",
    "compare": "loss of several runs, and a table of all runs",
    "map": "the task's own map, large",
}
STEP_VIEW, STEP_VIEW_KEY = "step", "."  # while a step is traced; not one of the numbered views
VIEW_KEYS = {view: str(number) for number, view in enumerate(VIEWS, start=1)}
