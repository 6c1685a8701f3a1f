"""Which variant is the baseline, and which is compared with which."""

import shlex

import pytest
from support.comparisons import compared
from support.fake_runs import sweep

from ablation.errors import AblateError


def test_a_label_to_be_typed_is_one_word_of_a_shell(tmp_path):
    for width in (4, 8):
        sweep(tmp_path, {"plain34": 0.5, "resnet34": 0.9}, **{"model.width": width})
    for name, label in (("resnet34", "resnet34 width=4"), ("resnet34 width=88", "resnet34 width=8")):
        with pytest.raises(AblateError) as error:
            compared(tmp_path, baseline=name)
        assert shlex.split(str(error.value).rpartition("Type for example ")[2]) == [f"--baseline={label}"]
