/*
 * dynamo.h - a presence map as a table of DynamoDB, with its TTL attribute.
 *
 * Idea: an item for each user, an UpdateItem for each heartbeat on condition that it is not older,
 *   and the attribute `expires` for DynamoDB's Time to Live.
 * Invariant: `seen` of an item is the latest heartbeat of its user.  Whether a user is online is
 *   decided by `seen`, never by whether the item is there.
 * Linearisation points: when the server does the write, or the consistent read.
 * Progress: blocking, for as long as the server takes.
 * Read guarantee: exact for one user.  A count and a walk read page after page: they meet every
 *   user who was online all the time once.
 * Cost: one request a heartbeat: one write unit, and the real server bills for each.  There is no
 *   batch of conditional writes, so that a batch is as many requests.
 * Breaks when: something takes existence for liveness: expired items are deleted within about two
 *   days, if at all, and are returned until then.
 * Use when: there is no server to run, and a fraction of one Mu.
 * Reference: Amazon, DynamoDB Developer Guide, Time to Live.
 */
#ifndef CONTEND_BENCH_STORES_PRESENCE_MAP_DYNAMO_H
#define CONTEND_BENCH_STORES_PRESENCE_MAP_DYNAMO_H

#include "bench/stores/dynamo/place.h"
#include "bench/stores/presence.h"

static const struct contend_option presence_dynamo_options[] = {
    DYNAMO_OPTIONS CONTEND_OPTIONS_END
};

struct presence_dynamo_own {
    char unused;
};

static inline void presence_dynamo_read_settings(struct presence_dynamo_own *own,
                                                 const struct contend_settings *settings,
                                                 const struct contend_option *options)
{
    (void)settings, (void)options;
    own->unused = 0;
}

static const struct dynamo_plan presence_dynamo_plan = { 0 };

PRESENCE_IN_STORE(dynamo, dynamo, presence_dynamo_options, struct presence_dynamo_own,
                  presence_dynamo_read_settings, (own->unused = 0, &presence_dynamo_plan))

static inline json_t *presence_dynamo_request(uint64_t user)
{
    return json_pack("{s:{s:o}, s:s}", "Key", "id", dynamo_unsigned(user),
                     "ReturnConsumedCapacity", "TOTAL");
}

/* L[user], 0 if there is none, or a negative errno value. */
static inline int64_t presence_dynamo_look(struct dynamo_link *l, uint64_t user)
{
    json_t *request = presence_dynamo_request(user), *answer = NULL;

    json_object_set_new(request, "ConsistentRead", json_true());
    int error = dynamo_call(l, "GetItem", request, &answer);
    int64_t seen = dynamo_number_of(json_object_get(answer, "Item"), "seen");
    json_decref(answer);
    return error ? error : seen;
}

static inline int64_t presence_dynamo_last_seen(struct presence_dynamo *m,
                                                struct presence_dynamo_handle *h, uint64_t user)
{
    (void)m;
    if (!presence_valid_user(user))
        return -EINVAL;
    int64_t seen = presence_dynamo_look(&h->link, user);
    return seen == 0 ? -ENOENT : seen;
}

/* The item that was there comes back with the answer, so that one request tells all. */
static inline int presence_dynamo_heartbeat(struct presence_dynamo *m,
                                            struct presence_dynamo_handle *h, uint64_t user,
                                            uint64_t now)
{
    enum { MS_OF_SECOND = 1000 };
    json_t *answer = NULL;

    if (presence_check(user, now))
        return -EINVAL;
    if (store_books_full(&m->books)) {
        int64_t seen = presence_dynamo_look(&h->link, user);
        if (seen <= 0)
            return seen ? (int)seen : -ENOSPC;
    }
    json_t *request = presence_dynamo_request(user);
    json_object_set_new(request, "UpdateExpression",
                        json_string("SET seen = :now, expires = :ttl"));
    json_object_set_new(request, "ConditionExpression",
                        json_string("attribute_not_exists(seen) OR seen <= :now"));
    json_object_set_new(request, "ExpressionAttributeValues",
                        json_pack("{s:o, s:o}", ":now", dynamo_unsigned(now), ":ttl",
                                  dynamo_unsigned((now + m->books.ttl_ms) / MS_OF_SECOND + 1)));
    json_object_set_new(request, "ReturnValues", json_string("ALL_OLD"));
    int error = dynamo_call(&h->link, "UpdateItem", request, &answer);
    uint64_t before = dynamo_unsigned_of(json_object_get(answer, "Attributes"), "seen");
    json_decref(answer);
    return error == -ESTALE ? PRESENCE_STALE : error ? error
                                                     : store_books_beat(&m->books, before, now);
}

/* The read filters: an item that has expired may be there for days. */
static inline int presence_dynamo_is_online(struct presence_dynamo *m,
                                            struct presence_dynamo_handle *h, uint64_t user,
                                            uint64_t now)
{
    if (presence_check(user, now))
        return -EINVAL;
    int64_t seen = presence_dynamo_look(&h->link, user);
    return seen <= 0 ? (int)seen : presence_fresh((uint64_t)seen, now, m->books.ttl_ms);
}

