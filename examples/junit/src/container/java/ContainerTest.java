import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;
import org.testcontainers.utility.DockerImageName;

/** mvn test -Pcontainer, after docker build -t mock-nicepay . in mock-nicepay's folder */
@Testcontainers
class ContainerTest {
    @Container
    private static final GenericContainer<?> MOCK = new GenericContainer<>(DockerImageName.parse("mock-nicepay"))
            .withEnv("MOCK_NICEPAY_ADMIN_KEY", "only-for-tests")
            .withExposedPorts(8090)
            .waitingFor(Wait.forLogMessage("mock-nicepay ready .*\\n", 1));

    @Test
    void aTokenIsIssued() throws Exception {
        String url = "http://" + MOCK.getHost() + ":" + MOCK.getMappedPort(8090);
        Nicepay nicepay = new Nicepay(
                url, "S2_af4543a0be4d49a98122e01ec2059a56", "9eb85607103646da9f9c02b128f2e5ee");
        String answer = nicepay.call("POST", "/v1/access-token", "");
        assertEquals("0000", Nicepay.text("resultCode", answer));
    }
}
