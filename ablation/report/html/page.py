"""report.html: one file that asks for nothing else, and in which no text of a run is ever more than text.

Every text passes through `_shown` and Jinja's escaping; of scripts and styles the page allows its own one, by hash.
"""

import shlex
from collections.abc import Sequence

from markupsafe import Markup

from ablation.comparison.analysis.comparison import Comparison
from ablation.report.html import arm_selection, curve_paths, forest_bars
from ablation.report.html.comparability_section import comparability_rows
from ablation.report.html.rows import NUMBERS, effect_row, table_columns, table_row
from ablation.report.html.run_details import LISTED, brief, details, left_out
from ablation.report.html.template_engine import OPTION, PAGE, csp_hash, style_sheet, template_environment
from ablation.report.wording import threshold_text
from ablation.report.wording.warnings import careful

MOST_RUNS = 500  # with their records; of more there is a table alone


def report(
    comparison: Comparison, sentences: Sequence[str], command: Sequence[str], before: Sequence[str] = ()
) -> bytes:
    """The page as UTF-8. sentences: the verdict, and warnings, which stand apart.

    command: the words of the command that wrote this. before: the commands that made the runs, as typed. Equal input,
    equal bytes. Beside the comparison it reads the end of each run's log, the record of each one that is left out for
    what it says of its error, and nothing else.
    """
    rows = [table_row(comparison, i, row) for i, row in enumerate(comparison.variants)]
    few = sum(len(row.runs) + len(row.diverged) for row in comparison.variants) <= MOST_RUNS
    looks, style, script = (
        arm_selection.looks(comparison),
        style_sheet(),
        (PAGE / "report.js").read_text(encoding="utf-8"),
    )
    charts, warnings = curve_paths.panels(comparison), list(dict.fromkeys(careful(comparison)))
    drawn = set(arm_selection.drawn(comparison)) if charts else set()
    made = list(before) or ([shlex.join(["ablate", "-m", f"+study={comparison.study}"])] if comparison.study else [])
    page = template_environment().get_template("report.html").render(
        comparison=comparison,
        sentences=[sentence for sentence in sentences if sentence not in set(warnings)],
        rows=rows,
        columns=table_columns(comparison),
        reached=threshold_text.told(comparison.threshold) if comparison.threshold else "",
        charts=charts,
        values=[chart.values for chart in charts],
        drawn=[rows[i] for i in looks if i in drawn],
        looks=looks,
        shown=set(arm_selection.shown(comparison)),
        undrawn=sum(bool(row["runs"]) for row in rows) - len(drawn),
        forest=forest_bars.forest(comparison),
        effects=[effect_row(effect, comparison.decimals) for effect in comparison.effects],
        gate=comparability_rows(comparison.variants),
        warnings=warnings,
        names=[row.label for row in comparison.variants if OPTION.fullmatch(row.label)],
        numbers=[(key, title) for key, title in NUMBERS if any(row["beside"] and row["beside"][key] for row in rows)],
        details=[details(row) for row in comparison.variants] if few else [],
        every=[] if few else [brief(row, run) for row in comparison.variants for run in (*row.runs, *row.diverged)],
        skipped=[left_out(path, reason, few) for path, reason in comparison.excluded[:LISTED]],
        commands=[*made, shlex.join(command)],
        made=bool(made),
        style=Markup(style),
        script=Markup(script),
        style_hash=csp_hash(style),
        script_hash=csp_hash(script),
        listed=LISTED,
    )  # fmt: skip
    return page.encode()
