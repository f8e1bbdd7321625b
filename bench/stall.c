/*
 * stall: measures how long a large process waits for a page while psm, or another command, reads its memory.
 *
 *     cc -O2 -Wall -Wextra -Werror -std=c11 -pthread -o stall bench/stall.c
 *     stall MEGABYTES SECONDS [-- COMMAND [ARG...]]
 *
 * maps MEGABYTES (of 1024 * 1024 bytes) of anonymous memory as one mapping, in small pages, and touches all of it, so
 * that the kernel needs some time to walk its page tables. Then, for SECONDS, a thread maps one page and unmaps it,
 * again and again, and times each pair of calls. Both calls need the mmap lock of the process, which a read of smaps or
 * smaps_rollup holds during the walk. Meanwhile COMMAND runs repeatedly, one run after the other. At the end, this
 * program prints one line,
 *
 *     runs 12, calls 3456789, median 1.2 us, p99.9 4.5 us, worst 30123.4 us
 *
 * with the number of finished runs, and of all times the median, the 99.9th percentile (both to 1 %), and the longest
 * (exact). It kills a run that is not finished by then.
 *
 * A walk delays one call, no matter how long it takes, and there are a million calls a second: look at the worst time,
 * not at the 99.9th percentile. A call may also be late because another process used the processor. To rule COMMAND
 * out, the thread runs on the last of the available processors, and COMMAND on the others (so it sees one less). If
 * there is only one processor, they share it. Measure without a COMMAND too, to see the delays of the machine itself.
 *
 * COMMAND is searched for on the PATH. Its environment contains STALL_PID, the pid of this process, for example for
 *
 *     stall 1000 5 -- sh -c 'cat /proc/$STALL_PID/smaps_rollup'
 *
 * Its standard input, output and error are /dev/null. It is killed when this process ends, even if this process is
 * killed (kill -9, the OOM killer). Processes that COMMAND has started are killed only at the end of the measurement.
 *
 * Exit status: 0 measured, 1 no memory, or COMMAND could not be started, was killed by a signal, or exited with a
 * status other than 0 and 1 (psm exits with 1 if it could not measure all processes), 2 bad usage.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NAME "stall"
#include "lib/program.h"

enum { MAX_MEGABYTES = 1 << 24, MAX_SECONDS = 24 * 60 * 60 };
_Static_assert(sizeof(size_t) == 8, "sizes are computed in 64 bits");

/* Memory to leave to other processes and to the kernel (page tables need a 512th of the pages). */
enum { SPARE_MB = 64 };

/* Times are counted by their highest bit and the SUB_BITS that follow. With fewer bits, percentiles are coarse
 * (2^-SUB_BITS); with more, the counts do not fit into the processor's caches. */
enum { SUB_BITS = 7, SUBS = 1 << SUB_BITS, BUCKETS = (64 - SUB_BITS + 1) << SUB_BITS };

struct times {
    uint64_t counts[BUCKETS];
    uint64_t calls;
    uint64_t worst; /* in nanoseconds, like all times */
};

struct mapper {
    const cpu_set_t *cpus; /* NULL: any */
    size_t page;
    uint64_t end;
    int error;
    struct times times;
};

static pid_t runner; /* runs COMMAND, and leads its process group; 0: none */

/* Kills the runner and its process group. */
static void kill_all(void) {
    if (runner == 0)
        return;
    kill(-runner, SIGKILL);
    while (waitpid(runner, NULL, 0) < 0 && errno == EINTR)
        ;
}

/* Returns the time of the monotonic clock. */
static uint64_t nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Returns the bucket of a time; each time below SUBS has a bucket of its own. */
static unsigned bucket_of(uint64_t time) {
    if (time < SUBS)
        return (unsigned)time;
    unsigned shift = (unsigned)(63 - __builtin_clzll(time)) - SUB_BITS;
    return (shift << SUB_BITS) + (unsigned)(time >> shift);
}

/* Returns the middle of a bucket. */
static double time_of(unsigned bucket) {
    if (bucket < SUBS)
        return bucket;
    unsigned shift = (bucket >> SUB_BITS) - 1;
    uint64_t first = (uint64_t)(bucket - (shift << SUB_BITS)) << shift;
    return (double)first + (double)(((uint64_t)1 << shift) - 1) / 2;
}

/* Counts one call. */
static void count(struct times *times, uint64_t time) {
    times->counts[bucket_of(time)]++;
    times->calls++;
    if (time > times->worst)
        times->worst = time;
}

/* Returns the time that at most longer_of_1000 of a thousand calls exceed. */
static double percentile(const struct times *times, uint64_t longer_of_1000) {
    uint64_t longer = times->calls * longer_of_1000 / 1000;
    unsigned bucket = bucket_of(times->worst);
    for (uint64_t seen = times->counts[bucket]; seen <= longer && bucket > 0; seen += times->counts[bucket])
        bucket--;
    double time = time_of(bucket);
    return time < (double)times->worst ? time : (double)times->worst;
}

