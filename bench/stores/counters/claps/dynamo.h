/*
 * dynamo.h - bounded claps in DynamoDB: a post is one item, and its readers are attributes of it.
 *
 * Idea: what must change together lies in one item, since a request is atomic for one item and for no
 *   more.  ADD changes the reader's attribute and the total, on condition that all of the claps stay
 *   within the bound.  Only where they do not, the item is read, and the rest is added on condition
 *   that the reader still has as many.
 * Invariant: in every state of an item its `claps` are the sum of its readers' attributes, each of
 *   them 0 to 50; or `gone` is all that it has.
 * Linearisation points: a write when the server does it; a clap that grants nothing, and a read, at
 *   the server's consistent look at the item.
 * Progress: of those that are in each other's way one succeeds; a given one may lose until
 *   `timeout_ms` are over (-EAGAIN).
 * Read guarantee: linearizable, grants and totals.
 * Cost: one request a clap below the bound; with the bound in the way three.  Each write is billed
 *   by the whole item: a unit for each of its kilobytes, which is 120 readers.
 * Breaks when: a post has many readers: the item ends at 400 KB, and gets dear long before.  Then a
 *   reader's claps are an item, and item and total are a transaction of twice the price.
 * Use when: posts have hundreds of readers, and there is no server to run.
 * Reference: Amazon, DynamoDB Developer Guide, update and condition expressions.
 */
#ifndef CONTEND_BENCH_STORES_COUNTERS_CLAPS_DYNAMO_H
#define CONTEND_BENCH_STORES_COUNTERS_CLAPS_DYNAMO_H

#include "bench/stores/claps.h"
#include "bench/stores/dynamo/place.h"

static const struct contend_option claps_dynamo_options[] = { DYNAMO_OPTIONS CONTEND_OPTIONS_END };
static const struct dynamo_plan claps_dynamo_plan = { 0 };

/* A reader's attribute is "r", up to 5 digits, and 2 bytes of number: so many are 320 KB. */
enum { CLAPS_DYNAMO_READERS = 40000, CLAPS_DYNAMO_NAME = 24 };

CLAPS_IN_STORE(dynamo, dynamo, claps_dynamo_options)

/* About a post's item. */
static inline json_t *claps_dynamo_request(uint64_t post)
{
    return json_pack("{s:{s:o}, s:s}", "Key", "id", dynamo_unsigned(post), "ReturnConsumedCapacity",
                     "TOTAL");
}

/* The same, with #r for the reader's attribute, whose name goes to `name`. */
static inline json_t *claps_dynamo_request_of(uint64_t post, uint64_t reader,
                                              char name[CLAPS_DYNAMO_NAME])
{
    json_t *request = claps_dynamo_request(post);

    snprintf(name, CLAPS_DYNAMO_NAME, "r%llu", (unsigned long long)reader);
    json_object_set_new(request, "ExpressionAttributeNames", json_pack("{s:s}", "#r", name));
    return request;
}

/* A consistent read of one attribute: its number, -ENOENT, or another negative errno value. */
static inline int64_t claps_dynamo_look(struct dynamo_link *l, json_t *request, const char *projection,
                                        const char *attribute)
{
    json_t *answer = NULL;

    json_object_set_new(request, "ConsistentRead", json_true());
    json_object_set_new(request, "ProjectionExpression", json_string(projection));
    int error = dynamo_call(l, "GetItem", request, &answer);
    const json_t *item = json_object_get(answer, "Item");
    int64_t number = json_object_get(item, "gone") ? -ENOENT : dynamo_number_of(item, attribute);
    json_decref(answer);
    return error ? error : number;
}

/* What the reader has given, of a post that is there; or a negative errno value. */
static inline int64_t claps_dynamo_given_of(struct dynamo_link *l, uint64_t post, uint64_t reader)
{
    char name[CLAPS_DYNAMO_NAME];
    json_t *request = claps_dynamo_request_of(post, reader, name);

    return claps_dynamo_look(l, request, "#r, gone", name);
}

/* Adds n, which may be negative, on a condition that names :c; 0, -ESTALE, or another error. */
static inline int claps_dynamo_add(struct dynamo_link *l, uint64_t post, uint64_t reader, int64_t n,
                                   const char *condition, int64_t c)
{
    char name[CLAPS_DYNAMO_NAME];
    json_t *request = claps_dynamo_request_of(post, reader, name);

    json_object_set_new(request, "UpdateExpression", json_string("ADD #r :n, claps :n"));
    json_object_set_new(request, "ConditionExpression", json_string(condition));
    json_object_set_new(request, "ExpressionAttributeValues",
                        json_pack("{s:o, s:o}", ":n", dynamo_number(n), ":c", dynamo_number(c)));
    return dynamo_call(l, "UpdateItem", request, NULL);
}

