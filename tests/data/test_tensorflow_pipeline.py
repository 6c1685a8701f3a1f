"""What tf.data knows of its batches; what they hold is in `test_batches.py`."""

import gc
import weakref

import keras
from support.images import split

from ablation.data import tensorflow_pipeline
from ablation.data.batches import Feed


def test_tensorflow_knows_the_shape_of_an_image_and_not_that_of_a_batch():
    """A batch dimension in the trace would mean a retrace for the last batch of every epoch."""
    spec = tensorflow_pipeline.training(Feed(split(23), 0, 5, "none"), 0, 5).element_spec
    assert [part.shape.as_list() for part in spec] == [[None, 6, 6, 3], [None]]
    assert [part.dtype.name for part in spec] == ["uint8", "int32"]


def test_tensorflow_knows_the_shape_of_what_is_mixed():
    spec = tensorflow_pipeline.training(Feed(split(23), 0, 5, "none", mixup_alpha=1.0), 0, 5).element_spec
    assert [part.shape.as_list() for part in spec] == [[None, 6, 6, 3], [None], [None], []]


def test_pipelines_of_one_shape_share_a_trace():
    list(tensorflow_pipeline.training(Feed(split(23), 0, 5, "none"), 0, 2))
    for seed, size in ((1, 5), (2, 7)):
        list(tensorflow_pipeline.training(Feed(split(17), seed, size, "crop_flip"), 1, 3))
    assert tensorflow_pipeline._traced((6, 6, 3), "uint8", False).experimental_get_tracing_count() == 1


def test_a_trace_survives_that_keras_clears_its_session():
    """As the preflight does between cells."""
    plain, mixed = Feed(split(23), 0, 5, "none"), Feed(split(23), 0, 5, "none", mixup_alpha=1.0)
    for feed in (plain, mixed, plain, mixed):
        (batch,) = tensorflow_pipeline.training(feed, 1, 2)
        assert (batch[0].numpy() == feed.batch(1)[0]).all()
        keras.backend.clear_session()


def test_an_iterator_keeps_its_feed_and_nothing_keeps_it_longer():
    """A leak would keep the images of every run of a worker."""
    feed = Feed(split(23), 0, 5, "none")
    known = set(tensorflow_pipeline.FEEDS)
    batches = iter(tensorflow_pipeline.training(feed, 0, 5))
    gc.collect()
    assert len(list(batches)) == 5
    gone = weakref.ref(feed)
    del feed, batches
    gc.collect()
    assert gone() is None and set(tensorflow_pipeline.FEEDS) <= known


def test_an_iterator_that_is_left_prints_nothing(capfd):
    for _ in range(20):
        next(iter(tensorflow_pipeline.training(Feed(split(23), 0, 5, "none"), 0, 500)))
        gc.collect()
    assert capfd.readouterr().err == ""
