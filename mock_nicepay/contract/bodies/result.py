"""What every answer begins with, and a refusal."""

from mock_nicepay.contract.fields import Field, Text
from mock_nicepay.contract.shape import Shape

RESULT: dict[str, Field] = {"resultCode": Text(4), "resultMsg": Text(100)}

# Assumed (refusal.shape): a refusal carries these two keys alone, whatever the call; no record of a
# refusal has been published.
# Assumed (message.length): every table limits resultMsg to 100 bytes, and seven published texts are
# longer; the text goes out whole.
REFUSAL = Shape({**RESULT, "resultMsg": Text()})
