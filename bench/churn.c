/*
 * churn: starts and ends processes all the time, to test psm under load.
 *
 *     cc -O2 -Wall -Wextra -Werror -std=c11 -o churn bench/churn.c
 *     churn N RATE
 *
 * starts N processes, prints one line,
 *
 *     ready 10000 processes, replacing 500 a second
 *
 * and then replaces RATE of them a second, one at a time: it kills one and starts another. It chooses at random, so
 * that some processes are seconds old and some are minutes old. A killed process stays a zombie until 16 others have
 * been killed. On SIGTERM, SIGINT or SIGHUP it kills all of them, prints how many it has replaced,
 *
 *     replaced 61437 processes in 122.9 s, 499.9 a second
 *
 * and exits. The machine may be too slow for RATE; the last line shows the rate that was reached. If permitted (as
 * root), this process runs at a higher priority than others, and so do its children while they start. If it is killed
 * itself (kill -9, the OOM killer), the kernel kills its children. It never reads its standard input.
 *
 * The processes start in three ways, in turn, because each looks different in /proc for a moment:
 *
 *     fork            without exec: the same addresses as this process and the others, in separate pages
 *     fork, exec      one process runs one program, and then another
 *     vfork, exec     until it calls exec, the process shares all memory with this one
 *
 * All of them have the name of this executable and a few private pages, and do nothing.
 *
 * Exit status: 0 ended by one of the three signals, 1 a process could not be started or ended by itself, 2 bad usage.
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

/* Linux allows at most MAX_PROCESSES pids. */
enum { MAX_PROCESSES = 1 << 22, MAX_RATE = 100000 };

/* Number of killed processes that are not reaped yet. If it is too low, churn waits for busy processors and misses
 * RATE, because a killed process needs a processor to end; if too high, psm sees more zombies than a real host has. */
enum { ZOMBIES = 16 };

/* If it is too high, the programs that read /proc slow churn down; if it is too low, they cannot read as much. */
enum { NICE = -10 };

/* Second argument in the command lines of the processes that churn starts. */
static const char ONE_OF_THEM[] = "one-of";

enum way { FORK, FORK_EXEC, VFORK_EXEC, WAYS };

static pid_t *processes; /* 0: not started */
static long count;
static pid_t zombies[ZOMBIES]; /* the processes that were killed last; 0: none */
static sigset_t signals;       /* signals that end this process; they are blocked, and is_to_end() waits for them */
static char *own_name;         /* argv[0], which the processes get too */
static char own_pid[16];
static char executable[PATH_MAX]; /* not /proc/self/exe: the kernel would name the processes "exe" */

/* Reaps one process, by pid: this process may have other children, because a shell with background jobs can exec
 * churn. */
static void reap(pid_t pid) {
    if (pid != 0)
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
            ;
}

/* Kills and reaps all processes. */
static void kill_all(void) {
    for (long i = 0; i < count; i++)
        if (processes[i] != 0)
            kill(processes[i], SIGKILL);
    for (long i = 0; i < count; i++)
        reap(processes[i]);
    for (long i = 0; i < ZOMBIES; i++)
        reap(zombies[i]);
}

/* Blocks the signals, also in the children, so that only this process reacts to a pkill that reaches all. */
static void block_signals(void) {
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    /* The parent may have set SIGCHLD to be ignored; then wait would not work. */
    if (signal(SIGCHLD, SIG_DFL) == SIG_ERR || sigprocmask(SIG_BLOCK, &signals, NULL) != 0)
        fail(1, "cannot set up signals: %s", strerror(errno));
}

/* Waits for one of the three signals; returns whether one came within that time. */
static bool is_to_end(long nanoseconds) {
    struct timespec timeout = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    return sigtimedwait(&signals, NULL, &timeout) > 0;
}

/* Sleeps until its parent ends. Checks for the parent after prctl(), because one that ended before sends no signal. */
__attribute__((noreturn)) static void be_one_of_them(pid_t parent) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent || close_range(0, UINT_MAX, 0) != 0)
        _exit(1);
    for (;;)
        pause();
}

