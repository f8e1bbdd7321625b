package psm.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import psm.support.Command;
import psm.support.MadeUpHost;
import psm.text.Missing;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

class CgroupMemoryTest {
    private static final String V1_NO_LIMIT = "9223372036854771712";

    @TempDir Path root;

    private MadeUpHost host;

    @BeforeEach
    void makeUp() throws IOException {
        host = new MadeUpHost(root);
    }

    @Test
    void filesOfV2AreRead() throws IOException {
        host.process(5, 1, 0, 600, "0::/a.slice/b.service")
                .v2("/a.slice/b.service", "memory.max", "1048576")
                .v2("/a.slice/b.service", "memory.high", "max")
                .v2("/a.slice/b.service", "memory.current", "4096")
                .v2("/a.slice/b.service", "memory.swap.max", "8192")
                .v2("/a.slice/b.service", "memory.swap.current", "0")
                .v2("/a.slice/b.service", "memory.events", "oom 7\noom_kill 3\noom_group_kill 1")
                .v2("/a.slice/b.service", "memory.oom.group", "1")
                .v2(
                        "/a.slice/b.service",
                        "memory.stat",
                        "anon 100\nfile 2\nkernel 50\nshmem 7\nsock 3\ninactive_file 1000\n"
                                + "slab_reclaimable 40\nslab_unreclaimable 4")
                .write("proc/sys/vm/swappiness", "7\n")
                .v2("/a.slice", "memory.max", "max");
        Map<String, CgroupMemory> cgroups = host.scan().cgroups();
        assertEquals(Set.of("/a.slice", "/a.slice/b.service"), cgroups.keySet());
        CgroupMemory service = cgroups.get("/a.slice/b.service");
        assertEquals(
                new CgroupMemory(
                        new CgroupMemory.Limits(
                                1 << 20, Missing.VALUE, CgroupMemory.NO_LIMIT, 8192, 7, true, true),
                        new CgroupMemory.InUse(4096, 1000, 0, 120),
                        3,
                        true),
                service);
        assertEquals(3096, service.inUse().needed());
        CgroupMemory slice = cgroups.get("/a.slice");
        assertEquals(CgroupMemory.NO_LIMIT, slice.limits().least());
        assertEquals(
                new CgroupMemory.InUse(Missing.VALUE, Missing.VALUE, Missing.VALUE, Missing.VALUE),
                slice.inUse());
        assertEquals(Missing.VALUE, slice.inUse().needed());
        assertFalse(slice.oomGroup());
        assertFalse(cgroups.get("/a.slice").isLimited());
    }

    /** Linux before 5.18 has no sum of the kernel's memory. */
    @Test
    void unreclaimableMemoryIsThatOfV2() throws IOException {
        host.process(5, 1, 0, 600, "0::/a")
                .v2(
                        "/a",
                        "memory.stat",
                        "anon 1000\nfile 9\nkernel_stack 1\npagetables 2\npercpu 4\nsock 8\n"
                                + "shmem 16\nslab_reclaimable 512\nslab_unreclaimable 32");
        assertEquals(1063, host.scan().cgroups().get("/a").inUse().unreclaimable());
    }

    /** A copy of /sys may contain one; no timeout applies to these files. */
    @Test
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void pipesAreNotRead() throws IOException {
        host.process(5, 1, 0, 600, "0::/a").v2("/a", "memory.max", "4096");
        String pipe = root.resolve("sys/fs/cgroup/a/memory.current").toString();
        assertEquals(0, Command.of("mkfifo", pipe).run().exitCode());
        CgroupMemory memory = host.scan().cgroups().get("/a");
        assertEquals(4096, memory.limits().max());
        assertTrue(Missing.is(memory.inUse().memory()));
    }

