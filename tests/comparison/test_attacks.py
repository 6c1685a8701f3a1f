"""Ways to turn an inconclusive component into a verdict by what is typed after the data: none works in silence.

Each attack is refused, has no effect, or is disclosed on the terminal, in table.md, table.json and report.html. What no
comparison can see (another folder of outputs, and plans or runs that are forged consistently) is named in the docs.
"""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from support import studies
from support.fake_runs import history, read_json, write, write_json
from support.finished_studies import CALM, finish

from ablation.cli import ablate_compare
from ablation.cli.runs import ablate_runs
from ablation.report.figures import files as figures_files
from ablation.rundir import layout, study_plan
from ablation.rundir.files import digest, record_checksum
from ablation.rundir.housekeeping.tags import change_tags
from ablation.study import orchestration, parsing
from ablation.study.plan import Plan

pytestmark = pytest.mark.integration

PARTS = {f"part{i}": [f"model.norm_epsilon={i + 1}e-4"] for i in range(12)}
TARGET = "-part3"  # p = .009 alone, .1 after Holm over 12 comparisons
SCORES = {"baseline": CALM, **{f"-part{i}": [score + 0.0003 * (i % 3) for score in CALM] for i in range(12)}}
SCORES[TARGET] = [0.8937, 0.8961, 0.8925, 0.8951, 0.8931]
CLAIMS = ("better", "worse", "equivalent")


@pytest.fixture(autouse=True)
def no_figures(monkeypatch):
    """Figures take most of the time of a comparison, and say nothing that the texts do not."""
    monkeypatch.setattr(figures_files, "files", lambda plots, **_: {})


@pytest.fixture
def study(quick, tmp_path):
    """A finished study of twelve components, whose plan knows its runs."""
    plan = finish(quick, tmp_path / "outputs", SCORES, components=PARTS)
    plan.record_ended()
    return plan


@pytest.fixture
def place(tmp_path):
    return tmp_path / "outputs"


def replanned(quick, place: Path, name: str = "mine", parts=PARTS, **declared) -> Plan:
    """The study typed once more, with changes."""
    declared = {"baseline": studies.BASE, "components": parts, "seeds": 5, **declared}
    plan = orchestration.compile_plan(parsing.parse(name, declared, [f"outputs={place}"], quick.is_simple), quick)
    plan.save()
    return plan


def runs_of(plan: Plan, name: str) -> list[Path]:
    """The directories of a cell's runs, by seed."""
    cell = next(cell for cell in plan.cells.design if cell.name == name)
    return [where.last for where in cell.runs]


def add_run(plan: Plan, cell_name: str, index: int, score: float, **changes) -> Path:
    """One more run of a planned cell. index: of its seed."""
    cell = next(cell for cell in plan.cells.design if cell.name == cell_name)
    config = replace(cell.config, seed=plan.study.seeds[index])
    return write(
        cell.runs[index].outputs, config, history(accuracy=score), fingerprint=cell.runs[index].fingerprint, **changes
    )


def rescored(run: Path, score: float) -> None:
    """Edit the result of a run, with all checksums renewed."""
    values = read_json(run)
    values["metrics"]["test"]["accuracy"] = score - 0.01
    write_json(run, values)


