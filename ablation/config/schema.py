"""The schema: every key with its type, unit, range and help line. No logic: `validation` reads the limits.

In the model and data groups, a key is null if the chosen family or source does not read it. A key that was added to the
model later has a default instead: the value that leaves every existing network unchanged.
"""

from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from ablation.config.keys import MISSING, IfRead, key
from ablation.config.program.spec import ProgramConfig

FAMILIES = ("vgg", "resnet", "resnet_cifar", "shake")
SOURCES = ("tfds", "digits", "folder", "npz")
LAYOUTS = ("auto", "classes", "splits")
RESIDUAL = ("resnet", "resnet_cifar")
ACTIVATIONS = ("relu", "leaky_relu", "elu", "selu", "gelu", "silu", "mish", "softplus", "tanh", "sigmoid", "linear")
INITIALIZERS = (
    "he_normal",
    "he_uniform",
    "glorot_normal",
    "glorot_uniform",
    "lecun_normal",
    "lecun_uniform",
)
OPTIMIZERS = ("sgd", "adamw")
WEIGHT_DECAY_EXCLUDE = ("none", "norm_bias")
AUGMENTS = ("none", "crop", "flip", "crop_flip")

LARGEST_COUNT = 10**9  # steps or images: more than anybody trains with, and small enough for exact arithmetic


@dataclass
class Model:
    """The network (group `model`)."""

    family: str = key(MISSING, "network family", choices=FAMILIES)
    # structure
    block: IfRead[str] = key(None, "residual block", choices=("basic", "bottleneck"), read_by=("resnet",), plugin=True)
    repeats: IfRead[list[int]] = key(
        None, "blocks per stage (vgg: convolutions per stage)", low=1, high=1000, read_by=("vgg", "resnet")
    )
    depth: IfRead[int] = key(None, "weighted layers (6n+2)", low=8, high=10_000, read_by=("resnet_cifar", "shake"))
    width: IfRead[int] = key(None, "filters of the first stage (shake: d in 2xd)", low=1, high=2**16)
    stem: IfRead[str] = key(
        None,
        "stem (first layers); auto = cifar up to 48 px, else imagenet",
        choices=("auto", "imagenet", "cifar"),
        read_by=("resnet",),
    )
    head: str = key(
        "global_pool",
        "classifier: global_pool = global average pooling, vgg = flattened features and two dense layers of 4096",
        choices=("global_pool", "vgg"),
    )
    # blocks
    order: str = key(
        "post",
        "norm and activation: post = after each convolution, pre = before it (full pre-activation, He et al. 2016)",
        choices=("post", "pre"),
        read_by=RESIDUAL,
    )
    residual: IfRead[bool] = key(None, "shortcut connections; false = the plain network", read_by=RESIDUAL)
    shortcut: IfRead[str] = key(
        None,
        "shortcut type (He et al. 2015): identity_pad = option A, projection = B, projection_all = C",
        choices=("identity_pad", "projection", "projection_all"),
        read_by=RESIDUAL,
    )
    squeeze_excite: int = key(
        0,
        "squeeze-and-excitation reduction ratio; 0 = none, 16 = as in the paper (Hu et al. 2018)",
        low=0,
        high=2**16,
        read_by=RESIDUAL,
    )
    stochastic_depth: float = key(
        0.0,
        "stochastic depth (Huang et al. 2016): drop probability of the last residual branch, linear in depth; 0 = none",
        low=0,
        below=1,
        read_by=RESIDUAL,
    )
    zero_init_last: bool = key(
        False, "zero-initialise the last norm's gamma in each residual branch (Goyal et al. 2017)", read_by=RESIDUAL
    )
    groups: int = key(
        1,
        "groups of the bottleneck's 3x3 convolution, widened to keep the number of weights (ResNeXt, Xie et al. 2017)",
        low=1,
        high=2**16,
        read_by=("resnet",),
    )
    stride_in: IfRead[str] = key(
        None,
        "strided convolution of a bottleneck: first = the 1x1 (v1, as in the paper), 3x3 = v1.5",
        choices=("first", "3x3"),
        read_by=("resnet",),
    )
    norm: IfRead[str] = key(None, "normalisation layer", choices=("batch", "layer", "group", "none"), plugin=True)
    norm_momentum: IfRead[float] = key(
        None, "BatchNorm momentum: weight of the old moving statistics at each step", low=0, below=1
    )
    norm_epsilon: IfRead[float] = key(None, "normalisation epsilon (added to the variance)", above=0)
    activation: IfRead[str] = key(None, "activation function (Keras)", choices=ACTIVATIONS)
    conv_bias: IfRead[bool] = key(None, "add a bias to every convolution")
    initializer: IfRead[str] = key(None, "kernel initializer (Keras)", choices=INITIALIZERS)
    dropout: IfRead[float] = key(
        None, "dropout rate before the classifier (vgg head: after each hidden layer)", low=0, below=1
    )
    weights: str | None = key(
        None, "initial weights: a run's directory, or a .weights.h5 file; null = drawn from the seed", optional=True
    )
    # Shake-Shake (Gastaldi 2017)
    shake_forward: IfRead[str] = key(
        None,
        "Shake-Shake coefficient of the forward pass: shake = U(0, 1), even = 0.5, keep = that of the backward pass",
        choices=("shake", "even", "keep"),
        read_by=("shake",),
    )
    shake_backward: IfRead[str] = key(
        None,
        "Shake-Shake coefficient of the backward pass: shake = U(0, 1), even = 0.5, keep = that of the forward pass",
        choices=("shake", "even", "keep"),
        read_by=("shake",),
    )
    shake_level: IfRead[str] = key(
        None, "Shake-Shake: draw coefficients per image or per batch", choices=("image", "batch"), read_by=("shake",)
    )


