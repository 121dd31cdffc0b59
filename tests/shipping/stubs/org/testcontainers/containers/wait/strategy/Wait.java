package org.testcontainers.containers.wait.strategy;

public final class Wait {
    public record LogMessage(String regex, int times) implements WaitStrategy {}

    public static LogMessage forLogMessage(String regex, int times) {
        return new LogMessage(regex, times);
    }
}
