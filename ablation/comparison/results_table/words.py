"""What the name of a column says: a metric and which direction is better, a step of training, a fold, a data set."""

import re

# Words in the names of metrics. Of a share, every value is from 0 to 1, or written in percent.
ACCURACIES = frozenset({"acc", "accuracy", "acc1", "acc5", "top1", "top5", "em"})
SHARES = ACCURACIES | {"precision", "recall", "f1", "auc", "auroc", "auprc", "iou", "miou", "dice", "map", "ap"}
SHARES |= {"ndcg", "mrr", "success", "specificity", "sensitivity"}
HIGHER = SHARES | {"reward", "return", "score", "bleu", "rouge", "chrf", "psnr", "ssim", "r2", "throughput", "fps"}
HIGHER |= {"likelihood", "elbo", "kappa", "mcc", "correlation", "pearson", "spearman", "elo"}
LOWER = frozenset({"loss", "nll", "ce", "xent", "entropy", "error", "err", "mse", "rmse", "mae", "mape", "ppl"})
LOWER |= {"perplexity", "bpb", "bpc", "bpd", "fid", "kid", "wer", "cer", "ter", "eer", "brier", "ece", "regret"}
TIMES = frozenset({"latency", "time", "seconds", "runtime", "duration"})
LOWER |= {"lpips"} | TIMES
NEGATED = frozenset({"neg", "negative", "minus"})  # may reverse the direction of the word beside it
STEPS = frozenset({"epoch", "epochs", "step", "steps", "iter", "iteration", "iterations", "batch", "timestep"})
FOLDS = frozenset({"fold", "folds", "split", "cv", "kfold"})
BLOCKS = frozenset({"dataset", "datasets", "data", "task", "benchmark", "env", "environment", "scene", "domain"})
REPLICATES = frozenset({"seed", "trial", "run", "repeat", "repetition", "replicate", "rep", "restart", "init"})
STATES = frozenset({"state", "status"})
PREFIXES = ("metrics.", "params.", "config.", "summary.", "tags.", "metrics/", "config/", "summary/", "hparams/")


def words_of(name: str) -> frozenset[str]:
    """The words of a name in small letters: test, acc and top1 of `test/Acc_top1` or `testAccTop1`."""
    separated = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return frozenset(word for word in re.split(r"[^a-z0-9]+", separated.lower()) if word)


def is_metric(name: str) -> bool:
    return bool(words_of(name) & (HIGHER | LOWER))


def is_time(name: str) -> bool:
    """Whether a name speaks of nothing but time, which programs record beside what they are judged by."""
    return not words_of(name) & ((HIGHER | LOWER) - TIMES)


def direction(name: str) -> bool | None:
    """True if a higher value is better, False if a lower one is; None if the name does not say so."""
    words = words_of(name)
    is_higher, is_lower = bool(words & HIGHER), bool(words & LOWER)
    if is_higher == is_lower or words & NEGATED:
        return None
    return is_higher


def is_step(name: str) -> bool:
    return bool(words_of(name) & STEPS)


def is_fold(name: str) -> bool:
    return bool(words_of(name) & FOLDS)


def sentence_name(name: str) -> str:
    """A metric's name in a sentence: `validation loss` for `val_loss`."""
    for prefix, words in (("val_", "validation "), ("test_", "test ")):
        if name.startswith(prefix):
            return words + name.removeprefix(prefix)
    return name


def short_name(name: str) -> str:
    """The name without the prefix that an export adds: `test_acc` of `metrics.test_acc`."""
    for prefix in PREFIXES:
        if name.startswith(prefix) and len(name) > len(prefix):
            return name.removeprefix(prefix)
    return name
