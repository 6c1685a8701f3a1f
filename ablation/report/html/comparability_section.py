"""The report's section on comparability."""

from collections.abc import Iterable, Sequence
from typing import Any

from ablation.comparison.analysis.comparison import ComparedVariant
from ablation.report.html.run_details import LISTED

ALIKE = 3  # why one row is refused; values of one key that differ between arms


def comparability_rows(rows: Iterable[ComparedVariant]) -> list[dict[str, Any]]:
    """The gate's findings, equal ones of several arms as one; what refuses stands first.

    Of a key with many values those of most arms; the last one tells how many `more` there are.
    """
    found: dict[tuple[bool, str], dict[tuple[str, str], list[str]]] = {}
    for row in rows:
        for refused, differences in ((True, row.comparability.blocking), (False, row.comparability.informational)):
            for d in differences:
                found.setdefault((not refused, d.key), {}).setdefault((d.baseline, d.variant), []).append(row.label)
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
