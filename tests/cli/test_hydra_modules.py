"""From the command line to Hydra: words, the loader, what is installed for a time, the state of a command."""

import os
import warnings

import pytest
import yaml
from hydra._internal.hydra import Hydra
from omegaconf import OmegaConf
from omegaconf.basecontainer import BaseContainer

from ablation.cli import (
    arguments,
    config_policy,
    hydra_errors,
    hydra_setup,
    invocation,
    loader,
    study_request,
)
from ablation.config.schema import Data, Model
from ablation.config.shipped.folder import conf_dir
from ablation.errors import AblateError

FILES = {"model": {"family": "resnet"}, "data": {"source": "digits"}, "seed": 3}


def test_options_come_first_with_their_values():
    assert arguments.options_first(["seed=1", "--cfg", "job", "-m", "model=vgg16"]) == [
        *("--cfg", "job", "-m"),
        *("seed=1", "model=vgg16"),
    ]


@pytest.mark.parametrize(
    ("word", "quoted"),
    [
        ("name=it's", r"name='it\'s'"),
        ("name='kept'", "name='kept'"),
        ("name=null", "name=null"),
        ("outputs=null", "outputs='null'"),
        ("seed=1", "seed=1"),
        ("name=${oc.env:USER}", "name='${oc.env:USER}'"),
    ],
)
def test_free_text_is_quoted(word, quoted):
    assert arguments.quote_free_text(word) == quoted


@pytest.mark.parametrize(
    ("typed", "given"),
    [
        ("seed=1 --info", "--info=all seed=1"),
        ("seed=1 -i plugins model=vgg16", "--info=plugins seed=1 model=vgg16"),
        ("--info nope", "--info=all nope"),
        ("seed=1 -m --config-dir", "-m seed=1 --config-dir"),
    ],
)
def test_an_option_takes_no_override_for_its_value(typed, given):
    assert arguments.options_first(typed.split()) == given.split()


def test_paths_of_a_sweep_are_quoted_one_by_one():
    assert arguments.quote_free_text("outputs=a,b c", sweep=True) == "outputs='a','b c'"


@pytest.mark.parametrize(
    "typed", ["outputs=outputs/mine", "name=it's", "data.root=a b", "outputs=a\\\\b", "model.width=8", "name=null"]
)
def test_what_was_quoted_is_shown_as_it_was_typed(typed):
    quoted = arguments.quote_free_text(typed, sweep=True)
    shown = arguments.unquoted(quoted)
    assert arguments.quote_free_text(shown, sweep=True) == quoted
    assert shown == typed or "'" in typed or "\\" in typed


def test_keys_of_a_named_study_are_forced():
    assert arguments.prefix_study_keys(["+study=a", "study.seeds=3"]) == ["+study=a", "++study.seeds=3"]
    assert arguments.prefix_study_keys(["study.seeds=3"]) == ["study.seeds=3"]


def test_files_get_the_types_of_their_choice():
    typed = loader.with_schema(OmegaConf.create(FILES))
    assert (OmegaConf.get_type(typed.model), OmegaConf.get_type(typed.data), typed.seed) == (Model, Data, 3)
    hydras_own = OmegaConf.create({"hydra": {"a": 1}})
    assert loader.with_schema(hydras_own) is hydras_own


def test_what_is_installed_goes_again(monkeypatch):
    monkeypatch.setenv("SECRET", "hunter2hunter2")
    before, filters = dict(BaseContainer._resolvers), list(warnings.filters)
    with hydra_setup.installed():
        assert BaseContainer._resolvers["oc.env"] is not before["oc.env"]
        assert OmegaConf.create({"a": "${oc.env:SECRET}"}).a == os.environ["SECRET"]
    assert {name: BaseContainer._resolvers[name] for name in before if name.startswith("oc.")} == {
        name: function for name, function in before.items() if name.startswith("oc.")
    }
    assert "help_on_keys" in BaseContainer._resolvers or "help_on_keys" not in before
    assert warnings.filters == filters


def test_a_command_s_state_is_its_own():
    request = invocation.PlanRequest(listed=True, measure=False, detect=None)
    with invocation.running(invocation.Invocation(request)) as command:
        invocation.current().codes.extend([0, 2])
        assert (command.code, command.program) == (2, "ablate-plan")
    assert (invocation.current().codes, invocation.current().program) == ([], "ablate")


def test_a_library_s_own_words_are_quoted():
    text = hydra_errors.explain(ValueError("something odd"))
    assert text.startswith("The command could not be parsed: “something odd”.")
    assert "Type for example ablate -m" not in hydra_errors.unreadable("a b") and "seed=1" in hydra_errors.unreadable(
        "!"
    )


def test_a_place_of_hydra_s_is_fixed():
    with pytest.raises(AblateError, match="hydra.run.dir is fixed.*outputs=DIR"):
        config_policy.refuse_calls(OmegaConf.create({"hydra": {"run": {"dir": "/tmp"}}}))


def test_no_study_is_named(quick):
    assert "quickstart" in study_request.study_names(quick)
    assert study_request.study(quick, ["seed=1"]) is None
    assert "ablate-plan +study=quickstart" in str(study_request.no_study(quick))


@pytest.mark.parametrize(
    ("words", "times"),
    [(["seed=1"], 1), (["hydra.mode=RUN", "seed=1"], 2), (["+hydra.searchpath=[conf]"], 2), (["--config-dir", "."], 2)],
)
def test_a_configuration_is_composed_once_unless_the_user_could_have_set_the_mode(
    monkeypatch, in_process, words, times
):
    """Hydra itself composes it twice."""
    composed = []
    original = loader.CheckedLoader.load_configuration

    def counted(self, *arguments, **keywords):
        composed.append(arguments)
        return original(self, *arguments, **keywords)

    monkeypatch.setattr(loader.CheckedLoader, "load_configuration", counted)
    in_process(*words, "model=typo")
    assert len(composed) == times


def test_the_mode_can_be_set_in_a_file_of_the_user(in_process, tmp_path):
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / "swept.yaml").write_text("# @package _global_\nhydra: {mode: MULTIRUN}\n")
    done = in_process("--config-dir", tmp_path, "train=swept", "seed=0,1", "model.width=0")
    assert done.returncode == 1 and "Received model.width=0" in done.stderr  # it read two seeds, as a sweep does


def test_no_shipped_file_sets_the_mode():
    for file in sorted(conf_dir().rglob("*.yaml")):
        assert "mode" not in (yaml.safe_load(file.read_text()) or {}).get("hydra", {}), file


def test_hydra_reads_the_mode_itself_afterwards():
    before = Hydra.get_mode
    with hydra_setup.installed():
        assert Hydra.get_mode is not before
    assert Hydra.get_mode is before