/* Deletes the item if it was not seen after that time: 1, 0, or a negative errno value. */
static inline int presence_dynamo_delete(struct dynamo_link *l, uint64_t user, uint64_t not_after)
{
    json_t *request = presence_dynamo_request(user);

    json_object_set_new(request, "ConditionExpression", json_string("seen <= :then"));
    json_object_set_new(request, "ExpressionAttributeValues",
                        json_pack("{s:o}", ":then", dynamo_unsigned(not_after)));
    int error = dynamo_call(l, "DeleteItem", request, NULL);
    return error == -ESTALE ? 0 : error ? error : 1;
}

static inline int presence_dynamo_leave(struct presence_dynamo *m, struct presence_dynamo_handle *h,
                                        uint64_t user, uint64_t now)
{
    if (presence_check(user, now))
        return -EINVAL;
    int removed = presence_dynamo_delete(&h->link, user, now);
    store_books_add(&m->books.left, removed > 0);
    return removed;
}

/*
 * One page of the items whose time stands in this relation to `then`: "<" or ">=".  *from is where
 * it begins, NULL at first and after the last page.  0, or a negative errno value.
 */
static inline int presence_dynamo_page(struct dynamo_link *l, const char *condition, int64_t then,
                                       json_t **from, json_t **answer)
{
    json_t *request = json_pack("{s:s, s:{s:o}, s:b, s:s}", "FilterExpression", condition,
                                "ExpressionAttributeValues", ":then", dynamo_number(then),
                                "ConsistentRead", 1, "ReturnConsumedCapacity", "TOTAL");

    if (*from)
        json_object_set_new(request, "ExclusiveStartKey", *from);
    *from = NULL;
    *answer = NULL;
    int error = dynamo_call(l, "Scan", request, answer);
    if (!error)
        *from = json_incref(json_object_get(*answer, "LastEvaluatedKey"));
    return error;
}

static inline int64_t presence_dynamo_sweep(struct presence_dynamo *m,
                                            struct presence_dynamo_handle *h, uint64_t now,
                                            uint64_t budget, bool *complete)
{
    int64_t due = store_books_due_before(&m->books, now), removed = 0;
    json_t *from = NULL, *answer, *item;
    int error = 0;
    size_t i;

    *complete = false;
    if (!presence_valid_now(now))
        return -EINVAL;
    do {
        error = presence_dynamo_page(&h->link, "seen < :then", due, &from, &answer);
        json_array_foreach(json_object_get(answer, "Items"), i, item) {
            if (error || budget == 0)
                break;
            int gone = presence_dynamo_delete(&h->link, dynamo_unsigned_of(item, "id"),
                                              (uint64_t)due - 1);
            error = gone < 0 ? gone : 0;
            store_books_add(&m->books.swept, gone > 0);
            removed += gone > 0;
            budget--;
        }
        json_decref(answer);
    } while (from && budget > 0 && !error);
    *complete = !error && !from && budget > 0;
    json_decref(from);
    return error && !removed ? error : removed;
}

static inline int presence_dynamo_for_each_online(struct presence_dynamo *m,
                                                  struct presence_dynamo_handle *h, uint64_t now,
                                                  presence_visit fn, void *ctx)
{
    json_t *from = NULL, *answer, *item;
    int result;
    size_t i;

    if (!presence_valid_now(now))
        return -EINVAL;
    do {
        result = presence_dynamo_page(&h->link, "seen >= :then",
                                      store_books_online_from(&m->books, now), &from, &answer);
        json_array_foreach(json_object_get(answer, "Items"), i, item)
            if (!result)
                result = fn(ctx, dynamo_unsigned_of(item, "id"), dynamo_unsigned_of(item, "seen"));
        json_decref(answer);
    } while (from && !result);
    json_decref(from);
    return result;
}

static inline int presence_dynamo_one_more(void *ctx, uint64_t user, uint64_t seen)
{
    (void)user, (void)seen;
    ++*(int64_t *)ctx;
    return 0;
}

static inline int64_t presence_dynamo_count_online(struct presence_dynamo *m,
                                                   struct presence_dynamo_handle *h, uint64_t now)
{
    int64_t count = 0;
    int error = presence_dynamo_for_each_online(m, h, now, presence_dynamo_one_more, &count);

    return error ? error : count;
}

PRESENCE_BATCH_IN_TURN(dynamo)

static inline void presence_dynamo_stats(struct presence_dynamo *m, struct presence_stats *out)
{
    struct presence_dynamo_handle h;
    json_t *from = NULL, *answer;

    store_books_read(&m->books, out);
    out->bytes = sizeof *m;
    if (dynamo_link_open(&m->place, &h.link) != 0)
        return;
    do {
        if (presence_dynamo_page(&h.link, "seen >= :then", 0, &from, &answer) == 0)
            out->entries += json_array_size(json_object_get(answer, "Items"));
        json_decref(answer);
    } while (from);
    dynamo_link_close(&h.link);
}

static const struct presence_traits presence_dynamo_traits = {
    .id = {
        .name = "dynamo",
        .title = "a table of DynamoDB: a conditional UpdateItem for each heartbeat",
        .reference = "Amazon, DynamoDB Developer Guide, Time to Live",
        .flags = CONTEND_REMOTE,
        .options = presence_dynamo_options,
    },
    PRESENCE_TRAITS_IN_STORE(dynamo),
    .features = PRESENCE_GROWS | PRESENCE_LAST_SEEN,
    .expiry = "a scan, and a DeleteItem for each; or Time to Live, some day",
    .max_retain = UINT64_MAX,
};

PRESENCE_STATIC_TRAITS(dynamo)

#endif
