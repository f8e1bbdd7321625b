package psm.html;

import psm.cgroup.CgroupMemory;
import psm.name.Program;
import psm.proc.Host;
import psm.proc.HostMemory;
import psm.proc.HugePages;
import psm.proc.Pressure;
import psm.proc.UnlistedMemory;
import psm.scan.Detail;
import psm.scan.ProcessDetails;
import psm.scan.ProcessMemory;
import psm.scan.ScanRequest;
import psm.scan.Snapshot;
import psm.smaps.Usage;
import psm.text.Version;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * The machine of a shop, made up from a seed: 64 GB of RAM for a database, two servers in Java,
 * workers in Python, a cache and a web server. The same arguments make the same machine. Its
 * figures add up as the kernel's do, and what nothing explains is small.
 */
public final class MadeUpShop {
    /**
     * A kind of processes.
     *
     * @param group the path of their control group
     * @param user their user
     * @param name the name of their program
     * @param command their command line
     * @param share how many of 1,000 processes are of this kind; 0 for a single one
     * @param mb the RAM of one, in MB
     * @param shared how many percent of it are shared memory
     * @param swap how many percent of it are swapped out besides
     */
    private record Kind(
            String group,
            int user,
            String name,
            String command,
            int share,
            int mb,
            int shared,
            int swap) {}

    private static final long KB = 1024;
    private static final long MB = 1024 * KB;
    private static final long TOTAL_KB = 64L * 1024 * 1024 - 402_344;
    private static final int RAM_OF_WORKERS_MB = 21_000;
    private static final Instant TAKEN_AT = Instant.parse("2026-11-23T10:05:00Z");
    private static final String BOOT = "4f3a1c1e-8d0e-4f60-9c0f-0d6a6f0e2b11";
    private static final long UPTIME_MILLIS = 23L * 24 * 60 * 60 * 1000;
    private static final long BOOT_SECONDS = TAKEN_AT.getEpochSecond() - UPTIME_MILLIS / 1000;

    private static final Map<Long, String> USERS =
            Map.of(
                    0L,
                    "root",
                    33L,
                    "www-data",
                    105L,
                    "postgres",
                    108L,
                    "redis",
                    110L,
                    "search",
                    113L,
                    "_chrony",
                    990L,
                    "shop",
                    1000L,
                    "ann",
                    998L,
                    "systemd-network");

    private static final String SLICE = "/system.slice/";
    private static final String DATABASE = SLICE + "system-postgresql.slice/postgresql@17.service";
    private static final String SESSION = "/user.slice/user-1000.slice/session-3.scope";

    private static final Kind[] KINDS = {
        new Kind("/init.scope", 0, "systemd", "/sbin/init", 0, 9, 0, 20),
        new Kind(SLICE + "systemd-journald.service", 0, "systemd-journald", "", 0, 92, 40, 0),
        new Kind(SLICE + "systemd-udevd.service", 0, "systemd-udevd", "", 0, 6, 0, 40),
        new Kind(SLICE + "systemd-networkd.service", 998, "systemd-networkd", "", 0, 7, 0, 0),
        new Kind(SLICE + "systemd-logind.service", 0, "systemd-logind", "", 0, 5, 0, 30),
        new Kind(SLICE + "dbus.service", 0, "dbus-daemon", "", 0, 3, 0, 30),
        new Kind(SLICE + "ssh.service", 0, "sshd", "sshd: /usr/sbin/sshd -D", 0, 4, 0, 50),
        new Kind(SLICE + "cron.service", 0, "cron", "/usr/sbin/cron -f", 0, 2, 0, 60),
        new Kind(SLICE + "chrony.service", 113, "chronyd", "/usr/sbin/chronyd -F 1", 0, 4, 0, 0),
        new Kind(SLICE + "rsyslog.service", 0, "rsyslogd", "/usr/sbin/rsyslogd -n", 0, 14, 0, 0),
        new Kind(SLICE + "node-exporter.service", 33, "node_exporter", "", 0, 26, 0, 0),
        new Kind(
                SLICE + "shop-api.service",
                990,
                "java",
                "java -Xmx8g -jar /srv/shop/api.jar --port 8080",
                0,
                9216,
                0,
                2),
        new Kind(
                SLICE + "shop-search.service",
                110,
                "java",
                "java -Xms6g -Xmx6g org.search.Node",
                0,
                7020,
                0,
                0),
        new Kind(SLICE + "redis.service", 108, "redis-server *:6379", "", 0, 3380, 0, 12),
        new Kind(SESSION, 1000, "bash", "-bash", 0, 5, 0, 0),
        new Kind(SESSION, 1000, "vim", "vim /srv/shop/settings.py", 0, 22, 0, 0),
        new Kind(DATABASE, 105, "postgres", "postgres: shop shop [local] idle", 460, 60, 72, 3),
        new Kind(
                SLICE + "shop-worker.service",
                990,
                "celery",
                "/srv/shop/bin/celery -A shop worker -Q mail,images",
                270,
                190,
                0,
                6),
        new Kind(
                SLICE + "shop-web.service",
                990,
                "gunicorn",
                "/srv/shop/bin/gunicorn shop.wsgi -w 32",
                190,
                150,
                0,
                3),
        new Kind(SLICE + "nginx.service", 33, "nginx", "nginx: worker process", 80, 24, 10, 0),
    };

