package psm.cgroup;

/**
 * The container, pod or virtual machine that a control group belongs to. The class knows the names
 * that runtimes give to groups, which are the same with v1 and v2:
 *
 * <ul>
 *   <li>{@code docker-ID.scope}, {@code libpod-ID.scope}, {@code cri-containerd-ID.scope}, {@code
 *       crio-ID.scope}, {@code nerdctl-ID.scope} if systemd creates the groups; {@code docker/ID},
 *       {@code libpod_parent/libpod-ID}, {@code default/ID} (containerd) if the runtime does. Any
 *       other {@code RUNTIME-ID} is a container too, and so is an ID without a runtime
 *   <li>{@code kubepods-burstable-podUID.slice}, {@code podUID}: a pod of Kubernetes
 *   <li>{@code lxc.payload.NAME}, {@code lxc.payload/NAME}, {@code lxc/NAME}: LXC, LXD, Incus,
 *       Proxmox
 *   <li>{@code machine-NAME.scope}, {@code systemd-nspawn@NAME.service}: systemd-nspawn
 *   <li>{@code machine-qemu\x2d1\x2dNAME.scope}, {@code qemu-1-NAME.libvirt-qemu}, {@code
 *       libvirt/qemu/NAME}: a virtual machine of libvirt; {@code qemu.slice/100.scope}: one of
 *       Proxmox
 * </ul>
 *
 * <p>Processes that serve a container from outside belong to no container: {@code
 * libpod-conmon-ID.scope}, {@code lxc.monitor.NAME}, nspawn's {@code supervisor}. A user who
 * creates groups chooses their names, and may make them look like a container.
 */
final class Container {
    /** The length of a container's id, a SHA-256 or a random number in hexadecimal digits. */
    private static final int ID_DIGITS = 64;

    /** The number of digits that {@code docker ps} shows. */
    private static final int SHOWN_DIGITS = 12;

    private static final String SCOPE = ".scope";
    private static final String SERVICE = ".service";
    private static final String SLICE = ".slice";
    private static final String MACHINE = "machine-";
    private static final String LIBVIRT_QEMU = ".libvirt-qemu";
    private static final String LIBVIRT_LXC = ".libvirt-lxc";
    private static final String NSPAWN = "systemd-nspawn@";
    private static final String PROXMOX_VMS = "qemu.slice";
    private static final String LXC_PAYLOAD = "lxc.payload.";

    private final String[] groups;
    private final StringBuilder name = new StringBuilder();

    /**
     * The UID of the last pod in the path, whose container may follow; {@code null} if there is
     * none.
     */
    private String pod;

    private Container(String path) {
        groups = path.split("/", -1);
    }

    /**
     * Returns a short name: {@code docker 3f2a9c1b7d44}, {@code pod UID cri-containerd
     * 3f2a9c1b7d44}, {@code lxc web1}, {@code nspawn web1}, {@code qemu vm1}. For a container in a
     * container it returns both, the outer one first, {@code lxc web1 / docker 3f2a9c1b7d44}: only
     * the outer one can be listed and stopped on this host, and the inner one says which processes
     * these are.
     *
     * @param path the group
     * @return {@code null} if the group is in no container
     */
    static String of(String path) {
        return new Container(path).name();
    }

    private String name() {
        for (int i = 1; i < groups.length; i++) {
            String group = groups[i];
            if (isPlainUnit(group)) {
                continue;
            }
            if (isOutside(i)) {
                break;
            }
            String runtime = runtimeOfNext(i);
            if (runtime != null) {
                i++;
                boolean isScope = group.equals(PROXMOX_VMS);
                add(runtime, isScope ? withoutSuffix(groups[i], SCOPE) : groups[i]);
            } else if (group.startsWith(LXC_PAYLOAD)) {
                add("lxc", group.substring(LXC_PAYLOAD.length()));
            } else if (isMachine(group)) {
                addMachine(group);
            } else {
                addPodOrId(group, next(i));
            }
        }
        if (pod != null) {
            addPod();
        }
        return name.isEmpty() ? null : name.toString();
    }

    /** Returns whether a group is a unit or slice that cannot be a container, as most are. */
    private static boolean isPlainUnit(String group) {
        return group.endsWith(SERVICE)
                ? !group.startsWith(NSPAWN)
                : group.endsWith(SLICE) && !group.contains("pod") && !group.equals(PROXMOX_VMS);
    }

    private String next(int i) {
        return i + 1 < groups.length ? groups[i + 1] : "";
    }

    /** Returns whether a group contains the processes that serve a container from outside. */
    private boolean isOutside(int i) {
        String group = groups[i];
        return group.equals("lxc.monitor")
                || group.startsWith("lxc.monitor.")
                || (isMachine(group) && next(i).equals("supervisor"))
                || (hasId(group) && runtime(group).endsWith("conmon"));
    }

    /**
     * Returns the runtime if the next group is named after one of its containers, else {@code
     * null}.
     */
    private String runtimeOfNext(int i) {
        String next = next(i);
        if (next.isEmpty() || next.equals("..")) {
            return null;
        }
        return switch (groups[i]) {
            case "docker" -> isHex(next, 0) ? "docker" : null;
            case "lxc", "lxc.payload" -> "lxc";
            case "qemu" -> groups[i - 1].equals("libvirt") ? "qemu" : null;
            case PROXMOX_VMS -> next.endsWith(SCOPE) ? "qemu" : null;
            // containerd's own namespaces are at the top.
            case "default", "k8s.io" -> i == 1 ? "containerd" : null;
            default -> null;
        };
    }

