"""`report.html`: whole, on its own, and nothing but text of what is text."""

import re
from dataclasses import replace

from scipy import stats
from support import comparisons
from support.comparisons import TEST, by_variant
from support.fake_runs import config, history, write
from support.page import (
    COMMAND,
    NAN,
    PAYLOADS,
    SENTENCES,
    Document,
    experiment,
    hostile,
    report,
    shown,
)

from ablation.comparison.analysis.comparison import Comparability, ComparedVariant, Difference
from ablation.comparison.reading.run_details import recorded_error
from ablation.report.html.page import pages
from ablation.report.tables.build import build_table
from ablation.report.wording import findings, warnings
from ablation.rundir import layout
from ablation.rundir import record as rundir_record
from ablation.statistics.arm import Arm


def test_it_says_what_was_asked_and_what_was_found(study):
    text = shown(report(study, SENTENCES, COMMAND))
    for part in (
        "Does width carry it?", "Ablation study widths", *SENTENCES, TEST.caption, "Seeds are few.",
        "4 variants, 16 runs", "data.digest: aa → bb", "train.learning_rate=0.01", "model.width 16 → 8",
        "not comparable", "3 of 4 1 of 4 (p = 1.000)", "335k", "1.21M", "12 s", "threads 1 → 2 -quarter and -eighth",
        "ablate -m +study=widths", "ablate-compare 'out puts' --margin 0.02", "diverged after 8 whole epochs",
        "one two 100 %",
    ):  # fmt: skip
        assert part in text, part


def test_the_numbers_are_the_comparison_s(study):
    text = shown(report(study, SENTENCES, COMMAND))
    for row in study.variants:
        low, high = stats.t.interval(0.95, row.arm.n - 1, row.arm.mean, stats.sem(row.arm.array))
        assert f"{row.arm.mean:.3f} ± {(high - low) / 2:.3f}" in text
    found = study.variant("-half").result
    half = (found.interval[1] - found.interval[0]) / 2
    assert f"{found.difference:+.3f} ± {half:.3f}".replace("-", "−") in text
    low, high = found.simultaneous
    numbers = f"{found.difference:+.3f} [{low:+.3f}, {high:+.3f}]".replace("-", "−")
    assert numbers in text and f"▼ {found.verdict}" in text


def test_equal_input_gives_equal_bytes(study):
    assert report(study, SENTENCES, COMMAND) == report(study, SENTENCES, COMMAND)


def test_disclosures_stand_above_the_verdicts_each_once(study):
    disclosures = ("The plan was changed after 14 runs had ended.", "2 runs were repeated.")
    made = replace(study, disclosures=(*disclosures, disclosures[0]), exploratory=("no study planned it",))
    told = [*findings.sentences(made), *disclosures, "Exploratory: no study planned it."]
    page = report(made, told, COMMAND)
    text = shown(page)
    assert [text.count(sentence) for sentence in disclosures] == [3, 3]  # and below the forest plot, and in the methods
    assert text.index(disclosures[0]) < text.index(disclosures[1]) < text.index("is worse")
    assert "<details" not in page.decode()[: page.decode().index('<div class="disclosures"')]
    assert 'class="disclosures"' not in report(study, SENTENCES, COMMAND).decode()


def test_each_cell_stands_below_its_heading(study):
    """Also those of p, of diverged runs and of runs paired by seed."""
    page = report(study, SENTENCES, COMMAND).decode()
    table = page[page.index('<table class="sortable results"') : page.index("</table>")]
    head, _, body = table.partition("<tbody")
    columns = build_table(study).variants.main_columns
    titles = [column.title for column in columns]
    assert re.findall(r'class="sort">([^<]*)', head) == titles and {"Diverged", "p, Holm", "r"} <= set(titles)
    for row, line in enumerate(body.split("<tr ")[1:]):
        cells = [re.sub("<[^>]*>", "", cell) for cell in re.findall(r"(?s)<t[hd] [^>]*>(.*?)</t[hd]>", line)]
        for column, cell in zip(columns, cells, strict=True):
            assert column.cells[row].text.replace("-", "−") in cell.replace("-", "−"), column.key


