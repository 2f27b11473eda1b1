/*
 * dynamo_atomic.h - UpdateItem with ADD: the addition is the server's.
 *
 * Idea: fetch-and-add as a request.
 * Invariant: the server applies the writes of one item one after the other.
 * Linearisation points: an add and a consistent read: when the server does it.
 * Progress: blocking, for as long as the server takes.
 * Read guarantee: linearizable for every mix, since reads are consistent ones.
 * Cost: one request a clap, one write unit; a partition takes 1,000 of these a second, and one post
 *   is one partition.
 * Breaks when: a request is repeated whose answer was lost: it claps twice.  SDKs and HTTP clients do so by
 *   themselves unless told otherwise; here such a call is -EIO, of unknown outcome.
 * Use when: a number in an item has to be counted up and an inexact sum after faults is no harm.
 * Reference: Amazon, DynamoDB Developer Guide, Working with items: atomic counters.
 */
#ifndef CONTEND_BENCH_STORES_COUNTERS_DYNAMO_ATOMIC_H
#define CONTEND_BENCH_STORES_COUNTERS_DYNAMO_ATOMIC_H

#include "bench/stores/dynamo/counter.h"

DYNAMO_COUNTER(dynamo_atomic)

static inline int counter_dynamo_atomic_add_get(struct counter_dynamo_atomic *c,
                                                struct counter_dynamo_atomic_handle *h,
                                                int64_t n, int64_t *sum)
{
    json_t *request = dynamo_counter_request(), *answer = NULL;

    (void)c;
    json_object_set_new(request, "UpdateExpression", json_string("ADD claps :n"));
    json_object_set_new(request, "ExpressionAttributeValues",
                        json_pack("{s:o}", ":n", dynamo_number(n)));
    json_object_set_new(request, "ReturnValues", json_string("UPDATED_NEW"));
    int error = dynamo_call(&h->link, "UpdateItem", request, &answer);
    *sum = dynamo_number_of(json_object_get(answer, "Attributes"), "claps");
    json_decref(answer);
    return error;
}

static const struct counter_traits counter_dynamo_atomic_traits = {
    .id = {
        .name = "dynamo_atomic",
        .title = "UpdateItem with ADD: one request",
        .reference = "Amazon, DynamoDB Developer Guide, atomic counters",
        .flags = CONTEND_REMOTE,
        .options = dynamo_counter_options,
    },
    COUNTER_TRAITS_IN_STORE(dynamo_atomic, COUNTER_LINEARIZABLE),
    .features = COUNTER_ADD_GET,
};

COUNTER_STATIC_TRAITS(dynamo_atomic)

#endif
