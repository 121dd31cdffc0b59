// NICEPAY as a shop uses it: the address and the keys are variables, everything else is as in production.
import { createHash, timingSafeEqual } from "node:crypto";

const { NICEPAY_BASE_URL, NICEPAY_CLIENT_ID, NICEPAY_SECRET_KEY } = process.env;
const PATIENCE = 30_000; // milliseconds

export async function call(method, path, body) {
  const login = Buffer.from(`${NICEPAY_CLIENT_ID}:${NICEPAY_SECRET_KEY}`).toString("base64");
  const answer = await fetch(NICEPAY_BASE_URL + path, {
    method,
    headers: { Authorization: `Basic ${login}`, "Content-Type": "application/json" },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(PATIENCE),
  });
  return answer.json();
}

/** Whether NICEPAY made a signature over these values. */
export function isSigned(signature, ...parts) {
  const own = createHash("sha256").update(parts.join("") + NICEPAY_SECRET_KEY).digest();
  const given = Buffer.from(String(signature), "hex");
  return given.length === own.length && timingSafeEqual(given, own);
}

/** Approve what the payer's form names; an answer that never came is looked up, else taken back. */
export async function approve(form, amount) {
  if (!isSigned(form.signature, form.authToken, form.clientId, form.amount)) throw new Error("not signed by NICEPAY");
  if (form.amount !== String(amount)) throw new Error("not the amount of our order");
  try {
    return await call("POST", `/v1/payments/${form.tid}`, { amount });
  } catch {
    const found = await call("GET", `/v1/payments/find/${form.orderId}`);
    return found.resultCode === "0000" ? found : call("POST", "/v1/payments/netcancel", { orderId: form.orderId });
  }
}
