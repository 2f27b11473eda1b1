/* progress.c - the line on standard error. */
#include "bench/base/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "locks/parts/platform.h"

static const uint64_t terminal_every_ns = 200000000, pipe_every_ns = UINT64_C(10000000000);

void progress_begin(struct progress *p, bool silent, unsigned budget_s)
{
    p->silent = silent;
    p->terminal = isatty(STDERR_FILENO);
    p->budget_s = budget_s;
    p->started_ns = p->shown_ns = contend_clock_ns();
}

void progress_show(struct progress *p, unsigned done, unsigned all, const char *label)
{
    uint64_t now = contend_clock_ns();

    if (p->silent || now - p->shown_ns < (p->terminal ? terminal_every_ns : pipe_every_ns))
        return;
    p->shown_ns = now;
    double elapsed = (double)(now - p->started_ns) / 1e9;
    double left = elapsed / done * (all - done);
    if (left > p->budget_s - elapsed) /* the budget ends it sooner */
        left = p->budget_s > elapsed ? p->budget_s - elapsed : 0;
    fprintf(stderr, "%s%3.0f %%, about %.0f s left, window %u: %s%s", p->terminal ? "\r" : "",
            100 * elapsed / (elapsed + left), left, done, label, p->terminal ? "\033[K" : "\n");
    fflush(stderr);
}

void progress_note(struct progress *p, const char *what)
{
    uint64_t now = contend_clock_ns();

    if (p->silent || (!p->terminal && now - p->shown_ns < pipe_every_ns))
        return;
    p->shown_ns = now;
    fprintf(stderr, "%s%s%s", p->terminal ? "\r" : "", what, p->terminal ? "\033[K" : "\n");
    fflush(stderr);
}

void progress_end(struct progress *p)
{
    if (!p->silent && p->terminal)
        fprintf(stderr, "\r\033[K");
}
