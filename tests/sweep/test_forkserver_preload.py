"""What the server has imported before a run is forked from it."""

import subprocess
import sys

import pytest

from ablation.sweep import forkserver, forkserver_preload


def test_it_is_the_module_that_the_server_is_given():
    assert forkserver_preload.__name__ == forkserver.PRELOAD


@pytest.mark.integration
def test_libraries_and_digests_are_there_before_a_fork_and_nothing_is_said():
    script = """
import gc, sys
from ablation.runtime import provenance
from ablation.sweep import forkserver_preload
wanted = {"keras", "tensorflow", "ablation.run.execution", "ablation.run.trial", "ablation.training.engine"}
wanted |= {"ablation.training.tensorflow_engine", "ablation.data.tensorflow_pipeline", "PIL.PngImagePlugin"}
assert wanted <= set(sys.modules), wanted - set(sys.modules)
assert gc.get_freeze_count() > 100_000  # no run visits the objects of the libraries, or copies their pages
assert provenance.code.cache_info().currsize == provenance.package_versions.cache_info().currsize == 1
from tensorflow.python.eager import context
assert not context.context()._initialized  # a device that was touched could not be used after a fork
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
