"""What the payer's pages and the console share: templates, static files, amounts.

Imported with the first page only, because most runs show none.
"""

from collections.abc import Collection, Mapping
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined

_PACKAGE = "mock_nicepay.front"


def environment(folder: str) -> Environment:
    """The templates of a folder. Values are escaped, and an undefined name is an error."""
    return Environment(
        loader=PackageLoader(_PACKAGE, folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def files(folder: str, endings: Collection[str]) -> Mapping[str, bytes]:
    """The static files of a folder: content by file name.

    `endings` are the file name extensions to serve, without a dot. No path of a request ever reaches
    the file system.
    """
    found = resources.files(_PACKAGE).joinpath(folder).iterdir()
    return {each.name: each.read_bytes() for each in found if ending_of(each.name) in endings}


def ending_of(name: str) -> str:
    """`js` of `sdk.js`."""
    return name.rpartition(".")[2]


def amount(value: int, currency: str = "KRW", language: str = "KO") -> str:
    """`1,004원`, in another language `1,004 KRW`; in another currency always `1,004 USD`."""
    in_korean = currency == "KRW" and language == "KO"
    return f"{value:,}원" if in_korean else f"{value:,} {currency}"