class Screen:
    """What one call of `ablate-compare` said. text: stdout and stderr. code: its exit code."""

    def __init__(self, capsys, place: Path, words: list[str], paths: list[Path] | None = None):
        self.out = place.parent / "comparison"
        shutil.rmtree(self.out, ignore_errors=True)
        try:
            self.code = ablate_compare.main([*map(str, paths or [place]), *words, "--out", str(self.out)])
        except SystemExit as error:  # of the parser
            self.code = int(error.code or 0)
        said = capsys.readouterr()
        self.text = said.out + said.err

    @property
    def place(self) -> Path:
        """The folder of the experiment with the target: of several, that of a study."""
        if (self.out / "table.json").is_file():
            return self.out
        folders = [path.parent for path in sorted(self.out.glob("*/table.json"))]
        texts = {folder: (folder / "table.json").read_text() for folder in folders}
        return max(folders, key=lambda folder: (f'"{TARGET}"' in texts[folder], '"study": null' not in texts[folder]))

    @property
    def table(self) -> dict:
        return json.loads((self.place / "table.json").read_text())

    def variant(self, label: str) -> dict:
        return next(each for each in self.table["variants"] if each["variant"] == label)

    def has_claim(self, label: str = TARGET) -> bool:
        return self.variant(label)["verdict"] in CLAIMS

    def discloses(self) -> bool:
        """Whether the reasons stand in every target."""
        table = self.table
        said = [*table["disclosures"], *(table["exploratory_reasons"] if table["baseline"] else ())]
        assert table["exploratory"] == bool(table["exploratory_reasons"])
        texts = [self.text, (self.place / "table.md").read_text(), (self.place / "table.tex").read_text()]
        texts.append((self.place / "report.html").read_text())
        for sentence in said:
            start = sentence.split("_")[0].split("-")[0].split("'")[0][:40]
            assert all(start in text for text in texts), sentence
        return bool(said)


def test_of_the_honest_study_the_component_is_inconclusive_and_nothing_is_disclosed(capsys, study, place):
    screen = Screen(capsys, place, [])
    target = screen.variant(TARGET)
    assert 0.005 < target["p"] < 0.012 and target["p_adjusted"] > 0.05 and target["verdict"] == "inconclusive"
    assert screen.table["comparisons"] == 12 and not screen.table["exploratory"] and not screen.discloses()


# ---------------------------------------------------------------- what is typed with ablate-compare

WORDS = {
    "a margin beyond the metric's range": ["--margin", "1"],
    "an infinite margin": ["--margin", "inf"],
    "a study that does not exist": ["--study", "other"],
    "a selection without values": ["--select", "best"],
    "a metric that is none": ["--metric", "lucky_accuracy"],
    "a baseline that is none": ["--baseline", "lucky"],
}
CHOICES = {
    "a margin": ["--margin", "0.05"],
    "another metric": ["--metric", "val_accuracy"],
    "a loss": ["--metric", "val_loss"],
    "the best epoch": ["--select", "best_val", "--metric", "val_accuracy"],
    "another baseline": ["--baseline=-part5"],
    "another baseline and metric": ["--baseline=-part2", "--metric", "val_accuracy", "--margin", "0.02"],
}


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
def test_a_word_is_refused(capsys, study, place, words):
    screen = Screen(capsys, place, words)
    assert screen.code in (1, 2) and not (screen.out / "table.json").exists()
    assert any(word in screen.text for word in ("Received", "received", "invalid choice", "unrecognized"))


@pytest.mark.parametrize("words", CHOICES.values(), ids=CHOICES)
def test_another_choice_is_exploratory_and_counts_no_fewer_comparisons(capsys, study, place, words):
    screen = Screen(capsys, place, words)
    assert screen.table["exploratory"] and screen.discloses() and screen.table["comparisons"] >= 12
    assert "Exploratory: " in screen.text


NARROWED = {
    "a setting": ["--where", "model.norm_epsilon=0.0004"],
    "the seeds that suit": ["--where", "seed=0,1,3", "--where", "model.norm_epsilon=0.0004"],
    "the experiment": ["--experiment", "mine"],
    "all in one table": ["--together", "--baseline=norm_epsilon=1e-5"],
    "two of all": ["--together", "--where", "model.norm_epsilon=0.0004,1e-05", "--baseline=norm_epsilon=1e-5"],
}


@pytest.mark.parametrize("words", NARROWED.values(), ids=NARROWED)
def test_what_is_left_out_still_counts(capsys, study, place, words):
    screen = Screen(capsys, place, words)
    rows = screen.table["variants"]
    assert screen.table["comparisons"] == 12 and not any(
        each["verdict"] in CLAIMS for each in rows if "0.0004" in str(each["differs"])
    )
    assert screen.discloses() or words[0] == "--experiment"


# ---------------------------------------------------------------- what is done to plan and runs

Attack = Callable[[object, Plan, Path], "list[Path] | None"]


def fewer_components(quick, plan, place):
    replanned(quick, place, parts={name: PARTS[name] for name in ("part3", "part7")})


