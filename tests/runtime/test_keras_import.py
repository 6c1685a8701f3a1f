"""What Keras imports, what it does not, and that it is there for others."""

import gc
import subprocess
import sys

import pytest

from ablation.runtime import keras_import

STARTED = """
import sys
from ablation.config.schema import Config
from ablation.runtime import backend, keras_import
backend.start(Config(backend="{backend}"), 1)
unused = keras_import.UNUSED["{backend}"]
assert not set(unused) & set(sys.modules), set(unused) & set(sys.modules)
import sklearn, pandas  # as a plugin may
"""


@pytest.fixture
def without_keras(monkeypatch):
    """A process that has not imported Keras, as far as the module can see."""
    monkeypatch.delitem(sys.modules, "keras", raising=False)


@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_a_backend_starts_without_the_libraries_that_no_run_uses_and_a_plugin_can_import_them(backend):
    pytest.importorskip(backend)
    done = subprocess.run(
        [sys.executable, "-c", STARTED.format(backend=backend)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_unused_libraries_are_hidden_only_within_the_context(monkeypatch, without_keras):
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    monkeypatch.setitem(keras_import.UNUSED, "jax", ("colorsys",))
    with pytest.raises(ZeroDivisionError), keras_import.lean("jax"):  # noqa: SIM117  # restored after an error, too
        with pytest.raises(ImportError):
            import colorsys
        raise ZeroDivisionError
    import colorsys

    assert colorsys.rgb_to_hsv(0, 0, 0) == (0, 0, 0)


def test_what_is_already_imported_stays(monkeypatch, without_keras):
    import colorsys

    monkeypatch.setitem(keras_import.UNUSED, "jax", ("colorsys",))
    with keras_import.lean("jax"):
        assert sys.modules["colorsys"] is colorsys
    assert sys.modules["colorsys"] is colorsys


def test_garbage_is_collected_again_afterwards_but_not_among_what_was_imported(without_keras):
    before = gc.get_freeze_count()
    try:
        with keras_import.lean("jax"):
            assert not gc.isenabled()
            imported = [[]]
        assert gc.isenabled()
        assert gc.get_freeze_count() > before and not any(imported is each for each in gc.get_objects())
    finally:
        gc.unfreeze()


def test_once_keras_is_imported_nothing_is_hidden_or_kept(monkeypatch):
    """So the garbage of a process that trains one network after another is collected."""
    monkeypatch.setitem(sys.modules, "keras", sys)
    before = gc.get_freeze_count()
    with keras_import.lean("tensorflow"):
        assert sys.modules.get("scipy", sys) is not None and gc.isenabled()
    assert gc.get_freeze_count() == before
