"""The JSON that `--json` prints: one object a line, of a kind whose keys are in one table."""

import json
import sys
from typing import Any, NamedTuple, final

from rnn_tui.cli.analysis_figures import FIGURES
from rnn_tui.cli.analysis_figures.figure import Figure
from rnn_tui.config.deviations import deviations
from rnn_tui.config.fields import FIELDS
from rnn_tui.config.parsing import finite_or_null
from rnn_tui.config.settings import EXACT_CHECK_INTERVAL_STEPS, Settings


@final
class Key(NamedTuple):
    """A key of an object: `types` are names of JSON types, separated by " or "."""

    name: str
    types: str
    description: str


def _nullable(keys: tuple[Key, ...]) -> tuple[Key, ...]:
    return tuple(key._replace(types=f"{key.types} or null") for key in keys)


IDENTITY_KEYS = (
    Key("task", "string", "task; of a recorded run, at its end, as the next three"),
    Key("model", "string", "model"),
    Key("optimizer", "string", "optimizer"),
    Key("lr", "number", "learning rate"),
    Key("seed", "integer", "random seed"),
    Key("recipe", "string", "recipe it is based on"),
)
DESCRIPTION_KEYS = (
    *IDENTITY_KEYS,
    Key("settings", "object", "every setting by its option; null: off, or of another optimizer"),
    Key("deviations", "array", "non-standard and unused settings, a line each"),
)
EVALUATION_KEYS = (
    Key("evaluated_step", "integer or null", "step of the model that was evaluated"),
    Key("n_correct", "integer or null", "sequences with every output correct"),
    Key("n_sequences", "integer or null", "sequences evaluated"),
    Key("sequence_accuracy", "number or null", "n_correct / n_sequences"),
)
STATUS_KEYS = (
    Key("loss", "number or null", "value of the loss function on the batch of this step"),
    Key("l1_error", "number or null", "Σ|y−ŷ| a sequence, mean over that batch"),
    Key("mean_loss_100", "number or null", "mean of the last 100 updates, fewer after a new task"),
    Key("mean_l1_error_100", "number or null", "the same mean of the L1 error, if recorded"),
    Key("best_mean_loss_100", "number or null", "lowest mean_loss_100"),
    Key("best_mean_l1_error_100", "number or null", "lowest mean_l1_error_100"),
    Key("baseline_loss", "number or null", "mean loss of a model without memory"),
    Key("baseline_l1_error", "number or null", "mean L1 error of a model without memory"),
    Key("baseline_bit_accuracy", "number or null", "bit accuracy of a model without memory"),
    *EVALUATION_KEYS,
    Key("exhaustive", "boolean or null", "whether n_sequences are all there are; false: a sample"),
    Key("bit_accuracy", "number or null", "share of the scored outputs that are correct"),
    Key(
        "first_exact_step",
        "integer or null",
        f"first step with n_correct = n_sequences, checked every {EXACT_CHECK_INTERVAL_STEPS}",
    ),
    Key("steps_per_second", "number or null", "training speed; null before the second step"),
    Key("weights", "object or null", "parameters by name, of a model with at most four weights"),
    Key("outputs", "object or null", "output by input, for a fixed dataset of one time step"),
)

