"""On what numbers were computed: bits are promised only where all that rounds them is the same."""

import os
import platform
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, final

import numpy as np

from rnn_tui import __version__

CPUINFO = Path("/proc/cpuinfo")


@final
@dataclass(frozen=True, slots=True)
class Machine:
    """Versions, the processor, its vector instructions and the library that multiplies matrices."""

    rnn_tui: str
    python: str
    numpy: str
    processor: str
    vectors: str
    blas: str

    def rounds_like(self, other: "Machine") -> bool:
        """Return whether equal sums have equal bits here and there."""
        return self._arithmetic == other._arithmetic

    @property
    def _arithmetic(self) -> tuple[str, ...]:
        return self.numpy, self.processor, self.vectors, self.blas

    @property
    def data(self) -> dict[str, str]:
        return asdict(self)


@lru_cache
def this_machine() -> Machine:
    """Return what this program runs on."""
    built: Mapping[str, Any] = np.show_config(mode="dicts") or {}
    blas = built.get("Build Dependencies", {}).get("blas", {})
    vectors = built.get("SIMD Extensions", {})
    return Machine(
        rnn_tui=__version__,
        python=platform.python_version(),
        numpy=np.__version__,
        processor=" ".join([platform.machine(), *_model(CPUINFO)]),
        vectors=" ".join([*vectors.get("baseline", []), *vectors.get("found", [])]),
        blas=" ".join([*(str(blas.get(it, "")) for it in ("name", "version")), *_kernel()]).strip(),
    )


def _model(cpuinfo: Path) -> list[str]:
    """Return the processor's make and model, by which OpenBLAS chooses how it multiplies."""
    with suppress(OSError):
        lines = cpuinfo.read_text("utf-8", "replace").partition("\n\n")[0].splitlines()
        named = {line.partition("\t")[0]: line.partition(": ")[2] for line in lines}
        return [named[it] for it in ("vendor_id", "cpu family", "model") if it in named]
    return []


def _kernel() -> list[str]:
    """Return what OpenBLAS has been told to choose, if it has."""
    return [os.environ["OPENBLAS_CORETYPE"]] if "OPENBLAS_CORETYPE" in os.environ else []
