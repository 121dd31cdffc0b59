package org.testcontainers.junit.jupiter;

public @interface Container {}
