"""Render the page's template: escaping, style sheet, script, and the hashes for its content security policy."""

import base64
import functools
import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from ablation.redaction import printable
from ablation.report.html.charts import curve_paths
from ablation.report.html.charts.variant_selection import COLOURS
from ablation.report.plots.palette import DARK_SHADES, LIGHT_SHADES, MARGIN, VERDICT_STYLES, Shade
from ablation.report.wording.number_format import typeset

TEMPLATE = Path(__file__).parent / "template"
# Replacements for colours that are too dark for a dark page.
DARK = {"#000000": "#f2f2f2", "#0072B2": "#3d9bd9", "#555555": "#a3a9b2"}
LONGEST_TEXT = 2000  # characters
LONGEST_UNBROKEN = 26  # characters of a name whose line never breaks
MANY_COLUMNS = 12  # with more, a table has the details of its numbers in a second line
OPTION = re.compile(r"-[\w. -]{1,25}")  # a name like an option; browsers would break the line after its hyphen


@functools.cache
def environment() -> Environment:
    """Return the template environment, which compiles each template once.

    Every value is escaped, and an undefined one is an error.
    """
    templates = Environment(
        loader=FileSystemLoader(TEMPLATE),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        finalize=_shown,
    )
    sizes = {"width": curve_paths.WIDTH, "height": curve_paths.HEIGHT, "longest_unbroken": LONGEST_UNBROKEN}
    templates.globals |= sizes | {"many_columns": MANY_COLUMNS}
    templates.filters["unbroken"] = _unbroken
    templates.filters["typeset"] = typeset
    return templates


def _shown(value: Any) -> Any:
    """Convert a value for the page: printable text, cut at LONGEST_TEXT characters."""
    if value is None:
        return ""
    if not isinstance(value, str) or hasattr(value, "__html__"):
        return value
    text = value if len(value) <= LONGEST_TEXT else f"{value[: LONGEST_TEXT - 1]}…"
    return text if text.isprintable() else printable(text)


def _unbroken(sentence: str, names: Iterable[str] = ()) -> Markup:
    """Prevent line breaks within option-like names, and between a number and its %."""
    text = re.sub(r"(?<=\d) (?=%)", "&nbsp;", str(escape(_shown(sentence))))
    alternatives = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    if alternatives:
        text = re.sub(rf"(?<!\S)({alternatives})(?![\w-])", r'<span class="unbroken">\1</span>', text)
    return Markup(text)


def style_sheet() -> str:
    """Return the style sheet: the colours shared with the figures, then report.css."""
    light, dark = [f":root{{--margin:{MARGIN};{_variables(LIGHT_SHADES)}}}"], [f":root{{{_variables(DARK_SHADES)}}}"]
    for place, colour in enumerate(COLOURS):
        light.append(f".k{place}{{--k:{colour}}}")
        if colour in DARK:
            dark.append(f".k{place}{{--k:{DARK[colour]}}}")
    for style in VERDICT_STYLES.values():
        light.append(f".{style.name}{{--mark:{style.colour}}}")
        if style.colour in DARK:
            dark.append(f".{style.name}{{--mark:{DARK[style.colour]}}}")
    page_style = text_of("report.css")
    return f"{''.join(light)}\n@media screen and (prefers-color-scheme:dark){{{''.join(dark)}}}\n{page_style}"


def _variables(shades: Mapping[str, Shade]) -> str:
    return ";".join(f"--{name}:{shade.text};--{name}-wash:{shade.wash}" for name, shade in shades.items())


def script() -> str:
    """Return the page's script."""
    return text_of("report.js")


def text_of(name: str) -> str:
    """Return a file beside the templates."""
    return (TEMPLATE / name).read_text(encoding="utf-8")


def csp_hash(text: str) -> str:
    """Compute the hash by which a content security policy allows a style sheet or script."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
