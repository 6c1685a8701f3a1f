"""The rules of the house, held against the real imports: which room may know which, and which file a library."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "ablation"
FILES = sorted([*PACKAGE.rglob("*.py"), *(ROOT / "hydra_plugins").glob("*.py")])

GROUND = {"errors", "redaction", "text", "random_streams", "config"}  # what every room but statistics may import
ROOMS = {  # room: what it may import besides, a room or one file of it
    "errors": {"redaction", "text"},
    "redaction": set(),
    "text": set(),
    "random_streams": set(),
    "statistics": set(),
    "config": GROUND,
    "rundir": GROUND,
    "runtime": GROUND | {"rundir.files"},
    "model": GROUND | {"rundir.files"},
    "data": GROUND | {"rundir.files"},
    "training": GROUND | {"rundir.files"},
    "run": GROUND | {"data", "model", "training", "runtime", "rundir"},
    "sweep": GROUND | {"run", "rundir", "runtime"},
    "comparison": GROUND | {"statistics", "rundir"},
    "report": GROUND | {"comparison", "statistics"},
    "study": GROUND
    | {"sweep", "run", "statistics", "rundir", "comparison", "runtime"}
    | {"model", "data", "training"},  # for its preflight
    "demo": GROUND | {"rundir"},
    "cli": GROUND
    | {"runtime", "rundir", "statistics", "model", "data", "training", "run", "sweep", "comparison", "report", "study"}
    | {"demo"},
    "api": GROUND | {"cli", "run", "runtime", "rundir", "model", "data", "comparison", "report"},
    "__main__": {"cli", "errors", "runtime"},
    "": {"api"},
}
VERSION_READERS = {"ablation.runtime.provenance", "ablation.cli.usage"}  # import the package itself, for nothing else
PREFLIGHT_ONLY = {"model", "data", "training"}  # of study/, only these files build and train
BUILDS = ("study/preflight/",)
KNOWS = {  # library: the files that may import it
    "tensorflow": {
        "data/tensorflow_pipeline.py",
        "data/sources/tfds.py",
        "training/tensorflow_engine.py",
        "training/tensorflow_optimizers.py",
        "model/blocks/batch_normalization.py",
        "runtime/backend.py",
    },
    "tensorflow_datasets": {"data/sources/tfds.py", "data/sources/tfds_download.py"},
    "jax": {"training/jax_engine.py", "runtime/backend.py", "runtime/compilation_cache.py"},
    "sklearn": {"data/sources/digits.py"},
    "hydra": {"cli/", "hydra_plugins/"},
    "omegaconf": {"cli/", "hydra_plugins/"},
    "scipy": {"statistics/"},
    "matplotlib": {"report/figures/", "report/plots/axis.py"},
    "jinja2": {"report/html/"},
}
HEAVY = {"tensorflow", "tensorflow_datasets", "jax", "keras", "sklearn"}
AT_THE_TOP = {
    "data/tensorflow_pipeline.py",
    "sweep/forkserver_preload.py",
    "run/trial.py",
    "run/compiled.py",
    "run/trained_network.py",
}  # imported lazily themselves
READERS = ("comparison", "report", "statistics", "rundir", "config")  # import nothing heavy, not even lazily
BLOCKS_KNOW = {"model.blocks", "config.network_structure"}  # they receive their parts and look nothing up
LIGHT = ("cli", "run", "config", "data", "sweep", "study", "comparison", "report", "rundir", "runtime", "statistics")


def place(path: Path) -> str:
    """`model/network.py`, or `hydra_plugins/ablate.py`."""
    base = PACKAGE if PACKAGE in path.parents else ROOT
    return path.relative_to(base).as_posix()


MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in FILES
    if PACKAGE in path.parents
}


def imported(path: Path, top_level_only: bool = False) -> Iterator[str]:
    """Full names of what a file imports, lazily or not: `ablation.rundir.files`, `numpy`."""
    tree = ast.parse(path.read_text())
    for node in tree.body if top_level_only else ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{place(path)} has a relative import"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if full in MODULES else str(node.module)


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def broken(module: str, names: Iterator[str], rules: dict[str, set[str]]) -> set[str]:
    """Which of the package's modules a module imports against the rules.

    The package itself is a room: its public functions reach everything.
    """
    own = room(module)
    allowed = rules[own] | ({""} if module in VERSION_READERS else set())
    foreign = {name for name in names if name.split(".")[0] == "ablation" and room(name) != own}
    return {name for name in foreign if room(name) not in allowed and ".".join(name.split(".")[1:3]) not in allowed}


@pytest.mark.parametrize("module", sorted(MODULES))
def test_rooms_import_only_what_stands_below_them(module):
    wrong = broken(module, imported(MODULES[module]), ROOMS)
    assert not wrong, f"{module} imports {', '.join(sorted(wrong))}"


@pytest.mark.parametrize(
    ("own", "code"),
    [
        ("statistics", "from ablation.rundir import files"),
        ("report", "def late():\n    from ablation.rundir.record import read_record"),
        ("training", "from ablation.runtime import console"),
        ("comparison", "import ablation.cli.ablate"),
        ("statistics", "import ablation\nablation.build([])"),
        ("statistics", "def late():\n    import ablation as package"),
        ("config", "from ablation import build"),
        ("rundir", "from ablation import *"),
        ("runtime", "from ablation import __version__"),
    ],
)
def test_a_rule_that_is_broken_is_noticed(tmp_path, own, code):
    file = tmp_path / "made_up.py"
    file.write_text(code)
    assert broken(f"ablation.{own}.made_up", imported(file), ROOMS)


def package_names(path: Path) -> set[str]:
    """What a file takes from the package itself, after `import ablation`."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "ablation":
            names.add(node.attr)
    return names


