/* alive.c - see alive.h. */
#include "bench/check/alive.h"

#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

static const char *volatile name;
static volatile sig_atomic_t since, next;

void alive_begin(const char *test)
{
    name = NULL;
    since = 0;
    next = 4;
    name = test;
}

/* After 4 s, 8 s, 16 s ...: a line each time, since what is tested may write there as well. */
void alive_tell(unsigned seconds)
{
    if (!name)
        return;
    since += (int)seconds;
    if (since < next || !isatty(STDERR_FILENO))
        return;
    next *= 2;
    dprintf(STDERR_FILENO, "%s: still running, for %d s\n", name, (int)since);
}
