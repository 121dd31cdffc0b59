"""Path templates with `{places}`, as used in the tables of the control plane and of pages."""

from mock_nicepay.contract.endpoint import place_of


def places_of(template: str, path: str) -> dict[str, str] | None:
    """The values of a template's `{places}`; None when the path does not match."""
    if "{" not in template:
        return {} if path == template else None
    wanted, given = template.split("/"), path.split("/")
    pairs = list(zip(wanted, given, strict=False))
    if len(wanted) != len(given) or any(w != g for w, g in pairs if not w.startswith("{")):
        return None
    places = {w[1:-1]: place_of(g) for w, g in pairs if w.startswith("{")}
    return places if all(places.values()) else None
