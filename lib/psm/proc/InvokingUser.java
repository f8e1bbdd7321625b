package psm.proc;

/**
 * Whether psm runs on behalf of somebody with fewer rights than it has: by sudo(8), doas(1) or
 * pkexec(1), or by a program that is setuid. What that user names is not read, loaded or written
 * then: any of it could be used to reach what is not his.
 */
public final class InvokingUser {
    private InvokingUser() {}

    /** As far as the environment and {@code /proc/self/status} tell. */
    public static boolean hasLessRights() {
        String doas = System.getenv("DOAS_USER");
        return isOther("SUDO_UID")
                || isOther("PKEXEC_UID")
                || (doas != null && !doas.equals("root"))
                || isSetuid();
    }

    /** What is no user id at all is nobody to be trusted. */
    private static boolean isOther(String variable) {
        String uid = System.getenv(variable);
        return uid != null && !uid.equals("0");
    }

    private static boolean isSetuid() {
        ProcStatus.Ids own = new OwnProcess().userIds();
        return own.real() != own.effective();
    }
}
