"""The methods as files."""

import re
import shutil
import subprocess

import pytest
from support.comparisons import hostile, study
from support.payloads import PAYLOADS

from ablation.report.methods import methods_files
from ablation.report.methods.methods_text import Methods, methods

COMMANDS = ["ablate -m +study=mine 'a b' 50%", "ablate-compare outputs_1 --baseline '{x}'"]


def test_markdown_is_escaped_text_and_a_block_of_commands():
    text = methods_files.markdown(Methods(("A weight_decay.", "B *x*."), ("ablate `x`", "b\nc")))
    assert text == "A weight\\_decay.\n\nB \\*x\\*.\n\n    ablate `x`\n    b\N{REPLACEMENT CHARACTER}c\n"


def test_latex_has_no_comment_and_no_special_character():
    text = methods_files.latex(methods(study(), COMMANDS))
    assert not re.search(r"(?<!\\)[%#&_]", text) and r"50\%" in text and r"outputs\_1" in text
    assert methods_files.latex(Methods(("A.",), ())) == "A.\n"


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="no pdflatex")
def test_latex_compiles(tmp_path):
    """Also with everything that a name may contain."""
    text = methods_files.latex(methods(hostile(), [*COMMANDS, *PAYLOADS]))
    document = f"\\documentclass{{article}}\n\\begin{{document}}\n{text}\\end{{document}}\n"
    (tmp_path / "methods.tex").write_text(document, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "methods.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace")
    assert done.returncode == 0, done.stdout[-2000:]