@pytest.mark.parametrize("module", sorted(VERSION_READERS))
def test_of_the_package_itself_only_the_version_and_the_place_are_read(module):
    assert "ablation" in imported(MODULES[module])
    assert "__version__" in package_names(MODULES[module]) <= {"__version__", "__file__"}


def test_no_imports_go_in_a_circle():
    arrows = {name: {used for used in imported(path) if used in MODULES} for name, path in MODULES.items()}
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join([*trail[trail.index(name) :], name])
        if name not in done:
            for used in sorted(arrows[name] - {"ablation"}):
                visit(used, (*trail, name))
            done.add(name)

    for name in sorted(arrows):
        visit(name, ())


def test_of_study_only_the_preflight_builds_networks():
    for module, path in MODULES.items():
        if room(module) == "study" and not place(path).startswith(BUILDS):
            assert not {room(name) for name in imported(path) if name in MODULES} & PREFLIGHT_ONLY, place(path)


@pytest.mark.parametrize("path", FILES, ids=place)
def test_only_the_named_files_know_a_library(path):
    for library, allowed in KNOWS.items():
        if any(name.split(".")[0] == library for name in imported(path)):
            assert place(path).startswith(tuple(allowed)), f"{place(path)} imports {library}"


@pytest.mark.parametrize("path", [p for p in FILES if place(p).split("/")[0] in LIGHT], ids=place)
def test_the_front_rooms_import_nothing_heavy_at_the_top(path):
    if place(path) not in AT_THE_TOP:
        assert not HEAVY & {name.split(".")[0] for name in imported(path, top_level_only=True)}


def reached(starts: Iterable[str], top_level_only: bool) -> set[str]:
    """The package's modules that are imported once these are, with the packages that they lie in.

    Not past `ablation` itself where lazy imports count: its public functions import everything.
    """
    found: set[str] = set()
    waiting = list(starts)
    while waiting:
        name = waiting.pop()
        if name not in found and (top_level_only or name != "ablation"):
            found.add(name)
            parts = name.split(".")
            waiting += [".".join(parts[:length]) for length in range(1, len(parts))]
            waiting += [used for used in imported(MODULES[name], top_level_only) if used in MODULES]
    return found


def heavy(modules: Iterable[str], top_level_only: bool) -> list[str]:
    """Those that import a heavy library themselves."""
    return [
        name for name in modules if HEAVY & {used.split(".")[0] for used in imported(MODULES[name], top_level_only)}
    ]


