/*
 * Uses memory in a known way over time, for the tests of growth.
 *
 *   leak RATE              grows by RATE for ever, such as 2M/s or 5M/h
 *   leak saw MB SECONDS    fills MB in SECONDS, returns all of it, and begins anew
 *   leak step MB SECONDS   takes MB at once after SECONDS, and then no more
 *   leak warm-up MB SECONDS  takes MB within SECONDS, evenly, and then no more
 *   leak pool N --recycle S RATE  N forks that end after S seconds and are replaced; the parent
 *                          grows by RATE, so each fork starts larger than the one before
 *   leak cow MB SECONDS    a fork writes, within SECONDS, to MB that it shares with its parent
 *
 * Each touches the memory that it takes. It ends with its parent, so that a test that fails leaves
 * nothing running.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MB (1L << 20)
#define TICK_NANOS 50000000L /* small steps, so that a sample is not far from the line */

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static void tick(void) {
    struct timespec time = {0, TICK_NANOS};
    nanosleep(&time, NULL);
}

static int fail(const char *what) {
    fprintf(stderr, "leak: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int usage(void) {
    fprintf(stderr, "usage: leak RATE | saw MB S | step MB S | warm-up MB S"
                    " | pool N --recycle S RATE | cow MB S\n");
    exit(2);
}

/* Ends with the parent, which may have ended already. */
static void bind_to_parent(pid_t parent) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        exit(0);
    }
}

static char *reserve(long bytes) {
    char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        fail("mmap");
    }
    madvise(memory, bytes, MADV_NOHUGEPAGE); /* else it grows by 2 MB at a time */
    return memory;
}

/* Writes to memory from one offset to another; returns the second, at the end of a page. */
static long touch(char *memory, long from, long to) {
    long page = sysconf(_SC_PAGESIZE);
    long offset = from;
    for (; offset < to; offset += page) {
        memory[offset] = 1;
    }
    return offset;
}

static double parse_rate(const char *text) { /* in bytes per second */
    char *end;
    double number = strtod(text, &end);
    if (end == text || number <= 0) {
        usage();
    }
    number *= *end == 'K' ? 1024.0 : *end == 'M' ? MB : *end == 'G' ? 1024.0 * MB : 1;
    end += *end == 'K' || *end == 'M' || *end == 'G' ? 1 : 0;
    if (strcmp(end, "/s") == 0) {
        return number;
    }
    if (strcmp(end, "/h") == 0) {
        return number / 3600;
    }
    usage();
    return 0;
}

static void leak(double rate) {
    long limit = 1L << 40;
    char *memory = reserve(limit);
    double start = now();
    for (long touched = 0;;) {
        touched = touch(memory, touched, (long) (rate * (now() - start)));
        tick();
    }
}

static void fill(long bytes, double seconds) {
    char *memory = reserve(bytes);
    double start = now();
    for (long touched = 0; touched < bytes;) {
        double part = (now() - start) / seconds;
        touched = touch(memory, touched, part < 1 ? (long) (part * bytes) : bytes);
        tick();
    }
    madvise(memory, bytes, MADV_NORMAL);
}

static void saw(long bytes, double seconds) {
    char *memory = reserve(bytes);
    double start = now();
    long tooth = 0;
    for (long touched = 0;;) {
        double time = (now() - start) / seconds;
        if ((long) time > tooth) {
            tooth = (long) time;
            madvise(memory, bytes, MADV_DONTNEED);
            touched = 0;
        }
        touched = touch(memory, touched, (long) ((time - tooth) * bytes));
        tick();
    }
}

static void step(long bytes, double seconds) {
    char *memory = reserve(bytes);
    for (double start = now(); now() - start < seconds;) {
        tick();
    }
    touch(memory, 0, bytes);
}

static pid_t worker(double seconds) {
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid < 0) {
        fail("fork");
    }
    if (pid == 0) {
        bind_to_parent(parent);
        for (double start = now(); now() - start < seconds;) {
            tick();
        }
        _exit(0);
    }
    return pid;
}

static void pool(int workers, double seconds, double rate) {
    char *memory = reserve(1L << 40);
    double start = now();
    double next = start;
    int running = 0;
    for (long touched = 0;;) {
        touched = touch(memory, touched, (long) (rate * (now() - start)));
        while (running > 0 && waitpid(-1, NULL, WNOHANG) > 0) {
            running--;
        }
        if (running < workers && now() >= next) {
            worker(seconds);
            running++;
            next = now() + seconds / workers; /* one after the other, not all at once */
        }
        tick();
    }
}

static void cow(long bytes, double seconds) {
    char *memory = reserve(bytes);
    touch(memory, 0, bytes);
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid < 0) {
        fail("fork");
    }
    if (pid == 0) {
        bind_to_parent(parent);
        double start = now();
        for (long touched = 0; touched < bytes;) {
            double part = (now() - start) / seconds;
            touched = touch(memory, touched, part < 1 ? (long) (part * bytes) : bytes);
            tick();
        }
    }
    pause();
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    setvbuf(stdout, NULL, _IONBF, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    printf("ok\n");
    if (argc == 2) {
        leak(parse_rate(what));
    }
    if (argc == 6 && strcmp(what, "pool") == 0 && strcmp(argv[3], "--recycle") == 0) {
        pool(atoi(argv[2]), atof(argv[4]), parse_rate(argv[5]));
    }
    if (argc != 4) {
        usage();
    }
    long bytes = atol(argv[2]) * MB;
    double seconds = atof(argv[3]);
    if (bytes <= 0 || seconds <= 0) {
        usage();
    }
    if (strcmp(what, "saw") == 0) {
        saw(bytes, seconds);
    } else if (strcmp(what, "step") == 0) {
        step(bytes, seconds);
    } else if (strcmp(what, "warm-up") == 0) {
        fill(bytes, seconds);
    } else if (strcmp(what, "cow") == 0) {
        cow(bytes, seconds);
    } else {
        usage();
    }
    for (;;) {
        pause();
    }
}