@dataclass
class Data:
    """The images and their splits (group `data`)."""

    source: str = key(MISSING, "data source", choices=SOURCES)
    name: str = key(MISSING, "data set name (tfds: its TFDS name)")
    dir: str | None = key(None, "TFDS directory; default: TFDS_DATA_DIR, else ~/tensorflow_datasets", read_by=("tfds",))
    root: str | None = key(None, "image folder with one subfolder per class", read_by=("folder",))
    layout: str = key(
        "auto",
        "classes = the folders in root are classes; splits = they are splits that contain classes; auto = recognise it",
        choices=LAYOUTS,
        read_by=("folder",),
    )
    file: str | None = key(None, "npz file with x_train, y_train and, if present, x_val and x_test", read_by=("npz",))
    image_size: int | None = key(
        None, "height and width in pixels; images are resized to a square; null = as stored", low=1, high=1024
    )
    channels: int | None = key(3, "colour channels: 3 = RGB, 1 = greyscale, null = as stored", choices=(1, 3))
    classes: int | None = key(
        None, "number of classes; null = that of the data set", low=2, high=10**6, read_by=("tfds",)
    )
    holdout: float = key(
        0.2, "fraction of the training split held out for validation (stratified, seed-independent)", above=0, below=1
    )
    holdout_test: float = key(0.0, "fraction held out for testing, if the source has no test split", low=0, below=1)
    validation: str = key(
        "holdout",
        "validation data: holdout = part of the training split, test = the test split (nothing is held out)",
        choices=("holdout", "test"),
    )
    limit: int | None = key(
        None,
        "number of training images (fixed, class-balanced subset), and largest size of each other split",
        low=1,
        high=LARGEST_COUNT,
    )
    fraction: float = key(
        1.0, "fraction of the training images to use (fixed, class-balanced, nested subsets)", above=0, high=1
    )
    label_noise: float = key(
        0.0, "fraction of training labels replaced by a random other class, which depends on the seed", low=0, high=1
    )
    augment: str = key(
        "none",
        "augmentation: flip = horizontal flip with probability 0.5, crop = random crop with 4 px padding",
        choices=AUGMENTS,
        plugin=True,
    )
    pad: str = key(
        "mean",
        "colour of the crop's padding: mean = mean of the training images (zero after normalisation), black = pixel 0",
        choices=("mean", "black"),
        read_by=("crop", "crop_flip"),
        reader="augment",
    )
    cutout_size: int = key(
        0, "cutout: side in pixels of the square masked after augmentation; 0 = none", low=0, high=1024
    )
    mixup_alpha: float = key(
        0.0, "mixup: alpha of the mixing weight's Beta(alpha, alpha) distribution; 0 = none", low=0
    )
    normalize: str = key(
        "channel",
        "input normalisation: channel = (pixel - mean) / standard deviation of each channel, none = pixel / 255",
        choices=("channel", "none"),
    )


