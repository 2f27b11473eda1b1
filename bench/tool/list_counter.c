/* list_counter.c - counters in `contend list`. */
#include <stdio.h>

#include "bench/judge/promise_counter.h"
#include "bench/tool/list_family.h"

static const struct counter_traits *traits(const void *ops)
{
    return ((const struct counter_ops *)ops)->traits;
}

/* One word where all mixes are alike, else three letters each: "lin/int/qui". */
static const char *reads_of(const struct counter_traits *t, char buffer[PROMISE_WORDS])
{
    if (t->id.flags & CONTEND_FLOOR)
        return "-";
    if (t->unit.kind == t->batch.kind && t->unit.kind == t->undo.kind)
        return promise_consistency(t->unit.kind);
    snprintf(buffer, PROMISE_WORDS, "%.3s/%.3s/%.3s", promise_consistency(t->unit.kind),
             promise_consistency(t->batch.kind), promise_consistency(t->undo.kind));
    return buffer;
}

static void columns(const struct contestant *c, char text[LIST_COLUMNS])
{
    char progress[PROMISE_WORDS], reads[PROMISE_WORDS];

    snprintf(text, LIST_COLUMNS, "%-20.30s %-13.30s", list_progress(c, progress),
             reads_of(traits(c->ops), reads));
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
    const struct counter_traits *t = traits(ops);

    return json_pack("{s:o, s:o, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:b, s:b}", "add",
                     list_progress_json(t->add), "read", list_progress_json(t->read), "unit",
                     promise_consistency(t->unit.kind), "batch",
                     promise_consistency(t->batch.kind), "undo", promise_consistency(t->undo.kind),
                     "min", (json_int_t)t->min, "max", (json_int_t)t->max, "bytes",
                     (json_int_t)t->bytes, "bytes_per_thread", (json_int_t)t->bytes_per_thread,
                     "add_get", !!(t->features & COUNTER_ADD_GET), "plain_add",
                     !!(t->features & COUNTER_PLAIN_ADD));
}

const struct list_family list_counter = {
    .json_key = "counters", .headings = "progress             reads        ",
    .columns = columns, .bytes = bytes, .bytes_of_thread = bytes_of_thread, .json = json,
};
