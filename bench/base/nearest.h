/*
 * nearest.h - "did you mean": the known name that is closest to a wrong one.
 */
#ifndef CONTEND_BENCH_BASE_NEAREST_H
#define CONTEND_BENCH_BASE_NEAREST_H

#include <stddef.h>

/*
 * Edit distance: insertions, deletions, substitutions (V. Levenshtein, 1966); names up to 63
 * bytes count.
 */
size_t nearest_distance(const char *a, const char *b);

/*
 * Remembers the closest of the candidates that are offered one by one.  Of counters/mutex the name
 * behind the '/' is measured, or a folder in common would make any name near; of names that are as
 * close as each other the one with the closer folder is kept.
 */
struct nearest {
    const char *wanted;
    const char *best; /* NULL until something was offered */
    size_t distance, apart; /* of its name, and of its folder */
};

void nearest_offer(struct nearest *n, const char *candidate);

/*
 * "; did you mean '--json'?" with `before` before the name; "" where the best is so far away,
 * more than two edits and more than a third of the name, that it only misleads.
 */
enum { NEAREST_HINT = 128 };
const char *nearest_hint(const struct nearest *n, const char *before, char buffer[NEAREST_HINT]);

#endif