/* n < 0 takes back.  How many it was, or a negative errno value. */
static inline int claps_dynamo_give(struct claps_dynamo *c, struct dynamo_link *l, uint64_t post,
                                    uint64_t reader, int64_t n)
{
    uint64_t deadline = contend_clock_ns() + (uint64_t)c->place.timeout_ms * 1000000;
    int error = store_claps_check(&c->size, post, reader);

    while (!error) {
        error = n >= 0 ? claps_dynamo_add(l, post, reader, n, "attribute_not_exists(gone) AND "
                                          "(attribute_not_exists(#r) OR #r <= :c)", CLAPS_LIMIT - n)
                       : claps_dynamo_add(l, post, reader, n, "#r >= :c", -n);
        if (error != -ESTALE)
            return error ? error : (int)(n < 0 ? -n : n);
        int64_t given = claps_dynamo_given_of(l, post, reader);
        if (given < 0) /* a look that fails leaves nothing unknown */
            return given == -EIO || given == -ETIMEDOUT ? -EAGAIN : (int)given;
        int64_t part = n >= 0 ? CLAPS_LIMIT - given : -given;
        if (part == 0)
            return 0;
        error = (n >= 0 ? part < n : part > n)
                    ? claps_dynamo_add(l, post, reader, part, "#r = :c", given) : -ESTALE;
        if (error == 0)
            return (int)(n < 0 ? -part : part);
        /* Others came between. */
        if (error == -ESTALE)
            error = contend_clock_ns() < deadline ? 0 : -EAGAIN;
    }
    return error;
}

static inline int claps_dynamo_clap(struct claps_dynamo *c, struct claps_dynamo_handle *h,
                                    uint64_t post, uint64_t reader, unsigned n)
{
    return claps_dynamo_give(c, &h->link, post, reader, n < CLAPS_LIMIT ? n : CLAPS_LIMIT);
}

/* To take back nothing is a look. */
static inline int claps_dynamo_unclap(struct claps_dynamo *c, struct claps_dynamo_handle *h,
                                      uint64_t post, uint64_t reader, unsigned n)
{
    int error = store_claps_check(&c->size, post, reader);

    if (error || n == 0) {
        int64_t given = error ? error : claps_dynamo_given_of(&h->link, post, reader);
        return given < 0 ? (int)given : 0;
    }
    return claps_dynamo_give(c, &h->link, post, reader,
                             -(int64_t)(n < CLAPS_LIMIT ? n : CLAPS_LIMIT));
}

static inline int claps_dynamo_given(struct claps_dynamo *c, struct claps_dynamo_handle *h,
                                     uint64_t post, uint64_t reader)
{
    int error = store_claps_check(&c->size, post, reader);

    return error ? error : (int)claps_dynamo_given_of(&h->link, post, reader);
}

static inline int64_t claps_dynamo_total(struct claps_dynamo *c, struct claps_dynamo_handle *h,
                                         uint64_t post)
{
    int error = store_claps_check(&c->size, post, 0);

    return error ? error
                 : claps_dynamo_look(&h->link, claps_dynamo_request(post), "claps, gone", "claps");
}

/* The item is replaced by one that says that it is gone; the old one comes back with the answer. */
static inline int64_t claps_dynamo_remove(struct claps_dynamo *c, struct claps_dynamo_handle *h,
                                          uint64_t post)
{
    int error = store_claps_check(&c->size, post, 0);
    json_t *answer = NULL;

    if (error)
        return error;
    error = dynamo_call(&h->link, "PutItem",
                        json_pack("{s:{s:o, s:o}, s:s, s:s, s:s}", "Item", "id", dynamo_unsigned(post),
                                  "gone", dynamo_number(1), "ConditionExpression",
                                  "attribute_not_exists(gone)", "ReturnValues", "ALL_OLD",
                                  "ReturnConsumedCapacity", "TOTAL"), &answer);
    int64_t total = dynamo_number_of(json_object_get(answer, "Attributes"), "claps");
    json_decref(answer);
    return error == -ESTALE ? -ENOENT : error ? error : total;
}

static const struct claps_traits claps_dynamo_traits = {
    .id = {
        .name = "dynamo",
        .title = "an item of DynamoDB for each post, with its readers as attributes",
        .reference = "Amazon, DynamoDB Developer Guide, condition expressions",
        .flags = CONTEND_REMOTE,
        .options = claps_dynamo_options,
    },
    CLAPS_TRAITS_IN_STORE(dynamo, CLAPS_LINEARIZABLE, CLAPS_LINEARIZABLE, CLAPS_DYNAMO_READERS),
};

CLAPS_STATIC_TRAITS(dynamo)

#endif