    private static boolean isMachine(String group) {
        return (group.startsWith(MACHINE) && group.endsWith(SCOPE))
                || group.startsWith(NSPAWN)
                || group.endsWith(LIBVIRT_QEMU)
                || group.endsWith(LIBVIRT_LXC);
    }

    private void addMachine(String group) {
        if (group.startsWith(NSPAWN)) {
            String instance = withoutSuffix(group.substring(NSPAWN.length()), SERVICE);
            add("nspawn", SystemdUnit.unescaped(instance));
        } else if (group.endsWith(LIBVIRT_QEMU)) {
            add("qemu", withoutNumber(withoutSuffix(group, LIBVIRT_QEMU), "qemu-"));
        } else if (group.endsWith(LIBVIRT_LXC)) {
            add("lxc", withoutNumber(withoutSuffix(group, LIBVIRT_LXC), "lxc-"));
        } else {
            addRegistered(
                    SystemdUnit.unescaped(withoutSuffix(group.substring(MACHINE.length()), SCOPE)));
        }
    }

    /**
     * Adds a machine that is registered with systemd-machined; libvirt registers {@code
     * qemu-1-vm1}.
     */
    private void addRegistered(String machine) {
        String vm = withoutNumber(machine, "qemu-");
        String libvirtLxc = withoutNumber(machine, "lxc-");
        if (!vm.equals(machine)) {
            add("qemu", vm);
        } else if (!libvirtLxc.equals(machine)) {
            add("lxc", libvirtLxc);
        } else {
            add("nspawn", machine);
        }
    }

    /** Returns the rest of a name after a prefix such as {@code qemu-1-}. */
    private static String withoutNumber(String name, String prefix) {
        if (!name.startsWith(prefix)) {
            return name;
        }
        int at = prefix.length();
        while (at < name.length() && name.charAt(at) >= '0' && name.charAt(at) <= '9') {
            at++;
        }
        boolean hasNumber = at > prefix.length() && name.startsWith("-", at);
        return hasNumber ? name.substring(at + 1) : name;
    }

    /**
     * Adds the pod and the container that a group's name contains. It contains both, {@code
     * podUID.slice:cri-containerd:ID}, if containerd is not configured to let systemd create the
     * groups.
     */
    private void addPodOrId(String group, String next) {
        String uid = podUid(group);
        if (uid != null) {
            pod = uid;
        }
        // An ID above a container of podman is that of a pod.
        if (hasId(group) && !next.startsWith("libpod-")) {
            String runtime = runtime(group);
            String id = withoutSuffix(group, SCOPE);
            add(
                    runtime.startsWith("libpod") ? "podman" : runtime,
                    id.substring(id.length() - ID_DIGITS));
        }
    }

    /**
     * Returns the UID of a pod: a UUID, whose dashes are underscores in the name of a slice, or the
     * hash of a static pod.
     */
    private static String podUid(String group) {
        int colon = group.indexOf(':');
        String name = colon < 0 ? group : group.substring(0, colon);
        String uid;
        if (name.endsWith(SLICE)) {
            int dash = name.lastIndexOf("-pod");
            uid = withoutSuffix(name.substring(dash < 0 ? name.length() : dash + 1), SLICE);
        } else {
            uid = name;
        }
        if (!uid.startsWith("pod")) {
            return null;
        }
        uid = uid.substring("pod".length()).replace('_', '-');
        return isUuid(uid) || (uid.length() == 32 && isHex(uid, 0)) ? uid : null;
    }

    private static boolean isUuid(String text) {
        if (text.length() != 36) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            boolean isDash = i == 8 || i == 13 || i == 18 || i == 23;
            if (isDash ? text.charAt(i) != '-' : !isHex(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    /**
     * Returns whether a group or scope is named {@code RUNTIME-ID}, {@code SLICE:RUNTIME:ID} or
     * {@code ID}.
     */
    private static boolean hasId(String group) {
        String name = withoutSuffix(group, SCOPE);
        int at = name.length() - ID_DIGITS;
        return at >= 0
                && isHex(name, at)
                && (at == 0 || name.charAt(at - 1) == '-' || name.charAt(at - 1) == ':');
    }

    /** Returns the runtime in the name of a group that contains an id. */
    private static String runtime(String group) {
        int end = withoutSuffix(group, SCOPE).length() - ID_DIGITS - 1;
        return end <= 0 ? "container" : group.substring(group.lastIndexOf(':', end - 1) + 1, end);
    }

    private static boolean isHex(String text, int from) {
        for (int i = from; i < text.length(); i++) {
            if (!isHex(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    /** Returns whether a character is a hexadecimal digit; runtimes write lower case. */
    private static boolean isHex(char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    }

    private static String withoutSuffix(String text, String suffix) {
        return text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text;
    }

    private void add(String runtime, String id) {
        if (id.isEmpty()) {
            return;
        }
        if (pod == null) {
            separate();
        } else {
            addPod();
            name.append(' ');
        }
        boolean isLong = id.length() == ID_DIGITS && isHex(id, 0);
        name.append(runtime).append(' ').append(isLong ? id.substring(0, SHOWN_DIGITS) : id);
    }

    private void addPod() {
        separate();
        name.append("pod ").append(pod);
        pod = null;
    }

    private void separate() {
        if (!name.isEmpty()) {
            name.append(" / ");
        }
    }
}