def one_component_renamed(quick, plan, place):
    replanned(quick, place, parts={"luck": PARTS["part3"]})


def changed_and_back(quick, plan, place):
    replanned(quick, place, parts={"part3": PARTS["part3"]})
    replanned(quick, place)


def one_more_seed(quick, plan, place):
    more = replanned(quick, place, seeds=6)
    for name in SCORES:
        add_run(more, name, 5, 0.880 if name == TARGET else 0.9)


def fewer_seeds(quick, plan, place):
    replanned(quick, place, seeds=[0, 1, 3, 4])


def pairing(quick, plan, place):
    replanned(quick, place, test="paired")


def a_margin_in_the_file(quick, plan, place):
    replanned(quick, place, margin=0.05)


def stopping_rule(quick, plan, place):
    replanned(quick, place, stopping="sequential", max_seeds=6)


def another_name(quick, plan, place):
    replanned(quick, place, name="luck", parts={"part3": PARTS["part3"]})
    (place / layout.STUDIES / "mine" / layout.PLAN).unlink()


def new_plan_for_old(quick, plan, place):
    shutil.rmtree(place / layout.STUDIES)
    replanned(quick, place, parts={"part3": PARTS["part3"]})


def earlier_plan_deleted(quick, plan, place):
    replanned(quick, place, parts={"part3": PARTS["part3"]})
    for kept in (place / layout.STUDIES / "mine").glob("plan-*.json"):
        kept.unlink()


def plan_edited(quick, plan, place):
    path = place / layout.STUDIES / "mine" / layout.PLAN
    values = json.loads(path.read_text())
    values["test"]["comparisons"] = 1
    path.write_text(json.dumps(values))


def run_deleted(quick, plan, place):
    shutil.rmtree(runs_of(plan, TARGET)[1])


def seed_deleted_everywhere(quick, plan, place):
    for name in SCORES:
        shutil.rmtree(runs_of(plan, name)[1])


def baseline_run_deleted(quick, plan, place):
    shutil.rmtree(runs_of(plan, "baseline")[0])


def run_killed(quick, plan, place):
    values = read_json(runs_of(plan, TARGET)[1])
    write_json(runs_of(plan, TARGET)[1], {**values, "status": "failed"})


def run_repeated(quick, plan, place):
    add_run(plan, TARGET, 1, 0.880, attempt=2, **{"timings.started": "2030-01-01T00:00:00"})


def run_replaced(quick, plan, place):
    shutil.rmtree(runs_of(plan, TARGET)[1])
    add_run(plan, TARGET, 1, 0.880, name="again")


def run_edited(quick, plan, place):
    rescored(runs_of(plan, TARGET)[1], 0.880)


def run_edited_under_cover_of_a_tag(quick, plan, place):
    """Tags may change without a trace, and nothing with them."""
    run = runs_of(plan, TARGET)[1]
    change_tags(run, ["paper"], [])
    rescored(run, 0.880)


def runs_deleted_by_the_command(quick, plan, place):
    for number in (1, 3):
        run = runs_of(plan, TARGET)[number]
        assert ablate_runs.main([str(run), "--delete", "--yes"]) == 0


def run_deleted_by_the_command_and_repeated(quick, plan, place):
    assert ablate_runs.main([str(runs_of(plan, TARGET)[1]), "--delete", "--yes"]) == 0
    add_run(plan, TARGET, 1, 0.880)


def run_declared_diverged(quick, plan, place):
    values = read_json(runs_of(plan, TARGET)[1])
    write_json(runs_of(plan, TARGET)[1], {**values, "status": "diverged"})


def copies(quick, plan, place):
    for number, run in enumerate(runs_of(plan, TARGET)):
        shutil.copytree(run, place / f"copy{number}")
        shutil.copytree(run, place.parent / "elsewhere" / run.name)
    return [place, place.parent / "elsewhere"]


def seeds_outside_the_plan(quick, plan, place):
    cell = next(cell for cell in plan.cells.design if cell.name == TARGET)
    for seed in (17, 18, 19):
        write(place, replace(cell.config, seed=seed), history(accuracy=0.88))


