package psm.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.ArrayList;
import java.util.List;

class NearestTest {
    @ParameterizedTest
    @CsvSource({
        "'', '', 0",
        "'', abc, 3",
        "abc, '', 3",
        "abc, abc, 0",
        "abc, abd, 1",
        "abc, bc, 1",
        "abc, xabc, 1",
        "kitten, sitting, 3",
        "ab, ba, 1",
        "ngnix, nginx, 1",
        "abcd, badc, 2"
    })
    void distanceIsTheNumberOfChanges(String from, String to, int distance) {
        assertEquals(distance, Nearest.distance(from, to));
        assertEquals(distance, Nearest.distance(to, from));
    }

    @Test
    void nearestComesFirstOthersKeepOrder() {
        List<String> known = List.of("pss", "uss", "rss", "swap");
        assertEquals("rss, pss, uss, swap", Nearest.first("rsss", known));
        assertEquals("swap, pss, uss, rss", Nearest.first("swapp", known));
        assertEquals("pss, uss, rss, swap", Nearest.first("zzz", known));
        List<String> units = List.of("auto", "b", "k", "m", "g");
        assertEquals("m, auto, b, k, g", Nearest.first("MB", units));
        assertEquals("k, auto, b, m, g", Nearest.first("KiB", units));
    }

    @ParameterizedTest
    @CsvSource({
        "nginx, nginx.service",
        "NGINX.service, nginx.service",
        "ngnix, nginx.service",
        "ngnix.service, nginx.service",
        "ngx, nginx.service",
        "nginx2, nginx.service",
        "session-4, session-3.scope",
        "syncthing, user@1000.service/syncthing.service",
        "thing, user@1000.service/syncthing.service",
        "web, lxc web-1",
        "1, lxc web-1",
        "87e, docker 87eba76e7f31",
        "87eba76e7f32, docker 87eba76e7f31",
        "eba7, docker 87eba76e7f31",
        "/system.slice/ngnix.service, /system.slice/nginx.service",
        "slice, /system.slice",
        "/system.slice/gone.scope, /system.slice"
    })
    void partsComeBeforeSimilarNames(String asked, String nearest) {
        List<String> known =
                List.of(
                        "init.scope",
                        "nginx-exporter.service",
                        "nginx.service",
                        "user@1000.service/syncthing.service",
                        "session-3.scope",
                        "lxc web-1",
                        "docker 87eba76e7f31",
                        "/system.slice/nginx.service",
                        "/system.slice");
        String some = Nearest.some(asked, known);
        assertEquals(nearest, some.split(", ", 2)[0], some);
        assertEquals(known.size(), some.split(", ", -1).length, "all of a few");
    }

    @Test
    void nearestTenOfManyAreListed() {
        List<String> known = new ArrayList<>();
        for (int i = 1; i <= 11; i++) {
            known.add("unit" + i);
        }
        assertEquals(String.join(", ", known), Nearest.some("zzz", known), "11 are as short");
        known.add("nginx.service");
        assertEquals(
                "nginx.service, unit1, unit2, unit3, unit4, unit5, unit6, unit7, unit8, unit9,"
                        + " and 2 more",
                Nearest.some("nginx", known));
        List<String> paths = List.of("/a".repeat(2000), "/c");
        assertEquals("/c, and 1 more", Nearest.some("c", paths), "a path is long");
        assertEquals(paths.get(0) + ", and 1 more", Nearest.some("/a/a/a", paths));
    }
}
