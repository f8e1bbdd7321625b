package psm.service;

import psm.proc.OwnProcess;
import psm.text.Problem;
import psm.trust.Capability;
import psm.trust.RootOwned;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Checks the unit of a service for {@code psm doctor}.
 *
 * @param remedy what puts the service right
 */
record UnitCheck(UnitFile unit, Findings findings, String remedy) {
    /** The settings that a file of the administrator beside the unit may have changed. */
    private static final Map<String, String> SETTINGS =
            Map.of(
                    "User", RecorderUser.NAME,
                    "NoNewPrivileges", "yes",
                    "ProtectSystem", "strict",
                    "PrivateNetwork", "yes");

    /**
     * Compares the file of the unit with what psm writes.
     *
     * @param text the text of the file, or {@code null} if there is none
     * @param expected what psm writes, or {@code null} if the text does not say what to do
     * @return whether it is worth going on
     */
    boolean isAsWritten(String text, String expected) throws IOException {
        if (text == null) {
            findings.wrong(unit.path() + " is missing", remedy);
            return false;
        }
        if (!text.equals(expected)) {
            findings.wrong(unit.path() + " was changed after the installation", remedy);
            return false;
        }
        Problem problem = RootOwned.problem(unit.path());
        findings.add(
                problem == null ? null : new Problem(problem.what(), remedy),
                "only root can change " + unit.path());
        return true;
    }

    /** Returns whether systemd says what the unit does. */
    boolean isAnswered() throws IOException {
        if (!Systemd.isRunning()) {
            findings.wrong("systemd does not run here, so " + unit.name() + " does not", "");
            return false;
        }
        boolean isLoaded = Systemd.property("LoadState", unit.name()).equals("loaded");
        if (!isLoaded) {
            // Without D-Bus, it answers root alone.
            findings.note()
                    .accept(
                            unit.name()
                                    + " was not checked, since systemd does not answer; run 'sudo"
                                    + " psm doctor'");
        }
        return isLoaded;
    }

    /** Checks whether the unit runs, and does so when the machine starts. */
    void checkState() throws IOException {
        String name = unit.name();
        findings.add(
                Systemd.isIn("enabled", name)
                        ? null
                        : new Problem(
                                name + " does not start when the machine does",
                                "run 'systemctl enable " + name + "'"),
                name + " starts when the machine does");
        findings.add(
                Systemd.isIn("active", name)
                        ? null
                        : new Problem(
                                name + " is not active",
                                "run 'systemctl restart "
                                        + name
                                        + "'; 'journalctl -u "
                                        + name
                                        + "' may say why"),
                name + " is active");
    }

    /**
     * Compares the settings that are in effect, and tries the capability.
     *
     * @param capability what the service has of root's rights, or {@code null} for nothing
     * @param what what the service may do
     */
    void checkRights(Capability capability, String what) throws IOException {
        String changed = null;
        for (Map.Entry<String, String> setting : SETTINGS.entrySet()) {
            if (!Systemd.property(setting.getKey(), unit.name()).equals(setting.getValue())) {
                changed = setting.getKey();
            }
        }
        String only = capability == null ? "" : capability.toString().toLowerCase(Locale.ROOT);
        for (String set : List.of("CapabilityBoundingSet", "AmbientCapabilities")) {
            if (!Systemd.property(set, unit.name()).equals(only)) {
                changed = set;
            }
        }
        findings.add(
                changed == null
                        ? null
                        : new Problem(
                                "another file changes " + changed + " of " + unit.name(),
                                "see 'systemctl cat "
                                        + unit.name()
                                        + "', and run 'systemctl revert "
                                        + unit.name()
                                        + "'"),
                what);
        if (capability != null && new OwnProcess().isRoot()) {
            findings.add(
                    capability.works()
                            ? null
                            : new Problem(capability + " no longer shows all processes", remedy),
                    capability + " shows all processes");
        }
    }
}
