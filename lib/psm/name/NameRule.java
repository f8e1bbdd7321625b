package psm.name;

/**
 * The rule by which processes are named.
 *
 * @param byTitle whether a title that a program has set is its name, see {@link ProgramName}
 * @param scripts whether interpreters are distinguished by what they run, see {@link ScriptName}
 * @param allNames whether the names by all other rules are needed too, see {@link Program.Names}
 * @param commands whether the whole command line is needed too
 * @param arguments whether arguments may be read at all: they contain titles, scripts and command
 *     lines
 */
public record NameRule(
        boolean byTitle, boolean scripts, boolean allNames, boolean commands, boolean arguments) {
    boolean needsExecutableOnly() {
        return !byTitle && !scripts && !allNames && !commands;
    }

    boolean needsAllArguments() {
        return scripts || allNames || commands;
    }
}
