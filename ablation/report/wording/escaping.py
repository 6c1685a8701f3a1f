"""Escape untrusted text for CSV, Markdown and LaTeX, so that it cannot act as a formula, markup or a command.

CWE-1236 (formulas in CSV); CommonMark 0.31 (2.4, 6) and GFM (autolinks) for Markdown; the LaTeX kernel alone for LaTeX.
"""

import re
import unicodedata

from ablation.redaction import printable

# Spreadsheets may also split at semicolons, so the text after one may become a cell of its own. Labels of removals,
# such as `-norm -width.half`, are left alone, also if they are shortened; `-A1` and `-true` are not, because a
# spreadsheet evaluates them.
REMOVED = (
    r"-(?!(?:[A-Za-z]{1,3}[0-9]+|[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])(?![\w.…]))"
    r"[A-Za-z][\w…-]*(?:\.[A-Za-z][\w…-]*)?"
)
FURTHER = rf"(?: (?:{REMOVED}|…[\w.-]*))*"
FORMULA = re.compile(rf"(^|;)(?!\s?{REMOVED}{FURTHER}(?:;|\Z))(?=\s*[=+\-@＝＋－＠\t\r])")
MARKDOWN = str.maketrans(
    {c: f"\\{c}" for c in "\\`*_[]#!{}"}
    # Some renderers ignore a backslash before these, and table rows are split at | before escapes are read.
    | {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;", "$": "&#36;", "~": "&#126;"}
)
# Text that becomes a link or a mention without markup. A backslash does not prevent that; a zero-width space does.
AUTOLINK = re.compile(r"(:(?=//)|@|www(?=\.)|\bGH(?=-)|\\#(?=\d))", re.IGNORECASE)
NO_WIDTH = "&#8203;"
LATEX = {
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "`": r"\textasciigrave{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\char34{}",  # an active character in some languages of babel
    "[": "{[}",  # after the \\ of a row, [ starts an optional argument and * the starred form
    "]": "{]}",
    "*": "{*}",
    **{c: f"\\{c}" for c in "{}$&#%_"},
    "–": r"\textendash{}",
    "—": r"\textemdash{}",
    "…": r"\dots{}",
    "‘": r"\textquoteleft{}",
    "’": r"\textquoteright{}",
    "“": r"\textquotedblleft{}",
    "”": r"\textquotedblright{}",
    "†": r"$\dagger$",
    "‡": r"$\ddagger$",
    "§": r"\S{}",
    "¶": r"\P{}",
    "©": r"\copyright{}",
    "ß": r"\ss{}",
    "æ": r"\ae{}",
    "Æ": r"\AE{}",
    "œ": r"\oe{}",
    "Œ": r"\OE{}",
    "ø": r"\o{}",
    "Ø": r"\O{}",
    "ł": r"\l{}",
    "Ł": r"\L{}",
    "ı": r"\i{}",
    **{digit: rf"\textsuperscript{{{i}}}" for i, digit in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")},
    **{
        c: rf"$\{command}$"
        for c, command in zip(
            "±×÷·≤≥≠≈∞→←↔∈∑∏√αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΦΨΩ",
            "pm times div cdot le ge ne approx infty to leftarrow leftrightarrow in sum prod surd alpha beta gamma "
            "delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon varphi chi psi omega "
            "Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega".split(),
            strict=True,
        )
    },
    "−": "$-$",
    "°": r"$^\circ$",
}
ACCENTS = dict(
    zip("\u0300\u0301\u0302\u0303\u0308\u030a\u0327\u030c\u0304\u0306\u0307\u030b", "`'^~\"rcv=u.H", strict=True)
)
LIGATURES = re.compile(r"-(?=-)|'(?=')|,(?=,)")
LONGEST = 2000  # characters of a text in LaTeX; TeX rejects lines longer than its buffer, 200,000 characters
DECOMPOSED = 20  # characters kept of a decomposed character; some ligatures stand for a whole phrase


def for_csv(text: str) -> str:
    """Escape a cell so that no spreadsheet evaluates it: an apostrophe goes before anything like a formula (OWASP).

    Labels of removals such as `-norm` are not formulas and stay unchanged.
    """
    return printable(FORMULA.sub(r"\1'", text))


def for_markdown(text: str) -> str:
    """Escape text into one line of Markdown without markup, HTML, links or mentions, also valid in a table cell."""
    return AUTOLINK.sub(rf"\1{NO_WIDTH}", printable(text).translate(MARKDOWN))


def for_latex(text: str) -> str:
    """Escape text for pdflatex; a character without a glyph becomes its code point, [U+4E2D].

    Text is cut at LONGEST characters.
    """
    text = text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
    return LIGATURES.sub(r"\g<0>{}", "".join(map(_in_latex, printable(text))))


def _in_latex(character: str) -> str:
    if character in LATEX:
        return LATEX[character]
    if character.isascii():
        return character
    base, *marks = unicodedata.normalize("NFKD", character)[:DECOMPOSED]
    if base.isascii() and base.isalpha() and len(marks) == 1 and marks[0] in ACCENTS:
        return f"\\{ACCENTS[marks[0]]}{{{base}}}"
    has_glyphs = base != character and all(c.isascii() or c in LATEX for c in (base, *marks))
    return "".join(map(_in_latex, (base, *marks))) if has_glyphs else f"{{[}}U+{ord(character):04X}{{]}}"