@pytest.mark.parametrize("own", ["", "api", "__main__", *LIGHT])
def test_importing_a_front_room_imports_nothing_heavy(own):
    """As `ablate --help` and a mistyped override do: through no chain of imports at the top."""
    starts = [name for name, path in MODULES.items() if room(name) == own and place(path) not in AT_THE_TOP]
    assert starts and not heavy(reached(starts, True), True)


@pytest.mark.parametrize("own", READERS)
def test_what_reads_runs_reaches_nothing_heavy_at_all(own):
    """Neither do comparisons and reports import TensorFlow while they work."""
    assert not heavy(reached([name for name in MODULES if room(name) == own], False), False)


def test_a_heavy_library_behind_other_modules_is_noticed():
    assert heavy(reached(["ablation.run.trial"], True), True)
    command = ["ablation.cli.ablate"]
    assert heavy(reached(command, False), False) and not heavy(reached(command, True), True)


@pytest.mark.parametrize("path", [p for p in FILES if place(p).startswith("model/blocks/")], ids=place)
def test_blocks_look_nothing_up(path):
    known = {".".join(name.split(".")[1:3]) for name in imported(path) if name.split(".")[0] == "ablation"}
    assert known <= BLOCKS_KNOW, place(path)


@pytest.mark.parametrize("module", [name for name in MODULES if name.startswith("ablation.comparison.reading.")])
def test_reading_knows_nothing_of_the_analysis(module):
    assert not [name for name in imported(MODULES[module]) if name.startswith("ablation.comparison.analysis")]


NEUTRAL = [p for p in FILES if place(p).startswith("model/") and place(p) not in KNOWS["tensorflow"]]


@pytest.mark.parametrize("path", NEUTRAL, ids=place)
def test_networks_are_backend_neutral(path):
    known = {"keras", "numpy", "math", "ablation", "functools", "dataclasses", "collections", "contextlib", "typing"}
    known |= {"contextvars", "h5py", "pathlib", "random", "re", "sys", "warnings", "weakref"}
    assert {name.split(".")[0] for name in imported(path)} <= known | {"__future__"}


def imports_by_name(path: Path) -> set[str]:
    """The functions that a file uses to import a module by its name as text, which no rule could follow."""
    used = set()
    for node in ast.walk(ast.parse(path.read_text())):
        name = getattr(node, "attr", getattr(node, "id", ""))
        if isinstance(node, ast.alias):
            name = node.name.split(".")[-1]
        used |= {name} & {"import_module", "__import__", "run_module", "runpy"}
    return used


@pytest.mark.parametrize("path", FILES, ids=place)
def test_no_module_is_imported_by_its_name_as_text(path):
    assert not imports_by_name(path)


@pytest.mark.parametrize(
    "code",
    [
        'import importlib\nimportlib.import_module("ablation.rundir.files")',
        'from importlib import import_module as load\nload("ablation.rundir.files")',
        '__import__("ablation.rundir.files")',
        'import runpy\nrunpy.run_module("ablation")',
    ],
)
def test_an_import_by_name_is_noticed(tmp_path, code):
    file = tmp_path / "made_up.py"
    file.write_text(code)
    assert imports_by_name(file)


@pytest.mark.parametrize("path", FILES, ids=place)
def test_nothing_executes_what_lies_on_disk(path):
    """No pickle, no instantiate, no eval, no load_model anywhere in the package."""
    for node in ast.walk(ast.parse(path.read_text())):
        name = getattr(node, "attr", getattr(node, "id", ""))
        assert name not in {"eval", "exec", "pickle", "load_model", "instantiate", "unsafe_load"}
        if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            assert isinstance(node.value, ast.Constant) and node.value.value is False


def test_the_tree_stays_readable():
    """No folder with more than 14 modules, no module over 320 lines."""
    for folder in {path.parent for path in MODULES.values()}:
        modules = [path for path in folder.glob("*.py") if path.name != "__init__.py"]
        assert len(modules) <= 14, f"{folder} has {len(modules)} modules"
    for path in MODULES.values():
        assert path.read_text().count("\n") <= 320, place(path)
