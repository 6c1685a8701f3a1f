"""What the name of a column says: a metric and which direction is better, a step of training, a fold, a data set."""

import re


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Words in the names of metrics. Of a share, every value is from 0 to 1, or written in percent.
ACCURACIES = _set("acc accuracy acc1 acc5 top1 top5 em")
SHARES = ACCURACIES | _set("precision recall f1 auc auroc auprc iou miou dice map ap ndcg mrr success")
SHARES |= _set("specificity sensitivity")
HIGHER = SHARES | _set("reward return score bleu rouge chrf psnr ssim r2 throughput fps likelihood elbo kappa mcc")
HIGHER |= _set("correlation pearson spearman elo")
TIMES = _set("latency time seconds runtime duration")
LOWER = TIMES | _set("loss nll ce xent entropy error err mse rmse mae mape ppl perplexity bpb bpc bpd fid kid lpips")
LOWER |= _set("wer cer ter eer brier ece regret")
ERROR_RATES = _set("error err wer cer ter eer")  # shares too, but for errors that are distances:
DISTANCES = _set("squared square absolute abs mean rms l1 l2 reconstruction prediction")
# Words that may reverse the direction of the word beside them, or leave none.
CHANGING = _set("neg negative minus inverse inv drop gap decrease increase improvement reduction gain delta diff")
CHANGING |= _set("difference change degradation forgetting std sd stdev var variance stderr sem uncertainty rank")
CHANGING |= _set("survival alive surviving")
STEPS = _set("epoch epochs step steps iter iters iteration iterations batch timestep")
FOLDS = _set("fold folds split cv kfold")
SETTINGS = _set(
    "size max min num n total warmup limit per budget best every interval stopped final last converged"
)  # beside one of these two
VARIANTS = _set("variant model arch architecture method config configuration ablation group setting algorithm algo")
VARIANTS |= _set("name network backbone approach")
BLOCKS = _set("dataset datasets data task benchmark env environment scene domain")
REPLICATES = _set("seed trial run repeat repetition replicate rep restart init")
IDENTITIES = _set("name id uuid created hash path dir directory checkpoint")  # of a single run
STATES = _set("state status")
ONE_MINUS = ("1-", "1 -", "one_minus")
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
    if is_higher == is_lower or words & CHANGING or name.startswith(ONE_MINUS):
        return None
    return is_higher


def is_rate(name: str) -> bool:
    """Whether a name is of a share or an error rate, of which percents and fractions are mixed up."""
    words = words_of(name)
    return bool(words & SHARES) or (bool(words & ERROR_RATES) and not words & DISTANCES)


def is_step(name: str) -> bool:
    """Whether a column counts steps; `batch_size` and `max_steps` are settings, and `batch_seed` is a seed."""
    words = words_of(name)
    return bool(words & STEPS) and not words & (SETTINGS | REPLICATES)


def is_fold(name: str) -> bool:
    words = words_of(name)
    return bool(words & FOLDS) and not words & (SETTINGS | REPLICATES)


def is_identity(name: str) -> bool:
    """Whether a column names single runs, as `ID` and `Created` of an export do."""
    return bool(words_of(short_name(name)) & IDENTITIES)


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