def narrower_paths(quick, plan, place):
    return [*runs_of(plan, "baseline"), *runs_of(plan, TARGET)]


def two_steps(quick, plan, place):
    """By way of a plan without any run."""
    replanned(quick, place, seeds=[7, 8, 9])
    replanned(quick, place, test="paired", margin=0.02)


def two_steps_to_more_seeds(quick, plan, place):
    replanned(quick, place, seeds=[7, 8, 9])
    more = replanned(quick, place, seeds=9)
    for name in SCORES:
        for index in range(5, 9):
            add_run(more, name, index, (0.885 if name == TARGET else 0.9) + 0.001 * (index % 2))


def clean_plan_from_elsewhere(quick, plan, place):
    other = place.parent / "elsewhere"
    replanned(quick, other, parts={"part3": PARTS["part3"]})
    shutil.copy(other / layout.STUDIES / "mine" / layout.PLAN, place / layout.STUDIES / "mine" / layout.PLAN)


def clean_plan_adopted(quick, plan, place):
    clean_plan_from_elsewhere(quick, plan, place)
    replanned(quick, place, parts={"part3": PARTS["part3"]}).record_ended()


def second_plan_of_the_name(quick, plan, place):
    other = place.parent / "elsewhere"
    replanned(quick, other, test="paired", margin=0.02)
    (place / layout.STUDIES / "aaa").mkdir()
    shutil.copy(other / layout.STUDIES / "mine" / layout.PLAN, place / layout.STUDIES / "aaa" / layout.PLAN)


def second_folder_with_a_plan(quick, plan, place):
    other = place.parent / "aaa"
    replanned(quick, other, parts={"part3": PARTS["part3"], "part7": PARTS["part7"]})
    shutil.copytree(runs_of(plan, TARGET)[0], other / runs_of(plan, TARGET)[0].name)
    return [other, *runs_of(plan, TARGET), *runs_of(plan, "baseline")]


def plan_forged_with_checksums(quick, plan, place):
    path = place / layout.STUDIES / "mine" / layout.PLAN
    values = json.loads(path.read_text())
    values["study"]["components"] = values["study"]["components"][3:4]
    values["cells"] = [values["cells"][0], values["cells"][4]]
    for cell in values["cells"]:
        cell["levels"] = {"part3": cell["levels"]["part3"]}
    values["comparisons"], values["test"]["comparisons"] = values["comparisons"][3:4], 1
    values["hash"] = digest({name: values[name] for name in study_plan.FROZEN})
    path.write_text(json.dumps({**values, "checksum": record_checksum(values)}))


ATTACKS = (
    two_steps,
    two_steps_to_more_seeds,
    clean_plan_from_elsewhere,
    clean_plan_adopted,
    second_plan_of_the_name,
    second_folder_with_a_plan,
    plan_forged_with_checksums,
    fewer_components,
    one_component_renamed,
    changed_and_back,
    one_more_seed,
    fewer_seeds,
    pairing,
    a_margin_in_the_file,
    stopping_rule,
    another_name,
    new_plan_for_old,
    earlier_plan_deleted,
    plan_edited,
    run_deleted,
    seed_deleted_everywhere,
    baseline_run_deleted,
    run_killed,
    run_repeated,
    run_replaced,
    run_edited,
    run_edited_under_cover_of_a_tag,
    runs_deleted_by_the_command,
    run_deleted_by_the_command_and_repeated,
    run_declared_diverged,
    copies,
    seeds_outside_the_plan,
    narrower_paths,
)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_what_is_done_to_plan_or_runs_gives_no_verdict_in_silence(capsys, quick, study, place, attack):
    paths = attack(quick, study, place)
    screen = Screen(capsys, place, [], paths)
    label = next((each["variant"] for each in screen.table["variants"] if each["variant"] in (TARGET, "-luck")), None)
    disclosed = screen.discloses()
    assert disclosed or label is None or not screen.has_claim(label)


@pytest.mark.parametrize("attack", [fewer_components, one_component_renamed, changed_and_back, earlier_plan_deleted])
def test_comparisons_that_were_dropped_still_count(capsys, quick, study, place, attack):
    attack(quick, study, place)
    screen = Screen(capsys, place, [])
    assert screen.table["comparisons"] == 12 and not any(map(screen.has_claim, {TARGET, "-luck"} & labels(screen)))


