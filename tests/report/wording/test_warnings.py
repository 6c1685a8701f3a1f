from dataclasses import replace

from support import comparisons

from ablation.comparison.analysis.comparison import Comparability, Difference
from ablation.report.wording import warnings


def test_few_warnings_are_told_in_full_and_those_of_another_kind_apart():
    base, half, _, eighth, *_ = comparisons.study().variants
    noticed = [f"the deviation of {one.label} is 12 times that of baseline" for one in (half, eighth)]
    noticed.append(f"the deviation of baseline is 12 times that of {eighth.label}")
    half, eighth = (
        replace(row, result=replace(row.result, diagnostics=texts))
        for row, texts in ((half, tuple(noticed[:1])), (eighth, tuple(noticed[1:])))
    )
    told = warnings.careful(replace(comparisons.study(), variants=(base, half, eighth)))
    assert told[:3] == [f"Careful: {text}." for text in noticed]


def test_arms_that_are_refused_for_the_same_are_one_sentence():
    base, one, *_ = comparisons.study().variants
    gates = [Comparability((Difference("steps", "1", "2"),))] * 2 + [Comparability((Difference("steps", "1", "3"),))]
    rows = (base, *(replace(one, label=f"bad{i}", comparability=gate) for i, gate in enumerate(gates)))
    assert list(warnings.refused(rows)) == [
        "Not compared: bad0 and bad1, which differ from baseline in steps (1 there, 2 here) too.",
        "Not compared: bad2, which differs from baseline in steps (1 there, 3 here) too.",
    ]
    many = [
        replace(one, label=f"b{i}", comparability=Comparability((Difference(f"key{i}", "1", "2"),))) for i in range(9)
    ]
    assert list(warnings.refused(many))[-1] == "Not compared either: 3 more, for what the table says."
