package psm.fleet;

import psm.Psm;
import psm.growth.Growth;
import psm.growth.GrowthReport;
import psm.report.ReportHead;
import psm.report.View;
import psm.text.Failure;
import psm.text.Filter;

import java.io.IOException;
import java.util.List;

/**
 * What grows on several machines: the rows of each are its own, since a program that grows on one
 * machine would be hidden by those of the others.
 */
public final class FleetGrowth implements Fleet {
    private final FleetHead head = new FleetHead();
    private final Filter filter;
    private final GrowthReport report;

    /** The growth of the machine that is read. */
    private Growth current;

    /**
     * Starts the report.
     *
     * @param filter the filter for names of programs; {@code null} for all
     * @param report an empty one
     */
    public FleetGrowth(Filter filter, GrowthReport report) {
        this.filter = filter;
        this.report = report;
    }

    /**
     * Starts with a machine, which {@link #add} ends.
     *
     * @param name what it is called; {@code null} for the name that it has itself
     * @return what takes its samples
     */
    public Growth begin(String name) {
        current = report.begin(filter, name);
        return current;
    }

    @Override
    public Psm.Processes add(Machine machine) throws Failure {
        try {
            report.add(machine.name(), current);
        } catch (IOException e) {
            throw Failure.of(e.getMessage(), e);
        } finally {
            current = null;
        }
        ReportHead own = new ReportHead(machine.shown().run().psmVersion(), machine.shown());
        Psm.Processes counts = own.processes(View.DEFAULT);
        head.add(machine, own.origin(), counts);
        return counts;
    }

    @Override
    public void addMissing(String name, String reason) {
        head.addMissing(name, reason);
    }

    @Override
    public String repeated() {
        return "rows are shown"; // those of the machine, in which nothing is counted again
    }

    @Override
    public Psm.Report report() {
        return report.report(head.origin(), head.processes(), List.of(head.hosts()));
    }
}
