"""The schema: every key, its type, its unit and its range. No logic; `ablation.check` reads the metadata.

A key that is null in the model and data groups is one that the chosen family or source does not read. A key of the
model that came later has a default instead, which every family stands for: what networks were before it came.
"""

import dataclasses
import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from omegaconf import MISSING


def keys_of(node: Any) -> Iterator[tuple[str, Any, Mapping[str, Any]]]:
    """Each key with its value and its limits."""
    for name, limits in _limits(type(node)):
        yield name, getattr(node, name), limits


@functools.cache
def _limits(group: type) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    fields = [field for field in dataclasses.fields(group) if field.metadata]
    return tuple((field.name, {"default": field.default, **field.metadata}) for field in fields)


FAMILIES = ("vgg", "resnet", "resnet_cifar", "shake")
SOURCES = ("tfds", "digits", "folder")
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

LONGEST = 10**9  # steps, images: far beyond what anybody trains, near enough for arithmetic


def key(default: Any, doc: str, **limits: Any) -> Any:
    """A field with limits: low and high inclusive, above and below exclusive, choices, read_by (families, …).

    reader: the key of its group whose values read_by lists, where that is not the group's own (see `check.READER`).
    own: a file of the user's own parts may add to the choices (see `plugins`).
    """
    factory = {"default_factory": lambda: list(default)} if isinstance(default, list) else {"default": default}
    return field(**factory, metadata={"doc": doc, **limits})


@dataclass
class Model:
    """The network (group `model`)."""

    family: str = key(MISSING, "which network function builds it", choices=FAMILIES)
    # what it is made of
    block: str | None = key(None, "residual unit", choices=("basic", "bottleneck"), read_by=("resnet",), own=True)
    repeats: list[int] | None = key(
        None, "blocks (vgg: convolutions) per stage", low=1, high=1000, read_by=("vgg", "resnet")
    )
    depth: int | None = key(None, "weighted layers, 6n+2", low=8, high=10_000, read_by=("resnet_cifar", "shake"))
    width: int | None = key(None, "filters of the first stage; shake: the d of 2xd", low=1, high=2**16)
    stem: str | None = key(
        None, "first layers; auto = cifar up to 48 px", choices=("auto", "imagenet", "cifar"), read_by=("resnet",)
    )
    head: str = key(
        "global_pool",
        "classifier: one dense layer on the global mean, or 4096-4096 dense on all features",
        choices=("global_pool", "vgg"),
    )
    # the parts of a block
    order: str = key(
        "post",
        "norm and activation after each convolution, or before (full pre-activation, He et al. 2016)",
        choices=("post", "pre"),
        read_by=RESIDUAL,
    )
    residual: bool | None = key(None, "shortcut connections at all", read_by=RESIDUAL)
    shortcut: str | None = key(
        None,
        "He et al. 2015: identity_pad = option A, projection = B, projection_all = C",
        choices=("identity_pad", "projection", "projection_all"),
        read_by=RESIDUAL,
    )
    squeeze_excite: int = key(
        0,
        "reduction ratio of squeeze-and-excitation at the end of each residual branch; 0 = none, the paper's is 16",
        low=0,
        high=2**16,
        read_by=RESIDUAL,
    )
    stochastic_depth: float = key(
        0.0,
        "drop rate of the last residual branch in training; it decays linearly towards the first (Huang et al. 2016)",
        low=0,
        below=1,
        read_by=RESIDUAL,
    )
    zero_init_last: bool = key(
        False,
        "each residual branch begins as nothing: the scale of its last norm begins at 0 (Goyal et al. 2017)",
        read_by=RESIDUAL,
    )
    groups: int = key(
        1,
        "of the 3x3 convolution of a bottleneck (ResNeXt); the inner width keeps the complexity",
        low=1,
        high=2**16,
        read_by=("resnet",),
    )
    stride_in: str | None = key(
        None, "which convolution of a bottleneck strides", choices=("first", "3x3"), read_by=("resnet",)
    )
    norm: str | None = key(
        None, "normalisation after each convolution", choices=("batch", "layer", "group", "none"), own=True
    )
    norm_momentum: float | None = key(None, "share of the old moving statistics kept per step", low=0, below=1)
    norm_epsilon: float | None = key(None, "added to the variance", above=0)
    activation: str | None = key(None, "Keras activation", choices=ACTIVATIONS)
    conv_bias: bool | None = key(None, "a bias in every convolution")
    initializer: str | None = key(None, "Keras initializer of every kernel", choices=INITIALIZERS)
    dropout: float | None = key(None, "rate before the classifier (vgg head: after each hidden layer)", low=0, below=1)
    # Shake-Shake (Gastaldi 2017)
    shake_forward: str | None = key(
        None, "coefficient of the forward pass", choices=("shake", "even", "keep"), read_by=("shake",)
    )
    shake_backward: str | None = key(
        None, "coefficient of the backward pass", choices=("shake", "even", "keep"), read_by=("shake",)
    )
    shake_level: str | None = key(
        None, "one draw per image or per batch", choices=("image", "batch"), read_by=("shake",)
    )


