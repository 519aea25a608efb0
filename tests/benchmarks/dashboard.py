"""All that is measured of the dashboard, in a real pseudo-terminal."""

from tests.benchmarks.first_paint import first_paint
from tests.benchmarks.key_latency import key_latency, view_latency
from tests.benchmarks.long_run import long_run
from tests.benchmarks.memory import memory
from tests.benchmarks.processor_share import processor_share
from tests.benchmarks.report import main
from tests.benchmarks.retained_speed import retained_speed
from tests.benchmarks.siblings import sibling_speed
from tests.benchmarks.traffic import traffic

LATENCY = (key_latency, view_latency)
DASHBOARD = (retained_speed, sibling_speed, processor_share, *LATENCY, traffic, first_paint, memory)
LONG = (long_run,)

if __name__ == "__main__":
    main(*DASHBOARD, long=LONG)