/* Starts a process; returns its pid, or -1 with errno. */
static pid_t start_one(enum way way) {
    static const char *const no_environment[] = {NULL};
    char *arguments[] = {own_name, (char *)ONE_OF_THEM, own_pid, NULL};
    pid_t pid;
    if (way == VFORK_EXEC) { /* glibc uses clone(2) with CLONE_VFORK */
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

/* Starts the process with that index, in the next of the three ways. */
static void start(long i) {
    static unsigned long started;
    pid_t pid = start_one((enum way)(started++ % WAYS));
    if (pid < 0)
        fail(1, "the kernel started only %ld of %ld processes: %s; ask for fewer, or raise the lowest of ulimit -u, "
                "kernel.pid_max, kernel.threads-max, pids.max of the cgroup, and memory",
             i, count, strerror(errno));
    processes[i] = pid;
}

/* Returns a pseudorandom number below range, the same sequence in each run: xorshift64 by Marsaglia. */
static long any_of(long range) {
    static uint64_t state = 88172645463325252;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (long)(state % (uint64_t)range);
}

/* Kills the process with that index, reaps the oldest zombie, and starts another process. */
static void replace(long i) {
    static unsigned long ended;
    pid_t *zombie = &zombies[ended++ % ZOMBIES];
    int status;
    if (waitpid(processes[i], &status, WNOHANG) != 0) {
        pid_t pid = processes[i];
        processes[i] = 0;
        fail(1, "process %d ended by itself, with status %#x: all were killed; if memory was short, ask "
                "for fewer processes",
             pid, (unsigned)status);
    }
    reap(*zombie);
    *zombie = processes[i];
    processes[i] = 0;
    kill(*zombie, SIGKILL);
    start(i);
}

/* Returns the time of the monotonic clock in seconds. */
static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Returns how many processes should have been replaced by now; churn() catches up when it is late. */
static long due(double begin, long rate) {
    return (long)((seconds() - begin) * (double)rate);
}

/* Replaces processes until a signal comes, and prints how many. */
static void churn(long rate) {
    double begin = seconds();
    long replaced = 0;
    while (!is_to_end(replaced < due(begin, rate) ? 0 : 1000000000 / rate))
        if (replaced < due(begin, rate)) {
            replace(any_of(count));
            replaced++;
        }
    double took = seconds() - begin;
    kill_all();
    printf("replaced %ld processes in %.1f s, %.1f a second\n", replaced, took, (double)replaced / took);
}

/* Writes what was printed to standard output. */
static void say(void) {
    if (fflush(stdout) != 0)
        fail(1, "cannot write to standard output: %s", strerror(errno));
}

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], ONE_OF_THEM) == 0)
        be_one_of_them((pid_t)parse_number("the parent's pid", argv[2], MAX_PROCESSES));
    if (argc != 3)
        fail(2, "%d arguments, but the usage is: churn N RATE  (N processes, replacing RATE a second)",
             argc - 1);
    long wanted = parse_number("N", argv[1], MAX_PROCESSES);
    long rate = parse_number("RATE", argv[2], MAX_RATE);
    own_name = argv[0];
    snprintf(own_pid, sizeof own_pid, "%d", getpid());
    if (readlink("/proc/self/exe", executable, sizeof executable - 1) < 0)
        fail(1, "cannot find its own executable: %s", strerror(errno));
    block_signals();
    (void)setpriority(PRIO_PROCESS, 0, NICE); /* optional: it needs root */
    processes = calloc((size_t)wanted, sizeof *processes);
    if (processes == NULL)
        fail(1, "no memory for %ld pids", wanted);
    count = wanted;
    for (long i = 0; i < wanted; i++) {
        if (is_to_end(0)) {
            kill_all();
            return 0;
        }
        start(i);
    }
    printf("ready %ld processes, replacing %ld a second\n", wanted, rate);
    say();
    churn(rate);
    say();
    return 0;
}