@dataclass
class Train:
    """The recipe (group `train`)."""

    epochs: int | None = key(None, "training length in epochs", low=1, high=10**6)
    steps: int | None = key(None, "training length in steps; overrides epochs", low=1, high=LARGEST_COUNT)
    reference_steps: int | None = key(
        None,
        "training length of the published recipe in steps, used if neither epochs nor steps is set",
        low=1,
        high=LARGEST_COUNT,
    )
    batch_size: int = key(128, "batch size", low=1, high=2**20)
    optimizer: str = key("sgd", "optimizer", choices=OPTIMIZERS)
    learning_rate: float = key(0.1, "initial learning rate; 0 is allowed", low=0)
    momentum: float = key(0.9, "SGD momentum; 0 = none", low=0, below=1, read_by=("sgd",), reader="optimizer")
    nesterov: bool = key(False, "Nesterov momentum", read_by=("sgd",), reader="optimizer")
    momentum_form: str = key(
        "keras",
        "SGD momentum formula: keras (also Caffe): v = momentum v - lr g, w += v; torch: v = momentum v + g, w -= lr v",
        choices=("keras", "torch"),
        read_by=("sgd",),
        reader="optimizer",
    )
    beta_1: float = key(
        0.9, "Adam beta1: decay of the first moment", low=0, below=1, read_by=("adamw",), reader="optimizer"
    )
    beta_2: float = key(
        0.999, "Adam beta2: decay of the second moment", low=0, below=1, read_by=("adamw",), reader="optimizer"
    )
    weight_decay: float = key(0.0, "weight decay: L2-coupled for sgd, decoupled for adamw", low=0)
    weight_decay_exclude: str = key(
        "none", "exempt from weight decay: norm_bias = norm parameters and biases", choices=WEIGHT_DECAY_EXCLUDE
    )
    clipnorm: float | None = key(None, "gradient clipping: maximum norm of each variable's gradient", above=0)
    global_clipnorm: float | None = key(
        None, "gradient clipping: maximum norm of all gradients together (not with clipnorm)", above=0
    )
    label_smoothing: float = key(
        0.0, "label smoothing: weight of the uniform distribution (Szegedy et al. 2016)", low=0, below=1
    )
    ema_momentum: float = key(
        0.0, "EMA decay of the weights per step (evaluation uses the EMA); 0 = none", low=0, below=1
    )
    schedule: str = key("constant", "learning rate schedule", choices=("constant", "step", "cosine"))
    lr_milestones: IfRead[list[float]] = key(
        None, "learning rate milestones, as fractions of the run", above=0, below=1, read_by=("step",)
    )
    lr_gamma: IfRead[float] = key(None, "learning rate multiplier at each milestone", above=0, read_by=("step",))
    warmup: float = key(0.0, "length of the linear learning rate warmup, as a fraction of the run", low=0, below=1)
    precision: str = key(
        "float32", "compute precision; weights stay float32", choices=("float32", "mixed_bfloat16", "mixed_float16")
    )
    xla: bool | None = key(None, "compile the TensorFlow step with XLA; null = only on a GPU with deterministic=false")
    keep_weights: bool = key(True, "write weights.npz at the end of the run")


@dataclass
class Config:
    """One run."""

    model: Model = field(default_factory=Model)
    data: Data = field(default_factory=Data)
    train: Train = field(default_factory=Train)
    seed: int = key(
        0, "seed of initial weights, image order, augmentation, label noise and random layers", low=0, high=2**63 - 1
    )
    backend: str = key("tensorflow", "Keras backend", choices=("tensorflow", "jax"))
    deterministic: bool = key(True, "use deterministic operations: the same command gives the same bits")
    threads: int | None = key(
        None, "CPU threads; default: 1 for a small network, else all cores, shared by jobs (kept)", low=1, high=1024
    )
    outputs: str = key("outputs", "root folder of all outputs")
    name: str | None = key(None, "free text; not part of the fingerprint")
    tags: list[str] = key([], "free-text labels; not part of the fingerprint")
    rerun: Any = key(
        False,
        "true = repeat a completed run in a new directory, stale = only if older code completed it",
        choices=("false", "true", "stale"),
    )
    exact: str = key(
        "mark",
        "if machine, versions or threads change on resume: mark = flag as not bit-exact, required = do not resume",
        choices=("mark", "required"),
    )
    n_jobs: Any = key(
        None, "parallel runs; auto = as cores and memory allow; default: one per GPU, or auto if all are small"
    )
    job_timeout: Any = key(None, "time limit of each job of a sweep, in seconds or with a unit: 90s, 30m, 12h")
    max_retries: int = key(1, "number of restarts of a sweep's job after it was killed", low=0, high=100)
    plugins: list[str] = key(
        [], "Python files with your own networks, data, blocks, norms and augmentations (docs/plugins.md)"
    )
    checkpoint_minutes: float = key(
        5.0, "minutes between checkpoints within an epoch; every epoch also ends with one", above=0
    )


GROUPS: dict[str, type] = {"model": Model, "data": Data, "train": Train}  # with the schema of the shipped choices


def flat(config: Config | ProgramConfig) -> dict[str, Any]:
    """Map every key of a config to its value: `{"seed": 0, "model.width": 64, …}`; of a program, every flag."""
    if isinstance(config, ProgramConfig):
        return dict(config.flags)
    values: dict[str, Any] = {}
    for each in fields(config):
        value = getattr(config, each.name)
        if is_dataclass(value):
            values |= {f"{each.name}.{name}": part for name, part in vars(value).items()}
        else:
            values[each.name] = value
    return values


DEFAULTS = flat(Config())
# The values that runs had before these keys existed, where they are not the defaults.
FORMER = {"data.pad": "black"}
