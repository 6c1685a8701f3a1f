"""Compose configurations with Hydra, and convert them to plain values."""

import contextlib
import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

from hydra.types import RunMode
from omegaconf import DictConfig, ListConfig, OmegaConf

from ablation.cli import arguments, hydra_errors
from ablation.cli.hydra_setup import installed, resolver
from ablation.cli.loader import conf_loader
from ablation.config import key_help
from ablation.config.keys import keys_of
from ablation.config.normalisation import normalise
from ablation.config.run_request import RunRequest
from ablation.config.schema import GROUPS, Config
from ablation.config.validation import check
from ablation.errors import AblateError
from ablation.redaction import public

FIELDS = [field.name for field in dataclasses.fields(Config)]  # groups and keys of the root
ENVIRONMENT = "oc.env"  # the resolver of environment variables


def compose(overrides: Sequence[str]) -> RunRequest:
    """Compose a run outside a command, for notebooks and tests. Restores the settings of Hydra and OmegaConf.

    overrides: as for the command `ablate`. Raises AblateError for overrides that the command would reject.
    """
    with installed(), explained():
        words = [arguments.quoted(word) for word in overrides]
        composed = conf_loader().load_configuration("config", words, RunMode.RUN, from_shell=False)
        return run_request(composed, words)


def run_request(composed: DictConfig, overrides: Sequence[str]) -> RunRequest:
    """Validate a composed config and create the request for its run. Raises AblateError for an invalid config."""
    config = checked(composed, overrides)
    root = OmegaConf.masked_copy(composed, FIELDS)
    record = _without_secrets(dataclasses.asdict(config), _as_written(root))
    return RunRequest(config, record, tuple(map(public, overrides)), public(OmegaConf.to_yaml(root)))


def checked(composed: DictConfig, overrides: Sequence[str]) -> Config:
    """Convert a composed config to a plain value in its normal form. Raises AblateError for an invalid config."""
    return normal_form(unchecked(composed), overrides)


def normal_form(config: Config, overrides: Sequence[str]) -> Config:
    """Validate a config and return its normal form. Raises AblateError for an invalid config."""
    check(config, {override.lstrip("+~").partition("=")[0] for override in overrides})
    return normalise(config)


def unchecked(composed: DictConfig) -> Config:
    """Convert a composed config to a plain value without validating it. Raises AblateError for an unknown key."""
    _refuse_unknown_keys(composed)
    for node in (composed, *(composed[group] for group in GROUPS)):
        _refuse_interpolated_lists(node)
    values = {name: _plain(composed[name]) for name in FIELDS}
    values["rerun"] = str(values["rerun"]).lower()  # YAML parses `true` as a bool
    return Config(**values)


def _refuse_unknown_keys(composed: DictConfig) -> None:
    for key in composed:
        if key not in FIELDS and key not in ("hydra", "study"):
            raise AblateError(key_help.unknown_key(str(key)))
    for group in GROUPS:
        schema = OmegaConf.get_type(composed[group])
        allowed = [key.name for key in keys_of(schema)]
        for key in composed[group]:
            if key not in allowed:
                raise AblateError(key_help.unknown_key(f"{group}.{key}", schema))


def _refuse_interpolated_lists(node: DictConfig) -> None:
    """Raise AblateError for an interpolation that gives no list to a key that needs one: OmegaConf allows it."""
    for name in node:
        if isinstance(node._get_node(name), ListConfig) and not isinstance(node[name], ListConfig | None):
            path = node._get_full_key(name)
            raise AblateError(
                f"Wrong form of {path}. Received {path}={node[name]} from an interpolation. Allowed: a list. Type for "
                f"example {path}={key_help.example(path)}"
            )


def _plain(node: Any) -> Any:
    return OmegaConf.to_object(node) if OmegaConf.is_config(node) else node


def _without_secrets(values: Any, written: Any) -> Any:
    """The values without passwords in URLs; a value that uses an environment variable appears as written."""
    if isinstance(values, dict):
        return {key: _without_secrets(value, written[key]) for key, value in values.items()}
    if isinstance(values, list) and isinstance(written, list):
        return [_without_secrets(value, text) for value, text in zip(values, written, strict=True)]
    if ENVIRONMENT in str(written):
        values = written
    return public(values) if isinstance(values, str) else values


def _as_written(root: DictConfig) -> Any:
    """The resolved config, except that every `${oc.env:…}` stays as written, even behind another interpolation."""
    untyped = OmegaConf.create(OmegaConf.to_container(root, resolve=False))
    with resolver(ENVIRONMENT, _written):
        return OmegaConf.to_container(untyped, resolve=True)


def _written(*words: Any) -> str:
    return f"${{{ENVIRONMENT}:{','.join(map(str, words))}}}"


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """Turn errors of Hydra and OmegaConf into an AblateError."""
    try:
        yield
    except AblateError:
        raise
    except Exception as error:
        if not hydra_errors.is_refusal(error):
            raise
        raise AblateError(hydra_errors.explain(error)) from error
