/*
 * peak: runs a command, and writes to FILE as JSON how long it took, how much CPU time it and all
 * processes that it started used, and the peak of the memory of all of them together.
 *
 *   peak FILE COMMAND [ARGUMENT...]
 *
 * The memory is the sum of Pss, which counts a shared page once. It is read every 10 ms from
 * /proc/PID/smaps_rollup (Linux 4.14), so a peak that is shorter may be missed.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const long SAMPLE_NANOS = 10 * 1000 * 1000;

/* Returns field 6 of /proc/PID/stat, the session; 0 for a process that has ended. */
static pid_t session_of(const char *pid) {
    char path[300], line[1024];
    int session = 0;
    snprintf(path, sizeof path, "/proc/%s/stat", pid);
    FILE *file = fopen(path, "r");
    if (!file)
        return 0;
    if (fgets(line, sizeof line, file)) {
        char *end = strrchr(line, ')');
        if (end)
            sscanf(end + 1, " %*c %*d %*d %d", &session);
    }
    fclose(file);
    return session;
}

/* Returns the Pss of a process in kB; 0 for a process that has ended. */
static long pss_of(const char *pid) {
    char path[300], line[256];
    long kb = 0;
    snprintf(path, sizeof path, "/proc/%s/smaps_rollup", pid);
    FILE *file = fopen(path, "r");
    if (!file)
        return 0;
    while (fgets(line, sizeof line, file))
        if (sscanf(line, "Pss: %ld kB", &kb) == 1)
            break;
    fclose(file);
    return kb;
}

/* Adds up the Pss of all processes of a session, in kB, and counts them. */
static long pss_of_session(pid_t session, int *processes) {
    DIR *proc = opendir("/proc");
    struct dirent *entry;
    long sum = 0;
    if (!proc)
        err(1, "/proc");
    *processes = 0;
    while ((entry = readdir(proc)))
        if (isdigit((unsigned char)entry->d_name[0]) && session_of(entry->d_name) == session) {
            sum += pss_of(entry->d_name);
            ++*processes;
        }
    closedir(proc);
    return sum;
}

/* Returns the seconds since start. */
static double seconds_since(const struct timespec *start) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec - start->tv_sec + (now.tv_nsec - start->tv_nsec) / 1e9;
}

/* Converts a time to seconds. */
static double seconds(struct timeval time) { return time.tv_sec + time.tv_usec / 1e6; }

int main(int argc, char **argv) {
    struct timespec start, pause = {0, SAMPLE_NANOS};
    struct rusage usage;
    int status = 0, child_status = 0, processes = 1, most = 0;
    long peak = 0;
    if (argc < 3) {
        fputs("usage: peak FILE COMMAND [ARGUMENT...]\n", stderr);
        return 2;
    }
    FILE *result = fopen(argv[1], "w");
    if (!result)
        err(1, "%s", argv[1]);
    /* Orphans of the command become our children, so that their CPU time counts. */
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    clock_gettime(CLOCK_MONOTONIC, &start);
    pid_t child = fork();
    if (child < 0)
        err(1, "fork");
    if (child == 0) {
        setsid();
        execvp(argv[2], argv + 2);
        err(127, "%s", argv[2]);
    }
    double wall = 0;
    for (;;) {
        long pss = pss_of_session(child, &processes);
        peak = pss > peak ? pss : peak;
        most = processes > most ? processes : most;
        pid_t ended;
        while ((ended = waitpid(-1, &status, WNOHANG)) > 0)
            if (ended == child) {
                child_status = status;
                wall = seconds_since(&start);
            }
        if (ended < 0 && errno == ECHILD)
            break;
        nanosleep(&pause, NULL);
    }
    getrusage(RUSAGE_CHILDREN, &usage);
    fprintf(result, "{\"wall_seconds\":%.3f,\"cpu_seconds\":%.3f,\"peak_pss_kb\":%ld,\"processes\":%d}\n", wall,
            seconds(usage.ru_utime) + seconds(usage.ru_stime), peak, most);
    fclose(result);
    return WIFEXITED(child_status) ? WEXITSTATUS(child_status) : 128 + WTERMSIG(child_status);
}
