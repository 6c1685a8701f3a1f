"""report.html: one file that asks for nothing else, and in which no text of a run is ever more than text.

Every text passes through `_shown` and Jinja's escaping; of scripts and styles the page allows its own one, by hash.
"""

import base64
import hashlib
import re
import shlex
from collections.abc import Iterable, Sequence
from math import isfinite, nan
from pathlib import Path
from statistics import fmean
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from ablation.compare import bars, chosen, panels, statistics, thresholds
from ablation.compare.cautions import careful
from ablation.compare.comparison import Comparison, Row
from ablation.compare.details import LISTED, LONGEST, brief, details, left_out, written
from ablation.compare.effects import Effect
from ablation.compare.images import PerImage
from ablation.compare.judge import BETTER, EQUIVALENT, FEW, OPEN, WORSE, Arm, Finding
from ablation.compare.numbers import chance, count, duration, interval, typeset
from ablation.compare.rules import FEWEST
from ablation.compare.sheet import said_by_labels
from ablation.errors import printable

PAGE = Path(__file__).parent / "page"
REASONS, ALIKE = 6, 3  # why one row is refused; values of one key that differ between arms
MOST_RUNS = 500  # with their records; of more there is a table alone
DARK = {"#000000": "#f2f2f2", "#0072B2": "#3d9bd9"}  # what a dark page would swallow
SHORT = 26  # characters of a name that breaks nowhere
OPTION = re.compile(r"-[\w. -]{1,25}")  # a name at whose first letter a browser would break a line
NUMBERS = (  # what stands beside the verdict: its key, and its title
    ("p", "p"),
    ("adjusted", "p, Holm"),
    ("regrouped", "p without assuming normal noise"),
    ("paired", "Paired by seed"),
    ("correlation", "Correlation"),
    ("images", "These networks on these images, p"),
    ("improvement", "Probability of improvement"),
    ("effect", "Hedges’ g"),
)
VERDICTS = {  # sign, class and rank in sorting
    BETTER: ("▲", "better", 0),
    EQUIVALENT: ("≈", "equivalent", 1),
    OPEN: ("?", "open", 2),
    FEW: ("…", "few", 3),
    WORSE: ("▼", "worse", 4),
    "not comparable": ("✕", "refused", 5),
    "no runs": ("–", "none", 6),
    "baseline": ("", "baseline", -1),
    "": ("", "none", 7),
}


def report(
    comparison: Comparison, sentences: Sequence[str], command: Sequence[str], before: Sequence[str] = ()
) -> bytes:
    """The page as UTF-8. sentences: the verdict, and warnings, which stand apart.

    command: the words of the command that wrote this. before: the commands that made the runs, as typed. Equal input,
    equal bytes. Beside the comparison it reads the end of each run's log, the record of each one that is left out for
    what it says of its error, and nothing else.
    """
    rows = [_row(comparison, i, row) for i, row in enumerate(comparison.rows)]
    few = sum(len(row.runs) + len(row.diverged) for row in comparison.rows) <= MOST_RUNS
    looks, style, script = chosen.looks(comparison), _style(), (PAGE / "report.js").read_text(encoding="utf-8")
    charts, warnings = panels.panels(comparison), list(dict.fromkeys(careful(comparison)))
    drawn = set(chosen.drawn(comparison)) if charts else set()
    made = list(before) or ([shlex.join(["ablate", "-m", f"+study={comparison.study}"])] if comparison.study else [])
    page = _environment().get_template("report.html").render(
        comparison=comparison,
        sentences=[sentence for sentence in sentences if sentence not in set(warnings)],
        rows=rows,
        columns=_columns(comparison),
        reached=thresholds.told(comparison.threshold) if comparison.threshold else "",
        charts=charts,
        values=[chart.values for chart in charts],
        drawn=[rows[i] for i in looks if i in drawn],
        looks=looks,
        shown=set(chosen.shown(comparison)),
        undrawn=sum(bool(row["runs"]) for row in rows) - len(drawn),
        forest=bars.forest(comparison),
        effects=[_effect(effect, comparison.places) for effect in comparison.effects],
        gate=_gate(comparison.rows),
        warnings=warnings,
        names=[row.label for row in comparison.rows if OPTION.fullmatch(row.label)],
        numbers=[(key, title) for key, title in NUMBERS if any(row["beside"] and row["beside"][key] for row in rows)],
        details=[details(row) for row in comparison.rows] if few else [],
        every=[] if few else [brief(row, run) for row in comparison.rows for run in (*row.runs, *row.diverged)],
        skipped=[left_out(path, reason, few) for path, reason in comparison.skipped[:LISTED]],
        commands=[*made, shlex.join(command)],
        made=bool(made),
        style=Markup(style),
        script=Markup(script),
        style_hash=_hash(style),
        script_hash=_hash(script),
        listed=LISTED,
    )  # fmt: skip
    return page.encode()


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(PAGE),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        finalize=_shown,
    )
    made.globals |= {"wide": panels.WIDE, "high": panels.HIGH, "long": bars.LONG, "short": SHORT}
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


