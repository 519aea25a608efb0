"""A model's weights: one flat vector with named, shaped views into it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from math import prod
from typing import TYPE_CHECKING, Any, final

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
else:  # NDArray is numpy's, which is not loaded for its name
    FloatArray = Any

Layout = Mapping[str, tuple[int, ...]]


@cache
def scalar_array(value: float) -> FloatArray:
    """Return a 0-d array, which numpy multiplies by in half the time that a Python float takes."""
    return np.array(value)


@final
class Parameters:
    """Named arrays, contiguous in one float64 vector in the order of `layout`.

    `vector` has shape (size,); `parameters[name]` is a view into it with the layout's shape.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout = dict(layout)
        self.vector: FloatArray = np.zeros(sum(map(prod, self.layout.values())))
        self._views: dict[str, FloatArray] = {}
        start = 0
        for name, shape in self.layout.items():
            stop = start + prod(shape)
            self._views[name] = self.vector[start:stop].reshape(shape)
            start = stop

    def __getitem__(self, name: str) -> FloatArray:
        return self._views[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._views)