/* Maps and unmaps a page until the end. Between the calls it allocates nothing, and waits only for the kernel. */
static void *map_and_unmap(void *argument) {
    struct mapper *mapper = argument;
    if (mapper->cpus != NULL && sched_setaffinity(0, sizeof *mapper->cpus, mapper->cpus) != 0) {
        mapper->error = errno;
        return NULL;
    }
    uint64_t after = 0;
    while (after < mapper->end) {
        uint64_t before = nanoseconds();
        void *address = mmap(NULL, mapper->page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (address == MAP_FAILED || munmap(address, mapper->page) != 0) {
            mapper->error = errno;
            return NULL;
        }
        after = nanoseconds();
        count(&mapper->times, after - before);
    }
    return NULL;
}

/* Returns MemAvailable in kB, or -1 if it is unknown. */
static long available_kb(void) {
    FILE *file = fopen("/proc/meminfo", "re");
    if (file == NULL)
        return -1;
    char line[256];
    long kb = -1;
    while (kb < 0 && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, "MemAvailable:", 13) == 0)
            kb = strtol(line + 13, NULL, 10);
    fclose(file);
    return kb;
}

/* Checks that the memory is available: if it was not, the OOM killer might kill another program. */
static void check_memory(long megabytes) {
    long needed_mb = megabytes + megabytes / 256 + SPARE_MB;
    long available_mb = available_kb() / 1024;
    if (available_mb > 0 && needed_mb > available_mb)
        fail(1, "%ld MB in small pages need about %ld MB, but MemAvailable is %ld MB: ask for less", megabytes,
             needed_mb, available_mb);
}

/* Maps the memory and touches it. The content differs between pages, because KSM could merge equal pages. A kernel
 * without huge pages rejects the advice with EINVAL. */
static void fill(long megabytes, size_t page) {
    size_t bytes = (size_t)megabytes << 20;
    char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        fail(1, "cannot map %ld MB: %s; ask for less, or raise ulimit -v or -d", megabytes, strerror(errno));
    if (madvise(memory, bytes, MADV_NOHUGEPAGE) != 0 && errno != EINVAL)
        fail(1, "cannot ask for small pages: %s", strerror(errno));
    for (size_t at = 0; at < bytes; at += page)
        *(volatile uint64_t *)(memory + at) = (uint64_t)at + 1;
}

/* Separates the last of the available processors from the others; returns false if there is only one. */
static bool divide_cpus(cpu_set_t *last, cpu_set_t *others) {
    if (sched_getaffinity(0, sizeof *others, others) != 0)
        fail(1, "cannot read the list of processors: %s", strerror(errno));
    if (CPU_COUNT(others) < 2)
        return false;
    int cpu = CPU_SETSIZE - 1;
    while (!CPU_ISSET(cpu, others))
        cpu--;
    CPU_ZERO(last);
    CPU_SET(cpu, last);
    CPU_CLR(cpu, others);
    return true;
}

/* Starts the command; returns its pid, or -1 with errno. Uses vfork, because posix_spawn cannot request a death signal,
 * and because a failed exec can store its errno here. Checks for the parent after prctl(), because one that ended
 * before sends no signal. */
static pid_t start(char *const *command, int null) {
    static volatile int error;
    pid_t parent = getpid();
    error = 0;
    pid_t pid = vfork();
    if (pid == 0) {
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent && dup2(null, STDIN_FILENO) >= 0 &&
            dup2(null, STDOUT_FILENO) >= 0 && dup2(null, STDERR_FILENO) >= 0)
            execvp(command[0], command);
        error = errno;
        _exit(1);
    }
    if (pid > 0 && error != 0) {
        waitpid(pid, NULL, 0);
        errno = error;
        return -1;
    }
    return pid;
}

/* Runs the command once. */
static void run(char *const *command, int null) {
    pid_t pid = start(command, null);
    if (pid < 0)
        fail(1, "cannot start '%s': %s", command[0], strerror(errno));
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            fail(1, "cannot wait for '%s': %s", command[0], strerror(errno));
    if (WIFSIGNALED(status))
        fail(1, "'%s' was killed by signal %d (%s)", command[0], WTERMSIG(status), strsignal(WTERMSIG(status)));
    if (WEXITSTATUS(status) > 1)
        fail(1, "'%s' exited with status %d, but a run must exit with 0 or 1", command[0], WEXITSTATUS(status));
}

