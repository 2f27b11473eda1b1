/* list_distinct.c - counters of distinct clappers in `contend list`. */
#include <stdio.h>

#include "bench/judge/promise_distinct.h"
#include "bench/tool/list_family.h"
#include "bench/tool/list_page.h"

static const struct distinct_traits *traits(const void *ops)
{
    return ((const struct distinct_ops *)ops)->traits;
}

static const char *ids(const struct distinct_traits *t)
{
    return t->features & DISTINCT_DENSE ? "dense" : "64-bit";
}

static void columns(const struct contestant *c, char text[LIST_COLUMNS])
{
    const struct distinct_traits *t = traits(c->ops);
    char progress[PROMISE_WORDS];

    snprintf(text, LIST_COLUMNS, "%-20.30s %-13.30s %-6.10s", list_progress(c, progress),
             t->id.flags & CONTEND_FLOOR ? "-" : promise_distinct_consistency(t->counts), ids(t));
}

static size_t bytes(const void *ops)
{
    return traits(ops)->bytes;
}

static size_t bytes_of_thread(const void *ops)
{
    return traits(ops)->bytes_per_thread;
}

static json_t *json(const void *ops)
{
    const struct distinct_traits *t = traits(ops);
    bool estimates = t->counts == DISTINCT_APPROXIMATE;

    return json_pack("{s:o, s:o, s:o, s:s, s:o, s:o, s:b, s:I, s:I}",
                     "insert", list_progress_json(t->insert),
                     "count", list_progress_json(t->count),
                     "merge", list_progress_json(t->merge),
                     "counts", promise_distinct_consistency(t->counts),
                     "relative_error", estimates ? json_real(t->relative_error) : json_null(),
                     "confidence", estimates ? json_real(t->confidence) : json_null(),
                     "dense", !!(t->features & DISTINCT_DENSE),
                     "bytes", (json_int_t)t->bytes,
                     "bytes_per_thread", (json_int_t)t->bytes_per_thread);
}

static void page(const void *ops)
{
    static const struct list_word words[] = { { DISTINCT_DENSE, "for numbered readers" } };
    const struct distinct_traits *t = traits(ops);
    char buffer[LIST_WORDS];
    const struct list_operation after[] = {
        { "insert", t->insert }, { "count", t->count }, { "merge", t->merge },
    };

    for (size_t i = 0; i < sizeof after / sizeof *after; i++)
        list_field_progress(after[i].name, after[i].progress);
    if (t->counts == DISTINCT_APPROXIMATE)
        list_field("counts", "within %.1f %% with probability %g; of a few readers, one may be missing",
                   100 * t->relative_error, t->confidence);
    else
        list_field("counts", "%s", promise_distinct_consistency(t->counts));
    list_field("readers", "%s", t->features & DISTINCT_DENSE ? "numbered, below the number it is made for"
                                                             : "any number of 64 bits");
    list_field("memory", "%zu bytes, and %zu for each attached thread", t->bytes,
               t->bytes_per_thread);
    list_field_fork(t->id.flags, after, sizeof after / sizeof *after);
    list_field("features", "%s",
               list_words(t->features, words, sizeof words / sizeof *words, buffer));
}

const struct list_family list_distinct = {
    .json_key = "distinct", .headings = "progress             counts        ids   ",
    .narrow = 34, .columns = columns, .bytes = bytes, .bytes_of_thread = bytes_of_thread, .json = json,
    .page = page,
};
