"""The setting of a comparison: what its runs were trained on, how, for how long, and on what."""

from dataclasses import replace
from math import isnan

from support.comparisons import compare, compared, diverged, of_runs, row, run
from support.fake_runs import config, history, write

from ablation.comparison.analysis.comparison import Comparison
from ablation.comparison.analysis.setting import DataSize, NetworkSize, Range, setting
from ablation.comparison.reading.facts import RunFacts
from ablation.rundir.record_parts import DataRecord, Exactness, Hardware, Steps

RECORDED = {
    "hardware": {"devices": ["cpu"], "processor": "AMD EPYC", "cores": 8},
    "versions": {"python": "3.11.7", "ablation": "0.1.0", "keras": "3.15.1", "tensorflow": "2.21.0", "jax": "0.10.2"},
    "exactness": {"backend": "tensorflow", "threads": 2},
    "data.classes": list("0123456789"),
}


def quickstart(folder) -> Comparison:
    for model in ("plain34", "resnet34"):
        for seed in range(3):
            write(folder, config(model, seed=seed, **{"model.width": 8}), **RECORDED, **{"timings": {"seconds": 10.5}})
    return compared(folder, baseline="resnet34")


def test_the_setting_of_a_sweep(tmp_path):
    found = setting(quickstart(tmp_path))
    assert found.data == (DataSize("digits", 1077, 360, 360, 10),)
    assert found.baseline == NetworkSize("resnet34", 8, (335_114, 335_114))
    assert {network.name for network in found.networks} == {"plain34", "resnet34"}
    assert (found.epochs, found.steps) == (Range(6, 6), Range(102, 102))
    assert (found.variants, found.runs, found.seeds, found.comparisons) == (2, 6, (0, 1, 2), 1)
    assert (found.diverged, found.missing, found.planned) == (0, 0, None)
    assert found.varied == ("model.residual",)  # the plain network uses no shortcut type
    assert found.shared["train.learning_rate"] == 0.05 and "model.residual" not in found.shared
    assert "train.beta_1" not in found.shared  # SGD does not use it


def test_compute_is_of_the_completed_runs_and_names_one_backend(tmp_path):
    compute = setting(quickstart(tmp_path)).compute
    assert compute.seconds == 63 and compute.devices == ("AMD EPYC (2 threads)",)
    assert compute.versions["tensorflow"] == ("2.21.0",) and "jax" not in compute.versions


def test_gpus_are_named_without_their_kind_and_other_devices_as_they_are():
    def device(hardware: Hardware, threads: int | None = None) -> tuple[str, ...]:
        facts = RunFacts(DataRecord("digits", 10, 5, 5, "d"), hardware=hardware, exactness=Exactness(threads=threads))
        return setting(compare([of_runs("a", run(facts=facts))])).compute.devices

    assert device(Hardware(devices=["gpu:NVIDIA H200", "gpu:NVIDIA H200"])) == ("NVIDIA H200",)
    assert device(Hardware(devices=["tpu"])) == ("TPU",) and device(Hardware(devices=["cpu:cpu"])) == ("CPU",)
    assert device(Hardware(devices=["cpu"], processor="EPYC")) == ("EPYC",) and device(Hardware()) == ()
    assert device(Hardware(devices=[3, {}], processor="EPYC"), threads=4) == ("EPYC (4 threads)",)


def test_planned_diverged_and_missing_runs_are_counted():
    rows = [row("a", [0.9] * 3, planned_seeds=4), row("b", [0.8] * 2, planned_seeds=4, diverged=(diverged("b", 2),))]
    found = setting(compare(rows))
    assert (found.runs, found.diverged, found.missing, found.planned) == (5, 1, 2, 8)
    assert setting(compare([rows[0], replace(rows[1], planned_seeds=None)])).planned is None


def test_a_key_varies_only_between_variants_that_use_it(tmp_path):
    for optimizer in ("sgd", "adamw"):
        write(tmp_path, config(**{"train.optimizer": optimizer}))
    found = setting(compared(tmp_path))
    assert found.varied == ("train.optimizer",)
    assert found.baseline is None and found.config["train.batch_size"] == 64


def test_a_shared_note_on_a_shortened_recipe_is_kept():
    def noted(seed: int, note: str | None):
        return run(seed=seed, facts=RunFacts(DataRecord("d", 1, 1, 1, "d"), steps=Steps(note=note)))

    shortened = compare([of_runs("a", noted(0, "shortened from 64000"), noted(1, "shortened from 64000"))])
    assert setting(shortened).note == "shortened from 64000"
    assert setting(compare([of_runs("a", noted(0, "shortened from 64000"), noted(1, None))])).note == ""


def test_without_a_run_the_setting_is_empty():
    found = setting(compare([row("a", []), row("b", [])]))
    assert (found.data, found.networks, found.epochs, found.runs, found.config) == ((), (), None, 0, {})
    assert isnan(found.compute.seconds)


def test_runs_of_several_lengths_data_sets_and_sizes_are_ranges(tmp_path):
    write(tmp_path, config(seed=0), history(epochs=4), **{"network.trainable_parameters": 100})
    write(tmp_path, config(seed=1), history(epochs=6))
    write(tmp_path, config(data="cifar10"), history(epochs=6))
    found = setting(compared(tmp_path))
    assert found.epochs == Range(4, 6) and [data.name for data in found.data] == ["cifar10", "digits"]
    assert found.networks[0].parameters == (100, 335_114)


def test_every_run_counts_that_differs_in_what_it_recorded(tmp_path):
    write(tmp_path, config(seed=0), **{"network.trainable_parameters": 100})
    write(tmp_path, config(seed=1), **{"network.trainable_parameters": 200})
    write(tmp_path, config(seed=2), **{"network.trainable_parameters": 100, "data.validation": 5})
    found = setting(compared(tmp_path))
    assert found.networks[0].parameters == (100, 200) and {data.validation for data in found.data} == {360, 5}


def test_the_width_of_a_shake_network_is_in_its_name(tmp_path):
    write(tmp_path, config("shake26"))
    (network,) = setting(compared(tmp_path)).networks
    assert network.width is None and "d" in network.name
