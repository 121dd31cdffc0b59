import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/** mock-nicepay run -- mvn test */
@EnabledIfEnvironmentVariable(named = "NICEPAY_BASE_URL", matches = ".+")
class PaymentTest {
    private final Nicepay nicepay = Nicepay.fromEnvironment();

    @Test
    void aPaymentIsApproved() throws Exception {
        String tid = nicepay.payerPays("java-1");
        String answer = nicepay.call("POST", "/v1/payments/" + tid, "{\"amount\": 1004}");
        assertEquals("0000", Nicepay.text("resultCode", answer));
        assertEquals("paid", Nicepay.text("status", answer));
    }

    @Test
    void aLostAnswerIsLookedUp() throws Exception {
        String tid = nicepay.payerPays("java-2-mock:reset");  // a magic value: the approval's answer is lost
        assertThrows(IOException.class, () -> nicepay.call("POST", "/v1/payments/" + tid, "{\"amount\": 1004}"));
        assertEquals("paid", Nicepay.text("status", nicepay.call("GET", "/v1/payments/" + tid, "")));
    }
}
