"""MkDocs hooks: generate pages from the repository's files, so that no text exists twice.

The front page is the README; CHANGELOG, CONTRIBUTING and SECURITY are pages too. The reference is generated from the
schema and from the output of `--help`.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from ablation.config import schema
from ablation.config.keys import MISSING, keys_of

ROOT = Path(__file__).resolve().parents[1]
PAGES = {  # file in the repository: page of the site
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
}
NOT_PAGES = ("LICENSE", "CITATION.cff", "conf/")  # link targets that are not part of the site
LINK = re.compile(r"(!?\[[^\]]*\])\(([^)#\s]+)(#[^)]*)?\)")
COMMANDS = ("ablate", "ablate-plan", "ablate-compare", "ablate-runs")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages."""
    for source, page in PAGES.items():
        files.append(File.generated(config, page, content=_for_the_site((ROOT / source).read_text())))
    files.append(File.generated(config, "reference/configuration.md", content=_configuration()))
    files.append(File.generated(config, "reference/commands.md", content=_commands()))
    return files


def on_page_markdown(markdown: str, **_: object) -> str:
    """Replace links to files outside the site by their text."""
    return re.sub(r"\[([^\]]*)\]\(\.\./conf/[^)]*\)", r"`conf/` (\1)", markdown)


def _for_the_site(text: str) -> str:
    """Convert the links of a file in the repository's root to links between pages."""

    def converted(link: re.Match[str]) -> str:
        label, target, anchor = link[1], link[2], link[3] or ""
        if target.startswith(NOT_PAGES):
            return label.strip("[]")
        target = PAGES.get(target, target.removeprefix("docs/"))
        return f"{label}({target}{anchor})"

    return LINK.sub(converted, text)


def _configuration() -> str:
    """Return the page that lists every key with its default, values and meaning."""
    lines = [
        "# Configuration",
        "",
        "All keys of `ablate`, with the defaults of the schema. The files of a configuration group may override them:",
        "`ablate --help` shows the values that a command would use. Unless stated otherwise, `null` means that the",
        "chosen network family, data source or schedule does not use the key.",
    ]
    parts = {"Command": schema.Config, "Model": schema.Model, "Data": schema.Data, "Train": schema.Train}
    for title, part in parts.items():
        prefix = "" if part is schema.Config else f"{title.lower()}."
        lines += ["", f"## {title}", "", "| key | default | values | meaning |", "|---|---|---|---|"]
        lines += _rows(part, prefix)
    return "\n".join(lines) + "\n"


def _rows(part: type, prefix: str) -> Iterator[str]:
    for key in keys_of(part):
        limits = key.limits
        values = ", ".join(f"`{_written(choice)}`" for choice in limits.choices or ())
        only = f" [used by: {', '.join(limits.read_by)}]" if limits.read_by else ""
        meaning = f"{limits.doc}{only}".replace("|", "\\|")
        yield f"| `{prefix}{key.name}` | `{_written(key.default)}` | {values} | {meaning} |"


def _written(value: object) -> str:
    if value is None:
        return "null"
    if value == MISSING:
        return "required"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def _commands() -> str:
    """Return the page with the `--help` of each command."""
    lines = ["# Commands"]
    for command in COMMANDS:
        program = Path(sys.executable).with_name(command)
        help_text = subprocess.run([program, "--help"], capture_output=True, text=True, check=True).stdout
        lines += ["", f"## {command}", "", "```text", help_text.rstrip(), "```"]
    return "\n".join(lines) + "\n"
