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
 *   <li>{@code kata_ID}, {@code kata_overhead/ID}: Kata; {@code ecs/TASK/TASK-NUMBER}: Fargate;
 *       {@code garden/HANDLE}: Cloud Foundry; {@code nomad/UUID.TASK}, {@code mesos/UUID}, {@code
 *       firecracker/ID}, {@code buildkit/ID}
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

    private static final int UUID_CHARS = 36;

    /** The length of a handle of Cloud Foundry at least: a UUID without its last group. */
    private static final int HANDLE_CHARS = 23;

    /** The length of the id of a task of ECS. */
    private static final int TASK_DIGITS = 32;

    private static final int BUILDKIT_DIGITS = 25;

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
                addNamed(runtime, groups[i]);
            } else if (isNomad(i)) {
                addNomad(group);
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

    /** Returns whether a path is of processes that serve a container from outside. */
    private static boolean isServed(String path) {
        Container container = new Container(path);
        for (int i = 1; i < container.groups.length; i++) {
            if (container.isOutside(i)) {
                return true;
            }
        }
        return false;
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
            case "kata_overhead" -> isId(next) ? "kata" : null;
            case "firecracker" -> "firecracker";
            case "mesos" -> isUuid(next) ? "mesos" : null;
            case "garden", "good", "bad" -> isGarden(i) && isHandle(next) ? "garden" : null;
            case "buildkit" -> isBuildkitId(next) ? "buildkit" : null;
            // containerd's own namespaces are at the top.
            case "default", "k8s.io" ->
                    i == 1 && (isId(next) || !hasId(next)) ? "containerd" : null;
            default -> isTask(groups[i], next) ? "ecs" : null;
        };
    }

    /** Adds a container whose group is named after it. */
    private void addNamed(String runtime, String group) {
        add(runtime, withoutSuffix(group, SCOPE));
    }

    /** Returns whether a group is a task of ECS and the next one a container of Fargate in it. */
    private static boolean isTask(String group, String next) {
        int length = group.length();
        return length == TASK_DIGITS
                && isHex(group, 0)
                && next.startsWith(group)
                && next.startsWith("-", length)
                && isHex(next, length + 1);
    }

    /** Returns whether a group is garden's, which has two groups below it since 2019. */
    private boolean isGarden(int i) {
        return groups[i].equals("garden") || groups[i - 1].equals("garden");
    }

    /** Returns whether a name is a UUID, or the start of one, as handles of Cloud Foundry are. */
    private static boolean isHandle(String name) {
        boolean isHandle = name.length() >= HANDLE_CHARS && name.length() <= UUID_CHARS;
        for (int i = 0; i < name.length() && isHandle; i++) {
            isHandle = isUuid(name, i);
        }
        return isHandle;
    }

    /** Returns whether a name is an id of buildkit, a number in 25 digits of base 36. */
    private static boolean isBuildkitId(String name) {
        boolean isId = name.length() == BUILDKIT_DIGITS;
        for (int i = 0; i < name.length() && isId; i++) {
            char c = name.charAt(i);
            isId = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
        }
        return isId;
    }

    /** Returns whether a group is a task of Nomad: {@code UUID.TASK} below one of Nomad's. */
    private boolean isNomad(int i) {
        String group = groups[i];
        return group.length() > UUID_CHARS + 1
                && group.charAt(UUID_CHARS) == '.'
                && isUuid(group.substring(0, UUID_CHARS))
                && (groups[1].equals("nomad")
                        || groups[1].equals("nomad.slice")
                        || groups[i - 1].equals("nomad"));
    }

    private void addNomad(String group) {
        String task = withoutSuffix(group.substring(UUID_CHARS + 1), SCOPE);
        if (!task.isEmpty()) {
            add("nomad", group.substring(0, UUID_CHARS) + ' ' + task);
        }
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
        } else if (machine.startsWith("rkt-")) {
            add("rkt", machine.substring("rkt-".length()));
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
        return text.length() == UUID_CHARS && isHandle(text);
    }

    /** Returns whether a character may be at this place of a UUID. */
    private static boolean isUuid(String text, int at) {
        boolean isDash = at == 8 || at == 13 || at == 18 || at == 23;
        return isDash ? text.charAt(at) == '-' : isHex(text.charAt(at));
    }

    /**
     * Returns whether a group or scope is named {@code RUNTIME-ID}, {@code RUNTIME_ID}, {@code
     * SLICE:RUNTIME:ID} or {@code ID}.
     */
    private static boolean hasId(String group) {
        String name = withoutSuffix(group, SCOPE);
        int at = name.length() - ID_DIGITS;
        return at >= 0 && isHex(name, at) && (at == 0 || "-_:.".indexOf(name.charAt(at - 1)) >= 0);
    }

    private static boolean isId(String group) {
        return group.length() == ID_DIGITS && isHex(group, 0);
    }

    /** Returns the runtime in the name of a group that contains an id. */
    private static String runtime(String group) {
        int end = withoutSuffix(group, SCOPE).length() - ID_DIGITS - 1;
        return end <= 0 ? "container" : group.substring(group.lastIndexOf(':', end - 1) + 1, end);
    }

    /**
     * Returns whether a path contains an id, or one that starts with it or that it starts with: a
     * run of hexadecimal digits, whatever runtime has made it.
     *
     * @param id at least as many digits as {@code docker ps} shows, else the result is false
     */
    static boolean contains(String path, String id) {
        if (id.length() < SHOWN_DIGITS || !isHex(id, 0)) {
            return false;
        }
        for (int from = 0; from < path.length(); from++) {
            int to = from;
            while (to < path.length() && isHex(path.charAt(to))) {
                to++;
            }
            int shared = Math.min(to - from, id.length());
            if (shared >= SHOWN_DIGITS && path.regionMatches(from, id, 0, shared)) {
                return !isServed(path);
            }
            from = to;
        }
        return false;
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
        name.append(runtime).append(' ').append(isId(id) ? id.substring(0, SHOWN_DIGITS) : id);
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
