"""The screen: displays snapshots and sends requests."""
