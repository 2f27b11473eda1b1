/*
 * counter.h - the key in which a counter of Redis lives, and how it is read.
 */
#ifndef CONTEND_BENCH_STORES_REDIS_COUNTER_H
#define CONTEND_BENCH_STORES_REDIS_COUNTER_H

#include "bench/stores/counter.h"
#include "bench/stores/redis/place.h"

static const struct contend_option redis_counter_options[] = {
    REDIS_OPTIONS CONTEND_OPTIONS_END
};

/* The sum; a key that is not there yet is 0.  0, or a negative errno value. */
static inline int redis_counter_look(struct redis_link *l, int64_t *n)
{
    char key[REDIS_KEY];
    const char *const words[] = { "GET", redis_key(l->place, "n", key) };
    int error = redis_number(l, words, 2, n);

    if (error == -ENOENT)
        *n = 0;
    return error == -ENOENT ? 0 : error;
}

/* All but add_get, which each counter writes in its own way. */
#define REDIS_COUNTER(NAME)                                                                   \
    COUNTER_IN_STORE(redis, NAME, redis_counter_options)                                      \
    static inline int64_t counter_##NAME##_read(struct counter_##NAME *c,                     \
                                                struct counter_##NAME##_handle *h)            \
    {                                                                                         \
        int64_t n;                                                                            \
                                                                                              \
        (void)c;                                                                              \
        return redis_counter_look(&h->link, &n) == 0 ? n : COUNTER_UNREADABLE;                \
    }                                                                                         \
    COUNTER_ADD_BY_ADD_GET(NAME)

#endif
