package psm.support;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ObjIntConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a probe prints of a made-up machine, section by section, a char for each byte. */
public final class MadeUpProbe {
    /** The names of the sections, in their order. */
    public static final List<String> SECTIONS =
            List.of(
                    "host",
                    "users",
                    "stat",
                    "status",
                    "rollup",
                    "cgroups",
                    "cmdline",
                    "exe",
                    "stat-again");

    private static final List<String> OF_HOST =
            List.of(
                    "sys/kernel/hostname",
                    "sys/kernel/osrelease",
                    "sys/kernel/random/boot_id",
                    "uptime",
                    "meminfo");

    private final Map<String, StringBuilder> sections = new LinkedHashMap<>();
    private String head =
            "psm-probe 1\n#about\n#uid 0\n#pid 999999\n#page 4096\n#time 1795925005\n";
    private int processes;

    /** Starts with a machine that has no process. */
    public MadeUpProbe() {
        SECTIONS.forEach(name -> sections.put(name, new StringBuilder()));
    }

    /** Prints a folder that looks like {@code /proc}, as the script does. */
    public static MadeUpProbe of(Path proc) throws IOException {
        MadeUpProbe probe = new MadeUpProbe();
        for (String file : OF_HOST) {
            probe.lines("host", file, proc.resolve(file));
        }
        for (String file : List.of("passwd", "group")) {
            Path path = proc.resolveSibling("etc").resolve(file);
            probe.lines("users", "../etc/" + file, path);
        }
        try (Stream<Path> folders = Files.list(proc)) {
            for (Path folder : folders.sorted().toList()) {
                if (folder.getFileName().toString().matches("[0-9]+")) {
                    probe.process(folder);
                }
            }
        }
        return probe;
    }

    private void process(Path folder) throws IOException {
        String pid = folder.getFileName().toString();
        processes++;
        for (String file : List.of("stat", "cgroup", "oom_score", "oom_score_adj")) {
            lines("stat", pid + '/' + file, folder.resolve(file));
        }
        lines("status", pid + "/status", folder.resolve("status"));
        lines("rollup", pid + "/smaps_rollup", folder.resolve("smaps_rollup"));
        lines("stat-again", pid + "/stat", folder.resolve("stat"));
        if (Files.exists(folder.resolve("cmdline"))) {
            arguments(Integer.parseInt(pid), read(folder.resolve("cmdline")).split("\0"));
        }
        Path exe = folder.resolve("exe");
        boolean isLink = Files.isSymbolicLink(exe);
        add("exe", pid + "/exe\0" + (isLink ? Files.readSymbolicLink(exe) : "") + '\0');
    }

    private static String read(Path file) throws IOException {
        return Files.readString(file, ISO_8859_1);
    }

    private void lines(String section, String name, Path file) throws IOException {
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS) && Files.size(file) > 0) {
            for (String line : read(file).split("\n", -1)) {
                add(section, line.isEmpty() ? "" : name + ':' + line + '\n');
            }
        }
    }

    /**
     * Adds a process with some kB of private memory.
     *
     * @param name its name, and that of its executable
     */
    public MadeUpProbe process(int pid, String name, long kb) {
        return process(pid, name, kb, " S 1" + " 0".repeat(15) + " 1 0 " + pid + " 0 0 0\n");
    }

    /**
     * Adds a process with some kB of private memory.
     *
     * @param rest what follows the name in its stat
     */
    public MadeUpProbe process(int pid, String name, long kb, String rest) {
        processes++;
        add("stat", pid + "/stat:" + pid + " (" + name + ')' + rest);
        add("stat-again", pid + "/stat:" + pid + " (" + name + ')' + rest);
        add("status", pid + "/status:Name:\t" + name + '\n');
        add("status", pid + "/status:VmRSS:\t" + kb + " kB\n");
        String rollup = pid + "/smaps_rollup:";
        add("rollup", rollup + "1000-2000 ---p 00000000 00:00 0    [rollup]\n");
        for (String field : List.of("Rss", "Pss", "Private_Dirty")) {
            add("rollup", rollup + field + ": " + kb + " kB\n");
        }
        add("exe", pid + "/exe\0/usr/bin/" + name + '\0');
        return this;
    }

    /** Adds arguments of a process. */
    public MadeUpProbe arguments(int pid, String... arguments) {
        for (String argument : arguments) {
            add("cmdline", pid + "/cmdline:" + argument + '\0');
        }
        return this;
    }

    /** Adds a text to a section. */
    public MadeUpProbe add(String section, String text) {
        sections.get(section).append(text);
        return this;
    }

    /** Replaces texts of a section. */
    public MadeUpProbe replace(String section, String text, String by) {
        sections.put(
                section, new StringBuilder(sections.get(section).toString().replace(text, by)));
        return this;
    }

    /** Gives a section another name. */
    public MadeUpProbe rename(String section, String name) {
        Map<String, StringBuilder> renamed = new LinkedHashMap<>(sections);
        sections.clear();
        renamed.forEach((key, text) -> sections.put(key.equals(section) ? name : key, text));
        return this;
    }

    /** Counts the processes in a section that was added as a text. */
    public MadeUpProbe counting() {
        String stats = "\n" + sections.get("stat");
        Set<String> paths = new HashSet<>();
        Matcher path = Pattern.compile("\n([0-9]+/stat):").matcher(stats);
        while (path.find()) {
            paths.add(path.group(1));
        }
        processes = paths.size();
        return this;
    }

    /** Replaces what the script says about itself. */
    public MadeUpProbe about(String text, String by) {
        head = head.replace(text, by);
        return this;
    }

    /** Returns all of it as text, a char for each byte. */
    public String text() {
        StringBuilder all = new StringBuilder(head);
        for (String name : sections.keySet()) {
            all.append(start(name)).append(sections.get(name)).append(end(name));
        }
        return all + end(sections.size(), processes);
    }

    private static String start(String section) {
        return "#section " + section + '\n';
    }

    private static String end(String section) {
        return section.equals("cmdline") || section.equals("exe") ? "" : "\n";
    }

    private static String end(int sections, int processes) {
        return "#end " + sections + ' ' + processes + '\n';
    }

    /**
     * Writes a large probe to a file. The parts of each section are made anew and dropped, since
     * all of them would not fit into the heap of the tests.
     *
     * @param maker adds the part with this number, from 1 on
     */
    public static Path write(Path file, int parts, ObjIntConsumer<MadeUpProbe> maker)
            throws IOException {
        int processes = 0;
        try (Writer out = Files.newBufferedWriter(file, ISO_8859_1)) {
            out.write(new MadeUpProbe().head);
            for (String section : SECTIONS) {
                processes = 0;
                out.write(start(section));
                for (int part = 1; part <= parts; part++) {
                    MadeUpProbe probe = new MadeUpProbe();
                    maker.accept(probe, part);
                    out.append(probe.sections.get(section));
                    processes += probe.processes;
                }
                out.write(end(section));
            }
            out.write(end(SECTIONS.size(), processes));
        }
        return file;
    }

    public byte[] bytes() {
        return text().getBytes(ISO_8859_1);
    }
}
