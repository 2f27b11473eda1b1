/*
 * counter.h - the item in which a counter of DynamoDB lives, and how it is read.
 */
#ifndef CONTEND_BENCH_STORES_DYNAMO_COUNTER_H
#define CONTEND_BENCH_STORES_DYNAMO_COUNTER_H

#include "bench/stores/counter.h"
#include "bench/stores/dynamo/place.h"

static const struct contend_option dynamo_counter_options[] = {
    DYNAMO_OPTIONS CONTEND_OPTIONS_END
};

/* {"Key": {"id": {"N": "1"}}, ...}: a request about the one item. */
static inline json_t *dynamo_counter_request(void)
{
    return json_pack("{s:{s:o}, s:s}", "Key", "id", dynamo_number(1), "ReturnConsumedCapacity",
                     "TOTAL");
}

/*
 * A consistent read, which sees every write that was acknowledged before; an item that is not there
 * counts as 0.  0, or a negative errno value.  `edition` may be NULL.
 */
static inline int dynamo_counter_look(struct dynamo_link *l, int64_t *claps, int64_t *edition)
{
    json_t *request = dynamo_counter_request(), *answer = NULL;

    json_object_set_new(request, "ConsistentRead", json_true());
    int error = dynamo_call(l, "GetItem", request, &answer);
    const json_t *item = json_object_get(answer, "Item");
    *claps = dynamo_number_of(item, "claps");
    if (edition)
        *edition = dynamo_number_of(item, "edition");
    json_decref(answer);
    return error;
}

/* A look changes nothing, so that without an answer nothing is unknown. */
static inline int dynamo_counter_look_first(struct dynamo_link *l, int64_t *claps, int64_t *edition)
{
    int error = dynamo_counter_look(l, claps, edition);

    return error == -EIO || error == -ETIMEDOUT ? -EAGAIN : error;
}

/* All but add_get, which each counter writes in its own way. */
#define DYNAMO_COUNTER(NAME)                                                                  \
    static const struct dynamo_plan counter_##NAME##_plan = { 0 };                            \
    COUNTER_IN_STORE(dynamo, NAME, dynamo_counter_options)                                    \
    static inline int64_t counter_##NAME##_read(struct counter_##NAME *c,                     \
                                                struct counter_##NAME##_handle *h)            \
    {                                                                                         \
        int64_t claps;                                                                        \
                                                                                              \
        (void)c;                                                                              \
        return dynamo_counter_look(&h->link, &claps, NULL) ? COUNTER_UNREADABLE : claps;      \
    }                                                                                         \
    COUNTER_ADD_BY_ADD_GET(NAME)

#endif
