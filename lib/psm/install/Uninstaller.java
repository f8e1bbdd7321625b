package psm.install;

import psm.cli.Option;
import psm.proc.OwnProcess;
import psm.service.RecordService;
import psm.service.TextfileService;
import psm.text.Failure;
import psm.text.Problem;
import psm.trust.RootOwned;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Removes what {@link Installer} has written. */
final class Uninstaller {
    private final Prefix prefix;
    private final Consumer<String> remarks;

    Uninstaller(Prefix prefix, Consumer<String> remarks) {
        this.prefix = prefix;
        this.remarks = remarks;
    }

    /**
     * Removes the installation.
     *
     * @return the lines to print
     * @throws Failure if there is no installation, or some of it cannot be deleted
     */
    String uninstall() throws Failure {
        if (!Files.exists(prefix.record())) {
            return removeLeftOver();
        }
        boolean isRecorded;
        try {
            boolean isRoot = new OwnProcess().isRoot();
            refuse(isRoot ? RootOwned.problemOfExisting(prefix.record()) : null);
            InstallLock lock = InstallLock.take(prefix, remarks);
            try {
                if (!Files.exists(prefix.record())) {
                    lock.undo(); // another psm has uninstalled it meanwhile
                    throw Failure.usage("uninstall: " + InstallCommand.notInstalled(prefix), null);
                }
                InstallRecord record = new InstallRecord(prefix);
                for (Path path : record.paths()) {
                    refuse(isRoot ? RootOwned.problem(path.getParent()) : null);
                }
                TextfileService.remove(prefix.mark(Option.TEXTFILE));
                isRecorded = RecordService.remove(prefix.mark(Option.RECORD));
                GroupAccess.close(prefix);
                record.deleteAll();
            } finally {
                lock.close();
            }
        } catch (IOException e) {
            throw Failure.of("uninstall: " + InstallCommand.reason(e), e);
        }
        return "psm is no longer installed in "
                + prefix.folder()
                + '\n'
                + (Files.exists(prefix.home())
                        ? prefix.home() + " was left, since others have written into it\n"
                        : "")
                + (isRecorded ? RecordService.left() : "");
    }

    /**
     * Removes the services and the group's access of a psm whose files are gone: of an archive that
     * was deleted.
     *
     * @throws Failure if there are none
     */
    private String removeLeftOver() throws Failure {
        boolean isRecorded;
        try {
            boolean isThere =
                    new OwnProcess().isRoot()
                            && (RecordService.isThere(prefix.mark(Option.RECORD))
                                    || TextfileService.isThere(prefix.mark(Option.TEXTFILE))
                                    || Files.exists(prefix.access())
                                    || prefix.hasWritten(SudoRule.file(prefix)));
            if (!isThere) {
                throw Failure.usage("uninstall: " + InstallCommand.notInstalled(prefix), null);
            }
            // The folder may be gone, so that others could make it meanwhile, with links in it.
            refuse(
                    RootOwned.problemOfLasting(prefix.state()),
                    "remove its units in /etc/systemd/system and its rule in /etc/sudoers.d by"
                            + " hand");
            TextfileService.remove(prefix.mark(Option.TEXTFILE));
            isRecorded = RecordService.remove(prefix.mark(Option.RECORD));
            GroupAccess.close(prefix);
            Files.deleteIfExists(prefix.lock());
            prefix.state().toFile().delete(); // fails unless it is empty
        } catch (IOException e) {
            throw Failure.of("uninstall: " + InstallCommand.reason(e), e);
        }
        return "removed the services of the psm that was in "
                + prefix.folder()
                + '\n'
                + (isRecorded ? RecordService.left() : "");
    }

    /**
     * Refuses to delete as root where another user can write: that user could lay links, or write
     * any path into the record.
     *
     * @param problem what is wrong there, or {@code null}
     */
    private void refuse(Problem problem) throws Failure {
        refuse(problem, "run 'psm uninstall --prefix " + prefix.folder() + "' as that user");
    }

    private static void refuse(Problem problem, String remedy) throws Failure {
        if (problem != null) {
            throw Failure.usage(
                    "uninstall: root deletes nothing where others can write: "
                            + problem.what()
                            + "; "
                            + remedy,
                    null);
        }
    }

    /** Deletes as much of a folder as it can. */
    static void deleteTree(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException e) {
            return; // the caller checks what is left
        }
    }
}
