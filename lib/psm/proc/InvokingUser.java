package psm.proc;

/**
 * The user on whose behalf psm runs: by sudo(8), doas(1), pkexec(1), or a setuid program. If that
 * user has fewer rights than psm, psm neither reads, loads nor writes files that the user names:
 * the user could reach files of others that way.
 */
public final class InvokingUser {
    private InvokingUser() {}

    /**
     * Returns whether the invoking user has fewer rights than psm, by the environment and {@code
     * /proc/self/status}.
     */
    public static boolean hasFewerRights() {
        String doas = System.getenv("DOAS_USER");
        return isOtherThanRoot("SUDO_UID")
                || isOtherThanRoot("PKEXEC_UID")
                || (doas != null && !doas.equals("root"))
                || isSetuid();
    }

    /**
     * Returns the name or the id of the user whose command this is: the invoking user if psm runs
     * as root on behalf of one, else the real user of this process.
     */
    public static String user() {
        OwnProcess self = new OwnProcess();
        if (self.isRoot()) {
            for (String variable : new String[] {"SUDO_UID", "PKEXEC_UID", "DOAS_USER"}) {
                String user = System.getenv(variable);
                if (user != null && !user.isEmpty()) {
                    return user;
                }
            }
        }
        return Long.toString(self.status().realUserId());
    }

    /**
     * Returns the start of the command line by which an invoking user who may run everything runs a
     * program as root's own: the variable that names the user is gone then.
     */
    public static String asRootAlone() {
        if (System.getenv("PKEXEC_UID") != null) {
            return "pkexec env -u PKEXEC_UID";
        }
        return System.getenv("DOAS_USER") != null
                ? "doas env -u DOAS_USER"
                : "sudo env -u SUDO_UID";
    }

    /**
     * Returns whether a variable is set to an id other than root's; any malformed value counts as
     * one.
     */
    private static boolean isOtherThanRoot(String variable) {
        String uid = System.getenv(variable);
        return uid != null && !uid.equals("0");
    }

    private static boolean isSetuid() {
        ProcStatus own = new OwnProcess().status();
        return own.realUserId() != own.effectiveUserId();
    }
}
