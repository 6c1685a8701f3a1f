"""Observe a command from outside, with the code of any version of `ablate`: a folder for PYTHONPATH.

Python imports this module before the command's own. The environment says what to observe:

BENCH_FIRST_STEP: a file that receives the time of the end of the first call that trains (`Engine.run`, one step). The
process then ends.
BENCH_TRACES: a file that receives a line for each call of Keras' `train_step`, in any process of the command. In a run
and a sweep with TensorFlow, only tracing calls it: the steps run in the graph.
"""

import importlib.abc
import importlib.machinery
import os
import sys
import time
from types import ModuleType


def end_after_first_step(module: ModuleType) -> None:
    run = module.TensorFlowEngine.run

    def first(engine, *steps):
        run(engine, *steps)
        with open(os.environ["BENCH_FIRST_STEP"], "w") as file:
            file.write(repr(time.monotonic()))
        os._exit(0)

    module.TensorFlowEngine.run = first


def count_traces(module: ModuleType) -> None:
    train_step = module.TensorFlowTrainer.train_step

    def noted(network, data):
        with open(os.environ["BENCH_TRACES"], "a") as file:
            file.write(f"{os.getpid()} {network.name}\n")
        return train_step(network, data)

    module.TensorFlowTrainer.train_step = noted


HOOKS = {  # module: the environment variable that asks for its change, and the change
    "ablation.training.tensorflow_engine": ("BENCH_FIRST_STEP", end_after_first_step),
    "keras.src.backend.tensorflow.trainer": ("BENCH_TRACES", count_traces),
}


class Hook(importlib.abc.MetaPathFinder):
    """Changes a module right after its import."""

    def find_spec(self, fullname, path=None, target=None):
        if fullname not in HOOKS or HOOKS[fullname][0] not in os.environ:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def changed(module: ModuleType) -> None:
                execute(module)
                HOOKS[fullname][1](module)

            spec.loader.exec_module = changed
        return spec


sys.meta_path.insert(0, Hook())
