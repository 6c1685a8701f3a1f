"""How values of the metric are written."""

from dataclasses import replace

from ablation.comparison.analysis.comparison import Comparison, NumberStyle
from ablation.errors import AblateError


def with_numbers(comparison: Comparison, numbers: NumberStyle) -> Comparison:
    """The comparison with its values written in this style. Raises AblateError for percent of what is no share."""
    if numbers.percent and comparison.metric.largest is None:
        raise AblateError(
            f"Only accuracies can be written in percent. Received --percent with the metric {comparison.metric.key}. "
            "Allowed: --percent with an accuracy. Leave --percent out, or type for example --metric val_accuracy"
        )
    return replace(comparison, numbers=numbers)
