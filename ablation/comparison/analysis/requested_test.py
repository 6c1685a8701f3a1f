"""The test of a comparison: as the study's plan fixed it, or exploratory as the command requests it."""

from dataclasses import dataclass

from ablation.comparison.analysis import metrics
from ablation.comparison.analysis.baseline import Lineup, planned_lineup
from ablation.comparison.analysis.comparison import Metric
from ablation.comparison.analysis.metrics import LAST
from ablation.errors import AblateError
from ablation.rundir.study_plan import StudyPlan

NO_PLAN = "no study planned this comparison"


@dataclass(frozen=True)
class Request:
    """What a command requests instead of the plan's choice. None leaves the choice to the plan.

    select: LAST or BEST, the weights that are evaluated. rename: names to show, as LABEL=NAME; the other fields refer
    to the labels that they replace.
    """

    baseline: str | None = None
    metric: str | None = None
    select: str = LAST
    margin: float | None = None
    rename: tuple[str, ...] = ()


@dataclass(frozen=True)
class TestSpec:
    """The parameters of the test, which are the same for all variants.

    comparisons: the number that Holm's correction counts. margin: the equivalence margin.
    exploratory: why the test is not the one that a plan fixed before there was data; empty if it is.
    is_planned: True if the comparisons are those of the plan. each_judged: True if each variant gets a verdict; in a
    factorial study, only effects do. max_seeds: the pairs of runs at the last look of a sequential study.
    decides_stopping: True if the study stops adding seeds once this metric is decided.
    """

    metric: Metric
    select: str
    comparisons: int
    margin: float | None
    exploratory: tuple[str, ...] = ()
    is_planned: bool = False
    each_judged: bool = True
    max_seeds: int | None = None
    decides_stopping: bool = False


def requested_test(
    plan: StudyPlan | None, lineup: Lineup, request: Request, least_comparisons: int = 0, unplanned: str = NO_PLAN
) -> TestSpec:
    """The test of a comparison. Raises AblateError for an unknown metric, or a margin that the metric cannot exceed.

    A typed choice never lowers the number of comparisons below that of the plan. least_comparisons: of any plan of the
    study that is known, or of the experiment before it was narrowed. unplanned: why it is exploratory without a plan.
    """
    runs = [run for variant in lineup.variants for run in variant.runs]
    metric = metrics.choose_metric(runs, request.metric, request.select)
    _require_small(request.margin, metric)
    if plan is None:
        counted = max(len(lineup.reference_of), least_comparisons) if lineup.reference_of else 0
        return TestSpec(metric, request.select, counted, request.margin, (unplanned,))
    default = metrics.choose_metric(runs, None, LAST)
    margin = request.margin
    if margin is None and metric.largest == default.largest:  # otherwise the plan's margin has another unit
        margin = plan.study.margin
    is_planned_metric = metric.key == default.key and request.select == LAST
    is_planned = lineup.reference_of == planned_lineup(lineup.variants, plan).reference_of
    reasons = _departures(plan, request, is_planned, metric.key == default.key)
    counted = max(plan.comparisons_with_history(), least_comparisons)
    if plan.comparisons or not is_planned:
        counted = max(counted, len(lineup.reference_of))
    if not is_planned:
        return TestSpec(metric, request.select, counted, margin, reasons)
    max_seeds = len(plan.study.seeds) if plan.study.sequential else None
    return TestSpec(
        metric=metric,
        select=request.select,
        comparisons=counted,
        margin=margin,
        exploratory=reasons,
        is_planned=True,
        each_judged=bool(plan.comparisons),
        max_seeds=max_seeds,
        decides_stopping=max_seeds is not None and is_planned_metric,
    )


def _departures(plan: StudyPlan, request: Request, is_planned: bool, has_planned_metric: bool) -> tuple[str, ...]:
    """What the command chose otherwise than the plan, which was fixed before there was data."""
    reasons = []
    if not is_planned:
        reasons.append(f"--baseline {request.baseline} is not that of the plan")
    if not has_planned_metric:
        reasons.append(f"--metric {request.metric} is not that of the plan")
    if request.select != LAST:
        reasons.append(f"--select {request.select} is not that of the plan")
    if request.margin is not None and request.margin != plan.study.margin:
        planned = "which has none" if plan.study.margin is None else f"which has {plan.study.margin}"
        reasons.append(f"--margin {request.margin} is not that of the plan, {planned}")
    return tuple(reasons)


def _require_small(margin: float | None, metric: Metric) -> None:
    """Raise AblateError for a margin that no two values of the metric can exceed."""
    if margin is not None and metric.largest is not None and margin >= metric.largest:
        raise AblateError(
            f"The equivalence margin must be smaller than the range of the metric. Received --margin {margin:g}, and "
            f"{metric.name} is between 0 and {metric.largest:g}. Allowed: above 0 and below {metric.largest:g}. Type "
            "for example --margin 0.01"
        )
