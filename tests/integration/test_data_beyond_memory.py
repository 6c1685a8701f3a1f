"""Images that do not fit into memory are decoded and trained on from the disk."""

import os
import subprocess
import sys

import pytest
from support import images

pytestmark = [pytest.mark.integration, pytest.mark.slow]

COUNT, SIDE = 600, 1024  # 1.9 GB
SCRIPT = """
import resource, sys
import numpy as np
import tensorflow as tf
from support.datasets import folder
from ablation import data
from ablation.data import tensorflow_pipeline
from ablation.data.batches import Feed

cfg = folder(sys.argv[1], image_size=int(sys.argv[2]))
data.prepare(cfg)
list(tf.data.Dataset.range(1))  # starts the threads of TensorFlow
used = 1024 * int(next(line for line in open("/proc/self/status") if line.startswith("VmData")).split()[1])
resource.setrlimit(resource.RLIMIT_DATA, (used + 700 * 2**20, resource.RLIM_INFINITY))
train = data.load(cfg).train
try:
    np.array(train.pixels)
    raise SystemExit("the images fit into memory")
except MemoryError:
    pass
feed = Feed(train, 0, 8, "crop_flip")
print(sum(len(pixels) for pixels, _ in tensorflow_pipeline.training(feed, 0, feed.steps_per_epoch)), len(train))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the limit of memory is Linux's")
def test_an_epoch_of_images_larger_than_the_memory(tmp_path):
    root = images.folder(tmp_path / "images", {"a": COUNT // 2, "b": COUNT // 2})
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(root), str(SIDE)],
        env=os.environ | {"XDG_CACHE_HOME": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    seen, count = done.stdout.split()
    assert seen == count and int(count) > COUNT // 2