/* Waits for a byte from go, then runs the command again and again, and writes a byte to ended after each run. */
__attribute__((noreturn)) static void be_runner(pid_t parent, char *const *command, int go, int ended) {
    char pid[16];
    snprintf(pid, sizeof pid, "%d", parent);
    int null = open("/dev/null", O_RDWR);
    if (null < 0 || setenv("STALL_PID", pid, 1) != 0)
        fail(1, "cannot prepare to run '%s': %s", command[0], strerror(errno));
    if (setpgid(0, 0) != 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
        _exit(1);
    char byte;
    if (read(go, &byte, 1) != 1)
        _exit(1);
    do
        run(command, null);
    while (write(ended, "", 1) == 1);
    _exit(1);
}

/* Forks the runner; returns a pipe, which starts it by a byte. *ended receives a byte after each run. Call this before
 * fill(), because fork copies page tables while it holds the mmap lock. The parent may have set SIGCHLD to be ignored;
 * then wait would not work. */
static int start_runner(char *const *command, int *ended) {
    int go_pipe[2];
    int ended_pipe[2];
    if (pipe2(go_pipe, O_CLOEXEC) != 0 || pipe2(ended_pipe, O_CLOEXEC) != 0 || signal(SIGCHLD, SIG_DFL) == SIG_ERR)
        fail(1, "cannot set up pipes and signals: %s", strerror(errno));
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid < 0)
        fail(1, "cannot fork: %s", strerror(errno));
    if (pid == 0) {
        close(go_pipe[1]);
        close(ended_pipe[0]);
        be_runner(parent, command, go_pipe[0], ended_pipe[1]);
    }
    setpgid(pid, pid); /* parent and child both do this, because either may run first */
    runner = pid;
    close(go_pipe[0]);
    close(ended_pipe[1]);
    *ended = ended_pipe[0];
    return go_pipe[1];
}

/* Exits after the runner has ended. The runner has printed the reason unless it was killed. */
__attribute__((noreturn)) static void fail_as_runner(void) {
    siginfo_t child;
    if (waitid(P_PID, (id_t)runner, &child, WEXITED | WNOWAIT) == 0 && child.si_code != CLD_EXITED)
        fail(1, "process %d, which runs the command, was killed by signal %d (%s)", runner, child.si_status,
             strsignal(child.si_status));
    kill_all();
    exit(1);
}

/* Counts the finished runs until the end; exits if the runner ends before. */
static uint64_t count_runs(int ended, uint64_t end) {
    uint64_t runs = 0;
    for (uint64_t now = nanoseconds(); now < end; now = nanoseconds()) {
        char bytes[64];
        struct pollfd event = {.fd = ended, .events = POLLIN};
        if (poll(&event, 1, (int)((end - now) / 1000000) + 1) <= 0)
            continue;
        ssize_t got = read(ended, bytes, sizeof bytes);
        if (got <= 0)
            fail_as_runner();
        runs += (uint64_t)got;
    }
    return runs;
}

/* Measures for some seconds; returns the number of finished runs. */
static uint64_t measure(struct mapper *mapper, long seconds, int go, int ended) {
    pthread_t thread;
    uint64_t runs = 0;
    mapper->end = nanoseconds() + (uint64_t)seconds * 1000000000;
    int error = pthread_create(&thread, NULL, map_and_unmap, mapper);
    if (error != 0)
        fail(1, "cannot start a thread: %s", strerror(error));
    if (runner != 0) {
        if (write(go, "", 1) != 1)
            fail(1, "cannot start the command: %s", strerror(errno));
        runs = count_runs(ended, mapper->end);
    }
    pthread_join(thread, NULL);
    if (mapper->error != 0)
        fail(1, "cannot map and unmap a page on a separate processor: %s", strerror(mapper->error));
    return runs;
}

int main(int argc, char **argv) {
    if (argc < 3)
        fail(2, "%d arguments, but the usage is: stall MEGABYTES SECONDS [-- COMMAND [ARG...]]", argc - 1);
    long megabytes = parse_number("MEGABYTES", argv[1], MAX_MEGABYTES);
    long seconds = parse_number("SECONDS", argv[2], MAX_SECONDS);
    if (argc > 3 && strcmp(argv[3], "--") != 0)
        fail(2, "'%s' follows SECONDS, where only -- and a COMMAND are allowed", argv[3]);
    if (argc == 4)
        fail(2, "a COMMAND must follow --: name one, or omit the --");
    check_memory(megabytes);

    cpu_set_t last;
    cpu_set_t others;
    bool has_two = divide_cpus(&last, &others);
    if (has_two && sched_setaffinity(0, sizeof others, &others) != 0)
        fail(1, "cannot reserve the last processor: %s", strerror(errno));
    int ended = -1;
    int go = argc > 4 ? start_runner(argv + 4, &ended) : -1;

    static struct mapper mapper;
    mapper.cpus = has_two ? &last : NULL;
    mapper.page = (size_t)sysconf(_SC_PAGESIZE);
    fill(megabytes, mapper.page);
    uint64_t runs = measure(&mapper, seconds, go, ended);
    kill_all();
    printf("runs %ju, calls %ju, median %.1f us, p99.9 %.1f us, worst %.1f us\n", (uintmax_t)runs,
           (uintmax_t)mapper.times.calls, percentile(&mapper.times, 500) / 1000, percentile(&mapper.times, 1) / 1000,
           (double)mapper.times.worst / 1000);
    if (fflush(stdout) != 0)
        fail(1, "cannot write to standard output: %s", strerror(errno));
    return 0;
}