def _style() -> str:
    """The style sheet, behind the colours of the figures."""
    light = "".join(f".k{i}{{--k:{colour}}}" for i, colour in enumerate(chosen.COLOURS))
    dark = "".join(f".k{i}{{--k:{DARK[colour]}}}" for i, colour in enumerate(chosen.COLOURS) if colour in DARK)
    own = (PAGE / "report.css").read_text(encoding="utf-8")
    return f"{light}\n@media screen and (prefers-color-scheme:dark){{{dark}}}\n{own}"


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _row(comparison: Comparison, index: int, row: Row) -> dict[str, Any]:
    """What the tables show of an arm: texts, and the numbers that they are sorted by (nan: none)."""
    finding, places = row.finding, comparison.places
    verdict = _verdict(comparison, row)
    sign, kind, rank = VERDICTS.get(verdict, ("", "none", 7))
    seconds = fmean(run.seconds for run in row.runs) if row.runs else nan
    return {
        "index": index,
        "label": row.label,
        "name": ", ".join(list(dict.fromkeys(run.name for run in row.runs if run.name))[:LISTED]),
        "baseline": row.label == comparison.baseline,
        "removed": ", ".join(row.removed),
        "along": ", ".join(row.along),
        "runs": len(row.runs) + len(row.diverged),
        "n": row.arm.n,
        "of": row.planned if row.planned is not None and row.planned != row.arm.n else None,
        "diverged": len(row.diverged),
        "metric": written(row.arm.mean, places) if row.arm.n else "",
        "half": written(half, places) if (half := half_width(row.arm)) > 0 else "",
        "mean": row.arm.mean if row.arm.n else nan,
        "difference": written(finding.difference, places, sign=True) if finding else "",
        "interval": _interval(finding.interval, places) if finding else "",
        "gap": finding.difference if finding else nan,
        "against": row.against if row.against != comparison.baseline else None,
        "verdict": verdict,
        "sign": sign,
        "kind": kind,
        "rank": rank,
        "reasons": [f"{d.key}: {d.one} → {d.other}" for d in row.gate.refused[:REASONS]],
        "unsaid": max(0, len(row.gate.refused) - REASONS),
        "parameters": row.runs[0].parameters if row.runs else nan,
        "macs": row.runs[0].macs if row.runs else nan,
        "params_text": count(row.runs[0].parameters) if row.runs else "",
        "macs_text": count(row.runs[0].macs) if row.runs else "",
        "seconds": seconds,
        "time": duration(seconds) if row.runs else "",
        "reached": thresholds.cell(comparison.threshold, row.label) if comparison.threshold else "",
        "median": _median(comparison, row),
        "beside": _beside(finding, places, row.images) if finding else None,
    }


def _verdict(comparison: Comparison, row: Row) -> str:
    if row.label == comparison.baseline:
        return "baseline"
    if row.gate.refused:
        return "not comparable"
    if row.finding:
        return row.finding.verdict
    if not row.runs:
        return "no runs"
    return FEW if row.against and row.arm.n < FEWEST else ""


