/*
 * load: starts processes with many mappings, to measure psm.
 *
 *     cc -O2 -Wall -Wextra -Werror -std=c11 -o load bench/load.c
 *     load N M [KB]
 *
 * starts N processes with M mappings each. Each mapping has KB kilobytes (default 4, rounded up to whole pages).
 * When all of them are ready it prints one line,
 *
 *     ready 1000 processes, 200 mappings each, pid 4711 to 5710
 *
 * (the first and the last pid; other processes may have pids between them) and sleeps until SIGTERM, SIGINT or SIGHUP.
 * It never reads its standard input. On a signal it kills and reaps the processes before it exits. If it is killed
 * itself (kill -9, the OOM killer), the kernel kills them.
 *
 * Each child has the usual mappings (program, libc, heap, stack, vdso), and a sequence of M mappings without gaps, in
 * turn
 *
 *     private anonymous, rw-p         the child writes to it: Private_Dirty
 *     this executable, r--p           the child reads it: Shared_Clean, the same pages in all such mappings
 *     private anonymous, rw-p         as above
 *     shared anonymous, rw-s          the child writes to it: Shared_Dirty, shared with the other children, so Pss
 *                                     is KB / N (with N = 1 it is not shared: Private_Dirty)
 *
 * Neighbors are of different kinds, so the kernel cannot merge them, and smaps has M entries for them. A child cannot
 * read an executable mapping past the end of the file, so its Rss is at most the size of the file.
 *
 * The start is fast because this process makes the mappings once, and the children inherit them. It does not touch
 * them, so a child writes to new pages, and no page is copied or shared with this process. After it has forked the
 * children, this process unmaps the mappings and is small. The children have no open files, have the name and arguments
 * of this executable, and form one process group.
 *
 * Exit status: 0 ended by one of the three signals, 1 the load could not be started or a child ended, 2 bad usage.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAME "load"
#include "lib/program.h"

/* Linux allows at most MAX_PROCESSES pids. The product of the three, in kilobytes, fits in 64 bits. */
enum { MAX_PROCESSES = 1 << 22, MAX_MAPPINGS = 1 << 20, MAX_KB = 1 << 20, DEFAULT_KB = 4 };
_Static_assert(sizeof(size_t) == 8, "sizes are computed in 64 bits");

/* The kernel's own memory for one mapping and for one process, measured on Linux 6.18 and rounded up.
 * If they are too low, a load that does not fit calls the OOM killer; if too high, a load that fits is refused. */
enum { KERNEL_BYTES_PER_MAPPING = 512, KERNEL_BYTES_PER_PROCESS = 128 * 1024 };

struct mappings {
    char *start;
    long count;
    size_t bytes_each;
    size_t file_bytes; /* readable part of an executable mapping */
};

enum kind { ANONYMOUS, EXECUTABLE, SHARED };

static pid_t group; /* the process group of the children, and the pid of the first; 0: not started */
static int signals; /* a signalfd, which only poll_events() reads */

/* Kills and reaps all children. Children are reaped only here, so the number of the group is not reused before. */
static void kill_all(void) {
    if (group == 0)
        return;
    kill(-group, SIGKILL);
    while (waitpid(-group, NULL, 0) > 0 || errno == EINTR)
        ;
}

/* Returns the number after prefix on the first line that starts with it, or -1 if there is none. */
static long number_in(const char *path, const char *prefix) {
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return -1;
    char line[256];
    long number = -1;
    while (number < 0 && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, prefix, strlen(prefix)) == 0)
            number = strtol(line + strlen(prefix), NULL, 10);
    fclose(file);
    return number;
}

/* Checks that the load fits into memory: if it did not, the OOM killer might kill another program. */
static void check_memory(long processes, long mappings, size_t bytes_each) {
    uint64_t kb_each = bytes_each / 1024;
    uint64_t private_kb = (uint64_t)(mappings + 1) / 2 * kb_each;
    uint64_t kernel_kb = ((uint64_t)mappings * KERNEL_BYTES_PER_MAPPING + KERNEL_BYTES_PER_PROCESS) / 1024;
    uint64_t needed_kb = (uint64_t)processes * (private_kb + kernel_kb) + (uint64_t)mappings / 4 * kb_each;
    long available_kb = number_in("/proc/meminfo", "MemAvailable:");
    if (available_kb >= 0 && needed_kb > (uint64_t)available_kb)
        fail(1, "%ld processes with %ld mappings of %zu KB need about %ju MB, but MemAvailable is %ld MB: ask for less",
             processes, mappings, bytes_each / 1024, (uintmax_t)needed_kb / 1024, available_kb / 1024);
}

/* Disables huge pages, so that the load does not depend on the system's setting: a huge page is one entry, not 512. */
static void keep_pages_small(void) {
    if (prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0) != 0)
        fail(1, "cannot disable huge pages: %s", strerror(errno));
}

/* Blocks the signals. They stay blocked in the children, so that only this process reacts to a pkill that reaches all.
 * The parent may have set SIGCHLD to be ignored; then wait would not work. */
