"""Upgrades journals of format 1 and their checkpoints: the tables of their names.

Records that a later version appended to such a journal have today's names, which are kept.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from rnn_tui.config.errors import UserError
from rnn_tui.config.fields import FORMER_NAMES
from rnn_tui.config.settings import Settings
from rnn_tui.run.changes import Change, Schedule, SetField, parse_change
from rnn_tui.run.settings_state import SettingsState

# The weight decay of AdamW came on top of weight-decay, which was always added to the gradient: so
# it is still where the decoupled one is set.
ADAMW_DECAY = SetField("decoupled-weight-decay", 0.01)
CHECKPOINT_FORMAT = 2  # that of the checkpoints beside journals of format 1
SETTING_VALUES = {
    "reduction": {"result": "sequence-mean", "step": "time-step-mean"},
    "batching": {"in-turn": "sequential"},
    "initializer": {"far": "constant", "glorot-second": "glorot-second-draw"},
}
RECORD_KEYS = {
    "machine": "environment",
    "began": "started_at",
    "at": "schedule",
    "loss": "metric",
    "weights": "weight_norm",
    "memory": "optimizer_state_norm",
    "exact": "score",
    "vectors": "simd",
}
CHECKPOINT_KEYS = {
    "start": "initial_settings",
    "sets": "datasets",
    "seconds": "training_seconds",
    "changes": "n_changes",
    "halted": "halt_reason",
    "unmoved": "vanished_steps",
    "learnt": "last_step_valid",
    "skipped": "skipped_steps",
    "refuge": "rollback",
    "position": "stream",
    "examples": "dataset",
    "past": "keyframes",
}
ARRAY_NAMES = {  # the parts between slashes
    "past": "keyframes",
    "examples": "datasets",
    "refuge": "rollback_weights",
    "memory": "optimizer",
    "mean": "first_moment",
    "square": "second_moment",
    "refuge_memory": "rollback_optimizer",
    "random": "stream_key",
    "path": "weight_path",
    "shown": "shown_inputs",
    "numbers": "scalars",
    "smooth": "smoothing_window",
    "waiting": "pending",
    "stretches": "buckets",
}


def upgrade_record(values: dict[str, Any]) -> dict[str, Any]:
    """Return a journal record with today's names; malformed values are left as they are."""
    record = {RECORD_KEYS.get(name, name): value for name, value in values.items()}
    for name in ("environment", "resumed"):
        if isinstance(record.get(name), dict):
            record[name] = {RECORD_KEYS.get(key, key): value for key, value in record[name].items()}
    if isinstance(record.get("settings"), dict):
        record["settings"] = upgrade_settings(record["settings"])
    if isinstance(record.get("change"), str):
        record["change"] = upgrade_change(record["change"])
    if isinstance(record.get("schedule"), list):
        record["schedule"] = [_upgrade_scheduled(entry) for entry in record["schedule"]]
    return record


def upgrade_settings(values: dict[str, Any]) -> dict[str, Any]:
    """Return the settings of a journal or checkpoint with today's names."""
    settings = dict(_upgrade_setting(name, value) for name, value in values.items())
    if settings.get("optimizer") == "adamw":
        settings = {ADAMW_DECAY.name: str(ADAMW_DECAY.value)} | settings
    return settings


def with_adamw_decay(settings: Settings, changes: Schedule) -> Iterator[list[tuple[int, Change]]]:
    """Yield each change of a run from `settings`, with ADAMW_DECAY after a switch to AdamW."""
    track = SettingsState.from_settings(settings)
    for step, change in changes:
        upgraded: list[tuple[int, Change]] = [(step, change)]
        with suppress(UserError):  # which the replay reports
            track = track.apply(change)
            new = track.settings
            if new.optimizer == "adamw" and new.get("decoupled_weight_decay") is None:
                track = track.apply(ADAMW_DECAY)
                upgraded.append((step, ADAMW_DECAY))
        yield upgraded


def upgrade_change(spec: str) -> str:
    """Return a change NAME=VALUE with today's names."""
    name, equals, value = spec.partition("=")
    name, value = _upgrade_setting(name, value)
    return f"{name}{equals}{value}"


def is_former_record(values: dict[str, Any]) -> bool:
    """Return whether a record is by a version that wrote journals of format 1."""
    resumed = values.get("resumed")
    return not (isinstance(resumed, dict) and RECORD_KEYS["vectors"] in resumed)


def upgrade_checkpoint(meta: dict[str, Any], initial_settings: Settings) -> dict[str, Any]:
    """Return the metadata of a checkpoint with today's names, and with ADAMW_DECAY."""
    meta = {CHECKPOINT_KEYS.get(name, name): value for name, value in meta.items()}
    meta["initial_settings"] = upgrade_settings(meta["initial_settings"])
    meta["keyframes"] = [
        {CHECKPOINT_KEYS.get(name, name): value for name, value in keyframe.items()}
        for keyframe in meta["keyframes"]
    ]
    changes = [(step, parse_change(upgrade_change(spec))) for step, spec, *_ in meta["log"]]
    log: list[list[Any]] = []
    n_changes = [0]  # today's number, by the former one
    for (_, _, *texts), upgraded in zip(
        meta["log"], with_adamw_decay(initial_settings, changes), strict=True
    ):
        log += [[step, change.spec, *texts] for step, change in upgraded]
        n_changes.append(len(log))
    meta["log"] = log
    for entry in (meta, *meta["keyframes"]):
        entry["n_changes"] = n_changes[entry["n_changes"]]
    return meta


def upgrade_array_name(name: str) -> str:
    """Return the name of an array of a checkpoint with today's words."""
    *folders, last = name.split("/")
    if folders[:1] == ["examples"] and last == "weights":
        last = "loss_weights"
    return "/".join(ARRAY_NAMES.get(part, part) for part in [*folders, last])


def _upgrade_setting(name: str, value: Any) -> tuple[str, Any]:
    name = FORMER_NAMES.get(name, name)
    values = SETTING_VALUES.get(name, {})
    return name, values.get(value, value) if isinstance(value, str) else value


def _upgrade_scheduled(entry: Any) -> Any:
    if not isinstance(entry, str):
        return entry
    step, colon, spec = entry.partition(":")
    return f"{step}{colon}{upgrade_change(spec)}"
