/*
 * transaction.h - transactions of several statements, and how often they are tried.
 *
 * Before the commit is sent nothing has changed, whatever becomes of the connection; so only a
 * commit without an answer leaves it unknown whether the transaction took effect.
 */
#ifndef CONTEND_BENCH_STORES_PG_TRANSACTION_H
#define CONTEND_BENCH_STORES_PG_TRANSACTION_H

#include "bench/stores/pg/place.h"
#include "bench/stores/parts/trouble.h"

/* The first statements of each plan that has transactions. */
enum { PG_BEGIN, PG_COMMIT, PG_ROLLBACK, PG_TRANSACTION_OWN };
#define PG_TRANSACTION "BEGIN", "COMMIT", "ROLLBACK"
#define PG_TRANSACTION_SERIALIZABLE                                                           \
    "BEGIN ISOLATION LEVEL SERIALIZABLE", "COMMIT", "ROLLBACK"

/* 0, or what pg_execute() answers. */
static inline int pg_transaction_begin(struct pg_link *l)
{
    int error = pg_execute(l, PG_BEGIN, NULL, 0, NULL, 0);

    return error == -EIO || error == -ETIMEDOUT ? -EAGAIN : error;
}

/*
 * Ends it: commits if `error`, of the statements so far, is not negative, and otherwise rolls back.
 * Returns 0 or the error; -EAGAIN if the transaction failed before its commit.
 */
static inline int pg_transaction_end(struct pg_link *l, int error)
{
    if (error >= 0) {
        error = pg_execute(l, PG_COMMIT, NULL, 0, NULL, 0);
        return error < 0 ? error : 0;
    }
    /* Without an answer to this either, the server ends it with the connection. */
    if (l->connection && pg_execute(l, PG_ROLLBACK, NULL, 0, NULL, 0) < 0)
        pg_link_close(l);
    return error == -EIO || error == -ETIMEDOUT ? -EAGAIN : error;
}

/* Until when a call tries again. */
static inline uint64_t pg_deadline(const struct pg_link *l)
{
    return contend_clock_ns() + (uint64_t)l->place->timeout_ms * 1000000;
}

/* Whether to try again after -ESTALE; if not, *error becomes -EAGAIN: nothing has changed. */
static inline bool pg_try_again(const struct pg_link *l, uint64_t deadline, int *error)
{
    if (*error != -ESTALE)
        return false;
    if (contend_clock_ns() < deadline)
        return true;
    trouble_note(l->place->name,
                 "PostgreSQL: others were faster at every try within the time limit");
    *error = -EAGAIN;
    return false;
}

#endif
