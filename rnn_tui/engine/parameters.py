"""A model's weights: one flat vector with named, shaped views into it.

Several models of one architecture are stacked: all their arrays have a leading axis of replicas.
The functions here compute the same numbers for a replica as for a model alone, bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from math import prod
from typing import TYPE_CHECKING, Any, final

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
else:  # NDArray is numpy's, which is not loaded for its name
    FloatArray = Any

Layout = Mapping[str, tuple[int, ...]]
Stack = tuple[int, ...]  # (): one model; (replicas,): several
Dot = Callable[[FloatArray, FloatArray], object]

CACHE_LINE_BYTES = 64


@final
class _Scalars(dict[float, FloatArray]):
    def __missing__(self, value: float) -> FloatArray:
        array: FloatArray = np.array(value, np.float64)
        self[value] = array
        return array


# 0-d arrays by value, which numpy multiplies by in half the time that a Python float takes.
SCALARS = _Scalars()


def aligned_zeros(*shape: int) -> FloatArray:
    """Return zeros that start at a cache line, so that vector instructions do not cross one.

    Elementwise functions of cached arrays then take up to a third less time.
    """
    size = prod(shape)
    buffer = np.zeros(size + CACHE_LINE_BYTES // 8)
    start = -buffer.__array_interface__["data"][0] % CACHE_LINE_BYTES // 8
    return buffer[start : start + size].reshape(shape)


def rows_of(array: FloatArray) -> Any:
    """Return a view of `array` (…, n) with its contiguous rows of n numbers as elements, (…).

    To copy rows with gaps between them takes half the time, or less, in the form of such elements.
    """
    return array.view(f"V{array.shape[-1] * array.itemsize}")[..., 0]


def dot_of(matrix: FloatArray, *, padded: bool = False, by_vector: bool = False) -> Dot:
    """Return the matrix product with `matrix`, a function of the other factor and the output.

    For a stack (replicas, n, m) it is the product of each matrix with one of the other stack, or
    `by_vector` with one of its vectors (replicas, m). The rows of factor and output may be
    `padded`.
    """
    if by_vector:
        return partial(np.matvec, matrix)  # in a tenth less time than np.matmul
    # ndarray.dot takes half the time of np.matmul for small matrices, but copies padded ones.
    return partial(np.matmul, matrix) if padded or matrix.ndim > 2 else matrix.dot


def inner_product(one: FloatArray, other: FloatArray) -> Any:
    """Return the inner product of two vectors, a float, or of each pair of a stack, (replicas,)."""
    return float(one.dot(other)) if one.ndim == 1 else np.vecdot(one, other)


@final
class Parameters:
    """Named arrays, contiguous in one float64 vector in the order of `layout`.

    `vector` has shape (size,); `parameters[name]` is a view into it with the layout's shape. Those
    of a `stack` of models have a leading axis of replicas.
    """

    def __init__(self, layout: Layout, stack: Stack = ()) -> None:
        self.layout = dict(layout)
        self.vector: FloatArray = aligned_zeros(*stack, sum(map(prod, self.layout.values())))
        self._views: dict[str, FloatArray] = {}
        start = 0
        for name, shape in self.layout.items():
            stop = start + prod(shape)
            self._views[name] = self.vector[..., start:stop].reshape(*stack, *shape)
            start = stop

    def __getitem__(self, name: str) -> FloatArray:
        return self._views[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._views)
