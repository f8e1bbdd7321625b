package psm;

/**
 * One process and its memory at the time of the scan.
 *
 * @param pid as {@code /proc} names it; with the start time it tells a process from any other
 * @param startTime clock ticks since boot, 0 where {@code stat} is missing
 * @param program what it runs
 * @param rollup whether the figures come from smaps_rollup, else from smaps
 * @param usage its memory
 * @param addressSpace the pid under which this memory is counted: its own, or another's that has
 *     the same address space
 */
record ProcessMemory(
        int pid, long startTime, Program program, boolean rollup, Usage usage, int addressSpace)
        implements Seen {

    /** Whether its memory is counted under its own pid. */
    boolean isCounted() {
        return addressSpace == pid;
    }

    ProcessMemory countedUnder(int otherPid) {
        return new ProcessMemory(pid, startTime, program, rollup, usage, otherPid);
    }
}