    @Test
    void filesOfV1AreRead() throws IOException {
        host.process(5, 1, 0, 600, "9:name=systemd:/x\n4:memory:/docker/abc\n0::/x")
                .v1("/docker/abc", "memory.limit_in_bytes", "1048576")
                .v1("/docker/abc", "memory.usage_in_bytes", "4096")
                .v1("/docker/abc", "memory.memsw.limit_in_bytes", "1049600")
                .v1("/docker/abc", "memory.memsw.usage_in_bytes", "4097")
                .v1("/docker/abc", "memory.oom_control", "oom_kill_disable 1\noom_kill 2")
                .v1("/docker/abc", "memory.swappiness", "0")
                .v1("/docker/abc", "memory.use_hierarchy", "0")
                .v1(
                        "/docker/abc",
                        "memory.stat",
                        "inactive_file 2\nhierarchical_memory_limit 1048576\n"
                                + "total_inactive_file 300\ntotal_rss 100\ntotal_shmem 10")
                .v1("/docker/abc", "memory.kmem.usage_in_bytes", "50")
                .v1("/docker", "memory.limit_in_bytes", V1_NO_LIMIT)
                .v1("/docker", "memory.memsw.limit_in_bytes", V1_NO_LIMIT)
                .v1("/", "memory.limit_in_bytes", V1_NO_LIMIT);
        Map<String, CgroupMemory> cgroups = host.scan().cgroups();
        assertEquals(Set.of("/", "/docker", "/docker/abc"), cgroups.keySet());
        assertEquals(
                new CgroupMemory(
                        new CgroupMemory.Limits(
                                1 << 20, 1 << 20, Missing.VALUE, 1024, 0, false, false),
                        new CgroupMemory.InUse(4096, 300, 1, 160),
                        2,
                        false),
                cgroups.get("/docker/abc"));
        assertTrue(cgroups.get("/docker").limits().binding());
        assertTrue(cgroups.get("/docker").limits().killing());
        assertEquals(Missing.VALUE, cgroups.get("/docker").limits().swappiness());
        assertEquals(CgroupMemory.NO_LIMIT, cgroups.get("/docker").limits().max());
        assertEquals(CgroupMemory.NO_LIMIT, cgroups.get("/docker").limits().swap());
        assertFalse(cgroups.get("/").isLimited());
    }

    @Test
    void hybridHostMountsV2OnUnified() throws IOException {
        host.process(5, 1, 0, 600, "1:cpu:/\n0::/a")
                .write("sys/fs/cgroup/unified/a/memory.max", "4096\n");
        assertEquals(4096, host.scan().cgroups().get("/a").limits().max());
    }

    /** The folder with the name of a hybrid host's mount is a group like any other. */
    @Test
    void cgroupMayBeNamedUnified() throws IOException {
        host.process(5, 1, 0, 600, "0::/a")
                .v2("/a", "memory.max", "4096")
                .v2("/unified/a", "memory.max", "1");
        assertEquals(4096, host.scan().cgroups().get("/a").limits().max());
    }

    @Test
    void nothingIsKnownWithoutController() throws IOException {
        host.process(5, 1, 0, 600, "0::/a").v2("/a", "cgroup.procs", "5");
        assertTrue(host.scan().cgroups().isEmpty());
        Files.delete(root.resolve("proc/5/cgroup"));
        assertTrue(host.scan().cgroups().isEmpty());
    }

    @Test
    void smallestLimitUpTheTreeApplies() throws IOException {
        host.process(5, 1, 0, 600, "0::/a/b/c/d")
                .v2("/a", "memory.max", "3000")
                .v2("/a/b", "memory.max", "2000")
                .v2("/a/b/c", "memory.max", "5000")
                .v2("/a/b/c/d", "memory.max", "max")
                .process(6, 1, 0, 600, "0::/z")
                .v2("/z", "memory.max", "max");
        Map<String, CgroupMemory> cgroups = host.scan().cgroups();
        assertEquals("/a/b", CgroupMemory.limiting("/a/b/c/d", cgroups));
        assertEquals("/a/b", CgroupMemory.limiting("/a/b", cgroups));
        assertEquals("/a", CgroupMemory.limiting("/a", cgroups));
        assertNull(CgroupMemory.limiting("/z", cgroups));
        assertNull(CgroupMemory.limiting("/not/there", cgroups));
    }

