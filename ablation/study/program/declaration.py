"""Parse the keys of a study file that declare a program: its command, flags, metric, code and brief runs."""

import math
import os
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ablation.config.program.spec import (
    ARGPARSE,
    ARGS,
    DIR,
    DIRECTIONS,
    ENV,
    HIGHER,
    SCRIPTS,
    SEED,
    STYLES,
    TAKES,
    MetricSource,
    Program,
)
from ablation.errors import Collected, unknown
from ablation.rundir.declared_study import LARGEST_MARGIN
from ablation.study.component_parsing import StudySource, shown
from ablation.study.program.flag_source import FlagSource

KEYS = ("command", "flags", "metric", "code", "data", "smoke", "cwd", "variables")
METRIC_KEYS = ("name", "better", "file", "lines", "stdout", "key", "take")
PLACES = ("file", "lines", "stdout")
EXAMPLE = '[python, train.py, "{args}", --seed, "{seed}", --out, "{dir}"]'
FILE_EXAMPLE = 'metric: {name: test_accuracy, file: "{dir}/results.json"}'
SCHEDULING = ("outputs", "name", "tags", "rerun", "n_jobs", "job_timeout", "max_retries")  # keys of the command


def source_of(name: str, is_simple: Callable[[str], bool], entries: Mapping[str, Any]) -> StudySource:
    """The source of a study file with these entries. name, is_simple: as in `StudySource`."""
    if not is_declared(entries):
        return StudySource(name, is_simple)
    style = entries.get("flags")
    return FlagSource(name, is_simple, style if isinstance(style, str) else ARGPARSE)


def is_declared(entries: Mapping[str, Any]) -> bool:
    """Return whether a study file is about a program of the user's own."""
    return "command" in entries


def largest_margin(entries: Mapping[str, Any]) -> float:
    """The exclusive limit of the equivalence margin: the metric of a program may have any unit."""
    return math.inf if is_declared(entries) else LARGEST_MARGIN


def parse_program(
    source: StudySource, entries: Mapping[str, Any], typed: Sequence[str], errors: Collected
) -> Program | None:
    """Parse the declaration of a program; None without one, or, with all that is wrong in `errors`, if it is not valid.

    typed: the other overrides of the command.
    """
    if not is_declared(entries):
        _refuse_program_keys(source, entries, errors)
        return None
    before = len(errors.errors)
    _refuse_typed(source, typed, errors)
    parser = _Parser(source, entries)
    command: tuple[str, ...] = ()
    with errors.collect():
        command = parser.command()
    style = ARGPARSE
    with errors.collect():
        style = parser.style()
        parser.refuse_missing_placeholders(command, style)
    cwd = None
    with errors.collect():
        cwd = parser.text("cwd", "a folder", 'cwd: "{dir}"')
    metric = None
    with errors.collect():
        metric = parser.metric(cwd)
    lists: dict[str, tuple[str, ...]] = {}
    for key, example in (("code", "[train.py]"), ("data", "[data/train.csv]"), ("smoke", '[--max-steps, "3"]')):
        with errors.collect():
            lists[key] = parser.words(key, example)
    with errors.collect():
        lists["variables"] = parser.words("variables", "[DATA_DIR]")
    if len(errors.errors) > before or metric is None:
        return None
    if entries.get("code") is None:
        lists["code"] = _scripts_in(command, cwd)
    return Program(command, metric, style, cwd=cwd, **lists)


def _scripts_in(command: Sequence[str], cwd: str | None) -> tuple[str, ...]:
    """The scripts that a command names, and the module after -m: without `code`, their contents decide what a run is.

    Other files may be written by the program. An interpreter with its whole path is no script.
    """
    folder, found = Path(cwd or "."), []
    for place, word in enumerate(command):
        before = command[place - 1] if place else ""
        module = Path(*word.split(".")) if before == "-m" else None
        if module is not None:
            found += [module.with_suffix(".py"), module / "__main__.py"]
        elif (place == 0 and not os.path.isabs(word)) or Path(word).suffix.lower() in SCRIPTS:
            found.append(Path(word))
    return tuple(dict.fromkeys(str(folder / path) for path in found if (folder / path).is_file()))


