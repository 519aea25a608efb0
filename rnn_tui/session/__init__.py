"""A run and the thread that drives it: no screen, so that it works as well without one."""
