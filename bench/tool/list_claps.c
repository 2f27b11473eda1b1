/* list_claps.c - bounded claps in `contend list`. */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#include "bench/judge/promise_claps.h"
#include "bench/tool/list_family.h"
#include "bench/tool/list_page.h"

static const struct claps_traits *traits(const void *ops)
{
    return ((const struct claps_ops *)ops)->traits;
}

static const char *word(const struct claps_traits *t, enum claps_consistency kind)
{
    return t->id.flags & CONTEND_FLOOR ? "-" : promise_claps_consistency(kind);
}

static void columns(const struct contestant *c, char text[LIST_COLUMNS])
{
    const struct claps_traits *t = traits(c->ops);
    char progress[PROMISE_WORDS];

    snprintf(text, LIST_COLUMNS, "%-20.30s %-13.30s %-13.30s", list_progress(c, progress),
             word(t, t->grants), word(t, t->totals));
}

static size_t bytes(const void *ops)
{
    return traits(ops)->bytes_per_reader;
}

static size_t bytes_of_thread(const void *ops)
{
    return traits(ops)->bytes_per_thread;
}

/* The operations, as members and as lines of a page. */
static const struct {
    const char *name;
    size_t trait;
} operations[] = {
#define OPERATION(NAME) { #NAME, offsetof(struct claps_traits, NAME) }
    OPERATION(clap), OPERATION(unclap), OPERATION(given), OPERATION(total), OPERATION(remove),
#undef OPERATION
};
enum { OPERATIONS = sizeof operations / sizeof *operations };

static unsigned progress_of(const struct claps_traits *t, size_t operation)
{
    return *(const unsigned *)(const void *)((const char *)t + operations[operation].trait);
}

/* JSON integers here have 63 bits: without a limit, null. */
static json_t *json(const void *ops)
{
    const struct claps_traits *t = traits(ops);
    json_t *limit = t->max_readers > INT64_MAX ? json_null() : json_integer((json_int_t)t->max_readers);
    json_t *o = json_pack("{s:s, s:s, s:b, s:o, s:I, s:I, s:I, s:I}", "grants",
                          promise_claps_consistency(t->grants), "totals",
                          promise_claps_consistency(t->totals), "costs_n",
                          !!(t->features & CLAPS_COSTS_N), "max_readers", limit, "bytes",
                          (json_int_t)t->bytes, "bytes_per_post", (json_int_t)t->bytes_per_post,
                          "bytes_per_reader", (json_int_t)t->bytes_per_reader, "bytes_per_thread",
                          (json_int_t)t->bytes_per_thread);

    for (size_t i = 0; i < OPERATIONS; i++)
        json_object_set_new(o, operations[i].name, list_progress_json(progress_of(t, i)));
    return o;
}

static void page(const void *ops)
{
    static const struct list_word words[] = {
        { CLAPS_COSTS_N, "clap(n) costs n steps" },
    };
    const struct claps_traits *t = traits(ops);
    struct list_operation after[OPERATIONS];
    char buffer[LIST_WORDS];

    for (size_t i = 0; i < OPERATIONS; i++)
        list_field_progress(operations[i].name, progress_of(t, i));
    list_field("grants", "%s", promise_claps_consistency(t->grants));
    list_field("totals", "%s", promise_claps_consistency(t->totals));
    if (t->max_readers < UINT64_MAX)
        list_field("readers", "up to %" PRIu64, t->max_readers);
    list_field("memory", "%zu bytes, %zu for each post, %zu for each of its readers, and %zu for "
               "each attached thread", t->bytes, t->bytes_per_post, t->bytes_per_reader,
               t->bytes_per_thread);
    for (size_t i = 0; i < OPERATIONS; i++)
        after[i] = (struct list_operation){ operations[i].name, progress_of(t, i) };
    list_field_fork(t->id.flags, after, OPERATIONS);
    list_field("features", "%s",
               list_words(t->features, words, sizeof words / sizeof *words, buffer));
}

const struct list_family list_claps = {
    .json_key = "claps", .headings = "progress             grants        totals       ",
    .narrow = 34, .columns = columns, .bytes = bytes, .bytes_of_thread = bytes_of_thread, .json = json,
    .page = page,
};
