package psm.terminal;

import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Handles signals. Java has only {@code sun.misc.Signal} for that, of which javac warns in a way
 * that no annotation suppresses, so it is used by reflection. Without it, signals do what they do
 * by default.
 */
public final class Signals {
    private Signals() {}

    /**
     * Runs an action in another thread when a signal arrives, unless the signal was ignored when
     * psm was started.
     *
     * @param name the name without SIG
     * @return what makes the signal do again what it did before
     */
    public static Runnable handle(String name, Runnable action) {
        try {
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object own =
                    Proxy.newProxyInstance(
                            Signals.class.getClassLoader(),
                            new Class<?>[] {handler},
                            (proxy, method, args) -> {
                                action.run();
                                return null;
                            });
            Object before = set(name, own);
            Object ignored = handler.getField("SIG_IGN").get(null);
            if (before == ignored) {
                set(name, ignored);
            }
            return () -> restore(name, before);
        } catch (ReflectiveOperationException | IllegalArgumentException e) {
            return () -> {}; // this Java has no such class or signal
        }
    }

    /** Runs an action as {@link #handle} does, but only for the first signal. */
    public static Runnable handleOnce(String name, Runnable action) {
        AtomicReference<Runnable> restore = new AtomicReference<>(() -> {});
        restore.set(
                handle(
                        name,
                        () -> {
                            restore.get().run();
                            action.run();
                        }));
        return restore.get();
    }

    private static void restore(String name, Object handler) {
        try {
            set(name, handler);
        } catch (ReflectiveOperationException | IllegalArgumentException e) {
            return; // then it was never handled
        }
    }

    /** Makes a signal do again what it does by default. */
    static void reset(String name) {
        try {
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            restore(name, handler.getField("SIG_DFL").get(null));
        } catch (ReflectiveOperationException e) {
            return; // then it was never handled
        }
    }

    private static Object set(String name, Object handler) throws ReflectiveOperationException {
        Class<?> signal = Class.forName("sun.misc.Signal");
        return signal.getMethod("handle", signal, Class.forName("sun.misc.SignalHandler"))
                .invoke(null, signal.getConstructor(String.class).newInstance(name), handler);
    }
}
