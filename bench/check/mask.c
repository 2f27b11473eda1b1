/* mask.c - see mask.h. */
#include "bench/check/mask.h"

#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

static sigset_t kept;

void mask_keep(void)
{
    static bool has;

    if (!has)
        sigprocmask(SIG_SETMASK, NULL, &kept);
    has = true;
}

/* Their handlers would run outside of any execution.  An interrupt is meant for the checker. */
static void drop_pending(void)
{
    static const struct timespec at_once = { 0, 0 };
    sigset_t all;

    sigfillset(&all);
    sigdelset(&all, SIGINT);
    while (sigtimedwait(&all, NULL, &at_once) > 0)
        continue;
}

void mask_put_back(void)
{
    sigset_t now;

    sigprocmask(SIG_SETMASK, NULL, &now);
    if (memcmp(&now, &kept, sizeof now) == 0)
        return;
    drop_pending();
    sigprocmask(SIG_SETMASK, &kept, NULL);
}
