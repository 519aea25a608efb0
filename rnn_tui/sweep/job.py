"""One run of a sweep: its settings and changes, and the result of training it."""

import json
from dataclasses import asdict, dataclass
from functools import cached_property
from hashlib import sha256
from math import nan
from typing import Any, final

from rnn_tui.config.parsing import finite_or_null
from rnn_tui.config.settings import Settings
from rnn_tui.recording.journal import settings_to_json
from rnn_tui.run.changes import Schedule

DIGEST_CHARS = 32


@final
@dataclass(frozen=True)
class Job:
    """A run of `settings`, changed by `schedule`, up to `settings.steps` or the first exact step.

    It ends at the first exact step where `until_exact` is set.
    """

    settings: Settings
    schedule: Schedule = ()
    until_exact: bool = False

    @cached_property
    def digest(self) -> str:
        """A hash of all that determines the result; of the recipe, only its settings count."""
        values = settings_to_json(self.settings)
        del values["recipe"]
        changes = [f"{step}:{change.spec}" for step, change in self.schedule]
        text = json.dumps([values, changes, self.until_exact], sort_keys=True)
        return sha256(text.encode()).hexdigest()[:DIGEST_CHARS]


@final
@dataclass(frozen=True, slots=True)
class JobResult:
    """The end of a run.

    job_digest              of the job, "job" in JSON
    exact_step              first step checked with every sequence correct; None: censored at `step`
    step                    steps taken
    n_correct, n_sequences  the evaluation of the final model
    mean_metric             of the last 100 steps (loss or L1 error); NaN where there is none
    halt_reason             why training diverged, if so
    weights                 digest of the final weights
    seconds                 of training and evaluation
    """

    job_digest: str
    exact_step: int | None
    step: int
    n_correct: int
    n_sequences: int
    mean_metric: float
    halt_reason: str | None
    weights: str
    seconds: float

    @property
    def accuracy(self) -> float:
        """The sequence accuracy of the final model."""
        return self.n_correct / self.n_sequences

    def to_json(self) -> dict[str, Any]:
        """Return the fields by name, with null for NaN and infinity."""
        return {_json_key(name): finite_or_null(value) for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "JobResult":
        """Return the result of `to_json`; raises ValueError where a field has another type."""
        result = cls(*(_checked(name, values.get(name)) for name in map(_json_key, cls.__slots__)))
        if not (0 <= result.n_correct <= result.n_sequences and result.n_sequences):
            raise ValueError("n_correct is not from 0 to n_sequences")
        return result


JSON_TYPES: dict[str, tuple[type, ...]] = {
    "job": (str,),
    "exact_step": (int, type(None)),
    "step": (int,),
    "n_correct": (int,),
    "n_sequences": (int,),
    "mean_metric": (float, int, type(None)),
    "halt_reason": (str, type(None)),
    "weights": (str,),
    "seconds": (float, int),
}


def _json_key(name: str) -> str:
    return "job" if name == "job_digest" else name


def _checked(name: str, value: Any) -> Any:
    if type(value) not in JSON_TYPES[name]:
        raise ValueError(f"{name} is {str(value)[:40]!r}")
    return nan if name == "mean_metric" and value is None else value


def weights_digest(weights: Any) -> str:
    """Return a hash of every bit of the vector `weights` (n,)."""
    return sha256(weights.tobytes()).hexdigest()[:DIGEST_CHARS]
