"""Textual widgets, adapted to slow links and to input faster than layout."""
