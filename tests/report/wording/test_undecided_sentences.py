"""Variants without a verdict, as sentences."""

from dataclasses import replace

import pytest
from support.comparisons import TEST, compare, diverged, row, run, study

from ablation.comparison.analysis.comparison import Comparison
from ablation.comparison.reading.run import Diverged, Unfinished
from ablation.report.wording import findings
from ablation.report.wording.undecided_sentences import missing_runs_sentences, undecided_sentences

CLEAR = [row("resnet34", [0.9, 0.91, 0.92]), row("plain34", [0.4, 0.42, 0.415])]


def lost(label: str, count: int, first: int = 0) -> tuple[Diverged, ...]:
    return tuple(diverged(label, seed) for seed in range(first, first + count))


def test_what_a_verdict_is_missing():
    assert list(undecided_sentences(study())) == ["No verdict on -dropout: none of its runs has completed."]
    assert list(missing_runs_sentences(study())) == [
        "Incomplete: -augment (3 of 5 runs missing), -data (2 of 5 runs missing) and -dropout (5 of 5 runs missing); "
        "without these runs there is no verdict. Run the same command again to finish them."
    ]


def unfinished(status: str) -> Unfinished:
    one = run("a", 3)
    return Unfinished(
        one.path, one.network, one.data, one.digest, one.config, one.variant, one.seed, one.fingerprint, status
    )


def test_runs_that_failed_or_were_stopped_are_counted_by_their_state():
    stopped = [unfinished(state) for state in ("failed", "running", "failed")]
    planned = replace(row("-a", [0.5, 0.6]), unfinished=tuple(stopped), missing=3, planned_seeds=5)
    alone = replace(row("-b", [0.5, 0.6]), unfinished=tuple(stopped[:1]), missing=1)
    assert list(missing_runs_sentences(Comparison(TEST, (planned, alone)))) == [
        "Incomplete: -a (3 of 5 runs missing: 2 failed, 1 running) and -b (1 failed). Run the same command again to "
        "finish them."
    ]


@pytest.mark.parametrize(
    ("changes", "advice"),
    [
        ({}, "each need 3 completed runs, for example seed=0,1,2."),
        ({"study": "parts"}, "each need 3 completed runs, for example study.seeds=3."),
        ({"study": "parts", "max_seeds": 2}, "each need 3 completed runs."),
        ({"study": "parts", "max_seeds": 12}, "each need 3 completed runs; the study's command adds them."),
    ],
)
def test_the_advice_for_more_seeds_is_one_that_the_command_takes(changes, advice):
    """A study chooses its seeds, so it refuses the key `seed`."""
    comparison = compare([row("a", [0.9, 0.91, 0.92]), row("b", [0.5, 0.51])], **changes)
    assert list(undecided_sentences(comparison)) == [
        f"Too few seeds for a verdict: b has 2. A variant and its reference {advice}"
    ]


def test_a_variant_that_waits_for_seeds():
    comparison = compare(CLEAR)
    waiting = replace(comparison.variants[1].result, verdict="not yet decided")
    variants = (comparison.variants[0], replace(comparison.variants[1], result=waiting))
    assert list(undecided_sentences(replace(comparison, variants=variants))) == [
        "Not yet decided: plain34. Run the study's command again to add seeds."
    ]


def test_a_baseline_without_runs_and_a_lone_one():
    comparison = compare([row("baseline", []), row("-a", [0.5, 0.6, 0.7]), row("-b", [])])
    variants = tuple(replace(variant, result=None) for variant in comparison.variants)
    assert list(undecided_sentences(replace(comparison, variants=variants))) == [
        "No verdict on -b: none of its runs has completed.",
        "No verdict on -a: no run of baseline has completed.",
    ]
    assert list(undecided_sentences(compare([CLEAR[0]]))) == ["There is nothing to compare resnet34 with."]


# ---------------------------------------------------------------- too few seeds


