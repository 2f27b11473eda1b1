/* list_presence.c - presence maps in `contend list`. */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#include "bench/tool/list_family.h"
#include "bench/tool/list_page.h"
#include "presence_map/presence_map.h"

static const struct presence_traits *traits(const void *ops)
{
    return ((const struct presence_ops *)ops)->traits;
}

static const char *ids_of(const struct presence_traits *t)
{
    static const char *const words[] = { "64-bit", "32-bit", "dense" };

    return words[t->ids];
}

static void columns(const struct contestant *c, char text[LIST_COLUMNS])
{
    static const char *const backlogs[] = { "none", "bounded", "stall", "kept" };
    const struct presence_traits *t = traits(c->ops);
    char progress[PROMISE_WORDS], reads[PROMISE_WORDS];

    snprintf(text, LIST_COLUMNS, "%-20.30s %-7.20s %-6s %-5s %-5s %-7s", list_progress(c, progress),
             t->id.flags & CONTEND_FLOOR ? "-" : promise_guarantee(c, reads), ids_of(t),
             t->features & PRESENCE_GROWS ? "yes" : "no",
             t->features & PRESENCE_KEEPS_IDS ? "no" : "yes", backlogs[t->backlog]);
}

static size_t bytes(const void *ops)
{
    return traits(ops)->bytes_per_user;
}

static size_t bytes_of_thread(const void *ops)
{
    return ((const struct presence_ops *)ops)->handle_size;
}

/* The operations, as members and as lines of a page. */
static const struct {
    const char *name;
    size_t trait;
} operations[] = {
#define OPERATION(NAME) { #NAME, offsetof(struct presence_traits, NAME) }
    OPERATION(heartbeat), OPERATION(insert), OPERATION(is_online), OPERATION(last_seen),
    OPERATION(leave), OPERATION(sweep), OPERATION(walk),
#undef OPERATION
};
enum { OPERATIONS = sizeof operations / sizeof *operations };

static unsigned progress_of(const struct presence_traits *t, size_t operation)
{
    return *(const unsigned *)((const char *)t + operations[operation].trait);
}

static const struct {
    unsigned feature;
    const char *name, *word;
} features[] = {
    { PRESENCE_GROWS, "grows", "grows" },
    { PRESENCE_BATCH_ATOMIC, "batch_atomic", "a batch is one operation" },
    { PRESENCE_KEEPS_IDS, "keeps_ids", "the place of a user who has gone is not reused" },
    { PRESENCE_RESERVES, "reserves", "reserve" },
    { PRESENCE_LAST_SEEN, "has_last_seen", "last_seen" },
    { PRESENCE_STORES, "stores", "heartbeats of the weaker class P20" },
    { PRESENCE_WALK_MAY_REPEAT, "walk_may_repeat", "a walk may meet a user who comes back again" },
    { PRESENCE_SWEEP_MAY_MISS, "sweep_may_miss", "a sweep may leave expired entries" },
    { PRESENCE_SWEEPS_AGAIN, "sweeps_again", "a sweep may remove a user who comes back again" },
};
enum { FEATURES = sizeof features / sizeof *features };

/* May need all 64 bits, which JSON integers here do not have: as text. */
static json_t *whole_json(uint64_t x)
{
    char text[24];

    snprintf(text, sizeof text, "%" PRIu64, x);
    return json_string(text);
}

static json_t *json(const void *ops)
{
    static const char *const backlogs[] = { "none", "bounded", "unbounded_if_a_reader_stalls",
                                           "kept" };
    const struct presence_traits *t = traits(ops);
    json_t *o = json_pack(
        "{s:s, s:s, s:s, s:I, s:I, s:o, s:I, s:o, s:I, s:I, s:I}", "ids", ids_of(t), "backlog", backlogs[t->backlog],
        "expiry", t->expiry, "granularity_ms", (json_int_t)t->granularity_ms, "granularity_old_ms",
        (json_int_t)t->granularity_old_ms, "max_user", whole_json(t->max_user), "max_span_ms",
        (json_int_t)t->max_span, "max_retain_ms", whole_json(t->max_retain), "stall_bound_ms",
        (json_int_t)t->stall_bound_ms, "bytes_per_user", (json_int_t)t->bytes_per_user,
        "bytes_fixed", (json_int_t)t->bytes_fixed);

    for (size_t i = 0; i < OPERATIONS; i++)
        json_object_set_new(o, operations[i].name, list_progress_json(progress_of(t, i)));
    for (size_t i = 0; i < FEATURES; i++)
        json_object_set_new(o, features[i].name, json_boolean(t->features & features[i].feature));
    return o;
}

static void page(const void *ops)
{
    static const char *const backlogs[] = {
        "none: reused in place, or freed under a lock", "bounded",
        "grows without limit if a reader stalls", "grows with every removal, until the end",
    };
    const struct presence_traits *t = traits(ops);
    struct list_word words[FEATURES];
    struct list_operation after[OPERATIONS];
    char buffer[LIST_WORDS], guarantee[PROMISE_WORDS];
    struct contestant c = { .family = &family_presence, .ops = ops };

    for (size_t i = 0; i < OPERATIONS; i++)
        list_field_progress(operations[i].name, progress_of(t, i));
    for (size_t i = 0; i < FEATURES; i++)
        words[i] = (struct list_word){ features[i].feature, features[i].word };
    list_field("reads", "%s%s", promise_guarantee(&c, guarantee),
               t->features & PRESENCE_LAST_SEEN ? "" : ", without last_seen");
    list_field("ids", "%s, up to %" PRIu64 "%s", ids_of(t), t->max_user,
               t->ids == PRESENCE_IDS_DENSE ? ", and below the capacity" : "");
    list_field("times", "%.4g years from the origin on",
               (double)t->max_span / (365.25 * 86400000));
    list_field("growth", t->features & PRESENCE_GROWS ? "takes more users than it was made for"
                                                      : "fixed capacity");
    list_field("expiry", "%s", t->expiry);
    if (t->max_retain == UINT64_MAX)
        list_field("retention", "expired entries are kept as long as is asked for");
    else
        list_field("retention", "ttl and retention together at most %" PRIu64 " ms", t->max_retain);
    list_field("backlog", "%s", backlogs[t->backlog]);
    list_field("memory", "%zu bytes, and %zu for each user, with 65,536 users; %zu for each "
               "handle", t->bytes_fixed, t->bytes_per_user, bytes_of_thread(ops));
    for (size_t i = 0; i < OPERATIONS; i++)
        after[i] = (struct list_operation){ operations[i].name, progress_of(t, i) };
    list_field_fork(t->id.flags, after, OPERATIONS);
    list_field("features", "%s", list_words(t->features, words, FEATURES, buffer));
}

const struct list_family list_presence = {
    .json_key = "presence_maps", .headings = "progress             reads   ids    grows reuse backlog",
    .narrow = 28, .columns = columns, .bytes = bytes, .bytes_of_thread = bytes_of_thread, .json = json,
    .page = page,
};
