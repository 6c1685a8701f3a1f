"""The flags in the study file of a program, as one-line texts, which take the place of overrides."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ablation.config.program.flags import flag_text, flattened
from ablation.config.program.spec import HYDRA
from ablation.errors import AblateError
from ablation.study.component_parsing import StudySource, shown

NAME = re.compile(r"[^\s=]+")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
STRUCTURED = ("remove", "alternatives")  # keys that distinguish a component's form from its flags


@dataclass(frozen=True)
class FlagSource(StudySource):
    """The study file of a program. style: of its flags."""

    style: str = HYDRA

    def overrides(self, place: str, declared: Any) -> tuple[str, ...]:
        """Parse a mapping of flags. Raises AblateError for anything else."""
        if declared is None:
            return ()
        if not isinstance(declared, Mapping):
            raise self.error(f"{place} is not a mapping of flags", declared, "flags with their values", "{lr: 0.1}")
        self._refuse_odd_mappings(place, declared)
        texts = []
        for name, value in flattened(declared).items():
            self._refuse_name(place, name)
            self._refuse_value(place, name, value)
            texts.append(flag_text(name, value))
        return tuple(texts)

    def _refuse_odd_mappings(self, place: str, declared: Mapping[Any, Any]) -> None:
        """Refuse names that YAML reads as a boolean, such as `on`, and mappings without a flag."""
        for name, value in declared.items():
            if isinstance(name, bool):
                problem = f"the name of a flag in {place} is read as {shown(name)}"
                raise self.error(problem, name, "a name in quotes", "'on': 1")
            if isinstance(value, Mapping) and not value:
                problem = f"{place} has an empty mapping, which sets no flag"
                raise self.error(problem, f"{name}: {{}}", "flags with their values", "{lr: 0.1}")
            if isinstance(value, Mapping):
                self._refuse_odd_mappings(place, value)

    def _refuse_name(self, place: str, name: Any) -> None:
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise self.error(f"the name of a flag in {place} has a space or =", name, "the flag's name", "{lr: 0.1}")
        if self.style == "env" and not VARIABLE.fullmatch(name):
            allowed = "letters, digits and _, for flags: env"
            raise self.error(f"{place} names no environment variable", name, allowed, "{LEARNING_RATE: 0.1}")
        if name == "seed":
            problem = f"{place} sets the flag seed, and a study sets its own seeds"
            raise self.error(problem, name, "seeds: in the study, and {seed} in the command", "{seed}")

    def _refuse_value(self, place: str, name: str, value: Any) -> None:
        items = value if isinstance(value, list) else [value]
        for item in items:
            if isinstance(item, str) and "${" in item:
                problem, allowed = f"{place} has an interpolation, which nothing resolves", "plain values"
                raise self.error(problem, f"{name}: {item}", allowed, "a shell that reads the environment")
            if isinstance(item, float) and not math.isfinite(item):
                problem, allowed = f"{place} has a value that no record can hold", "a finite number, or a text"
                raise self.error(problem, f"{name}: {item}", allowed, f'{name}: "inf"')
            if item is not None and not isinstance(item, bool | int | float | str):
                allowed = "numbers, texts, true, false, null, and lists of these"
                raise self.error(f"{place} has a value that no flag can have", f"{name}: {shown(item)}", allowed, "0.1")

    def is_structured(self, form: Mapping[Any, Any]) -> bool:
        return not form or any(name in form for name in STRUCTURED)

    def refuse_foreign_key(self, place: str, override: str) -> None:
        """Any flag may be changed."""

    def one_removal(self, remove: str, further: Sequence[str]) -> str:
        return f"{{remove: {{{_yaml(remove)}}}, with: {{{', '.join(map(_yaml, further))}}}}}"

    def no_baseline(self, received: Any) -> AblateError:
        return self.error("its baseline is empty", received, "flags with their values", "baseline: {lr: 0.1}")

    @property
    def removal_example(self) -> str:
        return "{mixup: false}"


def _yaml(text: str) -> str:
    name, _, value = text.partition("=")
    return f"{name}: {value}"
