package psm.remote;

import psm.text.Version;

/**
 * What ssh starts on a machine. Each is one line without quotes, backslashes and exclamation marks
 * between its single quotes, so that each login shell passes it on to sh: bash, rbash, csh, fish.
 * An empty line comes first, since what a login shell prints may have no end of line.
 */
final class RemoteShell {
    /**
     * The limit for an installed psm; then comes the probe. Processes of 200 GB take 5 seconds; the
     * probe needs the rest of the time for a machine.
     */
    private static final int SECONDS = 8;

    /**
     * The command. It uses what shows the most: an installed psm as root, else the probe as root,
     * else the user's own psm, which may have a collector, else the probe. The probe comes on
     * standard input, which sh reads as a script; so nothing else may read it. A psm is one that
     * {@code psm install} or a package of this version has written: any other program of that name
     * is not started, and no psm of another version, whose snapshots this one may not know.
     */
    static final String COMMAND =
            "sh -c 'echo; export LC_ALL=C;"
                    + " p=$(command -v psm || echo /usr/local/bin/psm);"
                    + " w=\"^# psm "
                    + Version.CURRENT
                    + ", written\"; grep -q -e \"$w by .psm install\" -e \"$w for a \" \"$p\""
                    + " 2>/dev/null || p=; command -v timeout >/dev/null || p=; own() { [ \"$p\" ]"
                    + " && $1 timeout "
                    + SECONDS
                    + " \"$p\" -q -o snapshot </dev/null; };"
                    + " if [ \"$(id -u)\" = 0 ]; then own || exec sh;"
                    + " else own \"sudo -n\" 2>/dev/null || sudo -n sh || own || exec sh; fi'";

    /**
     * The command for a recording, which the script on standard input prints: as root only where
     * there is one that this user may not read.
     */
    static final String RECORDING =
            "sh -c 'echo; export LC_ALL=C; d=/var/log/psm;"
                    + " if [ -r $d ]; then exec sh;"
                    + " elif [ -d $d ]; then sudo -n sh || exec sh;"
                    + " else exec sh; fi'";

    private RemoteShell() {}
}
