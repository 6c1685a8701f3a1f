"""What YAML reads otherwise than it is meant, in a user's file, and words that are refused before Hydra reads them."""

import pytest


@pytest.fixture
def refusal(in_process, tmp_path):
    """What is said of a file below a folder of configs."""

    def call(path: str, content: str, *words: str) -> str:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content)
        done = in_process("--config-dir", tmp_path, *words)
        assert done.returncode == 1 and done.stderr.count("\n") == 1, done.stderr
        return done.stderr

    return call


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "shortcut: no",
            ("model.shortcut: false", "YAML reads no, off and false as false", "identity_pad, projection"),
        ),
        ("norm: off", ("model.norm: false", "batch, layer, group, none", "Type for example norm: none")),
        ("order: yes", ("model.order: true", "YAML reads yes, on and true as true", "post, pre")),
        ("repeats: 2, 2", ("model.repeats: 2, 2 in a file", "a list, in brackets", "repeats: [3,4,6,3]")),
        ("repeats: 2", ("model.repeats: 2 in a file", "repeats: [3,4,6,3]")),
        ("repeats: {a: 2}", ("Received a mapping for a list in model/mine.yaml", "Allowed: a list")),
        ("repeats: [2, x]", ("model.repeats[1]=x", "a whole number", "Type for example model.repeats=[3,4,6,3]")),
        ("width: no", ("model.width",)),
    ],
)
def test_a_model_s_file_that_yaml_reads_otherwise(refusal, line, told):
    text = refusal("model/mine.yaml", f"defaults: [resnet18, _self_]\n{line}\n", "model=mine")
    assert all(word in text for word in told), text


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("outputs: no", ("outputs: false in a file", "text in quotes", "Type for example outputs: 'no'")),
        ("name: on", ("name: true in a file", "name: 'yes'")),
        ("outputs: 2024_01", ("outputs: 202401 in a file", "text in quotes", "outputs: '1.10'")),
        ("name: 1.10", ("name: 1.1 in a file", "YAML reads some of it as another number")),
        ("data: {root: 007}", ("data.root: 7 in a file", "root: '1.10'")),
        ("tags: [a, 010]", ("tags: 8 in a file", "tags: ['1.10']")),
        ("tags: [a, no]", ("tags: false in a file", "tags: ['no']")),
        ("tags: a, b", ("tags: a, b in a file", "tags: [trial]")),
        ("train: {schedule: off}", ("train.schedule: false", "constant, step, cosine")),
        ("train: {lr_milestones: '0.5, 0.75'}", ("train.lr_milestones", "lr_milestones: [0.5,0.75]")),
        ("data: {augment: no}", ("data.augment: false", "Type for example augment: none")),
        ("plugins: own.py", ("plugins: own.py in a file", "plugins: [my_net.py]")),
    ],
)
def test_any_other_file_that_yaml_reads_otherwise(refusal, content, told):
    text = refusal("extra/mine.yaml", f"# @package _global_\n{content}\n", "+extra=mine")
    assert all(word in text for word in told), text


def test_a_boolean_where_one_is_meant_is_one(in_process, untrained, tmp_path):
    (tmp_path / "extra").mkdir()
    (tmp_path / "extra" / "mine.yaml").write_text(
        "# @package _global_\nname: ${oc.env:HOME}\nrerun: yes\nmodel: {residual: no}\n"
    )
    assert in_process("--config-dir", tmp_path, "+extra=mine").returncode == 0
    assert untrained[0].config.model.residual is False and untrained[0].config.rerun == "true"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("~model", ("Received ~model.", "plain18, plain34", "Type for example model=")),
        ("~model=resnt34", ("Received ~model=resnt34", "Type for example model=resnet34")),
        ("~data", ("Received ~data", "cats_vs_dogs, cifar10, digits, folder", "data=")),
        ("~train", ("Received ~train", "Type for example train=")),
        ("~model@x", ("Received ~model@x", "Type for example model=")),
        ("study=nope", ("Received study=nope", "quickstart", "Type for example ablate -m +study=")),
        ("study=quickstrat", ("Received study=quickstrat", "Type for example ablate -m +study=quickstart")),
    ],
)
@pytest.mark.parametrize("mode", [[], ["-m"], ["--cfg", "job"]], ids=" ".join)
def test_a_group_that_is_deleted_and_a_study_without_its_plus(in_process, typed, told, mode):
    done = in_process(*mode, typed)
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert all(word in done.stderr for word in told), done.stderr


def test_the_studies_of_a_folder_of_configs_are_named(refusal):
    text = refusal("study/mine.yaml", "# @package _global_\nstudy: {}\n", "-m", "study=mien")
    assert "mine" in text and text.endswith("ablate -m +study=mine\n")
