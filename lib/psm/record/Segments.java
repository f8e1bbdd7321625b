package psm.record;

import psm.proc.FileName;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * The segments in a folder, in the order of writing.
 *
 * @param files their paths
 * @param others the names of what is something else
 * @param last the largest number in a name, of whatever kind of file; 0 if there is none
 */
record Segments(List<Path> files, List<String> others, long last) {
    /** The limit for the files in a folder: 30 days have 30 segments, or some hundred if busy. */
    private static final int MAX_FILES = 100_000;

    /** Finds the segments in a folder. */
    static Segments in(Path folder) throws IOException {
        TreeMap<Long, Path> found = new TreeMap<>();
        List<String> others = new ArrayList<>();
        long last = 0;
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                if (found.size() + others.size() >= MAX_FILES) {
                    throw new FileSystemException(
                            folder.toString(), null, "contains more than " + MAX_FILES + " files");
                }
                long number = SegmentFile.number(entry);
                last = Math.max(last, number);
                if (number >= 0 && Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)) {
                    found.put(number, entry);
                } else if (!FileName.last(entry).startsWith(".")) {
                    others.add(FileName.last(entry));
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        others.sort(null);
        return new Segments(new ArrayList<>(found.values()), others, last);
    }
}
