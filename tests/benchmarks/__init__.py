"""How fast it is: `python -m tests.benchmarks` measures everything and prints a table."""

import os

# Before numpy is loaded: one thread for everyone whose speed is compared.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
