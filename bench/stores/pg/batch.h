/*
 * batch.h - one statement for many users: an array in, a row for each of them out.
 *
 * A statement may name a user once only, so users are sorted and those that repeat go once.
 */
#ifndef CONTEND_BENCH_STORES_PG_BATCH_H
#define CONTEND_BENCH_STORES_PG_BATCH_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/stores/pg/place.h"
#include "presence_map/presence_map.h"

enum { PG_NUMBER = 24, PG_BATCH_DEEPEST = 1000, PG_BATCH_NOTHING = -1 };

struct pg_batch {
    size_t count;
    int64_t users[PG_BATCH_DEEPEST];  /* sorted, each once */
    int64_t answers[PG_BATCH_DEEPEST]; /* PG_BATCH_NOTHING: no row came back */
    char text[PG_BATCH_DEEPEST * PG_NUMBER + 3];
};

static inline void pg_number(char text[PG_NUMBER], int64_t n)
{
    snprintf(text, PG_NUMBER, "%" PRId64, n);
}

static inline int pg_batch_compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* The answer for this user; NULL for one who cannot be asked for. */
static inline int64_t *pg_batch_find(struct pg_batch *b, uint64_t user)
{
    int64_t key = (int64_t)user;
    const int64_t *at = presence_valid_user(user)
                            ? bsearch(&key, b->users, b->count, sizeof key, pg_batch_compare)
                            : NULL;

    return at ? &b->answers[at - b->users] : NULL;
}

static inline int pg_batch_take(void *ctx, const int64_t *columns)
{
    int64_t *answer = pg_batch_find(ctx, (uint64_t)columns[0]);

    if (answer)
        *answer = columns[1];
    return 0;
}

/*
 * Executes a statement whose first parameter is the array of users, and whose rows are a user and
 * a number each.  `values` begins with b->text, which is written here.  At most PG_BATCH_DEEPEST
 * users.  Tries again after a deadlock.  0, or a negative errno value.
 */
static inline int pg_batch_ask(struct pg_batch *b, struct pg_link *l, unsigned statement,
                               const char *const *values, unsigned value_count,
                               const uint64_t *users, size_t n)
{
    size_t used = 0, kept = 0;
    int error;

    b->count = 0;
    for (size_t i = 0; i < n; i++)
        if (presence_valid_user(users[i]))
            b->users[b->count++] = (int64_t)users[i];
    qsort(b->users, b->count, sizeof *b->users, pg_batch_compare);
    for (size_t i = 0; i < b->count; i++)
        if (kept == 0 || b->users[kept - 1] != b->users[i])
            b->users[kept++] = b->users[i];
    b->count = kept;
    for (size_t i = 0; i < b->count; i++)
        used += (size_t)snprintf(b->text + used, sizeof b->text - used, "%c%" PRId64,
                                 i == 0 ? '{' : ',', b->users[i]);
    snprintf(b->text + used, sizeof b->text - used, b->count ? "}" : "{}");
    do {
        for (size_t i = 0; i < b->count; i++)
            b->answers[i] = PG_BATCH_NOTHING;
        error = pg_each(l, statement, values, value_count, 2, pg_batch_take, b);
    } while (error == -ESTALE);
    return error;
}

#endif
