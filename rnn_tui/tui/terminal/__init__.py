"""A Textual driver that never blocks: tty, flow control, screen buffer, reply filter."""
