#!/bin/sh
# Stands for your own tests: a token, a payment through the window, its approval. It needs curl alone.
set -eu
call() { curl -sS --fail-with-body -u "$NICEPAY_CLIENT_ID:$NICEPAY_SECRET_KEY" -H 'Content-Type: application/json' "$@"; }

call -X POST "$NICEPAY_BASE_URL/v1/access-token" | grep -q '"resultCode":"0000"'

# What the payer's browser does, without a browser; your return page would get this form.
form=$(call "$NICEPAY_BASE_URL/_mock/window/pay" -d '{
  "clientId": "'"$NICEPAY_CLIENT_ID"'", "method": "card", "orderId": "ci-1", "amount": 1004,
  "goodsName": "book", "returnUrl": "http://127.0.0.1:9/return", "post": false}')
tid=$(printf '%s' "$form" | sed 's/.*"tid":"\([^"]*\)".*/\1/')

call "$NICEPAY_BASE_URL/v1/payments/$tid" -d '{"amount": 1004}' | grep -q '"status":"paid"'
echo "paid $tid"
