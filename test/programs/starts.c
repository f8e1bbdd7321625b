/* Starts processes, one after the other, as fast as the kernel can.
 *
 * Usage: starts PATH MEGABYTES vfork|fork    PATH is this program; it allocates MEGABYTES of private memory
 *
 * With vfork(2), each child shares the memory of this process until it calls exec(2). With fork(2), this process is
 * itself a fork, whose parent only waits for it, and each child looks the same until it calls exec(2). The program
 * prints its pid to standard output. A child has almost no memory, has the title "started", and lives just long enough
 * to be seen. The program runs until it is killed or its parent ends.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
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
    if (argc != 4 || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        return 2;
    bool is_vfork = strcmp(argv[3], "vfork") == 0;
    pid_t fork_of_this = is_vfork ? 0 : fork();
    if (fork_of_this != 0)
        return waitpid(fork_of_this, NULL, 0) == fork_of_this ? 0 : 1;
    size_t bytes = (size_t)atol(argv[2]) << 20;
    char *memory = malloc(bytes);
    if (memory == NULL || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        return 1;
    memset(memory, 1, bytes);
    printf("%d\n", getpid());
    fflush(stdout);
    char *arguments[] = {"started", "by-starts", NULL};
    for (;;) {
        pid_t child = is_vfork ? vfork() : fork();
        if (child == 0) {
            execv(argv[1], arguments);
            _exit(1);
        }
        if (child < 0 || waitpid(child, NULL, 0) != child)
            return 1;
    }
}