def test_commands_that_made_the_runs_stand_first(study):
    text = shown(report(study, SENTENCES, COMMAND, ["ablate -m +study=widths seed=1"]))
    assert "ablate -m +study=widths seed=1 ablate-compare 'out puts'" in text


def test_nothing_but_one_run(tmp_path):
    write(tmp_path, config(), history(1))
    text = shown(report(by_variant(tmp_path), [], ["ablate-compare", "x"]))
    assert "Learning curves" in text and "Differences" not in text and not NAN.search(text)


def test_without_a_baseline_it_describes(tmp_path):
    write(tmp_path, config(), history(1))
    alone = replace(by_variant(tmp_path), baseline=None)
    text = shown(report(alone, findings.sentences(alone), ["ablate-compare", "x"]))
    assert "What the runs show There is nothing to compare baseline with. Its test accuracy: 0.890 (1 seed)." in text
    assert "Verdict" not in text and "because no baseline is named" in text and "None: variants" not in text


def test_of_a_factorial_no_difference_is_said_to_be_judged():
    """Whether its effects are, or one cell is no comparison and bars them."""
    rows = tuple(replace(r, runs=()) for r in comparisons.factorial().variants)
    for made in (
        replace(comparisons.factorial(), variants=rows),
        replace(comparisons.factorial(), variants=rows, effects=()),
    ):
        text = shown(report(made, [], COMMAND))
        assert "individual differences are not tested" in text and "Verdict: " not in text
        assert "too few seeds" not in text
    grown = replace(comparisons.study(), variants=comparisons.study().variants[:2], max_seeds=9)
    grown = replace(grown, variants=tuple(replace(r, runs=()) for r in grown.variants))
    assert "p at each look is compared with the nominal level of that look" in shown(report(grown, [], COMMAND))


def test_arms_without_a_run_and_runs_without_an_epoch(tmp_path):
    directory = write(tmp_path, config(), [], status="diverged")
    record = rundir_record.read_record(directory)
    (directory / layout.HISTORY).unlink()
    (directory / layout.LOG).write_text("lost")
    rundir_record.write_record(directory, record)
    made = by_variant(tmp_path)
    empty = ComparedVariant("-gone", (), Arm("-gone", {}), planned_seeds=3, reference="baseline")
    text = shown(report(replace(made, variants=(*made.variants, empty)), [], ["ablate-compare"]))
    assert (
        "no completed run" in text
        and "0 of 3" in text
        and "diverged after 0 whole epochs" in text
        and not NAN.search(text)
    )


def test_a_warning_stands_on_the_page_once(study):
    base, half, *others = study.variants
    noticed = replace(half, result=replace(half.result, diagnostics=("the deviation of -half is vast",)))
    made = replace(study, variants=(base, noticed, *others))
    text = shown(report(made, findings.sentences(made), COMMAND))
    warnings = (
        "Warning: the deviation of -half is vast.", "Warning: diverged runs are excluded from all means: 1 of -eighth.",
        "Seeds are few.",
    )  # fmt: skip
    text, _, methods = text.partition(" Methods ")
    assert warnings[-1] in methods
    assert [text.count(warning) for warning in warnings] == [1, 1, 1] and " ".join(warnings) in text
    assert text.count("-half (with train.learning_rate=0.01) is worse") == 1


