/*
 * dynamo_lost.h - GetItem, then PutItem: an exhibit that loses claps.
 *
 * Idea: load the item, add to its number, save it, as the object mappers of every SDK do.
 * Invariant: none that helps.  The read may be consistent; the number is old when it is written.
 * Linearisation points: there are none of an add; a read's is the server's look at the item.
 * Progress: blocking, for as long as the server takes; writers do not wait for each other.
 * Read guarantee: none.
 * Cost: two requests a clap: one read unit and one write unit.
 * Breaks when: two threads clap for one post.
 * Use when: never.
 * Reference: Berenson et al., A Critique of ANSI SQL Isolation Levels, 1995: lost update (P4).
 */
#ifndef CONTEND_BENCH_STORES_COUNTERS_DYNAMO_LOST_H
#define CONTEND_BENCH_STORES_COUNTERS_DYNAMO_LOST_H

#include "bench/stores/dynamo/counter.h"

DYNAMO_COUNTER(dynamo_lost)

static inline int counter_dynamo_lost_add_get(struct counter_dynamo_lost *c,
                                              struct counter_dynamo_lost_handle *h,
                                              int64_t n, int64_t *sum)
{
    int64_t claps;
    int error = dynamo_counter_look_first(&h->link, &claps, NULL);

    (void)c;
    if (error)
        return error;
    *sum = claps + n;
    return dynamo_call(&h->link, "PutItem",
                       json_pack("{s:{s:o, s:o}, s:s}", "Item", "id", dynamo_number(1), "claps",
                                 dynamo_number(*sum), "ReturnConsumedCapacity", "TOTAL"), NULL);
}

static const struct counter_traits counter_dynamo_lost_traits = {
    .id = {
        .name = "dynamo_lost",
        .title = "GetItem, then PutItem: loses claps",
        .reference = "Berenson et al., A Critique of ANSI SQL Isolation Levels, 1995",
        .flags = CONTEND_EXHIBIT | CONTEND_REMOTE,
        .options = dynamo_counter_options,
    },
    COUNTER_TRAITS_IN_STORE(dynamo_lost, COUNTER_UNSPECIFIED),
    .features = COUNTER_ADD_GET,
};

COUNTER_STATIC_TRAITS(dynamo_lost)

#endif
