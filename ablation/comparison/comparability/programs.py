"""Comparability of runs of a program that is not ours: equal values of all seeds block, what is recorded is noted."""

from collections.abc import Iterable, Sequence

from ablation.comparison.analysis.comparison import Comparability, ComparedVariant, Difference
from ablation.comparison.reading.run import Run
from ablation.redaction import printable
from ablation.rundir.record import COMMAND
from ablation.statistics.arm import Arm
from ablation.text import list_with_more

LISTED = 4  # variants or values in a sentence
TRUST = (
    "Note: these are runs of another program. Their command, flags, code and data that the study names, and the metric "
    "are recorded and part of their fingerprint. Equal initial weights, equal batches and a bit-exact resume are not "
    "promised, as they are for networks that ablate trains."
)
DEAF = "metric over seeds"


def comparability(baseline: Sequence[Run], variant: Sequence[Run], values: tuple[Arm, Arm]) -> Comparability:
    """What differs between two variants beside their flags. values: of the baseline and of the variant.

    A variant with one value for all seeds is not judged: a program that ignores its seed would make every difference
    certain.
    """
    blocking: tuple[Difference, ...] = ()
    if any(map(is_deaf, values)):
        blocking = (Difference(DEAF, *map(_range, values)),)
    noted = []
    for key, read in FACTS.items():
        sides = [{text for run in runs if (text := read(run))} for runs in (baseline, variant)]
        if len(sides[0] | sides[1]) > 1:
            noted.append(Difference(key, *(printable(list_with_more(sorted(side), LISTED)) for side in sides)))
    return Comparability(blocking, tuple(noted))


def is_deaf(arm: Arm) -> bool:
    """Return whether several runs all have the same value."""
    return len(arm.array) > 1 and len(set(arm.array.tolist())) == 1


def notes(variants: Sequence[ComparedVariant]) -> Iterable[str]:
    """The sentences on runs of programs that a comparison shows; none for other runs."""
    if not any(run.kind == COMMAND for variant in variants for run in variant.runs):
        return
    yield TRUST
    deaf = [variant.label for variant in variants if variant.runs and is_deaf(variant.arm)]
    if deaf:
        yield (
            f"All runs of {list_with_more(deaf, LISTED)} have the same value, whatever their seed, so they are not "
            "judged. Check that the program uses its seed."
        )


def _range(arm: Arm) -> str:
    """`0.9 in all 5 runs`, or `0.8 to 0.85`."""
    low, high = min(arm.array), max(arm.array)
    return f"{low:.6g} in all {len(arm.array)} runs" if is_deaf(arm) else f"{low:.6g} to {high:.6g}"


def _commit(run: Run) -> str:
    commit = run.facts.git.commit or ""
    return commit[:10] + (" with changes" if commit and run.facts.git.dirty else "")


FACTS = {"git": _commit, "hardware.processor": lambda run: run.facts.hardware.processor or ""}
