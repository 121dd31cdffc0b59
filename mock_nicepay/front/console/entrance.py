"""The way in: login by the admin key, logout, and what somebody likes the pages to look like."""

from mock_nicepay.contract.endpoint import Reply, Request
from mock_nicepay.front.console.look import LANGUAGES, THEMES, Go, Look, Page
from mock_nicepay.front.console.render import go_reply
from mock_nicepay.front.console.session import LIFETIME, Sessions, cookie
from mock_nicepay.front.dispatch import CONSOLE

_YEAR = 31_536_000  # seconds


def cookie_name(request: Request) -> str:
    """The session's cookie. Cookies know no port, so that its name must: two mocks may run beside
    each other."""
    port = request.headers.get("host", "").rpartition(":")[2]
    return f"mock_nicepay_session_{port if port.isascii() and port.isdecimal() else 80}"


def home(look: Look) -> Go:
    """The console begins with the calls."""
    return Go(look.url("/calls"))


def login(look: Look) -> Page | Go:
    """Ask for the admin key."""
    return Go(look.url("/calls")) if look.session else Page("login.html", {"wrong": False})


def enter(look: Look) -> Page | Go:
    """Begin a session for the right key."""
    settings = look.sandbox.settings
    session = Sessions(look.sandbox.console_logins.secret, settings.admin_key).begin(
        look.form.get("key", "")
    )
    if session is None:
        return Page("login.html", {"wrong": True}, 401)
    age = int(LIFETIME.total_seconds())
    made = cookie(cookie_name(look.request), session, CONSOLE, age=age, secure=look.secure)
    return Go(look.back("/calls"), cookies=(made,))


def leave(look: Look) -> Go:
    """End the session, also for who has copied its cookie."""
    if look.sandbox.settings.admin_key and look.session:
        look.sandbox.console_logins.end(look.session, LIFETIME)
    ended = cookie(cookie_name(look.request), "", CONSOLE, age=0)
    return Go(f"{CONSOLE}/login", cookies=(ended,))


def prefer(look: Look) -> Go:
    """Remember a language or a theme."""
    wanted = (("language", tuple(LANGUAGES)), ("theme", THEMES))
    made = tuple(
        cookie(f"mock_nicepay_{name}", look.form[name], CONSOLE, age=_YEAR)
        for name, words in wanted
        if look.form.get(name) in words
    )
    return Go(look.back("/calls"), cookies=made)


def to_login(look: Look) -> Reply:
    """On to the login page; a part of a page has the whole one go there."""
    target = f"{CONSOLE}/login"
    if look.is_part:
        return Reply(401, (("HX-Redirect", target), ("Cache-Control", "no-store")), b"")
    return go_reply(Go(target), look)
