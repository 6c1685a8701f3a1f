import math

import pytest

from ablation.report.html.rows import half_width
from ablation.statistics.arm import Arm


def test_half_width_is_student_s():
    assert half_width(Arm("a", {0: 1.0, 1: 2.0, 2: 3.0})) == pytest.approx(4.302652729911275 / math.sqrt(3))
    assert math.isnan(half_width(Arm("a", {0: 1.0})))
