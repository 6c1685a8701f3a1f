"""The public functions are reachable whatever was imported, and importing the package imports nothing else."""

import subprocess
import sys

import pytest

import ablation

PUBLIC = {"__version__", "build", "compare", "load", "runs"}
LIGHT = """
import sys
import ablation
assert {name for name in sys.modules if name.startswith("ablation")} == {"ablation"}
frame, comparison = ablation.runs(sys.argv[1]), ablation.compare(sys.argv[1])
comparison.frame(), comparison.markdown(), comparison.latex(), comparison._repr_html_(), comparison.figure()
print({"keras", "tensorflow", "jax", "hydra", "matplotlib.pyplot"} & set(sys.modules))
"""


def test_each_public_function_is_one_when_every_module_is_imported():
    import importlib
    import pkgutil

    for module in pkgutil.walk_packages(ablation.__path__, "ablation."):
        if not module.name.endswith(("__main__", "forkserver_preload")):
            importlib.import_module(module.name)
    assert set(ablation.__all__) == PUBLIC
    for name in PUBLIC - {"__version__"}:
        assert callable(getattr(ablation, name)) and getattr(ablation, name).__doc__


def test_tables_and_figures_import_no_framework(tmp_path):
    from support.fake_runs import sweep

    sweep(tmp_path, {"plain34": 0.5, "resnet34": 0.9})
    done = subprocess.run([sys.executable, "-c", LIGHT, tmp_path], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "set()\n"), done.stderr


@pytest.mark.parametrize("name", sorted(PUBLIC - {"__version__"}))
def test_the_reference_has_every_public_function(name):
    from pathlib import Path

    page = (Path(__file__).resolve().parents[1] / "docs" / "reference" / "python.md").read_text()
    assert f"::: ablation.{name}\n" in page
