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
DEAF, SAME = "metric over seeds", "metric by seed"
ROUNDING = 1e-6  # of a value: runs that differ by less have one value
FEW = 0.5  # different values for each run, from which values repeat


def comparability(baseline: Sequence[Run], variant: Sequence[Run], values: tuple[Arm, Arm]) -> Comparability:
    """What differs between two variants beside their flags. values: of the baseline and of the variant.

    A variant with one value for all seeds is not judged: a program that ignores its seed would make every difference
    certain. Nor is one with the baseline's value for every seed: its program ignores the flag, which shows no
    equivalence.
    """
    blocking: tuple[Difference, ...] = ()
    if any(map(is_deaf, values)):
        blocking = (Difference(DEAF, *map(_range, values)),)
    elif is_same(*values):
        blocking = (Difference(SAME, _range(values[0]), "the same for every seed"),)
    noted = []
    for key, read in FACTS.items():
        sides = [{text for run in runs if (text := read(run))} for runs in (baseline, variant)]
        if len(sides[0] | sides[1]) > 1:
            noted.append(Difference(key, *(printable(list_with_more(sorted(side), LISTED)) for side in sides)))
    return Comparability(blocking, tuple(noted))


def is_deaf(arm: Arm) -> bool:
    """Return whether several runs all have the same value, up to what the order of sums can change."""
    if len(arm.array) < 2:
        return False
    low, high = float(arm.array.min()), float(arm.array.max())
    return high - low <= ROUNDING * max(abs(low), abs(high))


def is_same(baseline: Arm, variant: Arm) -> bool:
    """Return whether two variants have the same value for every seed, of which there are several."""
    seeds = baseline.values.keys() & variant.values.keys()
    return len(seeds) > 1 and all(baseline.values[seed] == variant.values[seed] for seed in seeds)


def notes(variants: Sequence[ComparedVariant]) -> Iterable[str]:
    """The sentences on runs of programs that a comparison shows; none for other runs."""
    if not any(run.kind == COMMAND for variant in variants for run in variant.runs):
        return
    yield TRUST
    deaf = [variant.label for variant in variants if variant.runs and is_deaf(variant.arm)]
    if deaf:
        yield (
            f"All runs of {list_with_more(deaf, LISTED)} have the same value, whatever their seed, so they are not "
            "judged. Check that the program uses its seed; a network that has collapsed to chance gives this too."
        )
    same = [variant.label for variant in variants if any(each.key == SAME for each in variant.comparability.blocking)]
    if same:
        yield (
            f"Every run of {list_with_more(same, LISTED)} has the value that the reference has with the same seed, so "
            "they are not judged. Check that the program uses the flag."
        )
    for variant in variants:
        count, different = variant.arm.n, len(set(variant.arm.values.values()))
        if count > 3 and 1 < different <= FEW * count:
            yield (
                f"Note: the {count} runs of {variant.label} have only {different} different values. Check that the "
                "program uses its seed."
            )


def _range(arm: Arm) -> str:
    """`0.9 in all 5 runs`, or `0.8 to 0.85`."""
    low, high = min(arm.array), max(arm.array)
    return f"{low:.6g} in all {len(arm.array)} runs" if is_deaf(arm) else f"{low:.6g} to {high:.6g}"


def _commit(run: Run) -> str:
    commit = run.facts.git.commit or ""
    return commit[:10] + (" with changes" if commit and run.facts.git.dirty else "")


FACTS = {"git": _commit, "hardware.processor": lambda run: run.facts.hardware.processor or ""}
