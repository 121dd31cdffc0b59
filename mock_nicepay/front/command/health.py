"""The command `health`: whether a server answers, for containers that have no curl."""

from functools import partial

import click

from mock_nicepay.front.terminal import complain
from mock_nicepay.front.testing.control_client import ControlPlane, NicepayError, over_http
from mock_nicepay.settings import Settings

_SICK = 1
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not listened on


def health(url: str, settings: Settings) -> int:
    """Check a server: returns 0 when it answers, else 1. An empty `url` means the settings' address."""
    control = ControlPlane(partial(over_http, url or url_of(settings)), settings.admin_key)
    try:
        told = control.ask("GET", "/health")
    except NicepayError as error:
        complain(str(error))
        return _SICK
    click.echo(f"{told['status']}, edition {told['edition']}")
    return 0


def url_of(settings: Settings) -> str:
    """The URL of a server with these settings, for a client on the same machine."""
    host = _EVERYWHERE.get(settings.host, settings.host)
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"
