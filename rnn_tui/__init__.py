"""Watch, steer and understand a recurrent net as it learns, in a terminal."""

__version__ = "0.1.0"
