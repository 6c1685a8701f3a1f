"""`ablate --help GROUP`."""

import pytest

from ablation.cli.guidance import group_help
from ablation.config import key_help
from ablation.errors import AblateError

pytestmark = pytest.mark.integration  # whole commands


@pytest.fixture
def shown(in_process, capfd):
    """What `ablate --help` prints with these words behind it."""

    def call(*words: str) -> str:
        with pytest.raises(SystemExit) as ended:
            in_process("--help", *words)
        assert ended.value.code in (0, None)
        return capfd.readouterr().out

    return call


@pytest.mark.parametrize("group", ["model", "data", "train"])
def test_one_group_is_its_options_and_its_keys(group, shown):
    text = shown(group)
    others = {"model", "data", "train"} - {group}
    assert all(f"\n{group}.{name}=" in text for name in key_help.keys(group))
    assert not any(f"\n{other}." in text for other in others) and "Exit codes" not in text and "\nseed=" not in text
    assert f"ablate {group}=OPTION" in text and {"model": "resnet34", "data": "digits", "train": "sgd"}[group] in text


def test_the_keys_have_the_values_of_the_other_words(shown):
    text = shown("model=vgg16", "model")
    assert "model.repeats=[2,2,3,3,3]" in text and "(batch | layer | group | none)" in text


def test_a_folder_of_configs_adds_its_options(shown, tmp_path):
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / "mine.yaml").write_text("# @package _global_\nstudy: {}\n")
    text = shown("study", "--config-dir", str(tmp_path))
    assert "mine" in text and "quickstart" in text and "ablate -m +study=OPTION" in text
    assert "slurm" in shown("hydra/launcher")


@pytest.mark.parametrize("words", [["modle"], ["model.norm"], ["model", "data"]], ids=" ".join)
def test_what_is_no_group_is_refused(words, in_process):
    done = in_process("--help", *words)
    assert done.returncode == 1 and f"Received --help {' '.join(words)}." in done.stderr
    assert "Type for example ablate --help model" in done.stderr


def test_other_words_stay_overrides():
    assert group_help.overrides(["seed=1", "~seed"]) == ["seed=1", "~seed"]
    assert group_help.overrides(["data", "seed=1"]) == ["seed=1", "hydra.help.template=${help_on_group:data}"]
    with pytest.raises(AblateError, match="Received --help seed"):
        group_help.overrides(["seed"])


def test_a_dollar_in_a_value_is_no_placeholder_of_the_template(shown):
    assert "\nname=5 $x " in shown("name=5 $x")
    assert group_help.for_template("5 $") == "5 $$"
