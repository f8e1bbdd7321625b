/* Reports errors and parses numbers for the programs in bench/. A program defines NAME before it includes this file,
   and defines kill_all, which kills every process that the program has started. */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static void kill_all(void);

/* Prints the message to standard error, kills all processes, and exits with the status. */
__attribute__((noreturn, format(printf, 2, 3))) static void fail(int status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs(NAME ": ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    kill_all();
    exit(status);
}

/* Returns the whole number from 1 to max in text, or exits with status 2. */
static long parse_number(const char *name, const char *text, long max) {
    char *end;
    errno = 0;
    long number = strtol(text, &end, 10);
    bool digits = *text >= '0' && *text <= '9' && *end == '\0'; /* strtol also takes spaces and a sign */
    if (!digits || errno != 0 || number < 1 || number > max)
        fail(2, "%s is '%s', and must be a whole number from 1 to %ld", name, text, max);
    return number;
}
