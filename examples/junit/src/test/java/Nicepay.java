import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** NICEPAY as a shop uses it, with the JDK alone: the address and the keys are given. */
record Nicepay(String baseUrl, String clientId, String secretKey) {
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(5)).build();

    static Nicepay fromEnvironment() {
        return new Nicepay(
                System.getenv("NICEPAY_BASE_URL"), System.getenv("NICEPAY_CLIENT_ID"), System.getenv("NICEPAY_SECRET_KEY"));
    }

    String call(String method, String path, String json) throws Exception {
        String login = Base64.getEncoder().encodeToString((clientId + ":" + secretKey).getBytes(StandardCharsets.UTF_8));
        HttpRequest request = HttpRequest.newBuilder(URI.create(baseUrl + path))
                .timeout(Duration.ofSeconds(30))
                .header("Authorization", "Basic " + login)
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(json))
                .build();
        return CLIENT.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }

    /** What the payer's browser does, without a browser: gives back the payment's tid. */
    String payerPays(String orderId) throws Exception {
        String wish = """
                {"clientId": "%s", "method": "card", "orderId": "%s", "amount": 1004, "goodsName": "책",
                 "returnUrl": "http://127.0.0.1:9/return", "post": false}""".formatted(clientId, orderId);
        return text("tid", call("POST", "/_mock/window/pay", wish));
    }

    /** The first text of that name in a JSON text; a shop would use the JSON library that it has. */
    static String text(String name, String json) {
        Matcher found = Pattern.compile("\"" + name + "\":\"([^\"]*)\"").matcher(json);
        return found.find() ? found.group(1) : null;
    }
}
