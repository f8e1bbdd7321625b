package psm.service;

import psm.text.Problem;

import java.util.function.Consumer;

/**
 * Receives what {@code psm doctor} finds.
 *
 * @param ok receives what is as it should be
 * @param wrong receives what is not
 * @param note receives what was not checked
 */
public record Findings(Consumer<String> ok, Consumer<Problem> wrong, Consumer<String> note) {
    /**
     * Adds the result of a check.
     *
     * @param problem the problem, or {@code null} for none
     * @param what what is as it should be if there is none
     */
    void add(Problem problem, String what) {
        if (problem == null) {
            ok.accept(what);
        } else {
            wrong.accept(problem);
        }
    }

    void wrong(String what, String remedy) {
        wrong.accept(new Problem(what, remedy));
    }
}
