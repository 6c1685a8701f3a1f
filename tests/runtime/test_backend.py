"""The Keras backend: chosen before Keras is imported, configured after."""

import os
from types import SimpleNamespace

import pytest

import ablation
from ablation.config.schema import Config, Train
from ablation.runtime import backend


def test_build_does_not_follow_keras_own_settings():
    keras = pytest.importorskip("keras")
    keras.config.set_image_data_format("channels_first")
    try:
        network = ablation.build(["model=resnet_cifar", "model.depth=8", "model.width=4"], (8, 6, 1), 3)
        assert keras.config.image_data_format() == "channels_first"
    finally:
        keras.config.set_image_data_format("channels_last")
    assert network.get_layer("stem_conv").output.shape == (None, 8, 6, 4)


@pytest.fixture
def keras_settings():
    """Keras, whose settings come back."""
    keras = pytest.importorskip("keras")
    config = keras.config
    layout, floatx, epsilon = config.image_data_format(), config.floatx(), config.epsilon()
    policy = config.dtype_policy()
    yield keras
    config.set_image_data_format(layout)
    config.set_floatx(floatx)
    config.set_epsilon(epsilon)
    config.set_dtype_policy(policy)


@pytest.mark.parametrize("error", [None, KeyError("x")])
def test_neutral_building_leaves_the_process_s_own_settings(keras_settings, error):
    config = keras_settings.config
    config.set_image_data_format("channels_first")
    config.set_floatx("float16")
    try:
        with backend.neutral():
            assert (config.image_data_format(), config.floatx()) == ("channels_last", "float32")
            if error:
                raise error
    except KeyError:
        pass
    assert (config.image_data_format(), config.floatx()) == ("channels_first", "float16")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (None, ""),
        ("tensorflow", ""),
        ("jax", "KERAS_BACKEND=jax is ignored: the run uses backend=tensorflow. To change it, type backend=jax\n"),
        ("torch", "KERAS_BACKEND=torch is ignored: the run uses backend=tensorflow\n"),
    ],
)
def test_the_config_decides_the_backend_and_says_so_where_the_environment_differs(monkeypatch, capsys, asked, said):
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    if asked:
        monkeypatch.setenv("KERAS_BACKEND", asked)
    backend.choose("tensorflow")
    assert (os.environ["KERAS_BACKEND"], capsys.readouterr().out) == ("tensorflow", said)


@pytest.mark.parametrize("name", ["tensorflow", "jax"])
def test_a_start_sets_the_backend_and_then_what_keras_computes_in(monkeypatch, keras_settings, name):
    started = []
    monkeypatch.setenv("KERAS_BACKEND", name)
    for each in ("tensorflow", "jax"):
        monkeypatch.setattr(backend, f"_start_{each}", lambda cfg, threads, each=each: started.append((each, threads)))
    monkeypatch.setattr(backend, "_name_hidden_gpu", started.append)
    config = keras_settings.config
    config.set_image_data_format("channels_first")
    config.set_floatx("float16")
    config.set_epsilon(1e-3)
    backend.start(Config(backend=name, train=Train(precision="mixed_bfloat16")), 3)
    assert started == [(name, 3), name]
    assert (config.image_data_format(), config.floatx(), config.epsilon()) == ("channels_last", "float32", 1e-7)
    assert config.dtype_policy().name == "mixed_bfloat16"


@pytest.mark.parametrize(
    ("deterministic", "before", "flags"),
    [(True, None, "--xla_gpu_deterministic_ops=true"), (True, "--a", "--a --xla_gpu_deterministic_ops=true"),
     (False, "--a", "--a"), (False, None, None)],
)  # fmt: skip
def test_jax_takes_threads_and_determinism_from_variables(monkeypatch, deterministic, before, flags):
    for variable in ("NPROC", "XLA_FLAGS"):
        monkeypatch.setenv(variable, "x")  # so that what is set below is taken back
        monkeypatch.delenv(variable)
    if before:
        monkeypatch.setenv("XLA_FLAGS", before)
    started = []
    monkeypatch.setattr(backend.compilation_cache, "start", started.append)
    backend._start_jax(Config(deterministic=deterministic), 5)
    assert (os.environ["NPROC"], os.environ.get("XLA_FLAGS"), started) == ("5", flags, [5])


