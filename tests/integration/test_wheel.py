"""The wheel in an empty environment, used from an empty folder: nothing of the checkout, nothing left undeclared."""

import os
import re
import shlex
import subprocess
import sys
import venv
import zipfile
from email import message_from_string
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import ablation

pytestmark = pytest.mark.integration

COMMANDS = ("ablate", "ablate-plan", "ablate-compare", "ablate-runs")
ROOT = Path(__file__).resolve().parents[2]


def run(*command: str | Path, cwd: Path, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--wheel", "--outdir", out, ROOT, cwd=out)
    (made,) = out.glob("*.whl")
    return made


def test_the_wheel_holds_every_config_and_no_test(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    shipped = {f"ablation/conf/{p.relative_to(ROOT / 'conf')}" for p in (ROOT / "conf").rglob("*.yaml")}
    assert shipped and shipped <= names
    assert {name.split("/")[0].split("-")[0] for name in names} == {"ablation", "ablation_study", "hydra_plugins"}
    assert "hydra_plugins/__init__.py" not in names  # a namespace that other plug-ins share


def test_the_wheel_says_what_it_is(wheel):
    """Licence, version and types are where an index, a licence scanner and a type checker look for them."""
    content = zipfile.ZipFile(wheel)
    (about,) = (name for name in content.namelist() if name.endswith(".dist-info/METADATA"))
    metadata = message_from_string(content.read(about).decode())
    assert (metadata["Name"], metadata["Version"]) == ("ablation-study", ablation.__version__)
    assert (metadata["License-Expression"], metadata["License-File"]) == ("Apache-2.0", "LICENSE")
    licence = content.read(about.replace("METADATA", "licenses/LICENSE")).decode()
    assert licence == (ROOT / "LICENSE").read_text() and "Copyright 2026 The ablation-study authors" in licence
    assert "ablation/py.typed" in content.namelist()


def test_the_wheel_without_its_dependencies_has_three_commands(wheel, tmp_path):
    venv.create(tmp_path / "env", with_pip=True)
    scripts = tmp_path / "env" / "bin"
    run(scripts / "python", "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel, cwd=tmp_path)
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    for command in COMMANDS:
        line = f"{command} {ablation.__version__} (Keras not installed, TensorFlow not installed)\n"
        assert run(scripts / command, "--version", cwd=tmp_path, env=env) == line


def test_no_text_offers_a_package_of_an_index_that_is_somebody_else_s():
    """The names ablation, ablate and ablate-cli belong to other projects there."""
    wrong = re.compile(r"(pip install|uvx|pipx run|uv add) +['\"]?(ablation|ablate|ablate-cli)\b(?!-study)")
    folders = [ROOT / name for name in ("ablation", "benchmarks", "conf", "docs", "hydra_plugins", "tests")]
    files = [*ROOT.glob("*"), *(path for folder in folders for path in folder.rglob("*"))]
    texts = [
        path for path in files if path.name == "Makefile" or path.suffix in {".cff", ".md", ".py", ".toml", ".yaml"}
    ]
    assert not [path for path in texts if wrong.search(path.read_text())]


def from_the_index(wheel: Path, environment: Path) -> None:
    """As a user installs it."""
    run(environment / "bin" / "python", "-m", "pip", "install", "--quiet", wheel, cwd=environment)


def from_this_environment(wheel: Path, environment: Path) -> None:
    """The wheel, and links to the files of what it declares and of what that declares, as they are installed here."""
    python = environment / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel, cwd=environment)
    (installed,) = environment.glob("lib/*/site-packages/ablation_study-*.dist-info")
    todo, seen = requirements(metadata.Distribution.at(installed), set()), set()
    while todo:
        requirement = todo.pop()
        if str(requirement) not in seen:
            seen.add(str(requirement))
            distribution = metadata.distribution(requirement.name)
            link(distribution, installed.parent)
            todo += requirements(distribution, requirement.extras)


def requirements(distribution: metadata.Distribution, extras: set[str]) -> list[Requirement]:
    """What a package with these extras needs on this machine."""
    every = [Requirement(line) for line in distribution.requires or []]
    asked = [{"extra": extra} for extra in {"", *extras}]
    return [each for each in every if each.marker is None or any(map(each.marker.evaluate, asked))]


def link(distribution: metadata.Distribution, site_packages: Path) -> None:
    """Link each file of an installed package, but for its commands."""
    for file in distribution.files or []:
        target = site_packages / file
        if ".." not in file.parts and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(Path(distribution.locate_file(file)).resolve())


@pytest.mark.parametrize("install", [from_this_environment, pytest.param(from_the_index, marks=pytest.mark.slow)])
def test_the_wheel_alone_trains_and_compares(wheel, install, tmp_path):
    """Everything it imports is declared: the environment has pip, this wheel and what it asks for."""
    venv.create(tmp_path / "env", with_pip=True)
    scripts = tmp_path / "env" / "bin"
    install(wheel, tmp_path / "env")
    empty = tmp_path / "empty"
    empty.mkdir()
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    env["XDG_CACHE_HOME"] = str(tmp_path / "cache")
    assert "ablate -m" in run(scripts / "ablate", "--help", cwd=empty, env=env)
    tiny = ["model=plain_cifar,resnet_cifar", "model.depth=8", "model.width=4", "train=quickstart", "train.epochs=1"]
    run(scripts / "ablate", "-m", *tiny, cwd=empty, env=env)
    told = run(scripts / "ablate-compare", "outputs", "--baseline", "resnet8", cwd=empty, env=env)
    assert "plain8" in told and "resnet8" in told and "Too few seeds" in told
    own_block_in_a_study(scripts, tmp_path / "own", env)
    kinds = ("png", "svg", "pdf")
    drawn = {f"{name}.{kind}" for name in ("overlay", "difference", "forest", "means") for kind in kinds}
    tables = {"summary.csv", "table.md", "table.tex", "table.json", "report.html"}
    texts = {"captions.md", "methods.md", "methods.tex"}
    costs = {f"tradeoff.{kind}" for kind in kinds}  # where the times differ
    assert {p.name for p in (empty / "comparison").iterdir()} - costs == drawn | tables | texts
    assert {p.name for p in empty.iterdir()} == {"outputs", "comparison"}


def own_block_in_a_study(scripts: Path, folder: Path, env: dict[str, str]) -> None:
    """The README's own block, taken away by the README's study, from an empty folder by the README's command."""
    readme = (ROOT / "README.md").read_text()
    (folder / "my" / "study").mkdir(parents=True)
    for language, name in (("python", "my_parts.py"), ("yaml", "my/study/separable.yaml")):
        blocks = re.findall(rf"```{language}\n(.*?)```", readme, re.DOTALL)
        (folder / name).write_text(next(block for block in blocks if "separable" in block))
    (command,) = re.findall(r"^    ablate (-m .*\+study=separable .*)$", readme, re.MULTILINE)
    words = [*shlex.split(command), "model.repeats=[1,1]", "train.epochs=1", "study.seeds=1"]
    assert "resnet_2xseparable" in run(scripts / "ablate-plan", *words, cwd=folder, env=env)
    told = run(scripts / "ablate", *words, cwd=folder, env=env)
    assert "resnet_2xseparable" in told and "resnet6" in told and "-separable" in told and "-shortcut" in told
    assert {p.name for p in folder.iterdir()} == {"my", "my_parts.py", "outputs"}
