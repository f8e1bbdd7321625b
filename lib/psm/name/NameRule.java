package psm.name;

/**
 * Says how a process is to be named, and what else of its names is wanted.
 *
 * @param byTitle whether a title that a program has set is its name, see {@link ProgramName}
 * @param scripts whether interpreters are distinguished by what they run, see {@link ScriptName}
 * @param allNames whether the names by each rule are wanted, see {@link Program.Names}
 * @param commands whether the whole command line is wanted
 */
public record NameRule(boolean byTitle, boolean scripts, boolean allNames, boolean commands) {}
