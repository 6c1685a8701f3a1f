"""What of a backend decides the bits of a result."""

import re
from importlib.metadata import version

from ablation.config.backends import FLAGS, SHAPING
from ablation.config.keys import keys_of
from ablation.config.schema import Config


def test_the_backends_are_those_that_a_config_may_choose():
    (backend,) = (key for key in keys_of(Config) if key.name == "backend")
    assert tuple(SHAPING) == backend.limits.choices


def test_the_packages_of_each_backend_are_distributions_with_a_version():
    for backend, packages in SHAPING.items():
        assert {"keras", "numpy", backend} <= set(packages) and len(set(packages)) == len(packages)
    assert all(re.match(r"\d+\.\d+", version(package)) for package in SHAPING["tensorflow"])


def test_each_variable_that_is_recorded_is_of_a_library_that_computes_and_none_holds_a_secret():
    assert len(set(FLAGS)) == len(FLAGS)
    for name in FLAGS:
        assert re.match(r"(TF|XLA|JAX|OMP|ONEDNN|DNNL|NVIDIA)_[A-Z0-9_]+$", name), name
        assert not re.search("KEY|TOKEN|SECRET|PASS|PATH|URL", name), name
