/*
 * linear.h - is a short concurrent history linearizable?
 *
 * J. Wing and C. Gong, "Testing and Verifying Concurrent Objects", 1993, with
 * G. Lowe's memory of the configurations already tried ("Testing for
 * Linearizability", 2017).  Exhaustive, so for histories of up to 64 operations;
 * the object's state is one integer, of 128 bits: a map's keeps a place for each operation
 * that is under way.
 */
#ifndef CONTEND_BENCH_CHECK_LINEAR_H
#define CONTEND_BENCH_CHECK_LINEAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LINEAR_MAX = 64 };

__extension__ typedef __int128 linear_state;

struct linear_op {
    uint64_t begin, end; /* of one clock; a.end < b.begin means that a came before b */
    int kind;            /* known to the specification only */
    int64_t argument, result;
};

/*
 * The sequential specification: whether `op` may return what it returned when the
 * state is *state, which it then changes.
 */
typedef bool (*linear_spec)(const struct linear_op *op, linear_state *state);

/* before[i]: a bit for each operation that ended before the i-th began. */
void linear_by_time(const struct linear_op *ops, size_t count, uint64_t before[LINEAR_MAX]);

/* Whether some order of the operations explains all results.  Up to LINEAR_MAX operations. */
bool linear_check(const struct linear_op *ops, size_t count, linear_state initial,
                  linear_spec spec);

/*
 * The same without times: before[i] holds a bit for each operation that comes
 * before the i-th.
 */
bool linear_check_order(const struct linear_op *ops, size_t count, const uint64_t *before,
                        linear_state initial, linear_spec spec);

#endif
