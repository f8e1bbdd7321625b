/* Calls itself NAME, a name of 15 bytes at most, and waits until it is killed, or its parent ends.
 *
 * Usage: pauses NAME [ARG...]     prints "ready" first
 *
 * With "thread" as the first ARG, the main thread ends, and another one waits. Linked statically, its memory does not
 * depend on other processes.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static void *forever(void *unused)
{
	(void)unused;
	for (;;)
		pause();
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t thread;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, argc > 1 ? argv[1] : "pauses");
	if (argc > 2 && strcmp(argv[2], "thread") == 0) {
		if (pthread_create(&thread, NULL, forever, NULL) != 0)
			return 1;
		puts("ready");
		fflush(stdout);
		pthread_exit(NULL);
	}
	puts("ready");
	fflush(stdout);
	forever(NULL);
}
