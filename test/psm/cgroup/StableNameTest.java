package psm.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StableNameTest {
    private static final String HEX = "0123456789abcdef0123456789abcdef";
    private static final String UUID = "01234567-89ab-cdef-0123-456789abcdef";

    @ParameterizedTest
    @CsvSource({
        "session-12.scope, session-*.scope",
        "session-c2.scope, session-*.scope",
        "run-u123.service, run-*.service",
        "run-r" + HEX + ".scope, run-*.scope",
        "run-p1234-i5678.service, run-*.service",
        "run-1234.scope, run-*.scope",
        "app-gnome-org.gnome.Terminal-4321.scope, app-gnome-org.gnome.Terminal-*.scope",
        "app-org.kde.konsole@" + HEX + ".service, app-org.kde.konsole@*.service",
        "app-org.kde.dolphin-" + HEX + ".scope, app-org.kde.dolphin-*.scope",
        "vte-spawn-" + UUID + ".scope, vte-spawn-*.scope",
        "tmux-spawn-" + UUID + ".scope, tmux-spawn-*.scope",
        "snap.firefox.firefox-" + UUID + ".scope, snap.firefox.firefox-*.scope",
        "kitty-1234-0.scope, kitty-*.scope",
        "podman-1234.scope, podman-*.scope",
        "sshd@12-10.0.0.1:22-10.0.0.2:5000.service, sshd@*.service",
        "sshd@3-[2001:db8::1]:22-[2001:db8::2]:5000.service, sshd@*.service",
        "sshd@3-2001:db8::1:22-2001:db8::2:5000.service, sshd@*.service",
        "systemd-coredump@3-1234-0.service, systemd-coredump@*.service",
        "systemd-coredump@3-1234_5678-0.service, systemd-coredump@*.service",
        "dbus-:1.2-org.freedesktop.problems@7.service, dbus-*-org.freedesktop.problems@*.service",
        "machine-qemu-12-web-1.scope, machine-qemu-*-web-1.scope",
        "machine-qemu\\x2d12\\x2dweb\\x2d1.scope, machine-qemu\\x2d*\\x2dweb\\x2d1.scope",
        "user@1000.service/app-x-77.scope, user@1000.service/app-x-*.scope",
        "/user.slice/user-1000.slice/session-3.scope, /user.slice/user-1000.slice/session-*.scope",
        "/system.slice/run-u7.service/sub, /system.slice/run-*.service/sub",
        "/slurm/uid_1000/job_1234/step_0, /slurm/uid_1000/job_*/step_0"
    })
    void whatChangesWithEachStartIsCut(String name, String stable) {
        assertEquals(stable, StableName.of(name));
        assertEquals(stable, StableName.of(stable));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "nginx.service",
                "user@1000.service",
                "user-1000.slice",
                "getty@tty1.service",
                "postgresql@15-main.service",
                "redis@6379.service",
                "openvpn@10-0-0-1.service",
                "machine-web-1.scope",
                "qemu.slice/100.scope",
                "run-docker-netns.mount",
                "dev-disk-by\\x2duuid-0123.swap",
                "docker-" + HEX + HEX + ".scope",
                "/kubepods/burstable/pod" + UUID + "/" + HEX + HEX,
                "init.scope",
                "x-12.service",
                "e2scrub@root.service"
            })
    void namesThatStayAreNotCut(String name) {
        assertEquals(name, StableName.of(name));
    }
}
