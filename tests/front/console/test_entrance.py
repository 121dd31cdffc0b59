"""Who gets into the console with an admin key, and for how long."""

import json
from datetime import timedelta

import pytest
from visitor import KEY, ORIGIN, TOKEN, XSS, Visitor

from mock_nicepay.core.clock import wall
from mock_nicepay.front.console.door import PAGES
from mock_nicepay.front.console.session import LIFETIME, Sessions, packed, unpacked


class TestLogin:
    """With an admin key."""

    def test_nothing_is_shown_before(self, locked: Visitor) -> None:
        """Every page leads to the login, a part of one as well; what is public tells nothing."""
        for row in PAGES:
            if not row.public and row.method == "GET":
                reply = locked.get(row.path.replace("{id}", "1").replace("{tid}", "1"))
                assert (303, "/_mock/console/login") == (reply.status, reply.header("location"))
        part = locked.get("/calls", hx_request="true")
        assert (401, "/_mock/console/login") == (part.status, part.header("hx-redirect"))
        assert b"S2_" not in locked.get("/nothing").body + locked.get("/login").body

    def test_nothing_is_done_before(self, locked: Visitor) -> None:
        """Whatever form is sent."""
        token = TOKEN.search(locked.get("/login").body.decode())
        assert token
        for row in PAGES:
            if not row.public and row.method == "POST":
                path = row.path.replace("{id}", "1").replace("{tid}", "1")
                reply = locked.send(path, {"form_token": token[1]}, origin=ORIGIN)
                assert "/_mock/console/login" == reply.header("location")

    def test_in_and_out(self, locked: Visitor) -> None:
        """The right key begins a session, logging out ends it."""
        assert 401 == locked.post("/login", "/login", key="guess").status
        assert {} == locked.cookies
        assert 303 == locked.post("/login", "/login", key=KEY).status
        assert ["mock_nicepay_session_8090"] == list(locked.cookies)
        assert "Log out" in locked.text("/calls")
        assert "/_mock/console/calls" == locked.get("/login").header("location")
        locked.post("/logout")
        assert 303 == locked.get("/calls").status

    def test_a_copied_cookie_ends_with_the_logout(self, locked: Visitor) -> None:
        """The session is over for all who have it, not in one browser only."""
        locked.post("/login", "/login", key=KEY)
        copied = dict(locked.cookies)
        assert 200 == locked.get("/calls").status
        locked.post("/logout")
        locked.cookies = copied

        assert "/_mock/console/login?ended=1" == locked.get("/calls").header("location")

    def test_a_session_that_has_ended_is_told_of(
        self, locked: Visitor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Twelve real hours later a page leads to words, a form does nothing, a script hears 401 in JSON."""
        locked.post("/login", "/login", key=KEY)
        token = TOKEN.search(locked.text("/calls"))
        assert token
        later = wall() + LIFETIME
        monkeypatch.setattr("mock_nicepay.front.console.session.wall", lambda: later)
        ended = "/_mock/console/login?ended=1"

        page = locked.get("/calls")
        assert (303, ended) == (page.status, page.header("location"))
        assert "Your session has ended: log in again." in locked.text("/login?ended=1")
        form = locked.send("/reset", {"form_token": token[1]}, origin=ORIGIN)
        assert (303, ended) == (form.status, form.header("location"))
        for script in ({"hx_request": "true"}, {"sec_fetch_dest": "empty"}):
            reply = locked.get("/calls", **script)
            told = {"error": f"log in again at {ended}"}
            assert (401, told) == (reply.status, json.loads(reply.body))
        assert 303 == locked.post("/login", "/login", key=KEY).status
        assert 200 == locked.get("/calls").status

    def test_a_form_belongs_to_its_session(self, locked: Visitor) -> None:
        """One from before the login is none of it."""
        token = TOKEN.search(locked.text("/login"))
        assert token
        locked.post("/login", "/login", key=KEY)

        assert 403 == locked.send("/reset", {"form_token": token[1]}, origin=ORIGIN).status

    def test_behind_tls_the_cookie_stays_there(self, locked: Visitor) -> None:
        """As the browser's own Origin says."""
        token = TOKEN.search(locked.text("/login"))
        assert token
        fields = {"form_token": token[1], "key": KEY}
        reply = locked.send("/login", fields, host="127.0.0.1", origin="https://127.0.0.1")

        assert "Secure" in str(reply.header("set-cookie"))


class TestSessions:
    """Signed and expiring."""

    def test_a_session_ends_with_its_time(self) -> None:
        """At the moment itself it is over."""
        sessions, now = Sessions("secret", KEY), wall()
        begun = sessions.begin(KEY, now)
        assert begun

        assert sessions.read(begun, now + LIFETIME - timedelta(seconds=1))
        assert sessions.read(begun, now + LIFETIME) is None

    @pytest.mark.parametrize(
        "other", [Sessions("other secret", KEY), Sessions("secret", "another key")]
    )
    def test_it_is_of_one_sandbox_and_one_key(self, other: Sessions) -> None:
        """Another's is none."""
        assert other.read(Sessions("secret", KEY).begin(KEY) or "") is None

    @pytest.mark.parametrize("cookie", ["", "x", "a.b.c", "eyJhbGciOiJub25lIn0.e30."])
    def test_what_is_no_session(self, cookie: str) -> None:
        """Also one without a signature."""
        assert Sessions("secret", KEY).read(cookie) is None

    def test_an_altered_one_is_none(self) -> None:
        """One letter is enough."""
        begun = Sessions("secret", KEY).begin(KEY) or ""
        head, claims, signature = begun.split(".")
        altered = f"{head}.{claims[:-2]}{'A' if claims[-2] != 'A' else 'B'}{claims[-1]}.{signature}"

        assert Sessions("secret", KEY).read(altered) is None

    @pytest.mark.parametrize("value", ["", "x", "W10", "bnVsbA", "WyJhIiwiYiJd", "WzEsMl0", "%%"])
    def test_what_was_not_said(self, value: str) -> None:
        """A cookie of somebody else's is not shown."""
        assert unpacked(value) is None

    def test_what_was_said(self) -> None:
        """Korean and markup come back as they were."""
        assert ("done", f"한글 {XSS}") == unpacked(packed("done", f"한글 {XSS}"))
