"""Text that others wrote, for each target: it stays text. What is no formula, markup or command cannot become one.

CWE-1236 (formulas in CSV); CommonMark 0.31 (2.4, 6) and GFM (autolinks) for Markdown; the LaTeX kernel alone for LaTeX.
"""

import re
import unicodedata

from ablation.redaction import printable

# A cell starts at the start; in a spreadsheet that splits at semicolons, also behind one. A label of what was removed,
# such as `-norm -width.half`, is names with signs before them; `-A1` is a cell's content and `-true` a number.
REMOVED = (
    r"-(?!(?:[A-Za-z]{1,3}[0-9]+|[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])(?![\w.]))[A-Za-z][\w-]*(?:\.[A-Za-z][\w-]*)?"
)
FORMULA = re.compile(rf"(^|;)(?!\s?{REMOVED}(?: {REMOVED})*(?:;|\Z))(?=\s*[=+\-@＝＋－＠\t\r])")
MARKDOWN = str.maketrans(
    {c: f"\\{c}" for c in "\\`*_[]#!{}"}
    # Not every renderer takes a backslash before these, and a table's row is split before anything else is read.
    | {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;", "$": "&#36;", "~": "&#126;"}
)
# What turns into a link, or calls somebody, without any markup. A backslash does not stop it, a space of no width does.
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
    '"': r"\char34{}",  # babel makes a command of it in some languages
    "[": "{[}",  # behind a row's \\ it would open an option, and * would be one
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
LONGEST = 2000  # characters of one text in LaTeX: TeX reads no line beyond its buffer, of 200,000
DECOMPOSED = 20  # characters that one may stand for; some stand for a sentence


def for_csv(text: str) -> str:
    """A cell that no spreadsheet evaluates: an apostrophe stands before what would be a formula (OWASP).

    A variant's label such as `-norm` is none.
    """
    return printable(FORMULA.sub(r"\1'", text))


def for_markdown(text: str) -> str:
    """Text without markup, HTML, links and mentions, also within a table's cell and in one line."""
    return AUTOLINK.sub(rf"\1{NO_WIDTH}", printable(text).translate(MARKDOWN))


def for_latex(text: str) -> str:
    """Text that pdflatex sets as it is; a character that it has no glyph for becomes its number, [U+4E2D].

    Of more than LONGEST characters the first ones.
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
    known = base != character and all(c.isascii() or c in LATEX for c in (base, *marks))
    return "".join(map(_in_latex, (base, *marks))) if known else f"{{[}}U+{ord(character):04X}{{]}}"
