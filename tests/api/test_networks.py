"""Networks in Python: built as a run would begin, loaded as a run has ended, without a trace in the process."""

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

import ablation
from ablation.api import networks
from ablation.errors import AblateError
from ablation.redaction import HIDDEN

SMALL = ["model=resnet_cifar", "model.depth=8", "model.width=4"]
STATE = """
import json, sys, tempfile, warnings
from pathlib import Path
import hydra, keras  # Keras has warnings filters of its own

def state():
    from hydra._internal import hydra as module
    from hydra.core.config_store import ConfigStore
    from hydra.core.global_hydra import GlobalHydra
    from hydra.core.singleton import Singleton
    from omegaconf.basecontainer import BaseContainer
    oc = {name: f"{f.__module__}.{f.__qualname__}" for name, f in BaseContainer._resolvers.items()}
    return {
        "loader": module.ConfigLoaderImpl.__module__,
        "resolvers": oc,
        "filters": [str(each) for each in warnings.filters],
        "global": GlobalHydra in Singleton._instances,
        "store": sorted(ConfigStore.instance().repo),
    }

def compose_alone():
    folder = tempfile.mkdtemp()
    (Path(folder) / "config.yaml").write_text("a: 1")
    with hydra.initialize_config_dir(folder, version_base="1.3"):
        hydra.compose("config")

def build():
    import ablation
    ablation.build(WORDS)
""".replace("WORDS", repr(SMALL))


def states(*calls):
    """The state of Hydra and OmegaConf behind each of these calls, in one process of its own."""
    lines = [STATE, "states = []"]
    for call in calls:
        lines.append(f"{call}(); states.append(state())")
    lines.append("print(json.dumps(states))")
    done = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.integration
def test_build_leaves_hydra_as_hydra_s_own_compose_leaves_it():
    (alone,) = states("compose_alone")
    (built,) = states("build")
    before, after = states("compose_alone", "build")
    assert built == alone == before == after
    assert alone["loader"] == "hydra._internal.config_loader_impl" and "schema.yaml" not in alone["store"]


def test_build_leaves_python_s_random_numbers_and_what_is_hidden(monkeypatch):
    monkeypatch.setenv("MINE", "a long secret")
    before, hidden = random.getstate(), dict(HIDDEN.written)
    ablation.build([*SMALL, "name=${oc.env:MINE}"], (8, 6, 1), 3)
    assert random.getstate() == before and HIDDEN.written == hidden


def test_a_given_input_stands_for_that_of_the_data():
    assert networks._with_input(["seed=1"], None, 3) == ["seed=1"]
    assert networks._with_input(["seed=1"], (8, 6, 1), None) == ["seed=1", "data.image_size=6"]
    assert networks._with_input(["data=folder"], (4096, 4096, 3), 2) == [
        "data.root=.",
        "data=folder",
        "data.image_size=1024",
    ]


def test_build_refuses_what_the_command_refuses():
    with pytest.raises(AblateError, match="Unknown model"):
        ablation.build(["model=typo"])


@pytest.mark.parametrize("plugins", ["x.py", Path("x.py"), ["x.py"], (Path("x.py"),)])
def test_one_plugin_file_needs_no_list(plugins, monkeypatch):
    from ablation.run import trained_network

    monkeypatch.setattr(trained_network, "load", lambda run, files: (run, files))
    assert ablation.load("run", plugins=plugins) == (Path("run"), ["x.py"])


def test_plain_keras_reads_the_file_of_a_network(tmp_path):
    network = ablation.build(["model=resnet18", "model.width=4", "data=digits"])
    network.save(tmp_path / "network.keras")
    read = "import sys, keras; print(keras.models.load_model(sys.argv[1]).count_params())"
    done = subprocess.run([sys.executable, "-c", read, tmp_path / "network.keras"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[-1]) == network.count_params()


def test_a_built_network_has_the_initial_weights_and_noise_seeds_of_a_run(quick):
    import numpy as np

    from ablation.model import network

    words = ["model=shake26", "model.width=4", "data=digits", "model.dropout=0.5", "seed=3"]
    config = quick.config(words)
    run, built = network.build(config.model, (8, 8, 1), 10, 3), ablation.build(words)
    assert [layer.name for layer in built.layers] == [layer.name for layer in run.layers] and built.name == run.name
    assert [weight.path for weight in built.weights] == [weight.path for weight in run.weights]
    for expected, variable in zip(run.variables, built.variables, strict=True):
        np.testing.assert_array_equal(np.array(variable), np.array(expected))