    private final SplittableRandom random;
    private final List<ProcessMemory> processes = new ArrayList<>();
    private final Map<String, CgroupMemory> groups = new TreeMap<>();
    private final List<String> names;
    private long anonymous;
    private long files;
    private long shared;
    private long swapped;

    private MadeUpShop(long seed, List<String> names) {
        this.random = new SplittableRandom(seed);
        this.names = names;
    }

    /** Returns the machine with a number of processes, at least as many as it has kinds. */
    public static Snapshot snapshot(String host, int count) {
        return snapshot(host, count, List.of());
    }

    /**
     * Returns the same machine whose last processes have other names, and run as single ones in
     * control groups of these names.
     */
    public static Snapshot snapshot(String host, int count, List<String> names) {
        MadeUpShop shop = new MadeUpShop(host.hashCode(), names);
        shop.addProcesses(count);
        return shop.snapshot(host);
    }

    private void addProcesses(int count) {
        int single = 0;
        int weight = 0;
        for (Kind kind : KINDS) {
            single += kind.share == 0 ? 1 : 0;
            weight += kind.share * kind.mb;
        }
        int plain = count - single - names.size();
        int pid = 1;
        int shares = 0;
        for (Kind kind : KINDS) {
            int before = shares * plain / 1000;
            shares += kind.share;
            int number = kind.share == 0 ? 1 : shares * plain / 1000 - before;
            double mb = kind.share == 0 ? kind.mb : mbOfOne(kind, plain, weight);
            for (int i = 0; i < number; i++) {
                add(pid, kind, kind.name, kind.group, mb * (0.6 + 0.8 * random.nextDouble()));
                pid += pid < 300 ? 41 : 1 + random.nextInt(9);
            }
        }
        for (int i = 0; i < names.size(); i++) {
            String group = SLICE + names.get(i).replaceAll("[/\\n\\x00]", "") + ".service";
            Kind kind = new Kind(group, 1000, names.get(i), names.get(i), 0, 1, 0, 0);
            add(pid, kind, names.get(i), group, 700 + 41 * i);
            pid++;
        }
    }

    private static double mbOfOne(Kind kind, int plain, int weight) {
        double ofAll = (double) weight * plain / 1000;
        return kind.mb * RAM_OF_WORKERS_MB / ofAll;
    }

