/* A process that starts others, one after the other, as fast as the kernel takes it: by vfork(2), so that each has this
 * one's memory until it calls exec(2).
 *
 * Usage: vforks PATH MEGABYTES    PATH is this program, MEGABYTES of memory are its own
 *
 * Each of them has next to no memory, and lives for as long as it takes to look at it. They go on until this one is
 * killed, or its parent ends.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv) {
    if (argc == 2) {
        struct timespec little = {0, 300 * 1000};
        nanosleep(&little, NULL);
        return 0;
    }
    if (argc != 3 || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        return 2;
    size_t bytes = (size_t)atol(argv[2]) << 20;
    char *memory = malloc(bytes);
    if (memory == NULL)
        return 1;
    memset(memory, 1, bytes);
    char *arguments[] = {"started", "by-vforks", NULL};
    for (;;) {
        pid_t child = vfork();
        if (child == 0) {
            execv(argv[1], arguments);
            _exit(1);
        }
        if (child < 0 || waitpid(child, NULL, 0) != child)
            return 1;
    }
}
