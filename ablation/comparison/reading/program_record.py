"""Convert the record of a program's run to a run that a comparison can judge."""

from pathlib import Path
from typing import Any

from ablation.comparison.reading.facts import NO_DATA, RunFacts
from ablation.comparison.reading.parse_record import InternPool, given_words, recorded, size_of
from ablation.comparison.reading.run import Diverged, OpenMetric, Run, Unfinished, no_history
from ablation.comparison.results_table.words import sentence_name
from ablation.config.program.spec import HIGHER, TAKES, program_name
from ablation.rundir import claim
from ablation.rundir.files import digest
from ablation.rundir.record import COMMAND, RESULT, RunRecord
from ablation.rundir.record_fields import unusable
from ablation.rundir.record_parts import Git, Hardware, Metrics
from ablation.text import capitalized

NO_HISTORY = no_history()
IDENTITY = ("program", "code", "data")  # of the recorded config: what runs of one variant share beside their flags


def convert(directory: Path, record: RunRecord, shared: InternPool) -> Run | Diverged | Unfinished:
    """The run of a record of kind `command`. Raises Unreadable."""
    config = recorded(record.config, "config")
    flags, program = config.get("flags"), config.get("program")
    if not isinstance(flags, dict) or not isinstance(program, dict):
        raise unusable("config.flags")
    identity = digest([config.get(name) for name in IDENTITY])
    variant = shared.variant_config(program_name(_command(program)), "", identity, flags)
    fields: dict[str, Any] = {
        **vars(variant),
        "digest": "",
        "path": directory,
        "seed": recorded(record.seed, "seed"),
        "fingerprint": recorded(record.fingerprint, "fingerprint"),
        "plans": record.plans,
        "kind": COMMAND,
        **given_words(record),
    }
    if record.status == "diverged":
        return Diverged(**fields, history=NO_HISTORY)
    if record.status != "completed":
        return Unfinished(**fields, status=claim.status(directory, record), error=record.error or "")
    metric = _metric(program)
    value = record.metrics.value(RESULT, metric.key)
    if value is None:
        raise unusable(f"metrics.{RESULT}.{metric.key}")
    return Run(
        **fields,
        attempt=record.attempt,
        checksum=recorded(record.checksum, "checksum"),
        validation_images=None,
        test_images=None,
        validated_on_test=False,
        parameters=None,
        macs=None,
        seconds=record.timings.seconds,
        history=NO_HISTORY,
        facts=shared.facts(_facts(record)),
        metrics=Metrics({RESULT: {metric.key: value}}),
        metric=metric,
        size=size_of(directory, record),
    )


def _command(program: dict[str, Any]) -> list[str]:
    words = program.get("command")
    if not isinstance(words, list) or not words or not all(isinstance(word, str) for word in words):
        raise unusable("config.program.command")
    return words


def _metric(program: dict[str, Any]) -> OpenMetric:
    source = program.get("metric")
    if not isinstance(source, dict) or not isinstance(source.get("name"), str):
        raise unusable("config.program.metric")
    name = source["name"]
    taken = f"its {source['take']} value" if source.get("take") in TAKES else "its value"
    if isinstance(source.get("stdout"), str):
        place = "in what the program prints"
    else:
        place = f"in {source.get('file') or source.get('lines')}"
    caption = f"{capitalized(sentence_name(name))}, as the program measures it: {taken} {place}."
    return OpenMetric(name, name, caption, source.get("better") == HIGHER)


def _facts(record: RunRecord) -> RunFacts:
    return RunFacts(
        NO_DATA,
        versions=record.versions or {},
        hardware=record.hardware or Hardware(),
        git=record.git or Git(),
    )