def test_of_many_arms_equal_warnings_and_differences_are_told_together(study):
    base, half, quarter, _ = study.variants
    rows = [base]
    for i in range(180):
        noticed = (f"the deviation of arm{i} is {20 + i} times that of baseline",)
        arm, gate = replace(half.arm, label=f"arm{i}"), Comparability((), (Difference("threads", "1", str(i)),))
        result = replace(half.result, pair=replace(half.result.pair, arm=arm), diagnostics=noticed)
        rows.append(replace(half, label=f"arm{i}", result=result, comparability=gate))
    for i in range(40):
        rows.append(replace(quarter, label=f"bad{i}", comparability=Comparability((Difference("steps", "1", str(i)),))))
    made = replace(study, variants=tuple(rows))
    told = findings.sentences(made)
    assert max(map(len, told)) < 200 and len(told) < 13
    assert warnings.warning_sentences(made)[0] == (
        "Warning: the deviation of arm0 is 20 times that of baseline; similarly for arm1, arm2, arm3, arm4, arm5, arm6 "
        "and 173 more."
    )
    assert "Not comparable: bad0, bad1, bad2, bad3, bad4, bad5 and 34 more also differ from baseline in steps." in told
    assert told[6] == "174 more variants are worse: arm6, arm7, arm8, arm9, arm10, arm11 and 168 more."
    text = shown(report(made, told, COMMAND))
    assert text.count("times that of") == 1 and "threads and 177 more 177 variants" in text
    assert "steps and 37 more 37 variants" in text


def test_where_no_study_is_it_says_where_the_commands_lie(study):
    assert ".hydra/overrides.yaml" not in shown(report(study, SENTENCES, COMMAND))
    assert ".hydra/overrides.yaml" not in shown(report(replace(study, study=None), [], COMMAND, ["ablate seed=0"]))
    assert "Reproduce a run with the overrides in its .hydra/overrides.yaml" in shown(
        report(replace(study, study=None), [], COMMAND)
    )


def test_no_attribute_asks_for_anything_or_runs_anything(study):
    values = Document(report(study, SENTENCES, COMMAND)).values
    assert [value for _, name, value in values if name in ("src", "href", "xlink:href", "srcset")] == ["data:,"]
    assert not [name for _, name, _ in values if name.startswith("on") or name == "style"]


def test_a_hostile_text_makes_no_element_and_no_attribute(study):
    assert len(set(PAYLOADS)) == 100
    harmless = Document(hostile(study, "harmless, " + "x" * 40)).elements
    for payload in PAYLOADS:
        assert Document(hostile(study, payload)).elements == harmless, payload


def test_an_error_s_text_is_text_and_bounded(tmp_path):
    write(tmp_path, config(seed=0), history(1))
    failed = write(tmp_path, config(seed=1), history(1), status="failed", error="x" * 40)
    harmless, record = Document(report(by_variant(tmp_path), [], COMMAND)).elements, rundir_record.read_record(failed)
    for payload in PAYLOADS:
        rundir_record.write_record(failed, replace(record, error=payload))
        assert Document(report(by_variant(tmp_path), [], COMMAND)).elements == harmless, payload
    rundir_record.write_record(failed, replace(record, error=f"first\nsecond {'y' * 10**6}"))
    assert recorded_error(failed).startswith("first second y") and len(recorded_error(failed)) == 500
    (failed / layout.RECORD).write_bytes(b"{")
    assert recorded_error(failed) == "" == recorded_error(tmp_path / "absent")


def test_beyond_500_runs_there_is_a_table_alone(study):
    base, *others = study.variants
    runs = tuple(replace(base.runs[0], seed=seed) for seed in range(600))
    many = replace(base, runs=runs, arm=Arm("baseline", {run.seed: run.test_accuracy for run in runs}))
    page = report(replace(study, variants=(many, *others)), SENTENCES, COMMAND)
    text = shown(page)
    assert "End of run.log" not in text and "Directory" in text and "1 of 4 (p" in text
    assert Document(page).elements["td", ("class",)] > 600


def test_each_experiment_has_its_page_in_its_folder(study):
    one, other = (replace(experiment(study), folder=name) for name in ("first", "second"))
    made = pages([one, other])
    assert list(made) == ["first/report.html", "second/report.html"]
    (page,) = set(made.values())
    back = b'<p class="kicker"><a href="../index.html">All experiments</a></p>'
    assert back in page and page.replace(back, b"") == report(study)
