"""The exception for requests of the user that cannot be done."""


class UserError(ValueError):
    """A request that cannot be done; the message, one line, is for the user."""
