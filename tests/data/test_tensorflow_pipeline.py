"""What tf.data knows of its batches; what they hold is in `test_batches.py`."""

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
