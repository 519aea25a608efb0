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

CPUINFO_PATH = Path("/proc/cpuinfo")


@final
@dataclass(frozen=True, slots=True)
class Environment:
    """Versions, the processor, its vector instructions and the library that multiplies matrices."""

    rnn_tui: str
    python: str
    numpy: str
    processor: str
    simd: str
    blas: str

    def same_arithmetic(self, other: "Environment") -> bool:
        """Return whether equal sums have equal bits here and there."""
        return self._arithmetic_key == other._arithmetic_key

    @property
    def _arithmetic_key(self) -> tuple[str, ...]:
        return self.numpy, self.processor, self.simd, self.blas

    @property
    def as_dict(self) -> dict[str, str]:
        return asdict(self)


@lru_cache
def current_environment() -> Environment:
    """Return what this program runs on."""
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
            [*(str(blas.get(it, "")) for it in ("name", "version")), *_blas_kernel()]
        ).strip(),
    )


def _cpu_model(cpuinfo_path: Path) -> list[str]:
    """Return the processor's make and model, by which OpenBLAS chooses how it multiplies."""
    with suppress(OSError):
        lines = cpuinfo_path.read_text("utf-8", "replace").partition("\n\n")[0].splitlines()
        fields_by_name = {line.partition("\t")[0]: line.partition(": ")[2] for line in lines}
        return [
            fields_by_name[it]
            for it in ("vendor_id", "cpu family", "model")
            if it in fields_by_name
        ]
    return []


def _blas_kernel() -> list[str]:
    """Return what OpenBLAS has been told to choose, if it has."""
    return [os.environ["OPENBLAS_CORETYPE"]] if "OPENBLAS_CORETYPE" in os.environ else []
