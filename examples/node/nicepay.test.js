// npm run test:nicepay   (or: mock-nicepay run -- node --test)
import assert from "node:assert/strict";
import { test } from "node:test";
import { approve, call } from "./nicepay.js";

const { NICEPAY_BASE_URL, NICEPAY_CLIENT_ID } = process.env;

/** Ask the mock itself: plays a scenario, pays as a browser would. */
async function mock(method, path, body) {
  const url = `${NICEPAY_BASE_URL}/_mock${path}?merchant=${NICEPAY_CLIENT_ID}`;
  const answer = await fetch(url, { method, body: body && JSON.stringify(body) });
  assert.equal(answer.status, 200, await answer.clone().text());
  return answer.json();
}

async function payerPays(orderId) {
  const returnUrl = "http://127.0.0.1:9/return";
  const wish = { method: "card", orderId, amount: 1004, goodsName: "책", returnUrl, post: false };
  return (await mock("POST", "/window/pay", wish)).form;
}

test("a payment is approved", async () => {
  const payment = await approve(await payerPays("node-1"), 1004);
  assert.deepEqual([payment.resultCode, payment.status], ["0000", "paid"]);
});

test("an amount that was changed on the way is not approved", async () => {
  const form = await payerPays("node-2");
  await assert.rejects(approve({ ...form, amount: "1" }, 1004), /not signed/);
});

test("a lost answer is found out: the money has moved once", async () => {
  const form = await payerPays("node-3");
  const rules = [{ call: "payments.approve", times: 1, effect: "commit", reply: "reset" }];
  await mock("PUT", "/scenario", { version: 1, name: "lost", rules });
  const payment = await approve(form, 1004);
  assert.equal(payment.status, "paid");
  assert.equal((await call("GET", `/v1/payments/${form.tid}`)).balanceAmt, 1004);
  await mock("DELETE", "/scenario");
});
