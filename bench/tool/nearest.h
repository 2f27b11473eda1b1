/*
 * nearest.h - "did you mean": the known name that is closest to a wrong one.
 */
#ifndef CONTEND_BENCH_TOOL_NEAREST_H
#define CONTEND_BENCH_TOOL_NEAREST_H

#include <stddef.h>

/*
 * Edit distance: insertions, deletions, substitutions (V. Levenshtein, 1966); names up to 63
 * bytes count.
 */
size_t nearest_distance(const char *a, const char *b);

/* Remembers the closest of the candidates that are offered one by one. */
struct nearest {
    const char *wanted;
    const char *best; /* NULL until something was offered */
    size_t distance;
};

void nearest_offer(struct nearest *n, const char *candidate);

#endif