def _median(comparison: Comparison, row: Row) -> float:
    """Until the threshold; nan where there is none."""
    reached = comparison.threshold and comparison.threshold.reached.get(row.label)
    return reached.median if reached and reached.median is not None else nan


def half_width(arm: Arm) -> float:
    """Half of the 95 % interval of an arm's mean, by Student's t; nan without a spread."""
    low, high = statistics.mean_interval(arm.array)
    return (high - low) / 2


def _beside(finding: Finding, places: int, images: PerImage | None) -> dict[str, Any]:
    """What stands beside the verdict, and never takes its place. sort: what a column is sorted by, if not its text."""
    paired = finding.paired
    return {
        "sort": {
            "regrouped": finding.regrouped,
            "paired": paired.difference if paired else nan,
            "images": images.p if images else nan,
        },
        "images": _p(images.p) if images else "",
        "p": _p(finding.p),
        "adjusted": _p(finding.adjusted),
        "regrouped": _p(finding.regrouped) + ("" if finding.exact or not isfinite(finding.regrouped) else " (drawn)"),
        "paired": f"{written(paired.difference, places, sign=True)} {_interval(paired.interval, places)}"
        if paired
        else "",
        "correlation": written(paired.correlation, 2) if paired else "",
        "improvement": written(finding.improvement, 2),
        "effect": written(finding.effect, 2, sign=True),
        "normal": "under normal noise" if finding.rests else "",
    }


def _effect(effect: Effect, places: int) -> dict[str, Any]:
    return {
        "kind": effect.kind,
        "parts": " × ".join(effect.parts),
        "sort": effect.difference,
        "size": f"{written(effect.difference, places, sign=True)} {_interval(effect.interval, places)}",
        "p_sort": effect.p,
        "p": _p(effect.p),
        "adjusted": _p(effect.adjusted),
        "verdict": effect.verdict,
    }


def _interval(ends: tuple[float, float], places: int) -> str:
    return typeset(interval(ends, places))


def _p(value: float) -> str:
    return typeset(chance(value)) if isfinite(value) else ""


def _columns(comparison: Comparison) -> dict[str, Any]:
    """Which columns have anything to say. normal: do `all` or `some` verdicts rest on normal noise?"""
    rows = comparison.rows
    resting = [row.finding.rests for row in rows if row.finding and row.finding.verdict not in ("", FEW)]
    return {
        "removed": any(row.removed for row in rows) and not said_by_labels(rows),
        "along": any(row.along for row in rows),
        "difference": any(row.finding for row in rows),
        "verdict": any(_verdict(comparison, row) for row in rows),
        "compared": any(row.finding or row.gate.refused for row in rows),
        "against": any(row.against and row.against != comparison.baseline for row in rows),
        "threshold": thresholds.title(comparison.threshold) if comparison.threshold else "",
        "normal": "" if not any(resting) else "all" if all(resting) else "some",
    }


def _gate(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """The gate's findings, equal ones of several arms as one; what refuses stands first.

    Of a key with many values those of most arms; the last one tells how many `more` there are.
    """
    found: dict[tuple[bool, str], dict[tuple[str, str], list[str]]] = {}
    for row in rows:
        for refused, differences in ((True, row.gate.refused), (False, row.gate.marked)):
            for d in differences:
                found.setdefault((not refused, d.key), {}).setdefault((d.one, d.other), []).append(row.label)
    told = []
    for (marked, key), values in sorted(found.items(), key=lambda item: item[0][0]):
        shown = sorted(values.items(), key=lambda item: -len(item[1]))
        most = ALIKE if len(shown) > ALIKE + 1 else len(shown)
        shown, rest = shown[:most], shown[most:]
        about = {"refused": not marked, "key": key, "more": 0}
        told += [about | _of(one, other, arms) for (one, other), arms in shown]
        if rest:
            told.append(about | _of("", "", [arm for _, arms in rest for arm in arms]) | {"more": len(rest)})
    return told


def _of(one: str, other: str, arms: Sequence[str]) -> dict[str, Any]:
    return {"one": one, "other": other, "arms": arms[:LISTED], "many": len(arms)}
