"""The wheel in an empty environment, used from an empty folder: nothing of the checkout, nothing left undeclared."""

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


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
    assert {name.split("/")[0].split("-")[0] for name in names} == {"ablation", "hydra_plugins"}
    assert "hydra_plugins/__init__.py" not in names  # a namespace that other plug-ins share


def test_the_wheel_alone_trains_and_compares(wheel, tmp_path):
    """Everything it imports is declared: the environment has pip and this wheel. Needs the package index."""
    venv.create(tmp_path / "env", with_pip=True)
    scripts = tmp_path / "env" / "bin"
    run(scripts / "python", "-m", "pip", "install", "--quiet", wheel, cwd=tmp_path)
    empty = tmp_path / "empty"
    empty.mkdir()
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    env["XDG_CACHE_HOME"] = str(tmp_path / "cache")
    assert "ablate -m" in run(scripts / "ablate", "--help", cwd=empty, env=env)
    tiny = ["model=plain_cifar,resnet_cifar", "model.depth=8", "model.width=4", "train=quickstart", "train.epochs=1"]
    run(scripts / "ablate", "-m", *tiny, cwd=empty, env=env)
    told = run(scripts / "ablate-compare", "outputs", cwd=empty, env=env)
    assert "plain8" in told and "resnet8" in told
    own_block_in_a_study(scripts, tmp_path / "own", env)
    assert {p.name for p in (empty / "comparison").iterdir()} == {"overlay.png", "overlay.svg", "summary.csv"}
    assert {p.name for p in empty.iterdir()} == {"outputs", "comparison"}


def own_block_in_a_study(scripts: Path, folder: Path, env: dict[str, str]) -> None:
    """A block from a file beside, taken away by a study beside, in an empty folder."""
    from test_plugins import PARTS

    (folder / "my" / "study").mkdir(parents=True)
    (folder / "my_parts.py").write_text(PARTS)
    (folder / "my" / "study" / "mine.yaml").write_text(
        "# @package _global_\nstudy:\n  baseline: [model=resnet18, 'model.repeats=[1,1]', model.width=4, data=digits, "
        "train=quickstart, train.epochs=1, model.block=separable]\n  components: {separable: [model.block=basic]}\n"
        "  seeds: 1\n"
    )
    words = ["+study=mine", "--config-dir", "my", "plugins=[my_parts.py]"]
    assert "resnet_2xseparable" in run(scripts / "ablate-plan", *words, cwd=folder, env=env)
    told = run(scripts / "ablate", "-m", *words, cwd=folder, env=env)
    assert "resnet_2xseparable" in told and "resnet6" in told and "-separable" in told
    assert {p.name for p in folder.iterdir()} == {"my", "my_parts.py", "outputs"}
