"""A run watched and steered in lines: for those who do not see the screen, and for scripts."""
