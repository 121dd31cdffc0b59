"""The mock itself was used wrongly: a plain 4xx that says what would be right, no gateway answer."""


class Misuse(Exception):
    """A request to the mock, not to the gateway, that cannot be carried out.

    `topic` is what a payer can have got wrong (code, coupon): the window says that in its language.
    """

    def __init__(self, message: str, status: int = 400, *, topic: str = "choice") -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.topic = topic