def test_the_side_that_is_short_is_named_with_its_diverged_runs():
    base = row("baseline", [0.9, 0.91], diverged=lost("baseline", 1, 2), planned_seeds=3)
    arms = [row(label, [0.5, 0.51, 0.52], planned_seeds=3) for label in ("-shortcut", "-norm")]
    assert list(undecided_sentences(compare([base, *arms], study="parts"))) == [
        "Too few seeds for a verdict: baseline has 2 (1 of 3 diverged). A variant and its reference each need 3 "
        "completed runs."
    ]
    (sentence,) = undecided_sentences(compare([base, *arms]))
    assert sentence.endswith("completed runs.")
    unplanned = compare([replace(base, planned_seeds=None), row("b", [0.5, 0.51])])
    assert list(undecided_sentences(unplanned)) == [
        "Too few seeds for a verdict: b has 2 and baseline has 2 (1 of 3 diverged). A variant and its reference each "
        "need 3 completed runs, for example seed=0,1,2,3."
    ]


def test_pairs_may_be_too_few_although_neither_side_is_short():
    base = row("a", [0.9, 0.91, 0.92], diverged=lost("a", 1, 3), planned_seeds=4)
    arm = row("b", [0.5, 0.51, 0.52], diverged=lost("b", 1), planned_seeds=4)
    arm = replace(arm, arm=replace(arm.arm, values={seed + 1: value for seed, value in arm.arm.values.items()}))
    assert list(undecided_sentences(compare([base, arm], paired=True, study="parts"))) == [
        "Too few seeds for a verdict: b and a have 2 seeds in common (b: 1 of 4 diverged; a: 1 of 4 diverged). A "
        "variant and its reference each need 3 completed runs of the same seeds."
    ]


# ---------------------------------------------------------------- no completed run


def test_a_variant_whose_runs_all_diverged_is_told_with_fishers_p():
    rows = [row("baseline", [0.9 + i / 1000 for i in range(10)]), row("-a", [], diverged=lost("-a", 10))]
    assert list(undecided_sentences(compare(rows))) == [
        "No verdict on -a: all of its 10 runs diverged (baseline: 0 of 10; Fisher's exact test: p = 1e-05)."
    ]
    once = compare([rows[0], row("-a", [], diverged=lost("-a", 1))])
    assert next(iter(undecided_sentences(once))).startswith("No verdict on -a: its only run diverged (baseline: 0 of")
    missing = compare([rows[0], row("-a", [], diverged=lost("-a", 2), planned_seeds=5)])
    assert list(undecided_sentences(missing)) == ["No verdict on -a: none of its runs has completed."]


def test_a_baseline_whose_runs_all_diverged_is_told_once():
    base = row("baseline", [], diverged=lost("baseline", 3))
    comparison = compare([base, row("-a", [0.5, 0.6, 0.7]), row("-b", [0.5, 0.6, 0.7])])
    variants = [replace(variant, result=None) for variant in comparison.variants]
    assert list(undecided_sentences(replace(comparison, variants=tuple(variants)))) == [
        "No verdict on -a and -b: all 3 runs of baseline diverged."
    ]


def test_many_variants_without_runs_are_listed_once():
    empty = compare([row("a", [0.9, 0.91, 0.92]), *(row(f"v{i}", []) for i in range(8))])
    assert list(undecided_sentences(empty)) == [
        "No verdict on v0, v1, v2, v3, v4, v5 and 2 more: none of their runs has completed."
    ]
    dead = compare([row("a", [0.9, 0.91, 0.92]), *(row(f"v{i}", [], diverged=lost(f"v{i}", 3)) for i in range(8))])
    said = list(undecided_sentences(dead))
    assert len(said) == 7 and said[-1] == "No verdict on 2 more variants, of which all runs diverged: v6 and v7."


def test_every_sentence_begins_with_a_capital_or_a_label():
    comparison = compare([row("A", [0.9, 0.91, 0.92]), row("B", [0.9, 0.92, 0.91])], margin=1e-9)
    for text in findings.sentences(comparison):
        assert all(part[0].isupper() or part[0].isdigit() for part in text.split(". ")), text
