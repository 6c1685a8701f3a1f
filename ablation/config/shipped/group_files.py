"""The values that the shipped files of a group set, such as `conf/model/resnet34.yaml`.

Read without Hydra, so that readers of runs can recognise the values that come with a choice.
"""

import contextlib
import functools
from pathlib import Path
from typing import Any

import yaml

from ablation.config.schema import DEFAULTS
from ablation.config.shipped.folder import conf_dir

Values = dict[str, Any]


@functools.cache
def group_files(group: str) -> dict[str, Values]:
    """The values of each shipped file of a group, by its name: {`model.width`: 64, …}.

    Keys that neither the file nor its parents set have the default of the schema. A file that cannot be read is left
    out.
    """
    defaults = {key: value for key, value in DEFAULTS.items() if key.startswith(f"{group}.")}
    files = {}
    for path in sorted((conf_dir() / group).glob("*.yaml")):
        with contextlib.suppress(OSError, ValueError, TypeError, RecursionError, yaml.YAMLError):
            files[path.stem] = defaults | _values(path)
    return files


def _values(path: Path) -> Values:
    """The values of a file over those of its parents. Raises TypeError or ValueError for an unexpected form."""
    content = dict(yaml.safe_load(path.read_text(encoding="utf-8")))
    values: Values = {}
    for parent in content.pop("defaults", []):
        if parent != "_self_":
            values |= _values(path.with_stem(parent))
    for name, value in content.items():
        values[f"{path.parent.name}.{name}"] = _number_or_same(value)
    return values


def _number_or_same(value: Any) -> Any:
    """Convert text such as `1e-4` to a number: YAML 1.1 reads it as text, Hydra as a number."""
    if isinstance(value, str):
        with contextlib.suppress(ValueError):
            return float(value)
    return value
