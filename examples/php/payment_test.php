<?php
// mock-nicepay run -- php payment_test.php
declare(strict_types=1);

/** A call of NICEPAY's API, or of the mock's own control plane; places such as {tid} are filled in. */
function call(string $method, string $path, string $json = '', array $places = []): array
{
    $login = base64_encode(getenv('NICEPAY_CLIENT_ID') . ':' . getenv('NICEPAY_SECRET_KEY'));
    $context = stream_context_create(['http' => [
        'method' => $method,
        'header' => ["Authorization: Basic $login", 'Content-Type: application/json'],
        'content' => strtr($json, $places),
        'timeout' => 30,
        'ignore_errors' => true,
    ]]);
    $answer = file_get_contents(getenv('NICEPAY_BASE_URL') . strtr($path, $places), false, $context);
    return json_decode($answer, true, 512, JSON_THROW_ON_ERROR);
}

function expect(mixed $expected, mixed $found): void
{
    if ($expected !== $found) {
        fwrite(STDERR, 'expected ' . json_encode($expected) . ', found ' . json_encode($found) . "\n");
        exit(1);
    }
}

$places = ['{clientId}' => getenv('NICEPAY_CLIENT_ID')];

$token = call('POST', '/v1/access-token');
expect('0000', $token['resultCode']);

$visit = call('POST', '/_mock/window/pay', '{"clientId": "{clientId}", "method": "card", "orderId": "php-1", "amount": 1004, "goodsName": "책", "returnUrl": "http://127.0.0.1:9/return", "post": false}', $places);
$form = $visit['form'];
expect('0000', $form['authResultCode']);
expect(hash('sha256', $form['authToken'] . $form['clientId'] . $form['amount'] . getenv('NICEPAY_SECRET_KEY')), $form['signature']);

$places['{tid}'] = $form['tid'];
$paid = call('POST', '/v1/payments/{tid}', '{"amount": 1004}', $places);
expect('paid', $paid['status']);

$cancelled = call('POST', '/v1/payments/{tid}/cancel', '{"reason": "변심", "orderId": "php-1-refund"}', $places);
expect('cancelled', $cancelled['status']);

$found = call('GET', '/v1/payments/{tid}', '', $places);
expect(0, $found['balanceAmt']);

echo "paid and cancelled {$form['tid']}\n";