@dataclass
class Data:
    """The images and their splits (group `data`)."""

    source: str = key(MISSING, "where images come from", choices=SOURCES)
    name: str = key(MISSING, "the data set's name (tfds: its TFDS name)")
    dir: str | None = key(None, "TFDS directory; default TFDS_DATA_DIR, else ~/tensorflow_datasets", read_by=("tfds",))
    root: str | None = key(None, "folder with one folder of images per class", read_by=("folder",))
    image_size: int = key(MISSING, "side in pixels; images are resized to a square", low=1, high=1024)
    channels: int = key(3, "3 = RGB, 1 = grey", choices=(1, 3))
    classes: int | None = key(None, "number of classes; null = as the data has", low=2, high=10**6, read_by=("tfds",))
    holdout: float = key(
        0.2, "share of the training split that becomes validation, stratified, fixed", above=0, below=1
    )
    holdout_test: float = key(0.0, "share that becomes test where the source has no test split", low=0, below=1)
    validation: str = key(
        "holdout", "what is validated on; test = the test split, and all of train trains", choices=("holdout", "test")
    )
    limit: int | None = key(
        None, "images: a fixed class-balanced part of training, at most as many of the others", low=1, high=LONGEST
    )
    fraction: float = key(
        1.0, "share of training that is trained on: fixed, class-balanced, within any larger one", above=0, high=1
    )
    label_noise: float = key(
        0.0, "share of training labels replaced by another class, keyed by the seed", low=0, high=1
    )
    augment: str = key(
        "none",
        "crop = 4 px zero padding, random crop; flip = horizontally, every other time",
        choices=AUGMENTS,
        own=True,
    )
    cutout_size: int = key(0, "side in pixels of a square blanked after the augmentation; 0 = none", low=0, high=1024)
    mixup_alpha: float = key(0.0, "alpha: images and labels are mixed by a share ~ Beta(alpha, alpha); 0 = none", low=0)
    normalize: str = key(
        "channel", "(pixel - mean) / deviation of each channel; none = pixel / 255", choices=("channel", "none")
    )


@dataclass
class Train:
    """The recipe (group `train`)."""

    epochs: int | None = key(None, "length in passes over the training images", low=1, high=10**6)
    steps: int | None = key(None, "length in steps; wins over epochs", low=1, high=LONGEST)
    reference_steps: int | None = key(
        None, "length in steps of the published recipe, used when neither of the two is given", low=1, high=LONGEST
    )
    batch_size: int = key(128, "images per step", low=1, high=2**20)
    optimizer: str = key("sgd", "what turns gradients into steps", choices=OPTIMIZERS)
    learning_rate: float = key(0.1, "at the start; 0 is legal", low=0)
    momentum: float = key(0.9, "0 = plain gradient descent", low=0, below=1, read_by=("sgd",), reader="optimizer")
    nesterov: bool = key(False, "Nesterov's form of momentum", read_by=("sgd",), reader="optimizer")
    beta_1: float = key(
        0.9, "share of the old mean gradient kept per step", low=0, below=1, read_by=("adamw",), reader="optimizer"
    )
    beta_2: float = key(
        0.999, "share of the old mean square kept per step", low=0, below=1, read_by=("adamw",), reader="optimizer"
    )
    weight_decay: float = key(
        0.0, "times the weight: sgd adds it to the gradient, adamw shrinks by it times the rate", low=0
    )
    weight_decay_exclude: str = key(
        "none", "what does not decay; norm_bias = scales and offsets of norms, all biases", choices=WEIGHT_DECAY_EXCLUDE
    )
    clipnorm: float | None = key(None, "largest norm of each variable's gradient", above=0)
    label_smoothing: float = key(
        0.0, "share of each training label that is spread over all classes (Szegedy et al. 2016)", low=0, below=1
    )
    ema_momentum: float = key(
        0.0, "share of the old mean weights kept per step; the mean is what is evaluated; 0 = none", low=0, below=1
    )
    schedule: str = key("constant", "shape of the learning rate", choices=("constant", "step", "cosine"))
    lr_milestones: list[float] | None = key(
        None, "where the learning rate drops, as shares of the run", above=0, below=1, read_by=("step",)
    )
    lr_gamma: float | None = key(
        None, "what the learning rate is multiplied by at each milestone", above=0, read_by=("step",)
    )
    warmup: float = key(0.0, "share of the run in which the rate rises linearly", low=0, below=1)
    precision: str = key(
        "float32", "of the computation; weights stay float32", choices=("float32", "mixed_bfloat16", "mixed_float16")
    )
    xla: bool | None = key(None, "compile TensorFlow with XLA; null = on a GPU unless deterministic")
    keep_weights: bool = key(True, "write weights.npz at the end")


@dataclass
class Config:
    """One run."""

    model: Model = field(default_factory=Model)
    data: Data = field(default_factory=Data)
    train: Train = field(default_factory=Train)
    seed: int = key(0, "of initial weights, order, augmentation and noise", low=0, high=2**63 - 1)
    backend: str = key("tensorflow", "Keras backend", choices=("tensorflow", "jax"))
    deterministic: bool = key(True, "equal command, equal bits")
    threads: int | None = key(None, "processor threads; default: as the run began, else all cores", low=1, high=1024)
    outputs: str = key("outputs", "root of all outputs")
    name: str | None = key(None, "free text; not part of the fingerprint")
    tags: list[str] = key([], "free words; not part of the fingerprint")
    rerun: Any = key(
        False,
        "true = a new run beside a completed one; stale = only where older code completed it",
        choices=("false", "true", "stale"),
    )
    exact: str = key(
        "mark",
        "what becomes of a run resumed on another machine, version or thread count: marked not exact, or refused",
        choices=("mark", "required"),
    )
    n_jobs: Any = key(None, "a sweep's runs at once; default: one per GPU, else one; auto = by cores, memory")
    job_timeout: Any = key(None, "longest life of a sweep's job: seconds, or such as 90s, 30m, 12h")
    max_retries: int = key(1, "how often a sweep begins a job again whose process was killed", low=0, high=100)
    plugins: list[str] = key([], "Python files of own blocks, norms and augmentations (docs/plugins.md)")
    checkpoint_minutes: float = key(
        5.0, "minutes between two checkpoints within an epoch; each epoch ends with one", above=0
    )
