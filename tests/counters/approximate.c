/*
 * approximate.c - APPROXIMATE counters: their error and their confidence, over many counters.
 *
 * Seeds are fixed, so the result is the same in every run.  A promise that is true passes:
 * of COUNTERS counters, the share outside the error may exceed 1 - confidence by four standard
 * deviations of that share, and the mean may differ from the truth by four of the mean's.
 */
#include <math.h>
#include <stdlib.h>

#include "tests/support/support.h"

enum { COUNTERS = 2000, HANDLES = 2 };

/* `adds` adds of n, by two handles in turns, on a counter of its own. */
static int64_t estimate(const struct counter_ops *ops, uint64_t seed, int64_t adds, int64_t n)
{
    const struct counter_config config = { .seed = seed };
    void *object = support_alloc(ops->size), *handles[HANDLES];

    assert_int_equal(ops->init(object, &config), 0);
    for (int i = 0; i < HANDLES; i++) {
        handles[i] = support_alloc(ops->handle_size);
        assert_int_equal(ops->attach(object, handles[i]), 0);
    }
    for (int64_t i = 0; i < adds; i++)
        assert_int_equal(ops->add(object, handles[i % HANDLES], n), 0);
    int64_t sum = ops->read(object, handles[0]);
    for (int i = 0; i < HANDLES; i++) {
        ops->detach(object, handles[i]);
        free(handles[i]);
    }
    assert_int_equal(ops->fini(object), 0);
    free(object);
    return sum;
}

static void judge(const struct counter_ops *ops, const struct counter_promise *p, int64_t adds,
                  int64_t n)
{
    double truth = (double)adds * (double)n, sum = 0, squares = 0;
    unsigned outside = 0;

    for (unsigned i = 0; i < COUNTERS; i++) {
        double off = (double)estimate(ops, 1000 + i, adds, n) / truth - 1;
        sum += off;
        squares += off * off;
        outside += fabs(off) > p->relative_error;
    }
    double mean = sum / COUNTERS, deviation = sqrt(squares / COUNTERS - mean * mean);
    double share = (double)outside / COUNTERS, allowed = 1 - p->confidence;
    print_message("# %s: %lld times %lld: bias %.3f %%, standard error %.3f %%, %u of %u beyond "
                  "%g %%\n", ops->traits->id.name, (long long)adds, (long long)n, 100 * mean,
                  100 * deviation, outside, COUNTERS, 100 * p->relative_error);
    assert_true(share <= allowed + 4 * sqrt(allowed * (1 - allowed) / COUNTERS));
    assert_true(fabs(mean) <= 4 * deviation / sqrt(COUNTERS));
}

static void keeps_its_error_and_confidence(void **state)
{
    const struct counter_ops *ops = *state;
    const struct counter_traits *t = ops->traits;

    if (t->unit.kind == COUNTER_APPROXIMATE) {
        judge(ops, &t->unit, 5000, 1);
        judge(ops, &t->unit, 60000, 1);
    }
    if (t->batch.kind == COUNTER_APPROXIMATE) {
        judge(ops, &t->batch, 3000, 777);
        judge(ops, &t->batch, 40, INT64_C(1234567890123));
    }
}

int main(void)
{
    static const struct check checks[] = {
        { "keeps its error and confidence", keeps_its_error_and_confidence },
    };

    return support_run_counters("approximate counters", checks, 1, CONTEND_EXHIBIT);
}
