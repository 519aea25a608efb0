"""All that is measured of the dashboard, in a real pseudo-terminal."""

from tests.benchmarks.first_paint import first_paint
from tests.benchmarks.key_latency import key_latency
from tests.benchmarks.memory import memory
from tests.benchmarks.report import main
from tests.benchmarks.retained_speed import retained_speed

DASHBOARD = (retained_speed, key_latency, first_paint, memory)

if __name__ == "__main__":
    main(*DASHBOARD)
