"""The effects of a factorial for readers, as a second table beneath that of its cells."""

from collections.abc import Callable
from math import isfinite

from ablation.comparison.analysis.comparison import Comparison
from ablation.report.tables.table import Column, Table
from ablation.report.wording.number_format import NOTHING, aligned, chance
from ablation.statistics.factorial import GAP, INTERACTION, MAIN, SHAPLEY, Effect

MEANS = {
    MAIN: "what a removal changes, averaged over all else",
    INTERACTION: "what the removal of both changes beyond the sum of the two",
    GAP: "what a part is worth among all others, less what it is worth alone",
    SHAPLEY: "what a part adds, averaged over all orders of adding",
}


def sheet(comparison: Comparison) -> Table | None:
    """None where nothing but the rows themselves is judged."""
    if not comparison.effects:
        return None
    columns: tuple[tuple[str, str, Callable[[Effect], str], bool], ...] = (
        ("effect", "Effect", lambda effect: effect.kind, True),
        ("of", "Of", lambda effect: " × ".join(effect.components), True),
        ("size", "Size", lambda effect: size(effect, comparison.decimals), False),
        ("p", "p", lambda effect: chance(effect.p), False),
        ("holm", "p, Holm", lambda effect: chance(effect.p_holm), False),
        ("verdict", "Verdict", lambda effect: effect.verdict or NOTHING, True),
    )
    made = [Column(key, title, tuple(map(cell, comparison.effects)), words) for key, title, cell, words in columns]
    return Table(_heading(comparison), tuple(made), ())


def size(effect: Effect, places: int) -> str:
    """With half of its 95 % interval, where a spread is known."""
    text, half = aligned(effect.difference, places, sign=True), (effect.interval[1] - effect.interval[0]) / 2
    return f"{text} ± {aligned(half, places)}" if isfinite(half) else text


def _heading(comparison: Comparison) -> str:
    shown = {effect.kind for effect in comparison.effects}
    told = "; ".join(f"{kind}: {means}" for kind, means in MEANS.items() if kind in shown)
    many = f", with Holm's correction over {comparison.comparisons}" if comparison.comparisons > 1 else ""
    lines = [
        f"Effects on {comparison.metric.name}: contrasts of the cells' means with half of their 95 % interval.",
        f"{told[:1].upper()}{told[1:]}.",
        f"Only main effects are judged{many}.",
    ]
    return " ".join(lines)