def _refuse_typed(source: StudySource, typed: Sequence[str], errors: Collected) -> None:
    """Collect an error for each override beside the study that is not about scheduling."""
    for override in typed:
        key = override.partition("=")[0].lstrip("+~")
        if key not in SCHEDULING and not key.startswith(("hydra.", "hydra/")):
            problem = "a study of a program has no keys of our networks"
            allowed = f"{', '.join(SCHEDULING)}; study.baseline.FLAG= for a flag of every cell"
            errors.errors.append(source.error(problem, override, allowed, "n_jobs=2"))


@dataclass(frozen=True)
class _Parser:
    """Parses the entries of a study file, with one method per key."""

    source: StudySource
    entries: Mapping[str, Any]

    def command(self) -> tuple[str, ...]:
        command = self.words("command", EXAMPLE)
        if not command:
            raise self.source.error("its command is empty", self.entries["command"], "words", f"command: {EXAMPLE}")
        self._refuse_missing_program(command[0])
        return command

    def _refuse_missing_program(self, word: str) -> None:
        """Raise AblateError for a program that is not installed, or no executable file in the working folder."""
        cwd = self.entries.get("cwd")
        folder = cwd if isinstance(cwd, str) else "."
        is_path = Path(word).name != word
        if is_path and "{" in f"{folder}{word}":
            return  # it is known when a run starts
        if shutil.which(os.path.join(folder, word) if is_path else word) is None:
            problem = "the first word of its command is no program that is installed and executable"
            raise self.source.error(problem, word, "a program in PATH, or its path", f"command: {EXAMPLE}")

    def words(self, key: str, example: str) -> tuple[str, ...]:
        """A list of words; empty if the key is not set."""
        declared = self.entries.get(key)
        if declared is None:
            return ()
        if isinstance(declared, str) and key != "command" and " " not in declared:
            declared = [declared]
        if not isinstance(declared, list):
            problem = f"its {key} is not a list of words (no shell splits it)"
            raise self.source.error(problem, declared, "a list of words", f"{key}: {example}")
        words = tuple(self._word(key, word, example) for word in declared)
        for word in words:
            if "${" in word:
                problem = f"its {key} has an interpolation, which nothing resolves"
                allowed = "plain words; a shell can read the environment"
                raise self.source.error(problem, word, allowed, """[bash, -c, 'exec ./train "$DATA" "$@"', -]""")
        return words

    def _word(self, key: str, word: Any, example: str) -> str:
        if isinstance(word, dict) and len(word) == 1 and list(word.values()) == [None]:
            return f"{{{next(iter(word))}}}"  # YAML reads {args} without quotes as a mapping
        if isinstance(word, int) and not isinstance(word, bool):
            return str(word)
        if not isinstance(word, str) or "\0" in word:
            problem = f"its {key} has a word that YAML does not read as text"
            raise self.source.error(problem, word, "texts, in quotes where needed", f"{key}: {example}")
        return word

    def style(self) -> str:
        style = self.entries.get("flags", ARGPARSE)
        if style not in STYLES:
            raise unknown(f"style of flags in the study {self.source.name}", shown(style), STYLES, "study.flags")
        return style

    def refuse_missing_placeholders(self, command: Sequence[str], style: str) -> None:
        """Raise AblateError if the seed or the flags would not reach the program."""
        if not command:
            return
        if not any(SEED in word for word in command):
            problem = "its command has no {seed}, so every seed would be the same run"
            raise self.source.error(problem, " ".join(command), "{seed} in a word", f"command: {EXAMPLE}")
        if style != ENV and ARGS not in command:
            problem = "its command has no {args}, so every cell would be the same run"
            allowed = "{args} as a word of its own, or flags: env"
            raise self.source.error(problem, " ".join(command), allowed, f"command: {EXAMPLE}")

    def text(self, key: str, allowed: str, example: str) -> str | None:
        value = self.entries.get(key)
        if isinstance(value, dict) and list(value.values()) == [None]:
            value = self._word(key, value, example)
        if value is not None and (not isinstance(value, str) or not value or "\0" in value):
            raise self.source.error(f"its {key} is not {allowed}", value, allowed, example)
        return value

    def metric(self, cwd: str | None) -> MetricSource:
        declared = self.entries.get("metric")
        if not isinstance(declared, dict):
            raise self.source.error("it does not say where its metric is", declared, "a mapping", FILE_EXAMPLE)
        for error in self.source.unknown_keys("metric", declared, METRIC_KEYS, "study.metric"):
            raise error
        texts = {key: self._metric_text(declared, key) for key in METRIC_KEYS}
        name, places = texts["name"], [key for key in PLACES if texts[key] is not None]
        if name is None:
            raise self.source.error("its metric has no name", declared, "name: and a text", FILE_EXAMPLE)
        if len(places) != 1:
            problem = "its metric is in more than one place" if places else "it does not say where its metric is"
            raise self.source.error(problem, declared, f"one of {', '.join(PLACES)}", FILE_EXAMPLE)
        better, take = texts["better"] or HIGHER, texts["take"]
        if better not in DIRECTIONS:
            raise unknown("direction of the metric", better, DIRECTIONS, "study.metric.better")
        if take is not None and take not in TAKES:
            raise unknown("choice of a metric's value", take, TAKES, "study.metric.take")
        self._refuse_take(places[0], take, texts["key"])
        self._refuse_pattern(texts["stdout"])
        self._refuse_shared_file(texts["file"] or texts["lines"], cwd)
        return MetricSource(name, better, texts["file"], texts["lines"], texts["stdout"], texts["key"], take)

    def _metric_text(self, declared: Mapping[str, Any], key: str) -> str | None:
        value = declared.get(key)
        if isinstance(value, int) and not isinstance(value, bool) and key == "key":
            return str(value)
        if value is not None and (not isinstance(value, str) or not value or "\0" in value):
            raise self.source.error(f"the {key} of its metric is not a text", value, "a text", FILE_EXAMPLE)
        return value

    def _refuse_take(self, place: str, take: str | None, key: str | None) -> None:
        if place == "lines" and take is None:
            problem = "its metric is a series, and nothing says which value counts"
            example = 'metric: {name: val_accuracy, lines: "{dir}/log.jsonl", take: last}'
            raise self.source.error(problem, "lines: without take:", f"take: {', '.join(TAKES)}", example)
        if place == "file" and take is not None:
            raise self.source.error("a file has one value", f"take: {take}", "lines: for a series", FILE_EXAMPLE)
        if place == "stdout" and key is not None:
            raise self.source.error("a printed value has no key", f"key: {key}", "no key", "stdout: 'acc=([0-9.]+)'")

    def _refuse_pattern(self, pattern: str | None) -> None:
        if pattern is None:
            return
        try:
            groups = re.compile(pattern).groups
        except re.error as error:
            problem = f"stdout of its metric is not a regular expression ({error})"
            raise self.source.error(problem, pattern, "one group around the number", "'acc=([0-9.]+)'") from None
        if groups != 1:
            problem = f"stdout of its metric has {groups} groups"
            raise self.source.error(problem, pattern, "one group around the number", "'acc=([0-9.]+)'")

    def _refuse_shared_file(self, path: str | None, cwd: str | None) -> None:
        """Raise AblateError if all runs would write the metric to the same file."""
        if path is None or DIR in path:
            return
        if cwd is not None and DIR in cwd and not path.startswith(("/", "~")):
            return
        problem = "its metric file has no {dir}, so that all runs would write the same file"
        allowed = 'a path with {dir}, or a relative path and cwd: "{dir}"'
        raise self.source.error(problem, path, allowed, FILE_EXAMPLE)


def _refuse_program_keys(source: StudySource, entries: Mapping[str, Any], errors: Collected) -> None:
    """Collect an error for each key of a program in a study without one."""
    for key in KEYS:
        if key in entries:
            problem = f"{key} applies only to a study of a program, and there is no command"
            allowed = "command: beside it"
            errors.errors.append(source.error(problem, f"study.{key}", allowed, f"command: {EXAMPLE}"))
