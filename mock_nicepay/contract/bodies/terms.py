"""The answer about terms."""

from mock_nicepay.contract.bodies.result import RESULT
from mock_nicepay.contract.fields import Text
from mock_nicepay.contract.shape import Shape

# Documented (terms.keys): title and text, unsigned (K25).
TERMS = Shape({**RESULT, "termsTitle": Text(100), "content": Text(30_000)})
