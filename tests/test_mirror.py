"""tests/ mirrors ablation/: each module is imported by a test of its own folder, which is where its tests are found."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NO_CODE = {"__init__.py", "__main__.py"}
MODULES = sorted(path for path in (ROOT / "ablation").rglob("*.py") if path.name not in NO_CODE)


def place(module: Path) -> str:
    return module.relative_to(ROOT / "ablation").as_posix()


def imported(test: Path) -> Iterator[str]:
    """Full names of what a test file imports, at its head or inside a test: modules, and names in modules."""
    for node in ast.walk(ast.parse(test.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def has_a_test(module: Path, root: Path = ROOT) -> bool:
    """Whether a test file of the folder that mirrors the module's imports the module."""
    package = module.relative_to(root).with_suffix("")
    folder = root / "tests" / package.parent.relative_to("ablation")
    return any(".".join(package.parts) in imported(test) for test in folder.glob("test_*.py"))


@pytest.mark.parametrize("module", MODULES, ids=place)
def test_a_test_of_its_own_folder_imports_each_module(module):
    folder = Path("tests") / module.parent.relative_to(ROOT / "ablation")
    assert has_a_test(module), f"no {folder}/test_*.py imports {place(module)}: move its tests there, or write one"


@pytest.mark.parametrize(
    ("test", "line", "expected"),
    [
        ("tests/room/test_thing.py", "from ablation.room import other, thing", True),
        ("tests/room/test_any.py", "from ablation.room.thing import Name", True),
        ("tests/room/test_any.py", "def test_x():\n    import ablation.room.thing", True),
        ("tests/test_thing.py", "from ablation.room import thing", False),
        ("tests/room/below/test_thing.py", "from ablation.room import thing", False),
        ("tests/room/thing.py", "from ablation.room import thing", False),
        ("tests/room/test_thing.py", "from ablation.room import things", False),
        ("tests/room/test_thing.py", "from ablation import room", False),
        ("tests/room/test_thing.py", "import ablation.room", False),
    ],
)
def test_a_rule_that_is_broken_is_noticed(tmp_path, test, line, expected):
    module, file = tmp_path / "ablation" / "room" / "thing.py", tmp_path / test
    file.parent.mkdir(parents=True)
    file.write_text(line)
    assert has_a_test(module, tmp_path) is expected
