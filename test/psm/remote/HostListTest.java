package psm.remote;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import psm.text.Failure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

class HostListTest {
    @TempDir Path folder;

    private static String hosts(String list) throws Failure {
        return String.join(" ", HostList.parse("--hosts", list));
    }

    private static String problem(String list) {
        Failure e = assertThrows(Failure.class, () -> HostList.parse("--hosts", list), list);
        assertEquals(Failure.Exit.USAGE, e.exit);
        assertFalse(e.getMessage().contains("\n"), e.getMessage());
        return e.getMessage();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "web1 | web1",
                "web1,web2 | web1 web2",
                "b,a,b | b a",
                "root@web1,web1 | root@web1 web1",
                "db[01-03] | db01 db02 db03",
                "db[8-11] | db8 db9 db10 db11",
                "db[08-11] | db08 db09 db10 db11",
                "db[098-101] | db098 db099 db100 db101",
                "db[1,3-5] | db1 db3 db4 db5",
                "db[1,1-2,2] | db1 db2",
                "r[1-2]n[01-02].x | r1n01.x r1n02.x r2n01.x r2n02.x",
                "a,db[1,2],b | a db1 db2 b",
                "root@db[1-2] | root@db1 root@db2",
                "[7-9] | 7 8 9",
                "10.0.0.[1-2] | 10.0.0.1 10.0.0.2",
                "::1 | ::1",
                "[::1] | ::1",
                "user@[::1],user@[fe80::1%eth0] | user@::1 user@fe80::1%eth0",
                "[2001:db8::1],[1-2] | 2001:db8::1 1 2",
                "me@example.org@web1 | me@example.org@web1",
                "/srv/root,default/pod-1 | /srv/root default/pod-1"
            })
    void listsAndRangesAreExpanded(String list, String expected) throws Failure {
        assertEquals(expected, hosts(list));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`` | --hosts '': has an empty name; it takes names with commas between them",
                "`  ` | --hosts '  ': '  ' contains a blank; a list has commas and no blanks",
                ", | has an empty name",
                "a,,b | has an empty name",
                "a,-b | '-b' begins with a dash, so that programs would take it for an option",
                "root@-oProxyCommand=x | begins with a dash",
                "a b | contains a blank",
                "a\tb | contains a blank",
                "a\u0007b | contains \\x07, which no name has",
                "a'b | contains ', which no name has",
                "a\"b | contains \", which no name has",
                "a;b | contains ;, which no name has",
                "$(x) | contains $, which no name has",
                "`a``b` | contains `, which no name has",
                "a* | contains *, which no name has",
                "a{1..3} | contains {, which no name has",
                "a\\b | contains \\, which no name has",
                "w\u00e9b | contains more than ASCII",
                "web1:22 | contains a colon, and is no address of IPv6; a port belongs to ssh",
                "web%h | contains a %",
                "root@ | has no name behind the @",
                "a,@file | '@file' stands alone",
                "db[8-1] | '[8-1]' goes down; write the smaller number first",
                "db[a-c] | '[a-c]' is no range of numbers; a range is like db[01-08] or db[1,3-5]",
                "db[a-] | '[a-]' is no range of numbers",
                "db[1-] | '[1-]' is no range of numbers",
                "db[] | '[]' is no range of numbers",
                "db[1,,2] | '[]' is no range of numbers",
                "db[1-2-3] | '[1-2-3]' is no range of numbers",
                "db[-1] | '[-1]' is no range of numbers",
                "db[1-010] | numbers with zeros of different lengths",
                "db[1 | has brackets without a partner; a range is like db[01-08] or db[1,3-5]",
                "db1] | has brackets without a partner",
                "db[[1]] | has brackets without a partner",
                "db[1-10001] | names more than 10,000 machines; ask some of them at a time",
                "db[1-999999999] | names more than 10,000 machines",
                "db[1-99999999999999999999] | names more than 10,000 machines",
                "a[1-100]b[1-101] | names more than 10,000 machines",
                "@/nowhere/at/all | --hosts @/nowhere/at/all: cannot be read: no such file or"
                        + " folder",
                "@/ | --hosts @/: is a folder; it takes a file with a name in each line",
                "@ | needs the name of a file: @FILE"
            })
    void malformedListsAreRefusedInOneLine(String list, String expected) {
        String problem = problem(list);
        assertTrue(problem.startsWith("--hosts "), problem);
        assertTrue(problem.contains(expected), problem);
    }

    @Test
    void aListOf10000IsTheLargest() throws Failure {
        assertEquals(10_000, HostList.parse("--hosts", "db[1-10000]").size());
    }

    @Test
    void manyEqualNamesEndToo() {
        String ones = "[" + "1,".repeat(49) + "1]";
        assertTrue(problem(ones.repeat(5).replace("][", "]x[")).contains("more than 10,000"));
    }

    @Test
    void aFileHasListsAndComments() throws Exception {
        Path file = folder.resolve("hosts");
        Files.writeString(file, "# all\n\nweb1 # the first\r\n  db[1-2],web1\n\t\nroot@x");
        assertEquals("web1 db1 db2 root@x", hosts("@" + file));
    }

    @Test
    void aFileWithoutNamesIsRefused() throws IOException {
        Path file = folder.resolve("hosts");
        Files.writeString(file, "# none\n");
        assertEquals(
                "--hosts @" + file + ": contains no names; write one in each line",
                problem("@" + file));
    }

    @Test
    void aProblemInAFileNamesItsLine() throws IOException {
        Path file = folder.resolve("hosts");
        Files.writeString(file, "web1\nweb 2\n");
        assertTrue(
                problem("@" + file).startsWith("--hosts @" + file + ", line 2: 'web 2' contains"));
        Files.write(file, new byte[5_000_000]);
        assertTrue(problem("@" + file).contains("larger than 4 MB"));
    }

    @Test
    void namesAreGivenToTheCommandAsOneWord() throws Failure {
        assertEquals(
                List.of("kubectl", "exec", "-n", "a b", "-i", "pod/x", "--", "sh"),
                Transport.via("--via", "kubectl  exec -n 'a b' -i pod/{} -- sh")
                        .command("x", "run"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "ssh -F conf -p 2222 | ssh,-F,conf,-p,2222",
                "`  a   b  ` | a,b",
                "a 'b c' \"d e\"f | a,b c,d ef",
                "a '' b | a,,b",
                "a b\\ c '\\d' \"\\e\\\"\" | a,b c,\\d,\\e\"",
                "a $HOME * ~ | a,$HOME,*,~"
            })
    void wordsAreSplitAsAShellDoes(String command, String expected) throws Failure {
        assertEquals(expected, String.join(",", Transport.split("--ssh", command)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "ssh 'a | --ssh ssh 'a: has a quote without its end",
                "`` | --ssh '': names no program",
                "'' a | --ssh ''' a': names no program"
            })
    void malformedCommandsAreRefused(String command, String expected) {
        Failure e = assertThrows(Failure.class, () -> Transport.split("--ssh", command));
        assertEquals(expected, e.getMessage());
    }

    @Test
    void theUsersWordsComeBeforeOptionsOfSsh() throws Failure {
        List<String> words =
                Transport.ssh("--ssh", "ssh -oBatchMode=no").command("web1", RemoteShell.COMMAND);
        assertTrue(words.indexOf("-oBatchMode=no") < words.indexOf("-oBatchMode=yes"));
        assertEquals(List.of("--", "web1"), words.subList(words.size() - 3, words.size() - 1));
    }
}
