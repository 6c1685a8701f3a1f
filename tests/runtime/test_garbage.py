"""When garbage is collected."""

import gc
import weakref

import pytest

from ablation.runtime import garbage


class Node:
    """An object that can be part of a cycle."""

    def __init__(self):
        self.itself = self


@pytest.mark.parametrize("was_enabled", [True, False])
def test_collection_goes_on_afterwards_as_before(was_enabled):
    (gc.enable if was_enabled else gc.disable)()
    try:
        with pytest.raises(ZeroDivisionError), garbage.postponed():
            assert not gc.isenabled()
            raise ZeroDivisionError
        assert gc.isenabled() is was_enabled
    finally:
        gc.enable()


def test_a_cycle_stays_within_the_context_and_goes_afterwards():
    with garbage.postponed():
        node = weakref.ref(Node())
        _ = [[] for _ in range(10 * gc.get_threshold()[0])]
        assert node() is not None
    _ = [[] for _ in range(10 * gc.get_threshold()[0])]
    assert node() is None
