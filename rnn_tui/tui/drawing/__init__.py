"""Pure functions from numbers to text, so that what is drawn can be tested as text."""
