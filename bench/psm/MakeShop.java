///usr/bin/env jbang "$0" "$@" ; exit $?
//DESCRIPTION Writes a snapshot of the made-up machine of a shop
//JAVA 17+
//SOURCES ../../lib/psm/Main.java
//SOURCES ../../test/psm/html/MadeUpShop.java

package psm;

import psm.html.MadeUpShop;
import psm.snapshot.SnapshotWriter;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes the same snapshot each time: {@code MakeShop FILE PROCESSES}. */
final class MakeShop {
    private MakeShop() {}

    public static void main(String[] args) throws IOException {
        int processes = Integer.parseInt(args[1]);
        Files.write(
                Path.of(args[0]), SnapshotWriter.write(MadeUpShop.snapshot("shop1", processes)));
    }
}
