"""What a run is configured with: settings, recipes, and how settings change on a switch."""
