"""What the doctests of this package take for granted."""

import numpy as np
import pytest


@pytest.fixture(autouse=True)
def _numpy(doctest_namespace: dict[str, object]) -> None:
    doctest_namespace["np"] = np
