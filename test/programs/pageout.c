/* Moves the memory of processes to swap, as the kernel does with memory that is not used for long.
 *
 * Usage: pageout PID...
 *
 * Pages that several processes map stay in RAM. The processes must not run meanwhile. Exit status: 0, 1 if the kernel
 * refused, 2 for bad usage.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { PAGEOUT = 21 }; /* MADV_PAGEOUT, Linux 5.4 */

/* Moves one mapping; the kernel refuses some kinds, such as [vdso]. */
static long page_out(int process, uintptr_t start, uintptr_t end) {
    struct iovec all = {(void *)start, end - start};
    return syscall(SYS_process_madvise, process, &all, 1, PAGEOUT, 0);
}

int main(int argc, char **argv) {
    long moved = 0;
    for (int i = 1; i < argc; i++) {
        char path[64], line[8192];
        snprintf(path, sizeof path, "/proc/%s/maps", argv[i]);
        FILE *maps = fopen(path, "re");
        int process = (int)syscall(SYS_pidfd_open, atoi(argv[i]), 0);
        if (maps == NULL || process < 0)
            return 1;
        uintptr_t start, end;
        while (fgets(line, sizeof line, maps) != NULL)
            if (sscanf(line, "%lx-%lx ", &start, &end) == 2 && page_out(process, start, end) > 0)
                moved++;
        fclose(maps);
        close(process);
    }
    return argc < 2 ? 2 : moved == 0;
}
