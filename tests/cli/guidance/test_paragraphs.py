"""The paragraphs for errors of Hydra and OmegaConf: in words of the field, and none of the library's own."""

import re

import pytest

from ablation.cli import hydra_errors
from ablation.cli.guidance import file_paragraphs, paragraphs

pytestmark = pytest.mark.integration  # whole commands

TYPED = [  # a command line and what its paragraph must say
    (["+model=vgg16"], ("already has a choice", "Type model=vgg16")),
    (["++data=digits"], ("is a group of files", "Type data=digits")),
    (["-m", "+study=quickstart", "+study=vgg_depth"], ("One study at a time", "+study=vgg_depth")),
    (["a@b=c"], ("no group a", "Received a@b=c", "model, data, train")),
    (["=1"], ("has no key", "Type for example seed=1")),
    (["~"], ("has no key",)),
    (["-", "seed=1"], ("is not an override", "Received -.")),
    (["model.depth=[1,a,true,null]"], ("Wrong type for model.depth", "a whole number", "model.depth=20")),
    (["model.norm=[1]"], ("Wrong type for model.norm", "Allowed: text", "model.norm=batch")),
    (["++tags=[null]"], ("Wrong type for tags[0]", "Allowed: text", "tags=[trial]")),
    (["++train.lr_milestones=[null]"], ("Wrong type for train.lr_milestones[0]", "Allowed: a number")),
    (["seed=${model}"], ("gives a value of the wrong type", "Received ${model}")),
    (["model.width=${model}"], ("refers to itself", "model.width=64")),
    (["++train.lr_milestones=${now:%Y}"], ("Wrong form of train.lr_milestones", "from an interpolation", "[0.5,0.75]")),
    (["tags=${name}", "name=x"], ("Wrong form of tags", "from an interpolation", "tags=[trial]")),
    (["++train.lr_milestones=[{a:1}]"], ("Wrong type for train.lr_milestones", "[0.5,0.75]")),
    ([f"seed={'9' * 5000}"], ("too many digits",)),
    (["name=${oc.env:}"], ("An interpolation fails", "Received it in name", "${oc.env:NAME}")),
    (["name=${nosuch:1}"], ("cannot be resolved", "nosuch")),
    (["tags={a:1}"], ("Wrong form of tags", "Received tags={a:1}", "Allowed: a list", "tags=[trial]")),
    (["-m", "seed=range(0,3,0)"], ("no values that can be counted", "seed=range(0,5)")),
    (["-m", "train.momentum=range(0,nan)"], ("no values that can be counted",)),
    (["hydra.searchpath=x"], ("not a list of folders", "Received x", "--config-dir FOLDER")),
    (["hydra.searchpath=[s3://x]"], ("not a list of folders", "Received s3")),
    (["hydra.job.env_copy=[NO_SUCH_VARIABLE]"], ("NO_SUCH_VARIABLE is not set", "hydra.job.env_copy")),
    (["--config-name", ""], ("There is no config", "--config-name")),
    (["hydra.sweeper.params=x", "-m"], ("not a mapping", "Received x")),
    (["model.repeats=2,2"], ("is a list", "in brackets", "Type for example model.repeats=[")),
    (["seed=0,1"], ("Several values make a sweep", "Type ablate -m seed=")),
    (["train.clipnorm=None"], ("a number, or null for none", "Type for example train.clipnorm=null")),
    (["data.limit=unlimited"], ("a whole number, or null for none", "data.limit=null")),
    (["data.limit=1.5"], ("or null for none", "Type for example data.limit=")),
    (["-m", "++study=quickstart"], ("is a group of files", "one plus sign", "Type +study=quickstart")),
    (["++model=vgg16"], ("is a group of files", "no plus sign", "Type model=vgg16")),
    (
        ["-m", "+study=quickstart", "study.seeds=1,2"],
        ("Received study.seeds=1,2", "Type for example study.seeds=[1,2]"),
    ),
]
FILES = [  # a content of model/mine.yaml and what its paragraph must say
    ("defaults: resnet18", ("model/mine.yaml", "must be a list")),
    ("defaults: [[a]]", ("model/mine.yaml", "defaults: with a list of files")),
    ("defaults: [nope]", ("model/mine.yaml is based on does not exist", "Received model/nope")),
    ("null: 1", ("model/mine.yaml", "names as keys")),
    ("width: \0", ("model/mine.yaml", "at position 7", "UTF-8")),
    ("width: ${", ("model/mine.yaml",)),
    ("# @package\na: 1", ("model/mine.yaml",)),
    ("[" * 900, ("nested too deeply",)),
    ("a: !!binary x", ("model/mine.yaml", "near line 1")),
    ("1", ("model/mine.yaml",)),
    ("defaults: [resnet18, _self_, _self_]", ("model/mine.yaml", "_self_ twice")),
]


