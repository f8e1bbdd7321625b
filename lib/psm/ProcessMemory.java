package psm;

/**
 * One process and its memory at the time of the scan.
 *
 * @param pid as {@code /proc} names it; with the start time it tells a process from any other
 * @param startTime clock ticks since boot, 0 where {@code stat} is missing
 * @param program the name it goes by, see {@link ProgramName}
 * @param rollup whether the figures come from smaps_rollup, else from smaps
 * @param usage its memory
 */
record ProcessMemory(int pid, long startTime, String program, boolean rollup, Usage usage) {}
