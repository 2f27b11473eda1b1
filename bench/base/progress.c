/* progress.c - the line on standard error. */
#include "bench/base/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "bench/base/text.h"
#include "locks/parts/platform.h"

static const uint64_t terminal_every_ns = 200000000, pipe_every_ns = UINT64_C(10000000000);

/* The first part of this process began then: the bar's left end. */
static uint64_t first_ns;

bool progress_terminal(void)
{
    const char *term = getenv("TERM");

    return isatty(STDERR_FILENO) && term && term[0] && strcmp(term, "dumb") != 0;
}

/* Columns of the terminal, less one: writing into the last one would begin a new line. */
static size_t columns(void)
{
    struct winsize size;

    return (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col : 80) - 1u;
}

void progress_begin(struct progress *p, bool silent, unsigned budget_s)
{
    p->silent = silent;
    p->terminal = progress_terminal();
    p->budget_s = budget_s;
    p->later_s = 0;
    p->started_ns = p->shown_ns = contend_clock_ns();
    if (!first_ns)
        first_ns = p->started_ns;
}

/* The terminal's line from its start on; elsewhere a line of its own. */
static void write_line(const struct progress *p, char *text)
{
    text_tame(text);
    if (p->terminal) {
        size_t bytes = 0;
        /* A byte that continues a character takes no column. */
        for (size_t left = columns(); text[bytes] && (left || (text[bytes] & 0xc0) == 0x80); bytes++)
            left -= (text[bytes] & 0xc0) != 0x80;
        text[bytes] = '\0';
    }
    fprintf(stderr, "%s%s%s", p->terminal ? "\r" : "", text, p->terminal ? "\033[K" : "\n");
    fflush(stderr);
}

static bool is_due(struct progress *p, uint64_t every_ns)
{
    uint64_t now = contend_clock_ns();

    if (p->silent || now - p->shown_ns < every_ns)
        return false;
    p->shown_ns = now;
    return true;
}

void progress_show(struct progress *p, unsigned done, unsigned all, const char *label)
{
    char line[320];

    if (!is_due(p, p->terminal ? terminal_every_ns : pipe_every_ns))
        return;
    double elapsed = (double)(p->shown_ns - p->started_ns) / 1e9;
    double whole = (double)(p->shown_ns - first_ns) / 1e9;
    double left = elapsed / done * (all - done);
    if (left > p->budget_s - elapsed) /* the budget ends it sooner */
        left = p->budget_s > elapsed ? p->budget_s - elapsed : 0;
    left += p->later_s;
    snprintf(line, sizeof line, "%3.0f %%, about %.0f s left: %s", 100 * whole / (whole + left), left,
             label);
    write_line(p, line);
}

void progress_note(struct progress *p, const char *what)
{
    char line[320];

    if (!is_due(p, p->terminal ? 0 : pipe_every_ns))
        return;
    snprintf(line, sizeof line, "%s", what);
    write_line(p, line);
}

void progress_end(struct progress *p)
{
    if (!p->silent && p->terminal)
        fprintf(stderr, "\r\033[K");
}
