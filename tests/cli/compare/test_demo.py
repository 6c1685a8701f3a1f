"""`ablate-compare --demo`: a study's plan, verdict and page without any training."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from support.fake_runs import config, write

from ablation.cli import ablate_compare
from ablation.cli.compare import demo
from ablation.report.figures import files as figures

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.integration  # whole commands


@pytest.fixture
def undrawn(monkeypatch):
    monkeypatch.setattr(figures, "files", lambda plots, **_: {})


def test_it_shows_plan_verdict_and_page(undrawn, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert ablate_compare.main(["--demo"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("The plan, fixed before any run: 6 components, 7 cells, 8 seeds each.")
    assert "model.residual=false (not true)" in text and "80 % power to detect" in text
    assert "-shortcut is worse" in text and f"Open {Path('ablate-demo/report.html')}." in text
    table = json.loads(Path("ablate-demo/table.json").read_text())
    assert table["study"] == "digits_components" and not table["exploratory"] and not table["disclosures"]
    assert Path("ablate-demo/report.html").is_file() and not Path("comparison").exists()


def test_its_runs_can_be_compared_again(undrawn, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    ablate_compare.main(["--demo", "--out", "shown"])
    first = Path("shown/table.json").read_text()
    assert ablate_compare.main(["--demo", "--out", "shown"]) == 0 == ablate_compare.main(["shown/outputs"])
    assert Path("shown/table.json").read_text() == first == Path("comparison/table.json").read_text()
    assert "Excluded" not in capsys.readouterr().err


def test_it_takes_no_paths_and_needs_a_writable_folder(tmp_path, capsys):
    assert ablate_compare.main(["--demo", "outputs"]) == 1
    assert "--demo compares bundled runs, which do not change. Received outputs too." in capsys.readouterr().err
    assert ablate_compare.main(["--demo", "--watch"]) == 1 and "Received --watch too." in capsys.readouterr().err
    (tmp_path / "file").write_text("")
    assert ablate_compare.main(["--demo", "--out", str(tmp_path / "file")]) == 1
    assert "Cannot write the demo: " in capsys.readouterr().err


def test_it_needs_neither_tensorflow_nor_hydra(tmp_path):
    heavy = ("tensorflow", "keras", "jax", "hydra", "tensorflow_datasets", "sklearn")
    code = (
        f"import sys\nsys.modules.update(dict.fromkeys({heavy!r}))\n"  # None: importing one of them fails
        "from ablation.cli import ablate_compare\nsys.exit(ablate_compare.main(['--demo']))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "") and (tmp_path / "ablate-demo" / "forest.png").is_file()


def test_next_steps_name_what_was_written():
    assert any("ablate-runs shown/outputs" in text for text in demo.next_steps(Path("shown")))


def test_what_it_needs_is_installed_first():
    """The group is a part of the package's own requirements; `make install` installs it before TensorFlow."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    group = project["dependency-groups"]["demo"]
    assert set(group) <= set(project["project"]["dependencies"]) and not any("tensorflow" in each for each in group)
    install = (ROOT / "Makefile").read_text()
    assert install.index("--group demo") < install.index("ablate-compare --demo") < install.index("--group dev")


def test_it_is_not_mixed_with_other_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "outputs", config("vgg16"))
    assert ablate_compare.main(["--demo", "--out", "."]) == 1
    assert "would mix its runs with yours" in capsys.readouterr().err
    assert len(list(Path("outputs").glob("*/run.json"))) == 1
