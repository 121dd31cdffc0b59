import java.lang.reflect.Method;
import org.junit.jupiter.api.Test;

/** Runs the tests of the class that is named, as JUnit would. */
class Play {
    public static void main(String[] names) throws Exception {
        Class<?> tests = Class.forName(names[0]);
        var made = tests.getDeclaredConstructor();
        made.setAccessible(true);
        for (Method test : tests.getDeclaredMethods()) {
            if (test.isAnnotationPresent(Test.class)) {
                test.setAccessible(true);
                test.invoke(made.newInstance());
                System.out.println("passed " + test.getName());
            }
        }
    }
}
