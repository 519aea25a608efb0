"""A Hypothesis strategy for any text that UTF-8 can encode.

`st.text()` draws the same, but lists all characters of a codec first: seconds in a new checkout.
"""

from hypothesis import strategies as st

CHARACTERS = st.characters(exclude_categories=["Cs"])  # no surrogates
TEXTS = st.text(CHARACTERS)
