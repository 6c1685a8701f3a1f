"""The rules of comparability: the facts that block a comparison, and the differences that cause or imply others.

A fact is a value that a run records beside its config; `run_facts` defines its key.
"""

from ablation.config.budget import EVALUATION, LENGTH, SPLITS
from ablation.config.plugins.declarations import KEYS as PLUGIN_KEYS

PIXELS = frozenset({"data.image_size", "data.channels"})
NEVER_FACTORS = EVALUATION | LENGTH | PIXELS | {"train.precision"}  # unless declared
FACTOR_GROUPS = ("model", "data", "train")

# Facts outside the config. Variants that differ in one of these are not comparable, unless declared keys cause the
# difference.
PRECISION_FLAGS = (
    "TF_SET_ONEDNN_FPMATH_MODE",
    "ONEDNN_DEFAULT_FPMATH_MODE",
    "NVIDIA_TF32_OVERRIDE",
    "JAX_ENABLE_X64",
    "JAX_DEFAULT_MATMUL_PRECISION",
)
BLOCKING_FACTS = frozenset(
    {
        "data",
        "data.digest",
        "data.mean",
        "data.deviation",
        "train_images",
        "validation_images",
        "test_images",
        "class_names",
        "selected_on",
        "validated_on_test",
        "code",
        "plugins",
        "trainable_parameters",
        "macs",
        "epochs",
        "steps.total",
        "steps.per_epoch",
        "exactness.exact",
        "exactness.backend",
        "exactness.data",
        "exactness.deterministic",
        "exactness.floatx",
        *(f"exactness.flags.{name}" for name in PRECISION_FLAGS),
    }
)
CAUSES = {  # fact: the declared keys that cause a difference in it
    "data.digest": SPLITS | PIXELS,
    "train_images": SPLITS | {"data.fraction"},
    "validation_images": SPLITS,
    "test_images": SPLITS,
    "steps.per_epoch": SPLITS | {"data.fraction", "train.batch_size"},
    "steps.total": LENGTH | {"data.fraction"},
    "steps.note": LENGTH | {"data.fraction"},
    "epochs": LENGTH | {"data.fraction"},
    "plugins": frozenset(PLUGIN_KEYS.values()),
}
# Facts whose difference is noted even if declared keys cause it.
ALWAYS_NOTED = frozenset({"data.digest", "validation_images", "test_images", "plugins"})
NETWORK_KEYS = ("model.", "data.image_size", "data.channels", "data.classes", "class_names", "plugins")
EXACT = "exactness.exact"
IMPLIED_BY = {  # fact: differences that imply one in it; a dot at the end stands for every key of a part
    "data": ("data.name",),
    "data.mean": ("data.digest",),
    "data.deviation": ("data.digest",),
    "exactness.data": ("data.digest",),
    "validated_on_test": ("selected_on",),
    "steps.note": ("steps.total",),
    EXACT: ("exactness.deterministic", "deterministic"),
    "exactness.class": ("exactness.", "versions.", "hardware.", "data.digest", "backend", "deterministic"),
    "trainable_parameters": NETWORK_KEYS,
    "macs": NETWORK_KEYS,
}
