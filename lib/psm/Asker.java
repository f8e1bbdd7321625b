package psm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * On whose behalf psm runs, where that is somebody with fewer rights than psm has: by sudo(8), or
 * by a program that is setuid. What that user names is not read, loaded or written with psm's
 * rights.
 *
 * <p>May be shared between threads.
 */
final class Asker {
    private static final long NOBODY_ELSE = -1;

    private static final int OTHERS_READ = 0004;
    private static final int OTHERS_ENTER = 0001;
    private static final int GROUP_OR_OTHERS_WRITE = 0022;

    private final long uid;

    private Asker(long uid) {
        this.uid = uid;
    }

    /** The one that the environment and {@code /proc/self/status} tell of. */
    static Asker current() {
        ProcStatus.UserIds own = new OwnProcess().userIds();
        if (own.real() != own.effective()) {
            return new Asker(own.real());
        }
        String sudo = System.getenv("SUDO_UID"); // sudo(8) sets it, and nobody can unset it there
        if (sudo == null || !sudo.matches("[0-9]{1,10}") || sudo.equals("0")) {
            return new Asker(NOBODY_ELSE);
        }
        return new Asker(own.effective() == 0 ? Long.parseLong(sudo) : NOBODY_ELSE);
    }

    /** Whether psm has rights that the user who asks has not. */
    boolean hasLessRights() {
        return uid != NOBODY_ELSE;
    }

    /**
     * Whether the asking user could list that folder by himself, as far as owners and modes tell.
     * Rights by a group or by an access control list do not count.
     */
    boolean mayList(Path folder) {
        try {
            Path real = folder.toRealPath();
            for (Path part = real; part != null; part = part.getParent()) {
                Map<String, Object> file = Files.readAttributes(part, "unix:uid,mode");
                int needed = part.equals(real) ? OTHERS_READ | OTHERS_ENTER : OTHERS_ENTER;
                int bits = isOwner(file) ? needed << 6 : needed;
                if (((Integer) file.get("mode") & bits) != bits) {
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private boolean isOwner(Map<String, Object> file) {
        return ((Number) file.get("uid")).longValue() == uid;
    }

    /**
     * Whether root alone can change what is in that file or folder, or put another in its place.
     */
    static boolean isRootsAlone(Path file) {
        try {
            for (Path part = file.toRealPath(); part != null; part = part.getParent()) {
                Map<String, Object> attributes = Files.readAttributes(part, "unix:uid,mode");
                boolean isRoots = ((Number) attributes.get("uid")).longValue() == 0;
                if (!isRoots || ((Integer) attributes.get("mode") & GROUP_OR_OTHERS_WRITE) != 0) {
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
