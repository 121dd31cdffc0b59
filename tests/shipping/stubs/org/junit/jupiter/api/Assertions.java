package org.junit.jupiter.api;

public final class Assertions {
    public static void assertEquals(Object expected, Object found) {
        if (!expected.equals(found)) throw new AssertionError("expected " + expected + ", found " + found);
    }
}
