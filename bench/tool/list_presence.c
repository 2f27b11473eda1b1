/* list_presence.c - presence maps in `contend list`. */
#include <stdio.h>

#include "bench/tool/list_family.h"
#include "presence_map/presence_map.h"

static const struct presence_traits *traits(const void *ops)
{
    return ((const struct presence_ops *)ops)->traits;
}

static const char *ids_of(const struct presence_traits *t)
{
    return t->features & PRESENCE_DENSE_IDS ? "dense"
           : t->max_user <= UINT32_MAX      ? "32-bit"
                                            : "64-bit";
}

static void columns(const struct contestant *c, char text[LIST_COLUMNS])
{
    const struct presence_traits *t = traits(c->ops);
    char progress[PROMISE_WORDS], reads[PROMISE_WORDS];

    snprintf(text, LIST_COLUMNS, "%-20.30s %-7.20s %-6s %-5s %-5s", list_progress(c, progress),
             t->id.flags & CONTEND_FLOOR ? "-" : promise_guarantee(c, reads), ids_of(t),
             t->features & PRESENCE_GROWS ? "yes" : "no",
             t->features & PRESENCE_KEEPS_IDS ? "no" : "yes");
}

static size_t bytes(const void *ops)
{
    return traits(ops)->bytes_per_user;
}

static size_t bytes_of_thread(const void *ops)
{
    return ((const struct presence_ops *)ops)->handle_size;
}

static json_t *json(const void *ops)
{
    static const char *const backlogs[] = { "none", "bounded", "unbounded_if_a_reader_stalls" };
    const struct presence_traits *t = traits(ops);
    /* max_user may need all 64 bits, which JSON integers here do not have: as text. */
    char max_user[24];

    snprintf(max_user, sizeof max_user, "%llu", (unsigned long long)t->max_user);
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:s, s:I, s:s, s:I, s:I, s:I, "
                     "s:b, s:b, s:b}",
                     "heartbeat", list_progress_json(t->heartbeat), "insert",
                     list_progress_json(t->insert), "is_online", list_progress_json(t->is_online),
                     "last_seen", list_progress_json(t->last_seen), "leave",
                     list_progress_json(t->leave), "sweep", list_progress_json(t->sweep), "walk",
                     list_progress_json(t->walk), "backlog", backlogs[t->backlog], "expiry",
                     t->expiry, "granularity_ms", (json_int_t)t->granularity_ms, "max_user",
                     max_user, "max_span_ms", (json_int_t)t->max_span, "bytes_per_user",
                     (json_int_t)t->bytes_per_user, "bytes_fixed", (json_int_t)t->bytes_fixed,
                     "grows", !!(t->features & PRESENCE_GROWS), "dense_ids",
                     !!(t->features & PRESENCE_DENSE_IDS), "keeps_ids",
                     !!(t->features & PRESENCE_KEEPS_IDS));
}

const struct list_family list_presence = {
    .json_key = "presence_maps", .headings = "progress             reads   ids    grows reuse",
    .columns = columns, .bytes = bytes, .bytes_of_thread = bytes_of_thread, .json = json,
};
