/*
 * churn: processes that come and go, for psm to be held to.
 *
 *     cc -O2 -Wall -Wextra -Werror -std=c11 -o churn bench/churn.c
 *     churn N RATE
 *
 * starts N processes, prints one line,
 *
 *     ready 10000 processes, of which 500 a second come and go
 *
 * and from then on ends RATE of them a second, one at a time, and starts others in their places. Which one ends is
 * chosen at random, so that some are seconds old and some are minutes; it is a zombie until 16 others have ended.
 * On SIGTERM, SIGINT or SIGHUP it takes all of them away, says how many have ended before,
 *
 *     replaced 61437 processes in 122.9 s, 499.9 a second
 *
 * and exits. RATE is what it tries: a machine that is too slow for it shows here. Of busy processors it gets more than
 * others, where it may (root may), and so do they while they start. When it is itself killed (kill -9,
 * the OOM killer) the kernel kills the processes. Its standard input is never read.
 *
 * They start in turn in the three ways that there are, since each shows something else in /proc for a moment:
 *
 *     fork            and no exec: the same addresses as this process and each other, in pages of their own
 *     fork, exec      the same process runs one program, and then another
 *     vfork, exec     until its exec the process has all the memory of this one
 *
 * All have this executable's name, nothing to do, and but a few pages of their own.
 *
 * Exit status: 0 ended by one of the three signals, 1 a process could not be started, or ended by itself, 2 bad usage.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NAME "churn"
#include "lib/program.h"

/* Linux has no more pids than MAX_PROCESSES. */
enum { MAX_PROCESSES = 1 << 22, MAX_RATE = 100000 };

/* How many have ended and wait to be reaped. Too few, and RATE is lost to waiting where processors are busy, since who
 * is killed needs one to end; too many, and psm has more zombies to see than a box has. */
enum { ZOMBIES = 16 };

/* Too high, and RATE is lost to those who are looking; too low, and they get to look at less. */
enum { NICE = -10 };

/* What the command line of a process says that was started to be one of the many. */
static const char ONE_OF_THEM[] = "one-of";

enum way { FORK, FORK_EXEC, VFORK_EXEC, WAYS };

static pid_t *processes; /* 0 where there is none yet */
static long count;
static pid_t zombies[ZOMBIES]; /* those that were killed last; 0 where there is none yet */
static sigset_t signals;       /* those that end this; blocked, and taken by is_to_end() */
static char *own_name;         /* argv[0]: the processes' first argument too */
static char own_pid[16];
static char executable[PATH_MAX]; /* by its own path: as /proc/self/exe, the kernel's name for them would be exe */

/* By its pid alone: this process may have had children before it was churn, since a shell that has something in the
 * background can exec it. */
static void reap(pid_t pid) {
    if (pid != 0)
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
            ;
}

static void take_all_away(void) {
    for (long i = 0; i < count; i++)
        if (processes[i] != 0)
            kill(processes[i], SIGKILL);
    for (long i = 0; i < count; i++)
        reap(processes[i]);
    for (long i = 0; i < ZOMBIES; i++)
        reap(zombies[i]);
}

/* They stay blocked in the processes, so that a pkill that reaches all of them at once is this one's to answer. */
static void block_signals(void) {
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    /* SIGCHLD may have come to us ignored, and then nobody could be waited for. */
    if (signal(SIGCHLD, SIG_DFL) == SIG_ERR || sigprocmask(SIG_BLOCK, &signals, NULL) != 0)
        fail(1, "cannot set up signals: %s", strerror(errno));
}

/* Waits so long for one of the three signals. */
static bool is_to_end(long nanoseconds) {
    struct timespec timeout = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    return sigtimedwait(&signals, NULL, &timeout) > 0;
}

/* A parent that was gone before prctl() sends no death signal any more, so it is looked for afterwards. */
__attribute__((noreturn)) static void be_one_of_them(pid_t parent) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent || close_range(0, UINT_MAX, 0) != 0)
        _exit(1);
    for (;;)
        pause();
}