@pytest.mark.parametrize("deterministic", [True, False])
def test_tensorflow_takes_threads_memory_and_determinism_before_it_starts(monkeypatch, deterministic):
    tf, calls = pytest.importorskip("tensorflow"), []
    config = SimpleNamespace(
        threading=SimpleNamespace(
            set_intra_op_parallelism_threads=lambda threads: calls.append(("intra", threads)),
            set_inter_op_parallelism_threads=lambda threads: calls.append(("inter", threads)),
        ),
        list_physical_devices=lambda kind: [f"{kind}:0", f"{kind}:1"],
        experimental=SimpleNamespace(
            set_memory_growth=lambda gpu, grows: calls.append((gpu, grows)),
            enable_op_determinism=lambda: calls.append("determinism"),
        ),
    )
    monkeypatch.setattr(tf, "config", config)
    backend._start_tensorflow(Config(deterministic=deterministic), 4)
    assert calls == [
        ("intra", 4),
        ("inter", 4),
        ("GPU:0", True),
        ("GPU:1", True),
        *["determinism"][: int(deterministic)],
    ]


def test_functions_run_step_by_step_inside_and_are_traced_again_behind():
    tf = pytest.importorskip("tensorflow")
    with pytest.raises(KeyError), backend.eager():
        assert tf.config.functions_run_eagerly()
        raise KeyError
    assert not tf.config.functions_run_eagerly()


@pytest.mark.parametrize(
    ("name", "seen", "visible", "words"),
    [
        ("tensorflow", ["cpu"], True, "pip install 'tensorflow[and-cuda]'"),
        ("jax", ["cpu:cpu"], True, "pip install 'jax[cuda12]'"),
        ("tensorflow", ["gpu:H200"], True, ""),
        ("tensorflow", ["cpu"], False, ""),
    ],
)
def test_a_gpu_that_the_backend_does_not_see_is_named(monkeypatch, capsys, name, seen, visible, words):
    monkeypatch.setattr(backend.shutil, "which", lambda program: "/usr/bin/nvidia-smi" if visible else None)
    monkeypatch.setattr(backend.Path, "is_dir", lambda path: False)
    monkeypatch.setattr(backend, "devices", lambda name: seen)
    backend._name_hidden_gpu(name)
    said = capsys.readouterr().out
    assert words in said and bool(said) == bool(words)


@pytest.mark.parametrize(
    ("asked", "deterministic", "device", "compiled"),
    [
        (None, False, "gpu:H200", True),
        (None, True, "gpu:H200", False),
        (None, False, "cpu", False),
        (True, True, "cpu", True),
        (False, False, "gpu:H200", False),
    ],
)
def test_xla_is_the_default_of_a_gpu_that_need_not_be_deterministic(
    monkeypatch, asked, deterministic, device, compiled
):
    monkeypatch.setattr(backend, "devices", lambda name: [device])
    assert backend.xla(Config(deterministic=deterministic, train=Train(xla=asked))) is compiled


def test_the_processor_is_the_device_where_there_is_no_gpu(monkeypatch):
    tf = pytest.importorskip("tensorflow")
    gpus = [SimpleNamespace(name="/physical_device:GPU:0"), SimpleNamespace(name="/physical_device:GPU:1")]
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [])
    assert backend.devices("tensorflow") == ["cpu"] and not backend.on_gpu("tensorflow")
    known = [{"device_name": "H200"}, {}]
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: gpus)
    monkeypatch.setattr(tf.config.experimental, "get_device_details", lambda gpu: known[gpus.index(gpu)])
    assert backend.devices("tensorflow") == ["gpu:H200", "gpu:/physical_device:GPU:1"] and backend.on_gpu("tensorflow")