SCHEMA: dict[str, tuple[Key, ...]] = {
    "run": (
        *DESCRIPTION_KEYS,
        Key("metric", "string", "what is recorded of each step: loss or l1_error"),
        Key("step", "integer", "step at which the run begins, above 0 where it is resumed"),
        Key("lsb_first", "boolean", "whether time steps are the bits of numbers, lowest first"),
    ),
    "progress": (
        Key("step", "integer", "steps taken before this loss was computed"),
        *STATUS_KEYS,
        Key("gradient_over_time", "array or null", "∂ξ/∂s_t of a two-weight model, t = 0 first"),
        Key("example", "object or null", "the latest sequence trained on: see its keys below"),
    ),
    "change": (
        Key("step", "integer", "step after which the change takes effect"),
        Key("change", "string", "the change as --at takes it: NAME=VALUE"),
        Key("text", "string", "the change with the old value"),
    ),
    "breakpoint": (
        Key("step", "integer", "step at which the condition holds, where training ends"),
        Key("condition", "string", "the condition as --break takes it"),
        Key("text", "string", "why it holds, with figures"),
    ),
    "summary": (
        Key("step", "integer", "steps taken in all; loss and l1_error precede the last update"),
        *STATUS_KEYS,
        Key("skipped_steps", "integer", "steps without an update: no target in the batch"),
        Key("halt_reason", "string or null", "why training halted before its last step"),
        Key("breakpoints", "array", "conditions of --break that ended training"),
        Key(
            "events", "array", "objects: step, kind (exact, plateau, plateau-end, saturated), text"
        ),
        Key("tutorial", "object or null", "other values that the tutorial prints, by name"),
        Key("repeat_command", "string", "command line that repeats the run"),
        Key("journal", "string or null", "path of the run's journal"),
    ),
    "sweep": (
        Key("axes", "object", "values by axis, as the command line takes them"),
        Key("seeds", "array", "seeds of each cell"),
        Key("n_runs", "integer", "runs of the sweep"),
        Key("n_found", "integer", "of them found in the journal"),
        Key("journal", "string or null", "path of the sweep's journal"),
    ),
    "sweep-run": (
        Key("values", "object", "value by axis"),
        Key("seed", "integer", "random seed"),
        Key("job", "string", "digest of all that determines the run"),
        Key("exact_step", "integer or null", "first_exact_step of train; null: censored at step"),
        Key("step", "integer", "steps taken"),
        Key("n_correct", "integer", "sequences with every output correct, by the final model"),
        Key("n_sequences", "integer", "sequences evaluated"),
        Key("sequence_accuracy", "number", "n_correct / n_sequences"),
        Key("mean_metric", "number or null", "mean of the last 100 updates: loss or L1 error"),
        Key("halt_reason", "string or null", "why training halted before its last step"),
        Key("weights", "string", "digest of the final weights"),
        Key("seconds", "number", "time of training and evaluation"),
        Key("repeat_command", "string", "command line that repeats the run"),
    ),
    "sweep-cell": (
        Key("values", "object", "value by axis"),
        Key("n_runs", "integer", "runs of the cell"),
        Key("n_done", "integer", "of them with a result"),
        Key("n_exact", "integer", "of these with an exact_step"),
        Key("n_halted", "integer", "of these halted"),
        Key("success_rate", "number or null", "n_exact / n_done"),
        Key("success_interval", "array or null", "its Wilson interval, 95 %"),
        Key("steps_quartiles", "array or null", "Q1, median, Q3 of exact_step; null: censored"),
        Key("accuracy_iqm", "number or null", "interquartile mean of the sequence accuracy"),
        Key("accuracy_interval", "array or null", "its bootstrap interval over seeds, 95 %"),
    ),
    "sweep-comparison": (
        Key("axis", "string", "axis whose values are compared, stratified by all others"),
        Key("value", "string", "a value"),
        Key("baseline", "string", "the value before it"),
        Key("improvement", "number", "P(value exact after fewer steps) + P(equal or neither) / 2"),
        Key("interval", "array", "its stratified bootstrap interval, 95 %"),
        Key("n_exact", "integer", "exact runs of both; improvement is 0.5 without any"),
    ),
    "saved-run": (
        Key("name", "string", "name of the run, as replay, resume and export take it"),
        Key("path", "string", "path of its journal"),
        *_nullable(IDENTITY_KEYS),
        Key("step", "integer or null", "last step recorded"),
        Key("n_changes", "integer or null", "changes made while it trained"),
        *EVALUATION_KEYS,
        Key("event", "string or null", "latest event of the run, or breakpoint that was hit"),
        Key("event_step", "integer or null", "its step"),
        Key("started_at", "string or null", "date and time, ISO 8601"),
        Key("parent", "string or null", "run from which it was forked"),
        Key("parent_step", "integer or null", "step at which it was forked"),
        Key("error", "string or null", "why the journal cannot be read, or not to its end"),
    ),
    "recipe": (
        *DESCRIPTION_KEYS,
        Key("summary", "string", "what it shows"),
        Key("report_every", "integer", "steps from report to report"),
    ),
    "lesson": (
        Key("number", "integer", "number of the lesson, as lesson takes it"),
        Key("name", "string", "name, likewise"),
        Key("title", "string", "title"),
        Key("summary", "string", "what it shows"),
        Key("minutes", "integer", "how long it takes"),
        Key("n_pages", "integer", "number of its pages"),
    ),
    "gradient-check": (
        Key("parameter", "string", "name of the parameter"),
        Key("shape", "array", "its shape"),
        Key("relative_error", "number or null", "worst, against central differences"),
        Key("correct", "boolean or null", "null where finite differences do not converge"),
    ),
    "replay": (
        Key("name", "string", "name of the run"),
        Key("verdict", "string", "how far the run was repeated"),
        Key("verified_step", "integer", "last step whose digest agrees"),
        Key("last_step", "integer", "last step recorded in the journal"),
        Key("mismatch", "string or null", "first difference"),
        Key("error", "string or null", "why the journal cannot be read to its end"),
    ),
    "analysis": (
        Key("name", "string", "name of the analysis, as inspect takes it; of evaluate: length"),
        Key("step", "integer", "updates that the analyzed model has had"),
        Key("reason", "string or null", "why the analysis has no result for this model and task"),
        Key("n", "integer or null", "sequences, words or starts that it is computed on"),
        Key("figures", "object or null", "its result: see the keys by name below"),
    ),
}

