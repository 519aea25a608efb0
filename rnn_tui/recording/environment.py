"""The environment of a computation: bits are reproduced only where numbers are rounded alike."""

import os
import platform
from collections.abc import Mapping
from contextlib import suppress
from ctypes import CDLL
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, final

import numpy as np

from rnn_tui import __version__

CPUINFO_PATH = Path("/proc/cpuinfo")
BLAS_THREAD_FUNCTIONS = (  # of the libraries that NumPy is built with
    "scipy_openblas_get_num_threads64_",
    "scipy_openblas_get_num_threads",
    "openblas_get_num_threads64_",
    "openblas_get_num_threads",
    "MKL_Get_Max_Threads",
)


@final
@dataclass(frozen=True, slots=True)
class Environment:
    """Versions, the processor, its vector instructions, the BLAS library and its threads.

    The number of threads is "" where unknown, as in older journals.
    """

    rnn_tui: str
    python: str
    numpy: str
    processor: str
    simd: str
    blas: str
    blas_threads: str = ""

    def has_same_rounding(self, other: "Environment") -> bool:
        """Return whether the same computation gives the same bits in both environments."""
        threads = {self.blas_threads, other.blas_threads} - {""}
        return self._rounding_key == other._rounding_key and len(threads) <= 1

    @property
    def _rounding_key(self) -> tuple[str, ...]:
        return self.numpy, self.processor, self.simd, self.blas

    @property
    def as_dict(self) -> dict[str, str]:
        """The fields by name, as a journal has them."""
        return asdict(self)


@lru_cache
def current_environment() -> Environment:
    """Return the environment of this process."""
    build_config: Mapping[str, Any] = np.show_config(mode="dicts") or {}
    blas = build_config.get("Build Dependencies", {}).get("blas", {})
    simd = build_config.get("SIMD Extensions", {})
    return Environment(
        rnn_tui=__version__,
        python=platform.python_version(),
        numpy=np.__version__,
        processor=" ".join([platform.machine(), *_cpu_model(CPUINFO_PATH)]),
        simd=" ".join([*simd.get("baseline", []), *simd.get("found", [])]),
        blas=" ".join(
            [*(str(blas.get(name, "")) for name in ("name", "version")), *_blas_kernel()]
        ).strip(),
        blas_threads=_blas_threads(),
    )


def _cpu_model(cpuinfo_path: Path) -> list[str]:
    """Return the vendor and model of the processor, by which OpenBLAS selects its kernels."""
    with suppress(OSError):
        lines = cpuinfo_path.read_text("utf-8", "replace").partition("\n\n")[0].splitlines()
        fields_by_name = {line.partition("\t")[0]: line.partition(": ")[2] for line in lines}
        return [
            fields_by_name[name]
            for name in ("vendor_id", "cpu family", "model")
            if name in fields_by_name
        ]
    return []


def _blas_kernel() -> list[str]:
    """Return the kernels that the user selected for OpenBLAS, if any."""
    return [os.environ["OPENBLAS_CORETYPE"]] if "OPENBLAS_CORETYPE" in os.environ else []


def _blas_threads() -> str:
    """Return the number of threads by which the BLAS library splits its sums; "" if unknown.

    The library derives this from environment variables and the processors of this process.
    """
    libraries = CDLL(import_module("numpy._core._multiarray_umath").__file__)
    names = (name for name in BLAS_THREAD_FUNCTIONS if hasattr(libraries, name))
    return next((str(getattr(libraries, name)()) for name in names), "")