    private static final String[] V1_LIMITS = {"3000", "1000", V1_NO_LIMIT};

    /** Makes /a/b/c with v1, whose limits are {@link #V1_LIMITS}. */
    private void makeUpThreeOfV1(String hierarchyOfB, String leastOfC) throws IOException {
        host.process(5, 1, 0, 600, "4:memory:/a/b/c");
        String path = "";
        for (int i = 0; i < V1_LIMITS.length; i++) {
            path += "/" + "abc".charAt(i);
            host.v1(path, "memory.limit_in_bytes", V1_LIMITS[i]);
        }
        if (hierarchyOfB != null) {
            host.v1("/a/b", "memory.use_hierarchy", hierarchyOfB);
        }
        if (leastOfC != null) {
            host.v1("/a/b/c", "memory.stat", "hierarchical_memory_limit " + leastOfC);
        }
    }

    private String limiting(String path) throws IOException {
        return CgroupMemory.limiting(path, host.scan().cgroups());
    }

    @Test
    void limitAboveBindsWithHierarchy() throws IOException {
        makeUpThreeOfV1(null, null);
        assertEquals("/a/b", limiting("/a/b/c"));
        makeUpThreeOfV1("1", "1000");
        assertEquals("/a/b", limiting("/a/b/c"));
        assertTrue(CgroupMemory.isCharged("/a/b/c", "/a", host.scan().cgroups()));
    }

    @Test
    void limitAboveDoesNotBindWithoutHierarchy() throws IOException {
        makeUpThreeOfV1("0", null);
        assertNull(limiting("/a/b/c"));
        assertEquals("/a/b", limiting("/a/b"));
        assertFalse(CgroupMemory.isCharged("/a/b/c", "/a/b", host.scan().cgroups()));
        assertFalse(CgroupMemory.isCharged("/a/b/c", "/a", host.scan().cgroups()));
        assertTrue(CgroupMemory.isCharged("/a/b", "/a", host.scan().cgroups()));
    }

    /** Without the file use_hierarchy, the group below knows what binds it. */
    @Test
    void leastLimitOfGroupDecides() throws IOException {
        makeUpThreeOfV1(null, V1_NO_LIMIT);
        assertNull(limiting("/a/b/c"));
    }

    /** A container sees only its own part of the tree. */
    @Test
    void limitAboveTheMountIsKnown() throws IOException {
        host.process(5, 1, 0, 600, "4:memory:/docker/abc")
                .v1("/", "memory.limit_in_bytes", V1_NO_LIMIT)
                .v1("/", "memory.usage_in_bytes", "100")
                .v1("/", "memory.stat", "hierarchical_memory_limit 4096");
        Map<String, CgroupMemory> cgroups = host.scan().cgroups();
        assertEquals("/", CgroupMemory.limiting("/docker/abc", cgroups));
        assertEquals(4096, cgroups.get("/").limits().least());
        assertFalse(cgroups.get("/").isLimited());
        assertTrue(CgroupMemory.isCharged("/docker/abc", "/", cgroups));
    }

    /** The root of the container's mount is its group, whatever the name of that is outside. */
    @Test
    void limitOfContainerBindsWithoutHierarchy() throws IOException {
        host.process(5, 1, 0, 600, "4:memory:/docker/abc")
                .v1("/", "memory.limit_in_bytes", "4096")
                .v1("/", "memory.usage_in_bytes", "100")
                .v1("/", "memory.use_hierarchy", "0");
        Map<String, CgroupMemory> cgroups = host.scan().cgroups();
        assertEquals("/", CgroupMemory.limiting("/docker/abc", cgroups));
        assertTrue(CgroupMemory.isCharged("/docker/abc", "/", cgroups));
    }

