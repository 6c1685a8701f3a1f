"""Named randomness: what a seed, a stream and a key draw, whatever was drawn before."""

import hashlib

import numpy as np
import pytest

from ablation.random_streams import derived_seed, generator


def test_the_numbers_are_those_of_the_first_version():
    """Of every run that there is, and on every platform: Philox and SHA-256 are defined to the bit."""
    assert [derived_seed(0, "init", "stem_conv"), derived_seed(3, "noise", "head_dropout")] == [884421048, 906323717]
    assert generator(0, "order", 1).integers(0, 2**32, 3).tolist() == [3988201606, 3525147372, 893285131]
    assert generator(7, "augment", 12).random(2).tolist() == [0.5784023504897543, 0.8350020606847979]
    drawn = generator(0, "init", "stem_conv").standard_normal(2, "float32")
    assert drawn.tolist() == [0.37902510166168213, 1.7921364307403564]


def test_a_generator_is_philox_keyed_by_the_first_half_of_a_hash():
    key = hashlib.sha256(b"3/init/stem_conv").digest()
    expected = np.random.Generator(np.random.Philox(key=np.frombuffer(key[:16], "<u8")))
    np.testing.assert_array_equal(generator(3, "init", "stem_conv").random(8), expected.random(8))
    assert derived_seed(3, "init", "stem_conv") == np.frombuffer(key[16:20], "<u4")[0] // 2


def test_a_draw_does_not_depend_on_what_was_drawn_before():
    alone = generator(0, "order", 5).random(4)
    for epoch in range(5):
        generator(0, "order", epoch).random(100)
        np.random.random(3)
    np.testing.assert_array_equal(generator(0, "order", 5).random(4), alone)


@pytest.mark.parametrize("other", [(1, "order", 5), (0, "augment", 5), (0, "order", 6), (0, "order")], ids=str)
def test_another_seed_stream_or_key_draws_something_else(other):
    assert not np.intersect1d(generator(0, "order", 5).random(100), generator(*other).random(100)).size
    assert derived_seed(0, "order", 5) != derived_seed(*other)


def test_derived_seeds_have_31_bits_and_use_them_all():
    seeds = np.array([derived_seed(seed, "noise", "x") for seed in range(500)])
    assert seeds.min() >= 0 and seeds.max() < 2**31 and len(set(seeds.tolist())) == 500
    ones = [(seeds >> bit & 1).mean() for bit in range(31)]
    assert 0.4 < min(ones) and max(ones) < 0.6
