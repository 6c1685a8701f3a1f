"""What is not installed is asked for by the line that installs it, as pyproject.toml spells it."""

import re
import sys
import tomllib
from pathlib import Path

import pytest

from ablation.config import libraries
from ablation.config.backends import SHAPING
from ablation.config.libraries import BACKENDS, LAUNCHERS, SOURCES, Library
from ablation.errors import AblateError

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CORE = {re.split(r"[<>=\[]", line)[0].replace("-", "_") for line in PROJECT["dependencies"]}
NAMES = {"sklearn": "scikit_learn"}  # module: distribution, where they differ


def everything() -> list[Library]:
    return [*BACKENDS.values(), *SOURCES.values(), *LAUNCHERS.values()]


def test_every_backend_and_every_launcher_has_its_libraries():
    assert BACKENDS.keys() == SHAPING.keys()
    for file in (ROOT / "conf" / "hydra" / "launcher").glob("*.yaml"):
        text = file.read_text()
        library = libraries.launcher(re.search("^_target_: (.*)$", text, re.MULTILINE)[1])
        assert library is not None and f"pip install {library.requirement}" in text


def test_extras_are_those_of_the_project():
    assert PROJECT["name"] == libraries.DISTRIBUTION
    used = {library.extra for library in everything() if library.extra}
    assert used == PROJECT["optional-dependencies"].keys() - {"gpu"}
    for library in everything():
        if library.extra is None:
            assert {NAMES.get(module, module) for module in library.modules} <= CORE


def test_what_is_installed_is_found_without_importing_it():
    libraries.require("data=digits", Library(("sklearn", "hydra_plugins.ablate")))
    before = set(sys.modules)
    libraries.require_backends(["tensorflow"])
    assert set(sys.modules) == before


@pytest.mark.parametrize("module", ["no_such_module", "no_such_package.module", "sys.module"])
def test_what_is_not_installed_is_named_with_the_line_to_type(module):
    with pytest.raises(AblateError) as error:
        libraries.require("backend=jax", Library(("json", module), "jax"))
    for words in (f"not installed: {module}.", "Received backend=jax", "Allowed", "backend= out"):
        assert words in str(error.value)
    assert "Type pip install 'ablation-study[jax]'" in str(error.value)


def test_a_library_without_an_extra_comes_with_the_package():
    with pytest.raises(AblateError) as error:
        libraries.require("data=digits", Library(("no_such_module",)))
    assert str(error.value).endswith("Type pip install ablation-study")


def test_only_the_backends_that_are_used_have_to_be_there(monkeypatch):
    monkeypatch.setattr(libraries, "_is_installed", lambda module: "jax" not in module)
    libraries.require_backends(["tensorflow", "tensorflow"])
    libraries.require_backends([])
    with pytest.raises(AblateError, match="jax and jaxlib"):
        libraries.require_backends(["tensorflow", "jax"])


@pytest.mark.parametrize(
    "target", ["hydra_plugins.ablate.AblationLauncher", "hydra._internal.core_plugins.basic_launcher.BasicLauncher"]
)
def test_a_launcher_of_ours_or_of_hydra_s_needs_nothing(target):
    assert libraries.launcher(target) is None