def labels(screen: Screen) -> set[str]:
    return {each["variant"] for each in screen.table["variants"]}


@pytest.mark.parametrize(
    "attack",
    [one_more_seed, fewer_seeds, pairing, stopping_rule, another_name, new_plan_for_old, two_steps]
    + [two_steps_to_more_seeds, clean_plan_from_elsewhere, clean_plan_adopted, second_plan_of_the_name]
    + [second_folder_with_a_plan, plan_forged_with_checksums],
)
def test_rules_that_changed_after_the_data_are_exploratory(capsys, quick, study, place, attack):
    paths = attack(quick, study, place)
    table = Screen(capsys, place, [], paths).table
    assert table["exploratory"] and table["exploratory_reasons"]


def test_the_rules_of_the_present_plan_are_named_whatever_was_between(capsys, quick, study, place):
    two_steps(quick, study, place)
    text = Screen(capsys, place, []).text
    assert "In the present plan: test paired, not auto, margin 0.02, not null." in text
    assert "Exploratory: test, margin changed after 65 runs had ended." in text


def test_under_a_plan_that_the_runs_do_not_know_the_comparisons_of_theirs_count(capsys, quick, study, place):
    clean_plan_from_elsewhere(quick, study, place)
    screen = Screen(capsys, place, [])
    assert screen.table["comparisons"] == 12 and not screen.has_claim()


def test_the_planned_difference_is_fixed_once_there_are_data(capsys, quick, study, place):
    later = orchestration.compile_plan(study.study, quick)
    later.frozen = replace(later.frozen, detect=0.3)
    later.save()
    assert study_plan.read_plan(later.place).detect is None


def test_without_the_plan_all_variants_present_count_and_it_is_exploratory(capsys, study, place):
    shutil.rmtree(place / layout.STUDIES)
    screen = Screen(capsys, place, ["--baseline=norm_epsilon=1e-5"])
    assert screen.table["exploratory"] and screen.table["comparisons"] == 12 and screen.discloses()


def test_without_the_plan_runs_that_were_not_given_are_counted_on_the_page(capsys, quick, study, place):
    shutil.rmtree(place / layout.STUDIES)
    paths = [*runs_of(study, "baseline"), *runs_of(study, TARGET)]
    screen = Screen(capsys, place, ["--baseline=norm_epsilon=1e-5"], paths)
    assert screen.table["exploratory"] and "not among the paths of this comparison: 55 runs" in screen.text


def test_a_run_that_is_missing_stops_the_looks_of_a_sequential_study(capsys, quick, place):
    """Leaving out a seed must not let a later look see other pairs than before."""
    scores = [0.9, 0.88, 0.9, 0.902, 0.898, 0.901]
    plan = finish(
        quick, place, {"baseline": [0.9] * 6, "-part3": scores}, stopping="sequential", max_seeds=6,
        components={"part3": PARTS["part3"]}, seeds=6,
    )  # fmt: skip
    assert not Screen(capsys, place, []).has_claim()
    for index in range(6):
        shutil.move(runs_of(plan, TARGET)[index], place.parent / "aside")
        screen = Screen(capsys, place, [])
        assert not screen.has_claim(), index
        assert index == 5 or (screen.variant(TARGET)["missing"] == 1 and "of 6 runs missing" in screen.text)
        shutil.move(place.parent / "aside", runs_of(plan, TARGET)[index])


def test_an_older_plan_put_back_is_no_fresh_plan(capsys, quick, study, place):
    """plan-HASH.json copied over plan.json has no history; the runs that it knows still show what happened."""
    first = (place / layout.STUDIES / "mine" / layout.PLAN).read_bytes()
    replanned(quick, place, seeds=6)
    (place / layout.STUDIES / "mine" / layout.PLAN).write_bytes(first)
    assert study_plan.read_plan(place / layout.STUDIES / "mine" / layout.PLAN) is not None
    assert not Screen(capsys, place, []).has_claim()
