/*
 * progress.h - one line on standard error that says how far a run is.
 *
 * Rewritten in place on a terminal, within its width; a new line every ten seconds elsewhere, and
 * on a terminal that cannot go back in a line (TERM=dumb).  All parts of a run have one bar: what
 * is done counts from the first of them on, and each knows about how long those behind it take.
 */
#ifndef CONTEND_BENCH_BASE_PROGRESS_H
#define CONTEND_BENCH_BASE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    bool silent, terminal;
    unsigned budget_s;
    double later_s; /* about how long the parts behind this one take */
    uint64_t started_ns, shown_ns;
    char label[192]; /* scratch for the caller's label */
};

/* Whether standard error is a terminal on which a line can be rewritten. */
bool progress_terminal(void);

/* Begins a part.  budget_s: after this long it is ended; 0 = never. */
void progress_begin(struct progress *p, bool silent, unsigned budget_s);
void progress_show(struct progress *p, unsigned done, unsigned all, const char *label);
/* Shows what is being done, without a percentage; '?' stands for what a terminal would obey. */
void progress_note(struct progress *p, const char *what);
void progress_end(struct progress *p);

#endif
