/*
 * progress.h - one line on standard error that says how far a run is.
 *
 * Rewritten in place on a terminal; a new line every ten seconds elsewhere.
 */
#ifndef CONTEND_BENCH_BASE_PROGRESS_H
#define CONTEND_BENCH_BASE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    bool silent, terminal;
    unsigned budget_s;
    uint64_t started_ns, shown_ns;
    char label[192]; /* scratch for the caller's label */
};

void progress_begin(struct progress *p, bool silent, unsigned budget_s);
void progress_show(struct progress *p, unsigned done, unsigned all, const char *label);
/* Shows what is being done, without a percentage. */
void progress_note(struct progress *p, const char *what);
void progress_end(struct progress *p);

#endif
