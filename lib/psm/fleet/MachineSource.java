package psm.fleet;

import psm.text.Failure;

import java.util.List;

/** Where the machines of a report come from. */
public interface MachineSource {
    /**
     * Reads the machines, and adds each to a report.
     *
     * @throws Failure if none of them could be read
     */
    void addTo(Fleet report) throws Failure;

    /** Returns the lines about the last reading: which machines are missing, and why. */
    List<String> remarks();
}