    private void add(int pid, Kind kind, String name, String group, double mb) {
        long bytes = pages(mb * MB);
        long fileBytes = Math.min(bytes / 4, pages(MB * (1 + random.nextDouble() * 3)));
        long sharedBytes = pages((bytes - fileBytes) * kind.shared / 100.0);
        long swapBytes = pages(bytes * kind.swap / 100.0);
        Usage usage = usage(bytes - fileBytes - sharedBytes, fileBytes, sharedBytes, swapBytes);
        anonymous += bytes - fileBytes - sharedBytes;
        files += fileBytes;
        shared += sharedBytes;
        swapped += swapBytes;
        String command = kind.command.isEmpty() ? "/usr/sbin/" + name : kind.command;
        ProcessDetails details =
                new ProcessDetails(
                        pid == 1 ? 0 : 1,
                        1 + random.nextInt(8),
                        new ProcessDetails.Status(
                                kind.user, kind.user, bytes + MB, 64 * KB, swapBytes, 0),
                        Math.min(1000, bytes * 1000 / (TOTAL_KB * KB)),
                        0,
                        200,
                        "0::" + group,
                        command,
                        new ProcessDetails.Devices("", 0));
        long ticks = 100L * pid + 500;
        processes.add(
                new ProcessMemory(
                        pid,
                        ticks,
                        new Program(
                                name, Program.File.CURRENT, new Program.Names(name, name, null)),
                        true,
                        usage,
                        details));
    }

    /** Returns the usage of a process; half of the pages of files are private. */
    private static Usage usage(long anon, long file, long shmem, long swap) {
        long[] sums = new long[Usage.Field.values().length];
        for (Usage.Field field : Usage.Field.values()) {
            sums[field.ordinal()] =
                    switch (field) {
                        case RSS -> anon + 3 * file + 9 * shmem;
                        case PSS -> anon + file + shmem;
                        case PRIVATE_DIRTY, ANONYMOUS, PSS_ANON -> anon;
                        case PRIVATE_CLEAN -> file / 2;
                        case PSS_FILE -> file;
                        case PSS_SHMEM -> shmem;
                        case SHARED_CLEAN -> 3 * file - file / 2;
                        case SHARED_DIRTY -> 9 * shmem;
                        case SWAP, SWAP_PSS -> swap;
                        default -> 0;
                    };
        }
        return new Usage(sums, 0, 0, 0, 0);
    }

    private static long pages(double bytes) {
        return Math.round(bytes / (4 * KB)) * 4 * KB;
    }

    private Snapshot snapshot(String name) {
        HostMemory memory =
                new HostMemory(
                        meminfo(), new UnlistedMemory(0, 0, 0, 0, 0, 3 * MB, new HugePages(0, 0)));
        Host host =
                new Host(
                        name,
                        "6.12.48-amd64",
                        BOOT,
                        UPTIME_MILLIS,
                        BOOT_SECONDS,
                        memory,
                        new Pressure(null));
        return new Snapshot(
                new Snapshot.Scope(
                        false, false, Detail.ofSnapshots(), ScanRequest.DEFAULT_TIMEOUT_NANOS),
                new Snapshot.Run(
                        TAKEN_AT,
                        47_300_000,
                        processes.size() + 180,
                        false,
                        1 << 20,
                        2,
                        List.of(),
                        Version.CURRENT,
                        null),
                host,
                List.copyOf(processes),
                List.of(),
                USERS,
                USERS,
                groups,
                null);
    }

    private String meminfo() {
        long tmpfs = 610_000;
        long cache = 11_600_000;
        long mapped = (files + shared) / KB;
        long slab = 1_900_000;
        long other = 160_000 + 40_000 + 52_000 + 96_000 + 210_000;
        long cached = mapped + cache + tmpfs;
        long free = TOTAL_KB - anonymous / KB - cached - slab - other;
        return """
        MemTotal: %d kB
        MemFree: %d kB
        MemAvailable: %d kB
        Buffers: 0 kB
        Cached: %d kB
        SwapCached: 0 kB
        SwapTotal: 8388604 kB
        SwapFree: %d kB
        AnonPages: %d kB
        Mapped: %d kB
        Shmem: %d kB
        SReclaimable: 1400000 kB
        SUnreclaim: 500000 kB
        Slab: %d kB
        PageTables: 160000 kB
        SecPageTables: 0 kB
        KernelStack: 40000 kB
        VmallocUsed: 52000 kB
        Percpu: 96000 kB
        Hugetlb: 0 kB
        """
                .formatted(
                        TOTAL_KB,
                        free,
                        free + cache + 1_300_000,
                        cached,
                        8_388_604 - swapped / KB,
                        anonymous / KB,
                        mapped,
                        shared / KB + tmpfs,
                        slab);
    }
}
