/* Runs two programs in turn in one process, as fast as the kernel can switch.
 *
 * Usage: execs PATH OTHER     both are copies of this program; PATH is this one
 *
 * The first program needs almost no memory. The other has a MB of arguments, which are in its memory as soon as the
 * process runs it: a reader that reports the name of one with the memory of the other has mixed them up. Their titles
 * are the names of the copies. They run until they are killed or their parent ends.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Linux allows 128 kB for an argument, and a quarter of the stack's limit for all of them: 2 MB by default. */
enum { FIRST_ARGUMENTS = 3, LARGE_ARGUMENTS = 16, LARGE_BYTES = 1 << 16 };

int main(int argc, char **argv) {
    static char large[LARGE_BYTES];
    char *arguments[FIRST_ARGUMENTS + LARGE_ARGUMENTS + 1] = {NULL};
    if (argc < FIRST_ARGUMENTS || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        return 2;
    char *other = argv[2], *slash = strrchr(other, '/');
    arguments[0] = slash == NULL ? other : slash + 1;
    arguments[1] = other;
    arguments[2] = argv[1];
    if (argc == FIRST_ARGUMENTS) {
        memset(large, 'x', sizeof large - 1);
        for (int i = 0; i < LARGE_ARGUMENTS; i++)
            arguments[FIRST_ARGUMENTS + i] = large;
    }
    execv(other, arguments);
    return 1;
}
