"""The command `openapi`: prints the document as JSON or YAML."""

import json

import click

from mock_nicepay.contract.editions import EDITIONS
from mock_nicepay.front.openapi.document import document


def openapi(form: str, edition: str) -> int:
    """Print the OpenAPI document of an edition, in `json` or `yaml`."""
    text = json.dumps(document(EDITIONS[edition]), ensure_ascii=False, indent=2)
    click.echo(_yaml(text) if form == "yaml" else f"{text}\n", nl=False)
    return 0


def _yaml(text: str) -> str:
    """The same as YAML. Parsing the JSON text first keeps YAML aliases out of repeated parts."""
    import yaml  # here, because it is slow to import and most users want JSON

    return str(yaml.safe_dump(json.loads(text), allow_unicode=True, sort_keys=False, width=100))
