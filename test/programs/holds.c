/* Holds memory of the kinds that the kernel's OOM killer counts in different ways.
 *
 * Usage: holds CGROUP ADJ    CGROUP is the folder of a control group, ADJ the oom_score_adj
 *
 * It joins the group, then reads one command a line and prints "ok" after each:
 *   anon MB       allocates private memory
 *   shared MB     allocates shared memory without a file
 *   file PATH MB  makes a file, writes it to disk, and maps and reads it
 *   keep MB       fills more of a file in memory, which it does not map any more: its group has that memory, it has not
 *   lock          locks all memory that it has
 *   out           has all of its memory except files swapped out, where there is swap
 *   twin          starts a process that shares its address space
 * It ends with its input, or when its parent ends.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21 /* Linux 5.4 */
#endif

enum { MAX_PARTS = 1000, MAX_LINE = 4096, STACK_BYTES = 1 << 16 };
static const size_t MB = 1 << 20;

static struct part {
    char *start;
    size_t bytes;
} parts[MAX_PARTS];
static int count;

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void put(const char *folder, const char *name, const char *text) {
    char path[MAX_LINE];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int file = open(path, O_WRONLY);
    if (file < 0 || write(file, text, strlen(text)) < 0)
        fail(path);
    close(file);
}

static void allocate(size_t bytes, int flags) {
    if (bytes == 0)
        return;
    char *start = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED || count == MAX_PARTS)
        fail("mmap");
    madvise(start, bytes, MADV_NOHUGEPAGE); /* so that its size is what it was asked for */
    memset(start, 1 + count, bytes);
    parts[count++] = (struct part){start, bytes};
}

static void map_file(const char *path, size_t bytes) {
    int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    char *block = malloc(MB);
    if (file < 0 || block == NULL)
        fail(path);
    memset(block, 1, MB);
    for (size_t done = 0; done < bytes; done += MB)
        if (write(file, block, MB) != (ssize_t)MB)
            fail(path);
    if (fsync(file) != 0)
        fail(path);
    char *start = mmap(NULL, bytes, PROT_READ, MAP_SHARED, file, 0);
    if (start == MAP_FAILED)
        fail(path);
    volatile char sum = 0;
    for (size_t at = 0; at < bytes; at += 4096)
        sum = (char)(sum + start[at]);
    close(file);
    free(block);
}

static void keep(size_t bytes) {
    static int file;
    static off_t end;
    if (file == 0)
        file = memfd_create("kept", 0);
    if (file < 0 || ftruncate(file, end + (off_t)bytes) != 0)
        fail("memfd");
    char *start = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, end);
    if (start == MAP_FAILED)
        fail("mmap");
    memset(start, 1, bytes);
    munmap(start, bytes);
    end += (off_t)bytes;
}

static int sleep_forever(void *unused) {
    (void)unused;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (pause() != 0)
        continue;
    return 0;
}

int main(int argc, char **argv) {
    if (argc != 3 || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        return 2;
    char pid[16];
    snprintf(pid, sizeof pid, "%d", getpid());
    put(argv[1], "cgroup.procs", pid);
    put("/proc/self", "oom_score_adj", argv[2]);
    char line[MAX_LINE], path[MAX_LINE];
    size_t mb;
    while (fgets(line, sizeof line, stdin) != NULL) {
        if (sscanf(line, "anon %zu", &mb) == 1)
            allocate(mb * MB, MAP_PRIVATE);
        else if (sscanf(line, "shared %zu", &mb) == 1)
            allocate(mb * MB, MAP_SHARED);
        else if (sscanf(line, "file %4000s %zu", path, &mb) == 2)
            map_file(path, mb * MB);
        else if (sscanf(line, "keep %zu", &mb) == 1)
            keep(mb * MB);
        else if (strcmp(line, "lock\n") == 0) {
            if (mlockall(MCL_CURRENT) != 0)
                fail("mlockall");
        } else if (strcmp(line, "out\n") == 0) {
            for (int i = 0; i < count; i++)
                madvise(parts[i].start, parts[i].bytes, MADV_PAGEOUT);
        } else if (strcmp(line, "twin\n") == 0) {
            char *stack = malloc(STACK_BYTES);
            if (stack == NULL || clone(sleep_forever, stack + STACK_BYTES, CLONE_VM | SIGCHLD, NULL) < 0)
                fail("clone");
        } else
            return 2;
        puts("ok");
        fflush(stdout);
    }
    return 0;
}
