"""The way in: login by the admin key, logout, and the choice of language and theme."""

import json

from mock_nicepay.contract.endpoint import Reply, Request
from mock_nicepay.front.console.look import LANGUAGES, THEMES, Go, Look, Page
from mock_nicepay.front.console.render import go_reply
from mock_nicepay.front.console.session import LIFETIME, Sessions, cookie, cookies_of
from mock_nicepay.front.dispatch import CONSOLE
from mock_nicepay.front.guard import PRIVATE

_YEAR = 31_536_000  # seconds
# Seconds that a browser goes on sending a session that has ended: we tell so.
_SENT_LONGER = 604_800


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
    if look.session:
        return Go(look.url("/calls"))
    return Page("login.html", {"wrong": False, "ended": "ended" in look.arguments})


def enter(look: Look) -> Page | Go:
    """Begin a session for the right key."""
    settings = look.sandbox.settings
    session = Sessions(look.sandbox.console_logins.secret, settings.admin_key).begin(
        look.form.get("key", "")
    )
    if session is None:
        return Page("login.html", {"wrong": True, "ended": False}, 401)
    age = int(LIFETIME.total_seconds()) + _SENT_LONGER
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
    """On to the login page; a part of a page has the whole one go there, and a script is told."""
    had_one = cookie_name(look.request) in cookies_of(look.request.headers.get("cookie", ""))
    target = f"{CONSOLE}/login{'?ended=1' if had_one else ''}"
    if not look.is_part and not _is_of_script(look.request):
        return go_reply(Go(target), look)
    told = look.say("log in again at", "다시 로그인하세요:")
    body = json.dumps({"error": f"{told} {target}"}, ensure_ascii=False).encode()
    media = ("Content-Type", "application/json;charset=utf-8")
    return Reply(401, (media, ("HX-Redirect", target), *PRIVATE.items()), body)


def _is_of_script(request: Request) -> bool:
    """Whether a script asks (fetch), and not somebody who is on the way to a page."""
    return request.headers.get("sec-fetch-dest", "").strip().lower() == "empty"
