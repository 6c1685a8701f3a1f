"""Labels as classes, and as probabilities where they are smoothed or mixed."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ablation.training import targets

CLASSES = 7
few = settings(max_examples=8, deadline=None, database=None, derandomize=True)


def test_labels_stay_classes_unless_they_are_smoothed_or_mixed():
    """Their loss is cheaper."""
    assert isinstance(targets.targets(CLASSES, 0.0, mixed=False), targets.SparseLabels)
    for smoothing, mixed in ((0.1, False), (0.0, True)):
        assert isinstance(targets.targets(CLASSES, smoothing, mixed), targets.SoftLabels)


@few
@given(
    images=arrays.arrays("float32", (6, 2, 2, 1), elements=st.floats(-3, 3, width=32)),
    labels=arrays.arrays("int32", 6, elements=st.integers(0, CLASSES - 1)),
    partners=st.permutations(range(6)),
    share=st.floats(0, 1, width=32),
)
def test_images_and_labels_are_mixed_alike(images, labels, partners, share):
    partners, share = np.array(partners, "int32"), np.float32(share)
    mixed = targets.SoftLabels(CLASSES, 0.0)(keras.ops.convert_to_tensor(images), labels, partners, share)
    one_hot = np.eye(CLASSES, dtype="float32")[labels]
    for received, x in zip(mixed, (images, one_hot), strict=True):
        assert np.asarray(received) == pytest.approx(share * x + (1 - share) * x[partners], abs=1e-6)
    assert np.asarray(mixed[1]).sum(axis=1) == pytest.approx(np.ones(6), abs=1e-6)


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_the_loss_is_cross_entropy_with_smoothed_labels(smoothing):
    """Szegedy et al. 2016, section 7: (1 - e) y + e / K in place of y."""
    logits = np.random.default_rng(0).normal(size=(5, CLASSES)).astype("float32")
    labels = np.array([0, 3, 6, 1, 1], "int32")
    soft = targets.SoftLabels(CLASSES, smoothing)
    _, shares = soft(logits, labels)
    wanted = np.eye(CLASSES)[labels] * (1 - smoothing) + smoothing / CLASSES
    log_probabilities = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    assert float(soft.loss()(shares, logits)) == pytest.approx(
        -(wanted * log_probabilities).sum(axis=1).mean(), rel=1e-5
    )
    if not smoothing:
        assert float(targets.SparseLabels().loss()(labels, logits)) == pytest.approx(float(soft.loss()(shares, logits)))


def test_both_kinds_count_the_same_images_as_correct():
    logits = np.random.default_rng(1).normal(size=(40, CLASSES)).astype("float32")
    labels = np.arange(40, dtype="int32") % CLASSES
    sparse, soft = targets.SparseLabels(), targets.SoftLabels(CLASSES, 0.1)
    for kind in (sparse, soft):
        metric = kind.accuracy()
        metric.update_state(kind(logits, labels)[1], logits)
        assert metric.name == "accuracy"
        assert float(metric.result()) == pytest.approx((logits.argmax(axis=1) == labels).mean())


def test_symbolic_targets_have_the_shape_and_type_of_real_ones():
    labels = np.zeros(4, "int32")
    for kind in (targets.SparseLabels(), targets.SoftLabels(CLASSES, 0.0)):
        symbolic, real = kind.symbolic(4), np.asarray(kind(labels, labels)[1])
        assert (symbolic.shape, symbolic.dtype) == (real.shape, real.dtype)
