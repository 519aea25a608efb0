"""Reads numpy's npz with care: no pickle, and no more memory than the file has bytes."""

import os
from collections.abc import Iterator, Mapping
from io import BytesIO
from math import prod
from typing import Any, BinaryIO
from zipfile import ZIP_STORED, ZipFile

import numpy as np
import numpy.typing as npt

MAX_FILE_BYTES = 1 << 30
DTYPES = ("<f8", "<u4", "|u1")  # of arrays

Arrays = Mapping[str, npt.NDArray[Any]]


def read_arrays(file: BinaryIO, skip_folder: str) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    """Yield the arrays of the npz `file` by name, but for those in the folder `without`.

    Raises what zipfile and numpy raise for what is none, and ValueError.
    """
    if os.fstat(file.fileno()).st_size > MAX_FILE_BYTES:
        raise ValueError(f"it has more than {MAX_FILE_BYTES:,} bytes")
    with ZipFile(file) as archive:
        for member in archive.infolist():
            if skip_folder and member.filename.startswith(f"{skip_folder}/"):
                continue
            if member.compress_type != ZIP_STORED or member.file_size != member.compress_size:
                raise ValueError("it is compressed, as no checkpoint is")
            yield member.filename.removesuffix(".npy"), _parse_array(archive.read(member))


def _parse_array(data: bytes) -> npt.NDArray[Any]:
    file = BytesIO(data)
    np.lib.format.read_magic(file)
    shape, fortran_order, dtype = np.lib.format.read_array_header_1_0(file)
    if dtype.str not in DTYPES or prod(shape) * dtype.itemsize != len(data) - file.tell():
        raise ValueError("an array is not as long as it says")
    order: Any = "F" if fortran_order else "C"
    return np.frombuffer(data, dtype, offset=file.tell()).reshape(shape, order=order).copy()


def subfolder(folder: str, arrays: Arrays) -> dict[str, npt.NDArray[Any]]:
    """Return those of `folder`, by their names in there."""
    prefix = f"{folder}/"
    return {name.removeprefix(prefix): it for name, it in arrays.items() if name.startswith(prefix)}
