package psm.service;

import psm.cell.TimeText;
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

    /**
     * Adds the result of a check of how old figures are.
     *
     * @param what the start of the sentence, such as "the last sample is "
     * @param seconds the age, which is negative if the clock was wrong
     * @param max the age that is no problem, nor is such a time in the future
     * @param unit the unit that writes them
     */
    void addAge(String what, long seconds, long max, String unit) {
        String age = what + TimeText.span(Math.abs(seconds)) + (seconds < 0 ? " ahead" : " old");
        String restart = "run 'systemctl restart " + unit + "'";
        Problem problem = null;
        if (seconds < -max) {
            problem =
                    new Problem(
                            age + " of the clock, which was wrong then or is now",
                            "set the clock, then " + restart);
        } else if (seconds > max) {
            problem = new Problem(age, restart);
        }
        add(problem, seconds < 0 ? age + " of the clock" : age);
    }

    void wrong(String what, String remedy) {
        wrong.accept(new Problem(what, remedy));
    }
}
