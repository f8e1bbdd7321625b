package psm.cli;

import psm.format.Exporters;
import psm.remote.HostList;
import psm.remote.Transport;
import psm.report.View;
import psm.text.Failure;

import java.util.Collections;

/** Reads and checks the options about other machines. */
final class HostArguments {
    private static final int DEFAULT_FANOUT = 32;

    /**
     * The limit for the programs that run at the same time. Each takes a few threads here, and ssh
     * itself some 10 MB.
     */
    private static final int MAX_FANOUT = 256;

    private final ParsedOptions parsed;

    HostArguments(ParsedOptions parsed) {
        this.parsed = parsed;
    }

    /**
     * Returns the machines to ask.
     *
     * @param timeoutNanos the time for each of them
     * @return {@code null} for none
     */
    Options.Hosts hosts(long timeoutNanos) throws Failure {
        if (!parsed.has(Option.HOSTS)) {
            return null;
        }
        int fanout = parsed.number(Option.FANOUT, MAX_FANOUT, "machines");
        Transport transport = transport();
        Options.Hosts hosts =
                new Options.Hosts(
                        HostList.parse(Option.HOSTS.toString(), parsed.value(Option.HOSTS)),
                        transport,
                        fanout == 0 ? DEFAULT_FANOUT : fanout,
                        timeoutNanos);
        if (hosts.names().size() > 1 && !transport.namesMachine()) {
            throw parsed.refused(
                    Option.VIA,
                    parsed.value(Option.VIA),
                    "would ask the same machine for each name; write {} where the name belongs");
        }
        return hosts;
    }

    private Transport transport() throws Failure {
        if (parsed.has(Option.VIA)) {
            return Transport.via(Option.VIA.toString(), parsed.value(Option.VIA));
        }
        return parsed.has(Option.SSH)
                ? Transport.ssh(Option.SSH.toString(), parsed.value(Option.SSH))
                : Transport.SSH;
    }

    /**
     * Refuses what does not go together with other machines.
     *
     * @param format the name of the output format
     */
    void refuse(View view, String format) throws Failure {
        if (Collections.frequency(parsed.values(Option.FROM), HostList.STANDARD_INPUT) > 1) {
            throw parsed.refused(Option.FROM, "-", "standard input can be read once; name it once");
        }
        boolean isSnapshot = format.equals(Exporters.SNAPSHOT);
        if (!parsed.has(Option.HOSTS)) {
            refuseWithoutHosts();
            return;
        }
        if (isSnapshot && !parsed.has(Option.TO)) {
            throw Failure.usage(
                    Option.OUTPUT.brief()
                            + " snapshot: with "
                            + Option.HOSTS
                            + ", each machine has a file of its own; add "
                            + Option.TO
                            + " DIR",
                    null);
        }
        if (parsed.has(Option.FROM)) {
            throw Failure.usage(
                    Option.FROM
                            + ": reads files, and "
                            + Option.HOSTS
                            + " asks machines; leave out one of them",
                    null);
        }
        if (parsed.has(Option.SSH) && parsed.has(Option.VIA)) {
            throw Failure.usage(
                    Option.SSH + ": is not run with " + Option.VIA + "; leave out one of them",
                    null);
        }
        refuseWhatIsHere(view);
    }

    private void refuseWithoutHosts() throws Failure {
        for (Option option : Option.values()) {
            if (option.has(Option.Limit.ONLY_HOSTS) && parsed.has(option)) {
                throw Failure.usage(
                        parsed.typed(option)
                                + ": is about other machines; add "
                                + Option.HOSTS
                                + " LIST, or leave it out",
                        null);
            }
        }
    }

    /** Says what is wrong with an option about this machine, and what would work. */
    private static String whatIsHere(Option option) {
        return switch (option) {
            case MINE -> "is about this machine's users; use --user NAME";
            case FOR, INTERVAL ->
                    "measures here, and "
                            + Option.HOSTS
                            + " asks for recordings; leave it out, or measure there: ssh HOST psm"
                            + " growth "
                            + Option.FOR
                            + " 5m";
            default ->
                    "is about reading /proc of this machine; leave it out, or leave out "
                            + Option.HOSTS;
        };
    }

    private void refuseWhatIsHere(View view) throws Failure {
        for (Option option : Option.values()) {
            if (option.has(Option.Limit.NOT_FROM) && parsed.has(option)) {
                throw Failure.usage(parsed.typed(option) + ": " + whatIsHere(option), null);
            }
        }
        Conflicts.refuseUnread(view, parsed.has(Option.HEAP) ? parsed.typed(Option.HEAP) : null);
    }
}
