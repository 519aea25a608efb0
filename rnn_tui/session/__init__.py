"""A live session: one thread, several branches, requests in and snapshots out."""
