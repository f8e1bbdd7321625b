package psm.probe;

import psm.proc.ProcFs;
import psm.smaps.Usage;
import psm.text.Text;

import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The files of a machine that a probe printed. It never looks at a file of this machine. May be
 * shared between threads.
 */
public final class ProbeFiles extends ProcFs {
    private static final String CUT =
            "the probe was ended while it read the memory of a process that did not answer";

    private final ProbeAbout about;
    private final ProbeContents contents;
    private final ProbeHostFiles host;
    private final Map<String, ProbeFolder> folders;
    private final boolean isMemoryCut;
    private final boolean areArgumentsCut;
    private final int[] pids;

    /** For each process whose main thread has exited another thread, by its pid. */
    private final Map<Integer, Integer> threads = new HashMap<>();

    ProbeFiles(
            ProbeAbout about,
            ProbeContents contents,
            ProbeHostFiles host,
            ProbeProcesses processes) {
        this.about = about;
        this.contents = contents;
        this.host = host;
        this.folders = processes.folders();
        this.isMemoryCut = processes.isMemoryCut();
        this.areArgumentsCut = processes.areArgumentsCut();
        this.pids = listed();
    }

    /** Returns whether root has run the probe. */
    public boolean isOfRoot() {
        return about.user == 0;
    }

    /** Returns a line for each thing that the probe could not read. */
    public List<String> remarks() {
        List<String> remarks = new ArrayList<>();
        if (!about.lacks.isEmpty()) {
            remarks.add(
                    "no "
                            + String.join(", ", about.lacks)
                            + " there, so the probe has read less: see docs/probe.md");
        }
        if (areArgumentsCut) {
            remarks.add(
                    "not all command lines are known: the probe stops reading them after 5 MB, or 5"
                            + " seconds; for all of them, run psm there");
        }
        return remarks;
    }

    /** Returns the ids of all processes, without those of the probe itself that have exited. */
    private int[] listed() {
        int[] all = new int[folders.size()];
        int count = 0;
        for (Map.Entry<String, ProbeFolder> entry : folders.entrySet()) {
            String name = entry.getKey();
            int task = name.indexOf(ProbeProcesses.TASK);
            if (task > 0) {
                int tid = number(name.substring(task + ProbeProcesses.TASK.length()));
                threads.put(number(name.substring(0, task)), tid);
            }
            int pid = number(name);
            if (pid > 0 && !(entry.getValue().isGone() && isOfProbe(entry.getValue()))) {
                all[count++] = pid;
            }
        }
        int[] some = Arrays.copyOf(all, count);
        Arrays.sort(some);
        return some;
    }

    /** Returns whether the script has started a process, or one of those that it has started. */
    private boolean isOfProbe(ProbeFolder process) {
        ProbeFolder at = process;
        for (int depth = 0; depth < ProbeAbout.MAX_DEPTH && at != null; depth++) {
            if (at.parent == about.pid || at.parent == 0) {
                return at.parent != 0;
            }
            at = folders.get(Integer.toString(at.parent));
        }
        return false;
    }

    @Override
    public Instant time() {
        return Instant.ofEpochSecond(about.time);
    }

    @Override
    public long pageBytes() {
        return about.pageBytes == 0 ? super.pageBytes() : about.pageBytes;
    }

    @Override
    public int[] pids() {
        return pids.clone();
    }

    @Override
    public int[] tids(int pid) throws IOException {
        Integer tid = threads.get(pid);
        if (tid == null) {
            throw new NoSuchFileException(pid + ProbeProcesses.TASK);
        }
        return new int[] {tid};
    }

    @Override
    protected int[] descriptors(String folder) throws IOException {
        throw new NoSuchFileException(folder);
    }

    @Override
    protected String[] names(String folder) {
        return host.names(folder);
    }

    @Override
    public boolean exists(String file) {
        return folders.containsKey(file)
                ? process(file) != null
                : place(file) != null || host.has(file);
    }

    @Override
    public boolean mayBlock(String file) {
        return false;
    }

    @Override
    public InputStream open(String file) throws IOException {
        int[] place = place(file);
        if (place == null) {
            throw new NoSuchFileException(file);
        }
        return contents.open(place[0], place[1]);
    }

    /** Returns the start and the end of a file's content; {@code null} if there is no such file. */
    private int[] place(String file) {
        int slash = file.lastIndexOf('/');
        ProbeFolder process = slash < 0 ? null : process(file.substring(0, slash));
        if (process == null) {
            return host.place(file);
        }
        ProbeFolder.File known = ProbeFolder.File.named(file.substring(slash + 1));
        return known == null || !process.has(known) || known.isSummed()
                ? null
                : new int[] {process.start(known), process.end(known)};
    }

    /** Returns the process or thread with a folder, unless its process is gone. */
    private ProbeFolder process(String folder) {
        int slash = folder.indexOf('/');
        ProbeFolder process = folders.get(slash < 0 ? folder : folder.substring(0, slash));
        return process == null || process.isGone() ? null : folders.get(folder);
    }

    @Override
    public Usage sums(String folder, boolean isRollup) throws IOException {
        ProbeFolder process = process(folder);
        if (process == null) {
            throw new NoSuchFileException(folder);
        }
        if (process.isRollup == isRollup && process.malformed != null) {
            throw process.malformed;
        }
        if (process.isRollup == isRollup && process.sums != null) {
            return process.sums;
        }
        if (process.isDenied) {
            throw new AccessDeniedException(folder);
        }
        if (isMemoryCut) {
            throw new IOException(CUT);
        }
        throw new NoSuchFileException(folder);
    }

    @Override
    protected RandomAccessFile openAt(String file) throws IOException {
        throw new NoSuchFileException(file);
    }

    @Override
    public String link(String file) throws IOException {
        if (file.equals("self")) {
            return Integer.toString(about.pid);
        }
        int[] place = place(file);
        if (place == null) {
            throw new NoSuchFileException(file);
        }
        byte[] target = contents.bytes(place[0], place[1]);
        return Text.decode(target, 0, target.length);
    }

    @Override
    public byte[] hostFile(String folder, String name, int maxBytes) throws IOException {
        int[] place = host.place("../" + folder + '/' + name);
        if (place == null) {
            throw new NoSuchFileException(name);
        }
        return contents.bytes(place[0], Math.min(place[1], place[0] + maxBytes));
    }

    @Override
    public int owner(int pid) {
        return -1;
    }

    @Override
    public boolean isSameFile(String file, String other) {
        return false;
    }
}
