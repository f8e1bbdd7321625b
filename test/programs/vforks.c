/* Starts processes by vfork(2), with pids below that of their parent.
 *
 * Usage: vforks PATH MEGABYTES THREADS     PATH is a copy of this program; this one allocates MEGABYTES
 *
 * Each thread starts one process after the other. A child shares all memory of this process for a moment, then calls
 * exec(2), and ends a moment later; the moments have different lengths. In another pid namespace than the first one of
 * the host, the children have pids from 100 to 899, as after the pids of a host have wrapped; elsewhere this program leaves
 * the pids alone. It prints its pid, and runs until it is killed or its parent ends.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The inode of the first pid namespace of a host (linux/proc_ns.h). */
static const ino_t FIRST_NAMESPACE = 0xEFFFFFFC;

/* No pid is reused within the tick of 10 ms that a start time has. */
enum { LOWEST_PID = 100, PIDS = 100, MAX_THREADS = 8 };

static char *path, *memory; /* static, so that the compiler does not leave the memory out */
static int last_pid = -1; /* ns_last_pid, if it may be changed; otherwise -1 */

/* Makes the kernel continue the pids after this one. */
static void continue_after(int pid) {
    char text[16];
    int length = snprintf(text, sizeof text, "%d", pid);
    if (last_pid >= 0 && pwrite(last_pid, text, (size_t)length, 0) != length)
        _exit(1);
}

static void sleep_for(long microseconds) {
    nanosleep(&(struct timespec){.tv_nsec = microseconds * 1000}, NULL);
}

/* Starts a process and waits until it ends. */
static void start_one(long sharing_microseconds) {
    char *arguments[] = {"started", NULL};
    pid_t child = vfork();
    if (child == 0) {
        sleep_for(sharing_microseconds);
        execv(path, arguments);
        _exit(1);
    }
    if (child < 0 || waitpid(child, NULL, 0) != child)
        _exit(1);
}

/* Starts processes until this process is killed. */
__attribute__((noreturn)) static void *start_all(void *number) {
    int lowest = LOWEST_PID + PIDS * (int)(long)number;
    for (int i = 0;; i++) {
        continue_after(lowest + i % PIDS - 1);
        start_one(100 + 173 * (i % 10));
    }
}

int main(int argc, char **argv) {
    if (argc == 1) {
        sleep_for(500);
        return 0;
    }
    long threads = argc == 4 ? atol(argv[3]) : 0;
    struct stat namespace;
    if (threads < 1 || threads > MAX_THREADS || stat("/proc/self/ns/pid", &namespace) != 0)
        return 2;
    if (namespace.st_ino != FIRST_NAMESPACE)
        last_pid = open("/proc/sys/kernel/ns_last_pid", O_WRONLY | O_CLOEXEC);
    size_t bytes = (size_t)atol(argv[2]) << 20;
    memory = malloc(bytes);
    path = argv[1];
    if (memory == NULL || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        return 1;
    memset(memory, 1, bytes);
    printf("%d\n", getpid());
    fflush(stdout);
    pthread_t thread;
    for (long i = 1; i < threads; i++)
        if (pthread_create(&thread, NULL, start_all, (void *)i) != 0)
            return 1;
    start_all(NULL);
}