static void catch_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGCHLD);
    if (signal(SIGCHLD, SIG_DFL) == SIG_ERR || signal(SIGPIPE, SIG_IGN) == SIG_ERR ||
        sigprocmask(SIG_BLOCK, &set, NULL) != 0 || (signals = signalfd(-1, &set, 0)) < 0)
        fail(1, "cannot set up signals: %s", strerror(errno));
}

/* Exits with status 1 if a child has ended. */
static void fail_if_a_child_ended(long processes) {
    siginfo_t child = {0}; /* si_pid stays 0 if a child was only stopped or continued */
    if (group == 0 || waitid(P_PGID, (id_t)group, &child, WEXITED | WNOHANG | WNOWAIT) != 0 || child.si_pid == 0)
        return;
    if (child.si_code == CLD_EXITED)
        fail(1, "process %d, one of %ld, exited with status %d: all were killed", child.si_pid, processes,
             child.si_status);
    fail(1, "process %d, one of %ld, was killed by signal %d (%s): all were killed; if memory was short, ask for "
            "less",
         child.si_pid, processes, child.si_status, strsignal(child.si_status));
}

/* Reads a signal, and exits unless it is a SIGCHLD without consequence. */
static void take_signal(long processes) {
    struct signalfd_siginfo signal;
    if (read(signals, &signal, sizeof signal) != sizeof signal)
        fail(1, "cannot read a signal: %s", strerror(errno));
    if (signal.ssi_signo == SIGCHLD) {
        fail_if_a_child_ended(processes);
        return;
    }
    kill_all();
    exit(0);
}

/* Handles signals, and waits for one unless timeout is 0; returns whether fd (-1: none) is readable. */
static bool poll_events(long processes, int fd, int timeout) {
    struct pollfd events[] = {{.fd = signals, .events = POLLIN}, {.fd = fd, .events = POLLIN}};
    if (poll(events, 2, timeout) < 0 && errno != EINTR)
        fail(1, "cannot wait: %s", strerror(errno));
    if (events[0].revents != 0)
        take_signal(processes);
    return events[1].revents != 0;
}

/* Returns the kind of the mapping with that index. */
static enum kind kind_of(long index) {
    static const enum kind turn[] = {ANONYMOUS, EXECUTABLE, ANONYMOUS, SHARED};
    return turn[index % 4];
}

/* Reports why a mapping could not be made, and exits. */
static void fail_mapping(long index, long count, int error) {
    long limit = number_in("/proc/sys/vm/max_map_count", "");
    if (error == ENOMEM && limit >= 0 && index + 100 > limit) /* 100: more than a new process has */
        fail(1, "%ld mappings per process are too many: vm.max_map_count is %ld; ask for at most %ld, or raise it",
             count, limit, index);
    fail(1, "cannot make mapping %ld of %ld: %s; ask for fewer or smaller mappings, or raise ulimit -v or -d",
         index + 1, count, strerror(error));
}

/* Reserves the addresses of all mappings. The page on each side is unmapped again, so that the first and the last
 * mapping do not merge with other mappings of the process. */
