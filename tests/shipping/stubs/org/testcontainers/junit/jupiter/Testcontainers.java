package org.testcontainers.junit.jupiter;

public @interface Testcontainers {}
