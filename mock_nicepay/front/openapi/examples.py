"""An example of each call, made by playing it: the request and the answer."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

from mock_nicepay.contract.editions import Edition
from mock_nicepay.contract.endpoint import Endpoint
from mock_nicepay.front.openapi.stage import CALLS, Stage


@dataclass(frozen=True, slots=True)
class Example:
    """A played call."""

    path: str
    places: Mapping[str, str]
    query_text: str
    body: Any  # None: without a body
    answer: Any
    secret_key: str = field(repr=False)  # of its sender

    @property
    def query(self) -> dict[str, str]:
        """The query's parameters."""
        return dict(parse_qsl(self.query_text))


def example_of(endpoint: Endpoint, edition: Edition) -> Example:
    """The example of a call, as that edition answers it."""
    return _played(endpoint.name, edition.name)


@cache
def _played(name: str, edition: str) -> Example:
    endpoint = CALLS[name]
    stage = Stage(edition=edition)
    sent = stage.good_call(endpoint)
    request = stage.request(endpoint, sent)
    return Example(
        request.path,
        sent.places,
        request.query,
        json.loads(request.body) if request.body else None,
        json.loads(stage.play(endpoint, sent).body),
        (sent.merchant or stage.server).secret_key,
    )
