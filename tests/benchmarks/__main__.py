"""Measures everything; each module here can also be run by itself."""

from tests.benchmarks.analysis import analysis_speed
from tests.benchmarks.analysis_maps import analysis_maps
from tests.benchmarks.dashboard import DASHBOARD, LONG
from tests.benchmarks.report import main
from tests.benchmarks.step_speed import step_speed

main(step_speed, analysis_speed, analysis_maps, *DASHBOARD, long=LONG)
