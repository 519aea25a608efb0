"""Measures everything; each module here can also be run by itself."""

from tests.benchmarks.analysis import analysis_speed, displayed_analyses
from tests.benchmarks.dashboard import DASHBOARD, LONG
from tests.benchmarks.report import main
from tests.benchmarks.step_speed import replica_speed, step_speed

main(step_speed, replica_speed, analysis_speed, displayed_analyses, *DASHBOARD, long=LONG)
