"""Finished runs that nobody ran: written through `rundir`, from the YAML in conf/ and a made-up history."""

import copy
import dataclasses
import functools
import hashlib
import json
import math
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from ablation.config import fingerprint, network_structure
from ablation.config.schema import Config
from ablation.rundir import files, layout
from ablation.rundir import history as rundir_history
from ablation.rundir import record as rundir_record

CONF = Path(__file__).resolve().parents[2] / "conf"
IMAGES = {
    "digits": {"train": 1077, "validation": 360, "test": 360},
    "cifar10": {"train": 45000, "validation": 5000, "test": 10000},
    "cats_vs_dogs": {"train": 19998, "validation": 5000, "test": None},
}


def preset(group: str, option: str) -> dict[str, Any]:
    """The keys of conf/GROUP/OPTION.yaml over those of its parents."""
    file = OmegaConf.to_container(OmegaConf.load(CONF / group / f"{option}.yaml"))
    parents = [p for p in file.pop("defaults", []) if p != "_self_"]
    return {k: v for p in parents for k, v in preset(group, p).items()} | file


def config(model: str = "resnet34", data: str = "digits", train: str = "quickstart", **keys: Any) -> Config:
    """A config as composed from three options and dotted keys: `config("plain34", **{"model.width": 8})`."""
    made = copy.deepcopy(_composed(model, data, train))
    for key, value in keys.items():
        OmegaConf.update(made, key, value)
    return OmegaConf.to_object(made)


@functools.cache
def _composed(model: str, data: str, train: str) -> DictConfig:
    composed = OmegaConf.structured(Config)
    for group, option in (("model", model), ("data", data), ("train", train)):
        composed[group] = OmegaConf.merge(composed[group], preset(group, option))
    return composed


def history(epochs: int = 6, accuracy: float = 0.9, loss: float = 0.1) -> list[dict[str, float]]:
    """A run that falls to `loss` and rises to the validation `accuracy`, exponentially."""
    rows = []
    for epoch in range(1, epochs + 1):
        left = math.exp(-5 * epoch / epochs)
        done = 1.0 if epoch == epochs else 1 - left
        measured = {"loss": loss + 2.2 * (1 - done), "accuracy": done, "val_loss": loss + 2.3 * (1 - done)}
        measured["val_accuracy"] = 0.1 + (accuracy - 0.1) * done
        rows.append({"epoch": epoch, **measured, "learning_rate": 0.05, "seconds": 1.5, "images_per_second": 700.0})
    return rows


def record(cfg: Config, rows: list[dict[str, float]], **changes: Any) -> dict[str, Any]:
    """A run.json as `ablation.run` fills it. changes: dotted paths and their values, such as `metrics.test=None`."""
    images = IMAGES.get(cfg.data.name, IMAGES["digits"])
    digest = hashlib.sha256(f"{cfg.data.name} {cfg.data.limit} {cfg.data.image_size}".encode()).hexdigest()
    best = max(rows, key=lambda row: row["val_accuracy"], default={})
    made = {
        "status": "completed",
        "seed": cfg.seed,
        "fingerprint": fingerprint.fingerprint(cfg, {"digest": digest}),
        "name": cfg.name,
        "tags": cfg.tags,
        "attempt": 1,
        "config": dataclasses.asdict(cfg),
        "network": {
            "name": network_structure.name(cfg.model),
            "depth": network_structure.depth(cfg.model),
            "trainable_parameters": 335_114,
            "total_parameters": 338_666,
            "macs": 1_211_264,
        },
        "data": {"name": cfg.data.name, **images, "digest": digest, "classes": ["0", "1"]},
        "steps": {"total": 102, "per_epoch": 17, "note": None},
        "selected_on": "validation",
        "metrics": {
            "final": _point(rows[-1]) if rows else None,
            "best": _point(best) if rows else None,
            "test": {"loss": 0.1, "accuracy": rows[-1]["val_accuracy"] - 0.01} if rows and images["test"] else None,
            "test_best": None,
        },
        "exactness": {},
        "versions": {},
        "hardware": {},
        "git": None,
        "timings": {"seconds": 12.5},
        "error": None,
    }
    for path, value in changes.items():
        _set(made, path, value)
    return made


def write(outputs: Path, cfg: Config, rows: list[dict[str, float]] | None = None, **changes: Any) -> Path:
    """Write one run below `outputs` and return its directory."""
    rows = history() if rows is None else rows
    made = record(cfg, rows, **changes)
    base = layout.run_name(network_structure.name(cfg.model), cfg.data.name, cfg.seed, made["fingerprint"])
    attempt = made["attempt"]
    directory = outputs / (base if attempt == 1 else f"{base}.{attempt}")
    directory.mkdir(parents=True)
    rundir_history.write_history(directory, rows)
    write_json(directory, made)
    return directory


def read_json(directory: Path) -> dict[str, Any]:
    """A run.json as it is, unchecked."""
    return json.loads((directory / layout.RECORD).read_text())


def write_json(directory: Path, values: dict[str, Any]) -> None:
    """Write any JSON as a run.json, with the checksums that a run writes."""
    values = {"kind": rundir_record.KIND, **values, "format": layout.FORMAT}
    if values.get("status") in layout.FINAL:
        values["files"] = dict(rundir_record.file_digests(directory))
    values["checksum"] = files.record_checksum(values)
    files.replace(directory / layout.RECORD, json.dumps(values, indent=1, allow_nan=False).encode())


def sweep(outputs: Path, models: dict[str, float], seeds: int = 3, **keys: Any) -> list[Path]:
    """Write `seeds` runs of each model; models: {option of conf/model: validation accuracy that it ends at}."""
    made = []
    for model, accuracy in models.items():
        for seed in range(seeds):
            rows = history(accuracy=accuracy + 0.01 * (seed - 1), loss=1 - accuracy)
            made.append(write(outputs, config(model, seed=seed, **keys), rows))
    return made


def _point(row: dict[str, float]) -> dict[str, float]:
    return {k: row[k] for k in ("epoch", "loss", "accuracy", "val_loss", "val_accuracy")}


def _set(record: dict[str, Any], path: str, value: Any) -> None:
    *parents, last = path.split(".")
    for part in parents:
        record = record[part]
    record[last] = value
