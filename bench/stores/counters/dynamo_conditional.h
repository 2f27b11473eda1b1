/*
 * dynamo_conditional.h - an edition in the item: write only if nobody has written since.
 *
 * Idea: compare-and-swap as a request: the write names the edition that it is built on.
 * Invariant: every write of the number raises the edition by one.
 * Linearisation points: an add at the server's write, a read at its look.
 * Progress: of those that look at once one succeeds; a given one may lose until `timeout_ms` are
 *   over (-EAGAIN).
 * Read guarantee: linearizable for every mix, since reads are consistent ones.
 * Cost: two requests a clap, and two more for each time that it lost; a write that is refused
 *   consumes its write unit all the same.
 * Breaks when: many clap for one post.
 * Use when: the new value needs code, or a repeated request must not count twice: the second one is
 *   refused.
 * Reference: Amazon, DynamoDB Developer Guide, condition expressions; Kung and Robinson, On
 *   Optimistic Methods for Concurrency Control, 1981.
 */
#ifndef CONTEND_BENCH_STORES_COUNTERS_DYNAMO_CONDITIONAL_H
#define CONTEND_BENCH_STORES_COUNTERS_DYNAMO_CONDITIONAL_H

#include "bench/stores/dynamo/counter.h"

DYNAMO_COUNTER(dynamo_conditional)

static inline int counter_dynamo_conditional_add_get(struct counter_dynamo_conditional *c,
                                                     struct counter_dynamo_conditional_handle *h,
                                                     int64_t n, int64_t *sum)
{
    uint64_t deadline = contend_clock_ns() + (uint64_t)c->place.timeout_ms * 1000000;
    int64_t edition;

    for (;;) {
        int error = dynamo_counter_look_first(&h->link, sum, &edition);
        if (error)
            return error;
        *sum += n;
        json_t *request = dynamo_counter_request();
        json_object_set_new(request, "UpdateExpression",
                            json_string("SET claps = :n, edition = :next"));
        json_object_set_new(request, "ConditionExpression",
                            json_string("attribute_not_exists(edition) OR edition = :read"));
        json_object_set_new(request, "ExpressionAttributeValues",
                            json_pack("{s:o, s:o, s:o}", ":n", dynamo_number(*sum), ":next",
                                      dynamo_number(edition + 1), ":read", dynamo_number(edition)));
        error = dynamo_call(&h->link, "UpdateItem", request, NULL);
        if (error != -ESTALE)
            return error;
        if (contend_clock_ns() > deadline)
            return -EAGAIN;
    }
}

static const struct counter_traits counter_dynamo_conditional_traits = {
    .id = {
        .name = "dynamo_conditional",
        .title = "UpdateItem on condition that the edition is still the one read",
        .reference = "Amazon, DynamoDB Developer Guide, condition expressions",
        .flags = CONTEND_REMOTE,
        .options = dynamo_counter_options,
    },
    COUNTER_TRAITS_IN_STORE(dynamo_conditional, COUNTER_LINEARIZABLE),
    .features = COUNTER_ADD_GET,
};

COUNTER_STATIC_TRAITS(dynamo_conditional)

#endif
