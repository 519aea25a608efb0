"""Reads journals and checkpoints of format 1: the one table of the names that it had.

Lines that a later version appended to such a journal have today's names; both are understood.
"""

from typing import Any

CHECKPOINT_FORMAT = 2  # that of the checkpoints beside journals of format 1
SETTING_NAMES = {
    "bits": "length",
    "hidden": "hidden-size",
    "units": "activation",
    "start": "initial-state",
    "init": "initializer",
    "update": "update-rule",
    "batch": "batch-size",
    "examples": "dataset-size",
    "minibatches": "batching",
    "decay": "rho",
    "decoupled-decay": "decoupled-weight-decay",
}
RECORD_KEYS = {
    "machine": "environment",
    "began": "started_at",
    "at": "schedule",
    "weights": "weight_norm",
    "memory": "optimizer_state_norm",
    "exact": "score",
    "vectors": "simd",
}


def upgrade_record(values: dict[str, Any]) -> dict[str, Any]:
    """Return a line of a journal with today's names; what is malformed is left as it is."""
    record = {RECORD_KEYS.get(name, name): value for name, value in values.items()}
    for name in ("environment", "resumed"):
        if isinstance(record.get(name), dict):
            record[name] = {RECORD_KEYS.get(key, key): it for key, it in record[name].items()}
    if isinstance(record.get("settings"), dict):
        record["settings"] = upgrade_settings(record["settings"])
    if isinstance(record.get("change"), str):
        record["change"] = upgrade_change(record["change"])
    if isinstance(record.get("schedule"), list):
        record["schedule"] = [_upgrade_scheduled(entry) for entry in record["schedule"]]
    return record


def upgrade_settings(values: dict[str, Any]) -> dict[str, Any]:
    """Return settings, as a journal or a checkpoint has them, with today's names."""
    return {SETTING_NAMES.get(name, name): value for name, value in values.items()}


def upgrade_change(spec: str) -> str:
    """Return a change NAME=VALUE with today's name."""
    name, equals, value = spec.partition("=")
    return f"{SETTING_NAMES.get(name, name)}{equals}{value}"


def upgrade_checkpoint(meta: dict[str, Any]) -> dict[str, Any]:
    """Return what a checkpoint says besides its arrays, with today's names."""
    log = [[step, upgrade_change(spec), *texts] for step, spec, *texts in meta["log"]]
    return meta | {"start": upgrade_settings(meta["start"]), "log": log}


def _upgrade_scheduled(entry: Any) -> Any:
    if not isinstance(entry, str):
        return entry
    step, colon, spec = entry.partition(":")
    return f"{step}{colon}{upgrade_change(spec)}"