/* Returns the pid, or -1 with errno. */
static pid_t start_one(enum way way) {
    static const char *const no_environment[] = {NULL};
    char *arguments[] = {own_name, (char *)ONE_OF_THEM, own_pid, NULL};
    pid_t pid;
    if (way == VFORK_EXEC) { /* as glibc does it where the kernel has clone(2) with CLONE_VFORK */
        errno = posix_spawn(&pid, executable, NULL, NULL, arguments, (char *const *)no_environment);
        return errno == 0 ? pid : -1;
    }
    pid_t parent = getpid();
    pid = fork();
    if (pid != 0)
        return pid;
    if (way == FORK)
        be_one_of_them(parent);
    execve(executable, arguments, (char *const *)no_environment);
    _exit(1);
}

static void start(long i) {
    static unsigned long started;
    pid_t pid = start_one((enum way)(started++ % WAYS));
    if (pid < 0)
        fail(1, "the kernel gave %ld processes of %ld, and then: %s; ask for fewer, or raise the lowest of ulimit -u, "
                "kernel.pid_max, kernel.threads-max, pids.max of the cgroup, and memory",
             i, count, strerror(errno));
    processes[i] = pid;
}

/* The same numbers each time: xorshift64 by Marsaglia. */
static long any_of(long range) {
    static uint64_t state = 88172645463325252;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (long)(state % (uint64_t)range);
}

static void replace(long i) {
    static unsigned long ended;
    pid_t *zombie = &zombies[ended++ % ZOMBIES];
    int status;
    if (waitpid(processes[i], &status, WNOHANG) != 0) {
        pid_t pid = processes[i];
        processes[i] = 0;
        fail(1, "process %d ended by itself, with status %#x: all were killed; if memory was short, ask "
                "for fewer",
             pid, (unsigned)status);
    }
    reap(*zombie);
    *zombie = processes[i];
    processes[i] = 0;
    kill(*zombie, SIGKILL);
    start(i);
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* How many should have been replaced by now: those that are late are made up for. */
static long due(double begin, long rate) {
    return (long)((seconds() - begin) * (double)rate);
}

static void churn(long rate) {
    double begin = seconds();
    long replaced = 0;
    while (!is_to_end(replaced < due(begin, rate) ? 0 : 1000000000 / rate))
        if (replaced < due(begin, rate)) {
            replace(any_of(count));
            replaced++;
        }
    double took = seconds() - begin;
    take_all_away();
    printf("replaced %ld processes in %.1f s, %.1f a second\n", replaced, took, (double)replaced / took);
}

static void say(void) {
    if (fflush(stdout) != 0)
        fail(1, "cannot write to standard output: %s", strerror(errno));
}

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], ONE_OF_THEM) == 0)
        be_one_of_them((pid_t)parse_number("the parent", argv[2], MAX_PROCESSES));
    if (argc != 3)
        fail(2, "%d arguments, but the usage is: churn N RATE  (N processes, of which RATE a second come and go)",
             argc - 1);
    long wanted = parse_number("N", argv[1], MAX_PROCESSES);
    long rate = parse_number("RATE", argv[2], MAX_RATE);
    own_name = argv[0];
    snprintf(own_pid, sizeof own_pid, "%d", getpid());
    if (readlink("/proc/self/exe", executable, sizeof executable - 1) < 0)
        fail(1, "cannot find its own executable: %s", strerror(errno));
    block_signals();
    (void)setpriority(PRIO_PROCESS, 0, NICE); /* else without */
    processes = calloc((size_t)wanted, sizeof *processes);
    if (processes == NULL)
        fail(1, "no memory for %ld pids", wanted);
    count = wanted;
    for (long i = 0; i < wanted; i++) {
        if (is_to_end(0)) {
            take_all_away();
            return 0;
        }
        start(i);
    }
    printf("ready %ld processes, of which %ld a second come and go\n", wanted, rate);
    say();
    churn(rate);
    say();
    return 0;
}
