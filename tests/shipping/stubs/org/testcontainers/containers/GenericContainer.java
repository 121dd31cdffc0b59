package org.testcontainers.containers;

import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.containers.wait.strategy.WaitStrategy;
import org.testcontainers.utility.DockerImageName;

/** Stands for a container: the server at 127.0.0.1:MOCK_PORT, which has said MOCK_SAID. It prints what it is asked for. */
public class GenericContainer<SELF extends GenericContainer<SELF>> {
    public GenericContainer(DockerImageName image) {
        System.out.println("image " + image.name());
    }

    @SuppressWarnings("unchecked")
    private SELF told(String what) {
        System.out.println(what);
        return (SELF) this;
    }

    public SELF withEnv(String name, String value) {
        return told("env " + name);
    }

    public SELF withExposedPorts(Integer... ports) {
        return told("port " + ports[0]);
    }

    public SELF waitingFor(WaitStrategy strategy) {
        String said = System.getenv("MOCK_SAID") + "\n";
        return told("ready " + said.matches(((Wait.LogMessage) strategy).regex()));
    }

    public String getHost() {
        return "127.0.0.1";
    }

    public Integer getMappedPort(int port) {
        return Integer.valueOf(System.getenv("MOCK_PORT"));
    }
}
