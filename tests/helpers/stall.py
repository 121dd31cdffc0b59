"""A merchant with a webhook receiver, for the tests of webhooks."""

import json
from base64 import b64encode
from dataclasses import dataclass
from typing import Any

from mock_nicepay.contract.endpoint import Request, settled
from mock_nicepay.front.dispatch import respond
from mock_nicepay.front.handle import Nicepay, gateway_here
from mock_nicepay.front.testing.receiver import Receiver
from mock_nicepay.sandbox import Sandbox


@dataclass(slots=True)
class Stall:
    """A fresh merchant of a sandbox, called in process."""

    sandbox: Sandbox
    nicepay: Nicepay

    @property
    def webhooks(self) -> Receiver:
        """The receiver of the merchant's webhooks."""
        return self.nicepay.webhooks

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
        """Make a call of the API; returns the answer's JSON."""
        pair = ":".join(self.nicepay.auth)
        sent = {"authorization": f"Basic {b64encode(pair.encode()).decode()}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        payload = b"" if body is None else json.dumps(body).encode()
        reply = settled(respond(self.sandbox, Request(method, path, "", sent, payload)))
        charset = (reply.header("content-type") or "").rpartition("=")[2]
        answer = json.loads(reply.body.decode("cp949" if charset == "euc-kr" else "utf-8"))
        return dict(answer)

    def approve(self, tid: str, amount: int = 1004, **more: Any) -> dict[str, Any]:
        """Approve a payment that the payer has authorised."""
        headers = more.pop("headers", {})
        return self.call("POST", f"/v1/payments/{tid}", {"amount": amount, **more}, **headers)

    def buy(self, method: str = "card", **more: Any) -> dict[str, Any]:
        """Let a customer pay; returns the answer to the approval."""
        wanted = {name: more.pop(name) for name in ("order_id", "goods_name") if name in more}
        visit = self.nicepay.pay(1004, method=method, **wanted)
        assert visit.tid, visit
        return self.approve(visit.tid, **more)

    def cancel(self, tid: str, **more: Any) -> dict[str, Any]:
        """Cancel a payment, or part of it."""
        body = {"reason": "변심", "orderId": f"cancel-{tid[-4:]}-{len(more)}", **more}
        return self.call("POST", f"/v1/payments/{tid}/cancel", body)

    def play(self, reply: Any, **more: Any) -> None:
        """Play a scenario with one rule about webhooks."""
        rule = {"call": "webhook.deliver", "reply": reply, **more}
        self.nicepay.scenario({"version": 1, "name": "webhooks", "rules": [rule]})


def stall_at(sandbox: Sandbox) -> Stall:
    """A stall with a new merchant."""
    return Stall(sandbox, gateway_here(sandbox, "http://mock").merchant())
