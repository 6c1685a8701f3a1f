"""Rules on combinations of keys: refuse values that contradict each other."""

from ablation.config import network_structure
from ablation.config.normalisation import seconds_of
from ablation.config.schema import Config, Data, Train
from ablation.errors import AblateError

MOST_JOBS = 1024
LONGEST_TIMEOUT = 1e9  # seconds


def check(config: Config, normal: Config) -> None:
    """Raise AblateError for values that contradict each other.

    config: as composed. normal: its normal form, without keys left over from a schedule or optimizer that was replaced.
    """
    if normal.data.image_size is not None:  # otherwise the data decides, and building the network checks it
        network_structure.check(normal.model, normal.data.image_size)
    _check_schedule(normal.train)
    _check_length(normal.train)
    _check_momentum(normal.train)
    _check_clipping(normal.train)
    _check_splits(normal.data)
    _check_cutout(normal.data)
    _check_place(normal.data)
    _check_exactness(normal)
    _check_compiler(config)
    _check_parallel_runs(config)
    _check_time_limit(config)


def _check_schedule(train: Train) -> None:
    if train.schedule == "step" and not (train.lr_milestones and train.lr_gamma):
        raise AblateError(
            "train.schedule=step needs milestones and a factor. "
            f"Received train.lr_milestones={train.lr_milestones} train.lr_gamma={train.lr_gamma}. "
            "Allowed: fractions of the run, and a number above 0. "
            "Type for example train.lr_milestones=[0.5,0.75] train.lr_gamma=0.1"
        )


def _check_length(train: Train) -> None:
    if train.epochs is train.steps is train.reference_steps is None:
        raise AblateError(
            "The run has no length. Received train.epochs=null train.steps=null train.reference_steps=null. "
            "Allowed: a whole number from 1 in one of them. Type for example train.epochs=20"
        )


def _check_momentum(train: Train) -> None:
    if train.nesterov and train.momentum == 0:
        raise AblateError(
            "Nesterov momentum needs momentum. Received train.nesterov=true train.momentum=0. "
            "Allowed: a momentum above 0. Type for example train.momentum=0.9, or train.nesterov=false"
        )


def _check_clipping(train: Train) -> None:
    if train.clipnorm is not None and train.global_clipnorm is not None:
        raise AblateError(
            "Gradients can be clipped by the norm of each variable or by that of all together, but not by both. "
            f"Received train.clipnorm={train.clipnorm} train.global_clipnorm={train.global_clipnorm}. "
            "Allowed: one of the two, or neither. "
            f"Type for example train.clipnorm=null train.global_clipnorm={train.global_clipnorm}"
        )


def _check_splits(data: Data) -> None:
    if data.holdout + data.holdout_test >= 1:
        raise AblateError(
            f"Nothing is left to train on. Received data.holdout={data.holdout} data.holdout_test={data.holdout_test}. "
            "Allowed: fractions that add up to less than 1. Type for example data.holdout=0.2 data.holdout_test=0.2"
        )


def _check_cutout(data: Data) -> None:
    if data.image_size is not None and data.cutout_size > data.image_size:
        raise AblateError(
            f"The cutout square is larger than the image. Received data.cutout_size={data.cutout_size} "
            f"data.image_size={data.image_size}. Allowed: 0 to {data.image_size}. "
            f"Type for example data.cutout_size={data.image_size // 2}"
        )


def _check_place(data: Data) -> None:
    if data.source == "folder" and not data.root:
        raise AblateError(
            "data=folder needs a folder. Received data.root=null. Allowed: a folder with one folder of images per "
            "class. Type for example data=folder data.root=/path/to/images"
        )
    if data.source == "folder" and data.image_size is None:
        raise AblateError(
            "The images of a folder have different sizes. Received data=folder data.image_size=null. Allowed: a size "
            "to which they are resized. Type for example data.image_size=96"
        )
    if data.source == "npz" and not data.file:
        raise AblateError(
            "data=npz needs a file. Received data.file=null. Allowed: an npz file with x_train and y_train. Type for "
            "example data=npz data.file=/path/to/data.npz"
        )


def _check_exactness(config: Config) -> None:
    if config.exact == "required" and not config.deterministic:
        raise AblateError(
            "A run that is not deterministic cannot be bit-exact. Received exact=required deterministic=false. "
            "Allowed: one of the two. Type exact=required alone, or deterministic=false exact=mark"
        )


def _check_compiler(config: Config) -> None:
    if config.backend == "jax" and config.train.xla is False:
        raise AblateError(
            "JAX always compiles with XLA. Received backend=jax train.xla=false. Allowed with JAX: null or true. "
            "Type backend=jax alone, or backend=tensorflow train.xla=false"
        )


def _check_parallel_runs(config: Config) -> None:
    n_jobs = config.n_jobs
    if n_jobs in (None, "auto") or (type(n_jobs) is int and 1 <= n_jobs <= MOST_JOBS):
        return
    raise AblateError(
        f"The number of parallel runs is not valid. Received n_jobs={n_jobs}. Allowed: 1 to {MOST_JOBS}, auto, or "
        "null for one per GPU. Type for example n_jobs=2"
    )


def _check_time_limit(config: Config) -> None:
    if config.job_timeout is None or 0 < seconds_of(config.job_timeout) < LONGEST_TIMEOUT:
        return
    raise AblateError(
        f"A job's time limit must be positive. Received job_timeout={config.job_timeout}. Allowed: seconds, or a "
        "number followed by s, m or h. Type for example job_timeout=12h"
    )