    @Test
    void rootOfV2IsKnownByItsStatistics() throws IOException {
        host.process(5, 1, 0, 600, "0::/").v2("/", "memory.stat", "anon 1");
        assertEquals(Set.of("/"), host.scan().cgroups().keySet());
        assertNull(limiting("/"));
    }

    @Test
    void invalidNumbersAreMissing() throws IOException {
        host.process(5, 1, 0, 600, "0::/a").v2("/a", "memory.current", "1");
        for (String text : new String[] {"", "-1", "x", "99999999999999999999", "1 2"}) {
            host.v2("/a", "memory.max", text).v2("/a", "memory.events", "oom_kill " + text);
            CgroupMemory memory = host.scan().cgroups().get("/a");
            assertEquals(Missing.VALUE, memory.limits().max(), text);
            assertEquals(Missing.VALUE, memory.oomKills(), text);
            assertFalse(memory.isLimited());
        }
    }

    @Test
    void nothingOutsideTheMountIsRead() throws IOException {
        host.write("sys/memory.max", "1\n").write("sys/fs/memory.max", "1\n");
        host.process(5, 1, 0, 600, "0::/../..").process(6, 1, 0, 600, "0::/a/../../..");
        assertTrue(host.scan().cgroups().isEmpty());
    }

    @Test
    void upperGroupsOfLongPathAreRead() throws IOException {
        StringBuilder path = new StringBuilder("/a");
        while (path.length() < 4090) {
            path.append("/").append("x".repeat(200));
        }
        host.process(5, 1, 0, 600, "0::" + path).v2("/a", "memory.max", "4096");
        assertEquals(Set.of("/a"), host.scan().cgroups().keySet());
    }

    /** A byte that the locale's encoding cannot express must not become a question mark. */
    @Test
    void invalidUtf8NameMatchesNoOtherGroup() throws IOException {
        host.v2("/a?", "memory.max", "1").process(5, 1, 0, 600, "0::/");
        byte[] cgroup = "0::/a?\n".getBytes(StandardCharsets.ISO_8859_1);
        cgroup[5] = (byte) 0xff;
        Files.write(root.resolve("proc/5/cgroup"), cgroup);
        assertTrue(host.scan().cgroups().isEmpty());
        String mount = root.resolve("sys/fs/cgroup").toUri().toString();
        Path group = Files.createDirectory(Path.of(URI.create(mount + "/a%ff")));
        Files.writeString(group.resolve("memory.max"), "4096\n");
        assertEquals(4096, host.scan().cgroups().get("/a\udcff").limits().max());
    }

    @Test
    void manyGroupsAreReadToTheLimit() throws IOException {
        String deep = ("/" + "x".repeat(200)).repeat(15);
        for (int pid = 2; pid < 102; pid++) {
            host.process(pid, 1, 0, 600, "0::/" + pid + deep);
        }
        host.v2("/2" + deep, "memory.max", "1").v2("/101" + deep, "memory.max", "1");
        assertEquals(Set.of("/2" + deep), host.scan().cgroups().keySet());
    }

    @Test
    void deepGroupsAreReadToTheLimit() throws IOException {
        host.process(5, 1, 0, 600, "0::/a" + "/x".repeat(2040)).v2("/a", "memory.max", "1");
        host.v2("/a" + "/x".repeat(99), "memory.max", "1");
        host.v2("/a" + "/x".repeat(100), "memory.max", "1");
        assertEquals(Set.of("/a", "/a" + "/x".repeat(99)), host.scan().cgroups().keySet());
    }

    @Test
    void groupContainsItselfAndGroupsBelow() {
        assertTrue(CgroupMemory.isWithin("/a", "/a"));
        assertTrue(CgroupMemory.isWithin("/a/b", "/a"));
        assertTrue(CgroupMemory.isWithin("/a/b", "/"));
        assertFalse(CgroupMemory.isWithin("/ab", "/a"));
        assertFalse(CgroupMemory.isWithin("/a", "/a/b"));
        assertFalse(CgroupMemory.isWithin(null, "/"));
    }
}