def is_a_paragraph(text: str) -> bool:
    return text.startswith("ablate: ") and text.count("\n") == 1 and "Received" in text and "Allowed" in text


@pytest.mark.parametrize(("words", "told"), TYPED, ids=[" ".join(words)[:40] for words, _ in TYPED])
def test_a_command_line_that_hydra_refuses(in_process, tmp_path, words, told):
    done = in_process(*words)
    assert done.returncode == 1 and is_a_paragraph(done.stderr), done.stderr
    assert all(word in done.stderr for word in told) and "could not be parsed: “" not in done.stderr, done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("content", "told"), FILES, ids=[content[:20] for content, _ in FILES])
def test_a_file_that_hydra_refuses(in_process, tmp_path, content, told):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "mine.yaml").write_text(content)
    done = in_process("--config-dir", tmp_path, "model=mine")
    assert done.returncode == 1 and is_a_paragraph(done.stderr), done.stderr
    assert all(word in done.stderr for word in told), done.stderr


def test_a_key_that_a_sweep_s_run_does_not_read_is_refused_with_the_run(in_process):
    done = in_process("-m", "model.shake_level=image,batch")
    assert done.returncode == 1 and "not used by model.family=resnet" in done.stderr
    assert "(in the run model.shake_level=image; nothing was started)" in done.stderr


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "latin-1"])
def test_a_file_in_another_encoding_is_named(in_process, tmp_path, encoding):
    (tmp_path / "model").mkdir()
    content = "# größer\ndefaults: [resnet18, _self_]\n"
    (tmp_path / "model" / "mine.yaml").write_bytes(content.encode(encoding))
    done = in_process("--config-dir", tmp_path, "model=mine")
    assert done.returncode == 1 and is_a_paragraph(done.stderr)
    assert all(word in done.stderr for word in ("not UTF-8", "model/mine.yaml", "Save the file as UTF-8"))


def test_a_byte_order_mark_is_read_over(in_process, untrained, tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "mine.yaml").write_bytes("defaults: [resnet18, _self_]\nwidth: 8\n".encode("utf-8-sig"))
    done = in_process("--config-dir", tmp_path, "model=mine")
    assert done.returncode == 0 and untrained[0].config.model.width == 8, done.stderr


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("defaults: [config, _self_]\nseed:\n", ("Wrong form of seed", "Type for example seed=0")),
        ("defaults: [config, _self_]\nhydra:\n", ("hydra: is empty", "Leave hydra: out")),
        ("- a\n- b\n", ("a list in own.yaml", "defaults: [config, _self_]")),
    ],
)
def test_a_primary_config_that_hydra_refuses(in_process, tmp_path, content, told):
    (tmp_path / "own.yaml").write_text(content)
    done = in_process("--config-dir", tmp_path, "--config-name", "own")
    assert done.returncode == 1 and is_a_paragraph(done.stderr), done.stderr
    assert all(word in done.stderr for word in told), done.stderr


@pytest.mark.parametrize("content", ["model:", "model: 1", "model: ${seed}", "data: [a]", "train: ' '", "model: text"])
def test_a_group_that_is_no_mapping_is_refused(in_process, tmp_path, content):
    (tmp_path / "extra").mkdir()
    (tmp_path / "extra" / "mine.yaml").write_text(f"# @package _global_\n{content}\n")
    done = in_process("--config-dir", tmp_path, "+extra=mine")
    group = content.partition(":")[0]
    assert done.returncode == 1 and is_a_paragraph(done.stderr), done.stderr
    assert f"{group} is a group of keys" in done.stderr or "a mapping" in done.stderr, done.stderr


def test_a_warning_of_hydra_s_is_a_line_without_code(in_process, untrained, tmp_path, recwarn):
    import warnings

    (tmp_path / "own.yaml").write_text("defaults: [config]\nseed: 1\n")
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        done = in_process("--config-dir", tmp_path, "--config-name", "own")
    assert done.returncode == 0 and re.fullmatch(r"ablate: Note: In 'own': Defaults list is missing .*\n", done.stderr)


def test_each_pattern_belongs_to_a_function_with_as_many_arguments():
    for pattern, paragraph in paragraphs.PATTERNS:
        given = ["x"] * re.compile(pattern).groups
        assert "Received" in paragraph(*given), pattern
    assert set(file_paragraphs.PATTERNS) < set(paragraphs.PATTERNS)
    assert "ZeroDivisionError" in hydra_errors.explain(ZeroDivisionError())


def test_a_file_with_a_space_in_its_name_hides_no_other(in_process, tmp_path):
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / "a copy.yaml").write_text("")
    done = in_process("--config-dir", tmp_path, "-m", "+study=quikstart")
    assert done.returncode == 1 and "a copy, " in done.stderr and "Type for example +study=quickstart" in done.stderr
