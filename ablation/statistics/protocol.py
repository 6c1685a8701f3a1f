"""The statistical protocol of a study, fixed before there is data."""

LEVEL = 0.05  # two-sided, family-wise over all comparisons of a study (Holm 1979)
POWER = 0.8
MIN_SEEDS = 3  # seeds below which no verdict is given
PAIRED_SEEDS = 10  # seeds from which a fixed design pairs by seed; with fewer, Welch's test may have more power
STATISTIC = "Welch's t over seeds; for the paired comparisons the t of their differences by seed; two-sided"
TEST = {"statistic": STATISTIC, "level": LEVEL, "correction": "Holm", "min_seeds": MIN_SEEDS}
WELCH, PAIRED, CORRECTION = "welch", "paired", "holm"  # as in table.json
SEQUENTIAL = (
    "a look at each number of complete pairs of runs from 3, the level spent in proportion (Lan and DeMets; Kim and "
    "DeMets), nominal levels of the one-sample t process"
)
METRIC = "test accuracy of the last weights; without a test split validation accuracy of the last epoch"
