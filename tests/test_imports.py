"""The house rules: imports point one way, and only the named files know TensorFlow, JAX and Hydra."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted([*(ROOT / "ablation").rglob("*.py"), *(ROOT / "hydra_plugins").glob("*.py")])
PLAIN = {"config", "check", "errors", "streams", "structure", "identity", "rundir", "progress", "signals", "job"}
PLAIN |= {"safety", "plugins", "usage"}
ROOMS = {  # room -> rooms that it may import besides the plain values
    "blocks": set(),
    "network": {"blocks"},
    "data": set(),
    "training": set(),
    "trial": {"network", "data", "training"},
    "environment": {"source_digest"},
    "source_digest": set(),
    "run": {"data", "training", "trial", "environment"},
    "__main__": {"cli"},
    "sweep": {"run", "data", "environment", "trial"},
    "compare": {"environment"},
    "study": {"run", "data", "network", "training", "trial", "environment", "sweep", "compare"},
    "check": set(),
    "messages": set(),
    "cli": {"check", "messages", "run", "sweep", "study", "data", "network", "environment"},
}
KNOWS = {
    "tensorflow": {"data/pipeline.py", "data/tfds.py", "training/tensorflow_engine.py", "environment.py"},
    "tensorflow_datasets": {"data/tfds.py"},
    "jax": {"training/jax_engine.py", "environment.py"},
    "hydra": {"cli.py", "ablate.py"},
    "sklearn": {"data/digits.py"},
    "scipy": {f"compare/{name}.py" for name in ("statistics", "judge", "beside", "effects", "sequential", "curves")},
    "matplotlib": {
        "compare/axis.py",
        "compare/drawing.py",
        "compare/facets.py",
        "compare/figures.py",
        "compare/forest.py",
        "compare/sheets.py",
    },
}


def imported(path: Path, top_level_only: bool = False) -> set[str]:
    tree = ast.parse(path.read_text())
    names: set[str] = set()
    for node in tree.body if top_level_only else ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def place(path: Path) -> str:
    return str(path.relative_to(ROOT / "ablation")) if "ablation" in path.relative_to(ROOT).parts else path.name


def room(name: str) -> str:
    return name.split(".")[1] if name.startswith("ablation.") else ""


@pytest.mark.parametrize("path", FILES, ids=place)
def test_only_the_named_files_know_a_library(path):
    for library, allowed in KNOWS.items():
        if any(name.split(".")[0] == library for name in imported(path)):
            assert place(path) in allowed, f"{place(path)} imports {library}"


@pytest.mark.parametrize("path", [p for p in FILES if p.parent.name != "hydra_plugins"], ids=place)
def test_imports_point_one_way(path):
    own = place(path).removesuffix(".py").split("/")[0]
    if own == "__init__":
        return
    used = {room(name) for name in imported(path)} - {"", own}
    assert used <= PLAIN | ROOMS.get(own, set()), f"{place(path)} imports {used}"


@pytest.mark.parametrize("light", ["cli", "run", "check", "data", "sweep", "study", "compare", "rundir", "environment"])
def test_the_front_rooms_import_nothing_heavy_at_the_top(light):
    paths = [p for p in FILES if place(p).removesuffix(".py").split("/")[0] == light]
    heavy = {"tensorflow", "tensorflow_datasets", "jax", "keras", "sklearn"}
    for path in paths:
        if place(path) in ("data/pipeline.py", "sweep/preload.py"):
            continue
        assert not heavy & {name.split(".")[0] for name in imported(path, top_level_only=True)}, place(path)


def test_blocks_and_networks_are_backend_neutral():
    for path in [*(ROOT / "ablation" / "blocks").glob("*.py"), ROOT / "ablation" / "network.py"]:
        assert {n.split(".")[0] for n in imported(path)} <= {
            "keras", "numpy", "math", "ablation", "functools", "dataclasses",
        }  # fmt: skip


def test_nothing_executes_what_lies_on_disk():
    """No pickle, no instantiate, no eval, no load_model anywhere in the package."""
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text())):
            name = getattr(node, "attr", getattr(node, "id", ""))
            assert name not in {"eval", "exec", "pickle", "load_model", "instantiate", "unsafe_load"}, place(path)
            if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
                assert isinstance(node.value, ast.Constant) and node.value.value is False
