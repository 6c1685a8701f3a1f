"""Words for Hydra: what is quoted, what is split at commas, and the sweep that a config file declares."""

import pytest

from ablation.cli import arguments
from ablation.errors import AblateError


@pytest.mark.parametrize(
    ("word", "sweep", "quoted"),
    [
        ("name=run-${seed}", False, "name='run-${seed}'"),
        ("name=a, ${oc.env:A,b}", True, "name='a, ${oc.env:A,b}'"),
        ("outputs=a,b c", True, "outputs='a','b c'"),
        ("outputs=${oc.env:A,b},c", True, "outputs='${oc.env:A,b}','c'"),
        ("outputs='a b',c", True, "outputs='a b','c'"),
        ("outputs=a,b", False, "outputs='a,b'"),
        ("outputs='a','b'", False, "outputs='a','b'"),  # quoted before, when commas separated them
        ("+study=1", False, "+study='1'"),
        ("+study=nan", False, "+study='nan'"),
        ("model=1,resnet18,1e3", True, "model='1',resnet18,'1e3'"),
        ("train=null", False, "train='null'"),
        ("data=True", False, "data='True'"),
        ("model=resnet18", False, "model=resnet18"),
        ("model=[1]", False, "model=[1]"),
        ("model.width=1", False, "model.width=1"),
        ("study.seeds=1", False, "study.seeds=1"),
    ],
)
def test_text_and_names_are_quoted_and_shown_as_typed(word, sweep, quoted):
    assert arguments.quoted(word, sweep) == quoted == arguments.quoted(quoted, sweep)
    if sweep == ("," in word.replace(", ", "")):
        assert arguments.unquoted(quoted).replace("'", "") == word.replace("'", "")


@pytest.mark.parametrize(
    ("word", "quoted"),
    [
        ("plugins=x.py", "plugins=['x.py']"),
        ("+plugins=~/my net.py", "+plugins=['~/my net.py']"),
        ("plugins=a.py,b.py", "plugins=['a.py','b.py']"),
        ("plugins='a,b.py'", "plugins=['a,b.py']"),
        ("plugins=[~/a.py, b.py]", "plugins=['~/a.py','b.py']"),
        ("plugins=[a.py,b.py]", "plugins=[a.py,b.py]"),
        ("plugins=[a.py],[b.py]", "plugins=[a.py],[b.py]"),
        ("plugins=${oc.env:FILES}", "plugins=${oc.env:FILES}"),
        ("plugins=null", "plugins=null"),
        ("plugins=", "plugins="),
    ],
)
def test_files_without_brackets_are_a_list(word, quoted):
    assert arguments.quoted(word) == quoted == arguments.quoted(quoted)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a,b", ["a", "b"]),
        ("", [""]),
        ("a,", ["a", ""]),
        ("${a:b,c},d", ["${a:b,c}", "d"]),
        ("${a:${b:c,d},e},f", ["${a:${b:c,d},e}", "f"]),
        ("},a", ["}", "a"]),
    ],
)
def test_commas_of_an_interpolation_separate_nothing(text, parts):
    assert arguments.split_at_commas(text) == parts


def test_a_sweep_of_a_config_file_is_what_its_values_mean_when_typed():
    params = {"model.width": "4,8", "seed": "range(0,2)", "model": {"norm": "batch, none"}, "train.xla": None}
    params |= {"model.residual": False, "outputs": "a b,c", "tags": ["x", "y"], "train": 1}
    assert arguments.sweep_words(params) == [
        *("model.width=4,8", "seed=range(0,2)", "model.norm=batch, none", "train.xla=null", "model.residual=false"),
        *("outputs='a b','c'", "tags=[x,y]", "train='1'"),
    ]


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"hydra.launcher.n_jobs": 2}, ("belongs to the command", "hydra.launcher.n_jobs: 2")),
        ({"+study": "quickstart"}, ("belongs to the command", "+study=…")),
        ({"seed": "[0,1"}, ("cannot be parsed", "seed: [0,1", "seed: 0,1,2")),
        ({"a b": 1}, ("cannot be parsed", "a b: 1")),
    ],
)
def test_what_is_no_sweep_is_refused(params, words):
    with pytest.raises(AblateError) as refusal:
        arguments.sweep_words(params)
    assert all(word in str(refusal.value) for word in (*words, "hydra.sweeper.params")), str(refusal.value)
