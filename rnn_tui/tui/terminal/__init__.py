"""The terminal at the far end: what it shows, how little it is sent, and how it is left."""
