"""What a study can detect before it runs, in sentences."""

from dataclasses import dataclass

import pytest
from scipy import stats
from support.studies import PARTS, saved

from ablation.errors import AblateError
from ablation.study import power_report
from ablation.study.power_report import BaselineNoise, Difference

SHORTCUT = {"components": {"shortcut": PARTS["shortcut"]}}


def report(composer, outputs, detect=None, **keys):
    return power_report.paragraphs(saved(composer, outputs, {**SHORTCUT, **keys}), detect)


def test_factorials_are_judged_by_all_runs_of_a_side(quick, tmp_path):
    parts = {"shortcut": PARTS["shortcut"], "init": PARTS["init"]}
    plan = saved(quick, tmp_path, {"components": parts, "seeds": 3, "design": "factorial"})
    assert power_report.runs_per_side(plan) == 6
    assert power_report.runs_per_side(saved(quick, tmp_path, {"components": parts, "seeds": 3})) == 3
    alternatives = {"shortcut": PARTS["shortcut"], "norm": PARTS["norm"]}  # the norm has three levels
    plan = saved(quick, tmp_path, {"components": alternatives, "seeds": 3, "design": "factorial"})
    assert power_report.runs_per_side(plan) == 6


@pytest.mark.parametrize(
    ("seeds", "words"),
    [
        (
            1,
            (
                "With 1 seed per cell",
                "No verdict will be given, because one needs at least 3 seeds. Type study.seeds=3 or more.",
            ),
        ),
        (
            3,
            ("can reach p = 0.1.", "above 0.05, so verdicts assume normally distributed noise", "with 4 they need not"),
        ),
        (5, ("can reach p = 0.0079.", "below 0.05: verdicts need not assume normally distributed noise")),
        (40, ("can reach any p",)),
    ],
)
def test_it_says_whether_verdicts_assume_normal_noise(quick, tmp_path, seeds, words):
    """Of 2 n values there are (2 n)! / (n! n!) ways to choose n; the two most extreme ones give the smallest p."""
    text = report(quick, tmp_path, seeds=seeds)[0]
    assert all(word in text for word in words), text


def test_the_smallest_p_is_corrected_for_all_comparisons(quick, tmp_path):
    parts = {name: PARTS[name] for name in ("shortcut", "init", "nesterov")}
    text = report(quick, tmp_path, components=parts, seeds=4)[0]  # 2 / 70, times 3
    assert "p = 0.029 (0.086 after Holm correction for 3 comparisons). That is above 0.05" in text
    assert "with 5 they need not" in text


def test_the_minimum_detectable_difference_has_eighty_percent_power(quick, tmp_path):
    """Of 5 and 5 runs: 2.02 SD, as a table of the noncentral t has it (Cohen 1988, table 2.3: n = 5, d = 2.0)."""
    text = report(quick, tmp_path, seeds=5)[1]
    assert "Welch's t-test has 80 % power to detect a difference of 2.0 standard deviations (SD)" in text
    assert "Fewer than 3 baseline runs so far, so the power in units of the metric is unknown." in text
    shift, freedom = 2.02 * (5 / 2) ** 0.5, 8
    assert stats.nct.sf(stats.t.isf(0.025, freedom), freedom, shift) == pytest.approx(0.8, abs=0.005)


@pytest.mark.parametrize("seeds", [1, 3, 5])
def test_a_difference_in_sds_needs_a_number_of_seeds(quick, tmp_path, seeds):
    assert report(quick, tmp_path, "2sd", seeds=seeds)[-1] == "Detecting a difference of 2 SD takes 6 seeds per cell."


def test_a_sequential_study_is_told_for_its_most_seeds(quick, tmp_path):
    first, second, *_ = report(quick, tmp_path, stopping="sequential", max_seeds=12)
    assert "Seeds are added, from 3 to at most 12 per cell" in first and "With 12 seeds per cell" in second


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.01", Difference(0.01, False)),
        ("1%", Difference(0.01, False)),
        (" 1.5sd ", Difference(1.5, True)),
        ("2 sd", Difference(2.0, True)),
        (".5sd", Difference(0.5, True)),
        ("1e-3", Difference(0.001, False)),
    ],
)
def test_a_difference_is_accuracy_or_standard_deviations(text, expected):
    difference = power_report.parse_difference(text)
    assert difference.value == pytest.approx(expected.value) and difference.in_sds == expected.in_sds


@pytest.mark.parametrize("text", ["much", "", "0", "-1", "0sd", "1 sd sd", "nan", "0%"])
def test_another_difference_is_refused(text):
    with pytest.raises(AblateError, match="Type for example --detect 0.01"):
        power_report.parse_difference(text)


@dataclass(frozen=True)
class Known:
    """The noise of ten runs: SD 0.01; its 95 % CI is 0.01 sqrt(9 / chi2), 0.0069 to 0.0183."""

    noise = BaselineNoise(10, 0.9, 0.01, "test accuracy")
    low = 0.01 * (9 / stats.chi2.isf(0.025, 9)) ** 0.5
    high = 0.01 * (9 / stats.chi2.ppf(0.025, 9)) ** 0.5


def test_in_accuracy_the_answer_is_a_range(quick, tmp_path, monkeypatch):
    monkeypatch.setattr(power_report, "baseline_noise", lambda plan: Known.noise)
    detectable, needed = report(quick, tmp_path, "0.02", seeds=5)[1:]
    assert "The 10 baseline runs so far: test accuracy 0.9000, SD 0.0100 (95 % CI 0.0069 to 0.0183)" in detectable
    assert f"lies between {2.0245 * Known.low:.4f} and {2.0245 * Known.high:.4f}." in detectable
    assert (Known.low, Known.high) == pytest.approx((0.00688, 0.01826), abs=1e-5)
    fewest, most = (int(word) for word in needed.split() if word.isdigit())
    for seeds, sd in ((fewest, Known.low), (most, Known.high)):
        assert two_sample_power(0.02 / sd, seeds) >= 0.8
        assert seeds == 3 or two_sample_power(0.02 / sd, seeds - 1) < 0.8


def two_sample_power(difference: float, n: int) -> float:
    """SciPy's noncentral t."""
    freedom, shift = 2 * n - 2, difference * (n / 2) ** 0.5
    bound = stats.t.isf(0.025, freedom)
    return stats.nct.sf(bound, freedom, shift) + stats.nct.cdf(-bound, freedom, shift)


@pytest.mark.parametrize(
    ("noise", "words"),
    [
        (BaselineNoise(2, 0.9, 0.01, "test accuracy"), "Fewer than 3 baseline runs so far"),
        (BaselineNoise(5, 0.9, 0.0, "test accuracy"), "All 5 baseline runs so far are equal"),
    ],
)
def test_without_a_known_spread_accuracy_is_not_translated(quick, tmp_path, monkeypatch, noise, words):
    monkeypatch.setattr(power_report, "baseline_noise", lambda plan: noise)
    detectable, needed = report(quick, tmp_path, "0.02", seeds=5)[1:]
    assert words in detectable and words in needed and "--detect 1.5sd" in needed
