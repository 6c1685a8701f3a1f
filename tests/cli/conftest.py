"""Environments in which a command must do without heavy libraries, and commands that train nothing."""

import logging
import os
import sys

import pytest

BACKENDS = ("tensorflow", "keras", "jax", "tensorflow_datasets")


def blocked(folder, names):
    """An environment in which importing one of these modules ends the process."""
    for name in names:
        (folder / f"{name}.py").write_text(f"raise SystemExit('{name} was imported')")
    return {**os.environ, "PYTHONPATH": str(folder)}


@pytest.fixture(scope="module")
def no_backend(tmp_path_factory):
    """An environment in which importing TensorFlow, Keras or JAX ends the process."""
    return blocked(tmp_path_factory.mktemp("no_backend"), BACKENDS)


@pytest.fixture(scope="module")
def no_hydra(tmp_path_factory):
    """The same for Hydra and OmegaConf too."""
    return blocked(tmp_path_factory.mktemp("no_hydra"), (*BACKENDS, "hydra", "omegaconf"))


@pytest.fixture
def untrained(monkeypatch):
    """Commands in this process run up to their first step of training; returns the overrides of the runs."""
    from hydra.core.plugins import Plugins

    from ablation.run import execution
    from ablation.study import orchestration, plan
    from ablation.sweep import external_launchers, grid, summary_table

    plugins = Plugins.instance()  # imports our plugin file, perhaps anew
    sweeper = sys.modules["hydra_plugins.ablate"].AblationSweeper
    runs = []

    def execute(request, *_):
        runs.append(request)
        return 0

    def launch(self, planned, done):
        plugins.instantiate_launcher(hydra_context=self.context, task_function=self.task, config=self.settings)
        runs.extend(planned)
        return [0] * len(planned)

    monkeypatch.setattr(sweeper, "_launch", launch)
    monkeypatch.setattr(execution, "execute", execute)
    monkeypatch.setattr(external_launchers, "alone", execute)
    monkeypatch.setattr(grid, "make_folders", lambda todo: None)
    monkeypatch.setattr(grid, "announce", lambda work: None)
    monkeypatch.setattr(summary_table, "print_summary", lambda planned, codes: 0)
    for name in ("guard_cells", "count_networks", "measure_steps"):
        monkeypatch.setattr(orchestration, name, lambda study_plan, cores: None)
    monkeypatch.setattr(plan.Plan, "save", lambda self: None)
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    yield runs
    root.setLevel(level)
    root.handlers[:] = handlers