EXAMPLE_KEYS = (
    Key("inputs", "object", "rows of inputs by name, each by time step"),
    Key("targets", "array", "target by time step, null where not scored"),
    Key("outputs", "array", "output ŷ by time step, null where not scored"),
    Key("predicted_bits", "array or null", "ŷ > ½ by time step; null for a regression task"),
    Key("correct", "boolean", "whether every scored output is correct"),
    Key("l1_error", "number or null", "Σ|y−ŷ| over the scored time steps"),
    Key("operands", "array or null", "a and b of an arithmetic task"),
    Key("target", "integer or null", "its result"),
    Key("prediction", "integer or null", "the result that the model predicts"),
    Key("required_state", "array or null", "what a model has to remember, such as the carry"),
    Key(
        "gradient_norms",
        "array or null",
        "‖∂L/∂h_t‖ by time step, L over all of them, after the update",
    ),
    Key("last_step_gradient_norms", "array or null", "the same for the loss of the last time step"),
    Key("cell_gradient_norms", "array or null", "‖∂L_T/∂c_t‖ of the cell (lstm), likewise"),
)

NOTES = (
    'Every line is one object; "kind" is its first key.',
    "train, check, resume, replay, inspect and evaluate print one run object first.",
    "All objects of a kind have the same keys. NaN and infinity are null.",
    "At the last step of a fixed dataset, weights and outputs are in the summary only.",
    "Lists by time step are in the order of time, t = 1 first: where the run object has lsb_first,",
    "the lowest bit of the numbers. On the screen and in text that is on the right.",
)


def schema_lines() -> list[str]:
    """Return the table as text, for `rnn-tui help json`."""
    lines = list(NOTES)
    tables: dict[str, tuple[Key | Figure, ...]] = {
        f'"kind": "{kind}"': keys for kind, keys in SCHEMA.items()
    }
    tables |= {'"example" of "progress"': EXAMPLE_KEYS}
    tables |= {f'"figures" of "analysis", "name": "{name}"': keys for name, keys in FIGURES.items()}
    for title, keys in tables.items():
        lines += ["", title]
        lines += [f"  {key.name:<24} {key.types:<16} {key.description}" for key in keys]
    return lines


def print_json(kind: str, **values: Any) -> None:
    """Print one object of the SCHEMA."""
    line = json.dumps({"kind": kind, **finite_or_null(values)}, allow_nan=False)
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def identity_fields(settings: Settings | None) -> dict[str, Any]:
    """Return the values of IDENTITY_KEYS; null without settings."""
    attributes = {key.name: key.name for key in IDENTITY_KEYS} | {"lr": "learning_rate"}
    return {name: getattr(settings, attribute, None) for name, attribute in attributes.items()}


def settings_fields(settings: Settings) -> dict[str, Any]:
    """Return the values of DESCRIPTION_KEYS; a hyperparameter that the optimizer lacks is null."""
    values = {name: getattr(settings, field.attribute, None) for name, field in FIELDS.items()}
    own = {name.replace("_", "-"): value for name, value in settings.hyperparameters.items()}
    return {
        **identity_fields(settings),
        "settings": values | own,
        "deviations": deviations(settings),
    }
