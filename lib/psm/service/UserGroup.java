package psm.service;

import psm.cli.Option;
import psm.text.Failure;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.attribute.GroupPrincipal;

/** The group of users that {@code psm install --group} names. */
public final class UserGroup {
    private static final String NAME = "[a-z_][a-z0-9_-]{0,31}";

    private UserGroup() {}

    /** Returns the group with a name, or {@code null}. */
    public static GroupPrincipal find(String name) {
        try {
            return FileSystems.getDefault()
                    .getUserPrincipalLookupService()
                    .lookupPrincipalByGroupName(name);
        } catch (IOException e) {
            return null;
        }
    }

    /** Refuses a name that no group of this host has, or that could not be written into a file. */
    public static void require(String name) throws Failure {
        String asked = Option.GROUP + " " + name + ": ";
        if (!name.matches(NAME)) {
            throw Failure.usage(
                    asked + "needs a name of a-z, 0-9, _ and -, such as developers", null);
        }
        if (find(name) == null) {
            throw Failure.usage(
                    asked + "there is no such group; run 'groupadd " + name + "'", null);
        }
    }
}
