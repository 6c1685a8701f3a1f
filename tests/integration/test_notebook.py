"""docs/notebook.ipynb runs from its first cell to its last, in an empty folder and a process of its own."""

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

NOTEBOOK = Path(__file__).resolve().parents[2] / "docs" / "notebook.ipynb"
COMMAND = re.compile(r"^!(.*)$", re.MULTILINE)
RUNNER = """
import ast, json, subprocess, sys
show = {}
for number, source in enumerate(json.load(sys.stdin)):
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, f"cell {number}", "exec"), globals())
    value = None if last is None else eval(compile(ast.Expression(last.value), f"cell {number}", "eval"), globals())
    if hasattr(value, "_repr_png_"):
        assert value._repr_png_()[0].startswith(b"\\x89PNG")
    html = value._repr_html_() if hasattr(value, "_repr_html_") else None  # of a figure None, as Jupyter allows
    show[number] = html or repr(value)
json.dump(show, open("shown.json", "w"))
"""


def cells() -> list[dict]:
    return json.loads(NOTEBOOK.read_text())["cells"]


def code() -> list[str]:
    """The code cells as Python: `!command` as Jupyter runs it, but for a command that fails, which ends the test."""
    sources = ["".join(cell["source"]) for cell in cells() if cell["cell_type"] == "code"]
    return [COMMAND.sub(r"subprocess.run('\1'.split(), check=True)", source) for source in sources]


def test_the_notebook_is_stored_without_results():
    for cell in cells():
        assert cell["cell_type"] in ("code", "markdown")
        if cell["cell_type"] == "code":
            assert (cell["outputs"], cell["execution_count"]) == ([], None)
            ast.parse(COMMAND.sub("pass", "".join(cell["source"])))


def test_the_notebook_runs_to_its_end(tmp_path):
    search = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        [sys.executable, "-c", RUNNER],
        cwd=tmp_path,
        env={**os.environ, "PATH": search},
        input=json.dumps(code()),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    shown = list(json.loads((tmp_path / "shown.json").read_text()).values())
    page = "\n".join(shown)
    assert "Too few seeds" in page and "plain8" in page and "ablate-comparison" in page
    assert "True" in shown and "(2, 16)" in shown and "of all digits" in done.stdout
    made = {path.name for path in tmp_path.iterdir()}
    assert made == {"outputs", "means.pdf", "digits.keras", "digits_savedmodel", "shown.json"}
