"""Render the report's templates, with styles and hashes."""

import base64
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from ablation.redaction import printable
from ablation.report.html import arm_selection, curve_paths, forest_bars
from ablation.report.html.run_details import LONGEST

PAGE = Path(__file__).parent / "template"


DARK = {"#000000": "#f2f2f2", "#0072B2": "#3d9bd9"}  # what a dark page would swallow
SHORT = 26  # characters of a name that breaks nowhere
OPTION = re.compile(r"-[\w. -]{1,25}")  # a name at whose first letter a browser would break a line


def template_environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(PAGE),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        finalize=_shown,
    )
    made.globals |= {"wide": curve_paths.WIDE, "high": curve_paths.HIGH, "long": forest_bars.LONG, "short": SHORT}
    made.filters["whole"] = _whole
    made.filters["places"] = lambda items: ", ".join(map(str, items))
    return made


def _shown(value: Any) -> Any:
    """What stands on the page for a value: of text only what can be seen, and no more than LONGEST of it."""
    if value is None:
        return ""
    if not isinstance(value, str) or hasattr(value, "__html__"):
        return value
    text = value if len(value) <= LONGEST else f"{value[: LONGEST - 1]}…"
    return text if text.isprintable() else printable(text)


def _whole(text: str, names: Sequence[str]) -> Markup:
    """A sentence that breaks in no name which begins as an option does, and between no number and its %."""
    known = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    told = re.sub(r"(?<=\d) (?=%)", "&nbsp;", str(escape(_shown(text))))
    return Markup(re.sub(rf"(?<!\S)({known})(?![\w-])", r'<span class="whole">\1</span>', told) if known else told)


def style_sheet() -> str:
    """The style sheet, behind the colours of the figures."""
    light = "".join(f".k{i}{{--k:{colour}}}" for i, colour in enumerate(arm_selection.COLOURS))
    dark = "".join(f".k{i}{{--k:{DARK[colour]}}}" for i, colour in enumerate(arm_selection.COLOURS) if colour in DARK)
    own = (PAGE / "report.css").read_text(encoding="utf-8")
    return f"{light}\n@media screen and (prefers-color-scheme:dark){{{dark}}}\n{own}"


def csp_hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
