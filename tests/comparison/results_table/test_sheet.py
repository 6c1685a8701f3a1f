"""Cells as values of Python, and the rows of several files."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from ablation.comparison.results_table import sheet
from ablation.errors import AblateError


def test_files_of_different_forms_are_refused():
    one = sheet.Sheet(pd.DataFrame({"a": [1]}), (), "a.csv")
    with pytest.raises(AblateError, match=r"different programs.*a\.csv and b"):
        sheet.concatenated([one, sheet.Sheet(one.frame, (), "b", is_log=True)])


def test_cells_are_values_of_python():
    assert [sheet.clean(value) for value in (" a ", "", None, float("nan"), pd.NaT, pd.NA)] == ["a", *[None] * 5]
    assert [sheet.text_of(value) for value in (1.0, 1, "1", None, True, 0.5, 1e300)] == [
        "1",
        "1",
        "1",
        "",
        "true",
        "0.5",
        "1e+300",
    ]
    assert [sheet.clean(value) for value in (np.array([1, 2]), [1], Decimal("0.5"))] == ["[1 2]", "[1]", 0.5]