static char *reserve(size_t bytes, size_t page) {
    char *start = mmap(NULL, bytes + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (start == MAP_FAILED || munmap(start, page) != 0 || munmap(start + page + bytes, page) != 0)
        fail(1, "cannot reserve %zu KB of addresses: %s; ask for fewer or smaller mappings, or raise ulimit -v",
             bytes / 1024, strerror(errno));
    return start + page;
}

/* Makes one mapping at that address. */
static void *map_one(char *address, size_t bytes, enum kind kind, int executable) {
    switch (kind) {
    case ANONYMOUS:
        return mmap(address, bytes, PROT_READ | PROT_WRITE, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    case SHARED:
        return mmap(address, bytes, PROT_READ | PROT_WRITE, MAP_FIXED | MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    default:
        return mmap(address, bytes, PROT_READ, MAP_FIXED | MAP_PRIVATE, executable, 0);
    }
}

/* Makes the mappings that the children inherit. */
static struct mappings make_mappings(long count, size_t bytes_each, size_t page) {
    int executable = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (executable < 0 || fstat(executable, &status) != 0)
        fail(1, "cannot open its own executable, /proc/self/exe: %s", strerror(errno));
    size_t file_bytes = (size_t)status.st_size;
    struct mappings all = {
        .start = reserve((size_t)count * bytes_each, page),
        .count = count,
        .bytes_each = bytes_each,
        .file_bytes = file_bytes < bytes_each ? file_bytes : bytes_each,
    };
    for (long i = 0; i < count; i++)
        if (map_one(all.start + (size_t)i * bytes_each, bytes_each, kind_of(i), executable) == MAP_FAILED)
            fail_mapping(i, count, errno);
    close(executable);
    return all;
}

/* Touches all pages. The content differs between pages and children, because KSM could merge equal pages. */
static void touch(const struct mappings *all, size_t page) {
    uint64_t pid = (uint64_t)getpid();
    for (long i = 0; i < all->count; i++) {
        char *mapping = all->start + (size_t)i * all->bytes_each;
        if (kind_of(i) == EXECUTABLE)
            for (size_t at = 0; at < all->file_bytes; at += page)
                (void)*(volatile char *)(mapping + at);
        else
            for (size_t at = 0; at < all->bytes_each; at += page)
                *(volatile uint64_t *)(mapping + at) = pid << 40 | (uint64_t)(mapping + at - all->start);
    }
}

/* Touches the mappings, reports that, and sleeps until the parent ends. The child checks for the parent after prctl(),
 * because one that ended before sends no signal. */
__attribute__((noreturn)) static void be_child(pid_t parent, const struct mappings *all, size_t page, int ready) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
        _exit(1);
    touch(all, page);
    if (write(ready, "", 1) != 1 || close_range(0, UINT_MAX, 0) != 0)
        _exit(1);
    for (;;)
        pause();
}

/* Reports why fork failed, with the limits, and exits. */
static void fail_fork(long processes, long started, int error) {
    struct rlimit nproc = {.rlim_cur = RLIM_INFINITY};
    getrlimit(RLIMIT_NPROC, &nproc);
    char user[32] = "unlimited";
    if (nproc.rlim_cur != RLIM_INFINITY)
        snprintf(user, sizeof user, "%ju", (uintmax_t)nproc.rlim_cur);
    fail(1, "%ld processes are too many, the kernel started %ld: %s; ask for fewer, or raise the lowest of ulimit -u "
            "(%s), kernel.pid_max (%ld), kernel.threads-max (%ld), pids.max of the cgroup, and memory",
         processes, started, strerror(error), user, number_in("/proc/sys/kernel/pid_max", ""),
         number_in("/proc/sys/kernel/threads-max", ""));
}

/* Puts a child into the process group of the children. The group distinguishes them from other children of this
 * process, because a shell with background jobs can exec load. */
static void join_group(pid_t child) {
    if (setpgid(child, group) != 0) {
        int error = errno;
        kill(child, SIGKILL);
        fail(1, "cannot put process %d into the group of the others: %s", child, strerror(error));
    }
    if (group == 0)
        group = child;
}

/* Forks all children; returns the pid of the last one. */
static pid_t fork_children(long processes, const struct mappings *all, size_t page, int ready) {
    pid_t parent = getpid();
    pid_t pid = 0;
    for (long started = 0; started < processes; started++) {
        poll_events(processes, -1, 0);
        pid = fork();
        if (pid < 0)
            fail_fork(processes, started, errno);
        if (pid == 0)
            be_child(parent, all, page, ready);
        join_group(pid);
    }
    return pid;
}

/* Waits until all children are ready. A child writes one byte when it has touched its pages, and then closes its files:
 * at the end of the file, all are ready. If bytes are missing, a child has ended, and a SIGCHLD follows. */
static void await_ready(long processes, int ready) {
    char bytes[4096];
    long count = 0;
    for (;;) {
        if (!poll_events(processes, ready, -1))
            continue;
        ssize_t got = read(ready, bytes, sizeof bytes);
        if (got < 0)
            fail(1, "cannot read from the processes: %s", strerror(errno));
        if (got == 0)
            break;
        count += got;
    }
    while (count < processes)
        poll_events(processes, -1, -1);
}

/* Starts the children and waits until they are ready; returns the pid of the last one. */
static pid_t start_children(long processes, const struct mappings *all, size_t page) {
    int ready[2];
    if (pipe(ready) != 0)
        fail(1, "cannot make a pipe to the processes: %s", strerror(errno));
    pid_t last = fork_children(processes, all, page, ready[1]);
    close(ready[1]);
    await_ready(processes, ready[0]);
    close(ready[0]);
    return last;
}

int main(int argc, char **argv) {
    if (argc < 3 || argc > 4)
        fail(2, "%d arguments, but the usage is: load N M [KB]  (N processes with M mappings each, of KB kilobytes)",
             argc - 1);
    long processes = parse_number("N", argv[1], MAX_PROCESSES);
    long mappings = parse_number("M", argv[2], MAX_MAPPINGS);
    long kb = argc == 4 ? parse_number("KB", argv[3], MAX_KB) : DEFAULT_KB;

    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t bytes_each = ((size_t)kb * 1024 + page - 1) / page * page;
    check_memory(processes, mappings, bytes_each);
    catch_signals();
    keep_pages_small();
    struct mappings all = make_mappings(mappings, bytes_each, page);
    pid_t last = start_children(processes, &all, page);
    if (munmap(all.start, (size_t)mappings * bytes_each) != 0)
        fail(1, "cannot unmap its own mappings: %s", strerror(errno));

    printf("ready %ld processes, %ld mappings each, pid %d to %d\n", processes, mappings, group, last);
    if (fflush(stdout) != 0)
        fail(1, "cannot write to standard output: %s", strerror(errno));
    for (;;)
        poll_events(processes, -1, -1);
}
