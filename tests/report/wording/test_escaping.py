"""Text that others wrote stays text in every target."""

import html
import re

import pytest
from support.payloads import PAYLOADS
from support.tables import unescaped

from ablation.redaction import printable
from ablation.report.wording.escaping import for_csv, for_latex, for_markdown

ALLOWED = re.compile(
    r"\\text(backslash|asciicircum|asciitilde|asciigrave|less|greater|bar|endash|emdash)\{\}|\\textquote(dbl)?(left|right)\{\}"
    r"|\\char34\{\}|\\(dots|S|P|copyright|ss|ae|AE|oe|OE|o|O|l|L|i)\{\}|\\[{}$&#%_]|\{[\[\]*]\}|\$-\$|\$\^\\circ\$"
    r"|\$\\[A-Za-z]+\$|\\textsuperscript\{\d\}|\\[`'^~\"=.][{][A-Za-z][}]|\\[rcvuH]\{[A-Za-z]\}|(?<=[-',])\{\}"
)
HARMLESS = [
    "-shortcut",
    "-norm -acti…ay",
    "-no…rm",
    "-norm …ay",
    "-norm -shortcut",
    "-width.half",
    "-weight_decay",
    "-a-b",
    "-norm; -width.half",
    "-x",
]
EVALUATED = [
    "-2+3",
    "-norm … =1",
    "-1",
    "-A1",
    "-bn1",
    "-A1+1",
    "-A1-B2",
    "-true",
    "-SUM(A1)",
    "-cmd|' /C calc'!A0",
    "-norm -A1",
]
EVALUATED += ["-norm+1", "-norm =1", "-norm\n=1", "--norm", "- norm", "-", "-norm;=1", "+norm", "=norm", "@norm"]
EVALUATED += ["－norm"]


def test_there_are_a_hundred_payloads():
    assert len(set(PAYLOADS)) >= 100


@pytest.mark.parametrize("text", PAYLOADS)
def test_a_text_in_markdown_is_read_as_itself_and_is_nothing_else(text):
    made = for_markdown(text)
    assert unescaped(made) == printable(text).replace("\u200b", "")
    bare = re.sub(r"\\[\\`*_\[\]#!{}]|&(amp|lt|gt|#124|#36|#126|#8203);", "", made)
    assert not set(bare) & set("\\`*_[]#!{}&<>|$~\n\r\t")
    seen = html.unescape(re.sub(r"\\(.)", r"\1", made))
    assert not re.search(r"://|www\.|@\w|#\d|GH-", seen, re.IGNORECASE)


@pytest.mark.parametrize("text", PAYLOADS)
def test_a_text_in_latex_is_no_command(text):
    made = for_latex(text)
    rest = ALLOWED.sub("", made)
    assert made.isascii() and not set(rest) & set('\\{}$&#%_^~"[]*<>|`\n'), (made, rest)


def test_characters_that_pdflatex_has_no_glyph_for_keep_their_number():
    assert for_latex("日é²Ω−﹪") == r"{[}U+65E5{]}\'{e}\textsuperscript{2}$\Omega$$-$\%"
    assert for_latex("a--b---c ''") == "a-{}-b-{}-{}-c '{}'"  # no ligatures
    assert for_latex("＼input") == r"\textbackslash{}input"


def test_formulas_behind_a_semicolon_are_stopped_too():
    assert [for_csv(text) for text in ("a;=1", "-1x", " =1", "a-b", "3;4")] == ["a;'=1", "'-1x", "' =1", "a-b", "3;4"]
    assert [for_csv(text) for text in ("\t=1", "\r", "a\x1b")] == ["'\ufffd=1", "'\ufffd", "a\ufffd"]


def test_a_label_is_written_as_it_is_and_what_a_spreadsheet_evaluates_is_not():
    assert [for_csv(text) for text in HARMLESS] == HARMLESS
    for text in EVALUATED:
        assert for_csv(text) != printable(text) and "'" in for_csv(text), text
