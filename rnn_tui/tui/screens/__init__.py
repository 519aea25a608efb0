"""Full screens above the dashboard."""
