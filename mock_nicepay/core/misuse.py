"""A wrong request to the mock itself: a plain 4xx that says what would be right."""


class Misuse(Exception):
    """A request to the mock, not to the gateway, that cannot be carried out.

    `topic` names a mistake that a payer can make (code, coupon), for the window's own message.
    """

    def __init__(self, message: str, status: int = 400, *, topic: str = "choice") -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.topic = topic
