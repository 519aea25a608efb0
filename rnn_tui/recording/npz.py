"""Reads numpy's npz with care: no pickle, and no more memory than the file has bytes."""

import os
from collections.abc import Iterator, Mapping
from io import BytesIO
from math import prod
from typing import Any, BinaryIO
from zipfile import ZIP_STORED, ZipFile

import numpy as np
import numpy.typing as npt

MOST_BYTES = 1 << 30
KINDS = ("<f8", "<u4", "|u1")  # of arrays

Arrays = Mapping[str, npt.NDArray[Any]]


def arrays_of(file: BinaryIO, without: str) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    """Yield the arrays of the npz `file` by name, but for those in the folder `without`.

    Raises what zipfile and numpy raise for what is none, and ValueError.
    """
    if os.fstat(file.fileno()).st_size > MOST_BYTES:
        raise ValueError(f"it has more than {MOST_BYTES:,} bytes")
    with ZipFile(file) as archive:
        for member in archive.infolist():
            if without and member.filename.startswith(f"{without}/"):
                continue
            if member.compress_type != ZIP_STORED or member.file_size != member.compress_size:
                raise ValueError("it is compressed, as no checkpoint is")
            yield member.filename.removesuffix(".npy"), _array(archive.read(member))


def _array(data: bytes) -> npt.NDArray[Any]:
    file = BytesIO(data)
    np.lib.format.read_magic(file)
    shape, by_columns, kind = np.lib.format.read_array_header_1_0(file)
    if kind.str not in KINDS or prod(shape) * kind.itemsize != len(data) - file.tell():
        raise ValueError("an array is not as long as it says")
    order: Any = "F" if by_columns else "C"
    return np.frombuffer(data, kind, offset=file.tell()).reshape(shape, order=order).copy()


def within(folder: str, arrays: Arrays) -> dict[str, npt.NDArray[Any]]:
    """Return those of `folder`, by their names in there."""
    start = f"{folder}/"
    return {name.removeprefix(start): it for name, it in arrays.items() if name.startswith(start)}
