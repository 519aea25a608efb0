"""The screen: looks at snapshots, sends changes, computes nothing."""
