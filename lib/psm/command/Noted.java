package psm.command;

import psm.Psm;
import psm.cell.PlaceAndTime;
import psm.cli.Options;
import psm.cli.Topic;
import psm.name.UserNames;
import psm.picture.Explanations;
import psm.picture.MappingTreemap;
import psm.picture.MemoryTreemap;
import psm.picture.ReportPictures;
import psm.report.Grouping;
import psm.report.Labels;
import psm.report.ReportHead;
import psm.report.View;
import psm.scan.Selection;
import psm.scan.Snapshot;
import psm.system.MemoryAccount;
import psm.text.Failure;
import psm.text.Filter;

import java.util.ArrayList;
import java.util.List;

/** Adds notes to reports, for formats that show them. */
final class Noted {
    /** The number of chosen names that a title contains; a list may have thousands. */
    private static final int MAX_NAMED = 3;

    private final Options options;
    private final List<String> remarks;

    /**
     * Creates what adds notes.
     *
     * @param remarks what psm prints about the report
     */
    Noted(Options options, List<String> remarks) {
        this.options = options;
        this.remarks = remarks;
    }

    /** Returns a report of one machine with its notes. */
    Psm.Report of(Psm.Report report, Snapshot snapshot, UserNames users) throws Failure {
        List<Psm.Picture> pictures = new ArrayList<>();
        Topic topic = options.what().topic();
        if (topic.isOfMappings()) {
            boolean byKind = topic == Topic.KINDS;
            Filter filter = options.what().view().filter();
            pictures.add(MappingTreemap.of(snapshot.mappings(), byKind, filter));
        }
        for (Psm.Account account : report.accounts()) {
            if (account.key().equals(MemoryAccount.KEY)) {
                Labels labels = new Labels(users, snapshot.host().name());
                Psm.Picture picture = MemoryTreemap.of(account, snapshot, labels, null, 1);
                if (picture != null) {
                    pictures.add(picture);
                }
            }
        }
        return of(report, pictures);
    }

    /** Returns a report with these pictures, and those that any report has. */
    Psm.Report of(Psm.Report report, List<Psm.Picture> pictures) {
        List<Psm.Picture> all = new ArrayList<>(pictures);
        if (options.what().topic() == Topic.OOM) {
            all.addAll(ReportPictures.ofOom(report));
        }
        return report.with(
                new Psm.Notes(
                        title(report),
                        List.copyOf(remarks),
                        Explanations.of(report),
                        List.copyOf(all)));
    }

    private String title(Psm.Report report) {
        String where = report.host() == null ? machines(report) : host(report);
        return subject() + where + chosen();
    }

    private static String host(Psm.Report report) {
        Psm.Account before = ReportHead.before(report);
        Object other = before == null ? null : PlaceAndTime.value(before, PlaceAndTime.HOST);
        return other == null || other.equals(report.host())
                ? " on " + report.host()
                : " from " + other + " to " + report.host();
    }

    private static String machines(Psm.Report report) {
        for (Psm.Account account : report.accounts()) {
            if (account.key().equals(ReportHead.MACHINES)) {
                int machines = account.rows().size();
                return " on " + machines + (machines == 1 ? " machine" : " machines");
            }
        }
        return "";
    }

    /** Returns which processes or names the user has chosen; an empty text for all. */
    private String chosen() {
        StringBuilder words = new StringBuilder();
        for (Selection.Rule rule : options.which().selection().rules()) {
            words.append(rule.isNot() ? ", not " : ", only ").append(inWords(rule.by()));
            List<String> wanted = new ArrayList<>(rule.wanted());
            int named = wanted.size() == MAX_NAMED + 1 ? wanted.size() : MAX_NAMED;
            for (int i = 0; i < Math.min(named, wanted.size()); i++) {
                words.append(i == 0 ? " " : " or ").append(wanted.get(i));
            }
            if (named < wanted.size()) {
                words.append(" or ").append(wanted.size() - named).append(" others");
            }
        }
        Filter ofPrograms = options.which().filter();
        Filter filter = ofPrograms == null ? options.what().view().filter() : ofPrograms;
        return filter == null ? words.toString() : words + ", only names with " + filter;
    }

    private static String inWords(Selection.By by) {
        return switch (by) {
            case PID -> "process";
            case ANCESTOR -> "descendants of";
            case USER -> "user";
            case CGROUP -> "control group";
            case UNIT -> "unit";
            case CONTAINER -> "container";
        };
    }

    private String subject() {
        View view = options.what().view();
        if (view.system() && options.what().topic() == Topic.PROCESSES) {
            return "Where the memory is";
        }
        return switch (options.what().topic()) {
            case PROCESSES -> "Memory by " + by(view.by());
            case MAPS -> "Memory by mapping";
            case KINDS -> "Memory by kind of mapping";
            case OOM -> "What the OOM killer would end first";
            case DIFF -> "What changed";
            case GROWTH -> "What grows";
        };
    }

    private static String by(List<Grouping> groupings) {
        StringBuilder words = new StringBuilder();
        for (int i = 0; i < groupings.size(); i++) {
            boolean isLast = i == groupings.size() - 1;
            words.append(i == 0 ? "" : isLast ? " and " : ", ").append(inWords(groupings.get(i)));
        }
        return words.toString();
    }

    private static String inWords(Grouping grouping) {
        return switch (grouping) {
            case EXE -> "executable";
            case PID, TREE -> "process";
            case COMMAND -> "command line";
            case GROUP -> "group of users";
            case CGROUP -> "control group";
            case PARENT -> "topmost ancestor";
            case HOST -> "machine";
            default -> grouping.option;
        };
    }
}
