"""What is said of layers with automatic names: only where nobody knows which of them are the same."""

from ablation.config.plugins import unnamed_layers

BASELINE = {"Conv2D(3,3,8,8)": ["conv2d_1", "conv2d_2", "conv2d_3"], "Dense(8,10)": ["dense"]}


def test_equal_numbers_are_matched_in_order():
    assert unnamed_layers.uncoupled(BASELINE, BASELINE) == {}
    assert unnamed_layers.sentence("-a", "baseline", BASELINE, BASELINE) == ""


def test_a_kind_that_one_variant_lacks_has_nothing_to_match():
    assert unnamed_layers.uncoupled(BASELINE, {"Dense(8,10)": ["dense"]}) == {}


def test_other_numbers_are_named_with_the_layers_to_name():
    other = {**BASELINE, "Conv2D(3,3,8,8)": ["conv2d_1", "conv2d_2"]}
    text = unnamed_layers.sentence("-a", "baseline", BASELINE, other)
    assert text.startswith("-a and baseline are not coupled in 3 layers Conv2D(3,3,8,8)")
    assert "conv2d_1, conv2d_2 and conv2d_3; -a has 2" in text and "Name these layers" in text
