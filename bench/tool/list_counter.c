/* list_counter.c - counters in `contend list`. */
#include <inttypes.h>
#include <stdio.h>

#include "bench/judge/promise_counter.h"
#include "bench/tool/list_family.h"
#include "bench/tool/list_page.h"

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

static json_t *promise_json(const struct counter_promise *p)
{
    return json_pack("{s:s, s:I, s:I, s:f, s:f}", "reads", promise_consistency(p->kind), "error",
                     (json_int_t)p->error, "staleness_ns", (json_int_t)p->staleness_ns,
                     "relative_error", p->relative_error, "confidence", p->confidence);
}

static json_t *json(const void *ops)
{
    const struct counter_traits *t = traits(ops);

    return json_pack("{s:o, s:o, s:s, s:s, s:s, s:{s:o, s:o, s:o}, s:I, s:I, s:I, s:I, s:b, s:b, "
                     "s:b, s:b, s:b, s:b, s:b, s:I}",
                     "add", list_progress_json(t->add), "read", list_progress_json(t->read), "unit",
                     promise_consistency(t->unit.kind), "batch",
                     promise_consistency(t->batch.kind), "undo", promise_consistency(t->undo.kind),
                     "promises", "unit", promise_json(&t->unit), "batch", promise_json(&t->batch),
                     "undo", promise_json(&t->undo), "min", (json_int_t)t->min, "max",
                     (json_int_t)t->max, "bytes", (json_int_t)t->bytes, "bytes_per_thread",
                     (json_int_t)t->bytes_per_thread, "add_get", !!(t->features & COUNTER_ADD_GET),
                     "plain_add", !!(t->features & COUNTER_PLAIN_ADD), "static_init",
                     !!(t->features & COUNTER_STATIC_INIT), "costs_abs_n",
                     !!(t->features & COUNTER_COSTS_ABS_N), "needs_quiescent",
                     !!(t->features & COUNTER_NEEDS_QUIESCENT), "grows",
                     !!(t->features & COUNTER_GROWS), "refuses_early",
                     !!(t->features & COUNTER_REFUSES_EARLY), "bytes_per_cpu",
                     (json_int_t)t->bytes_per_cpu);
}

/* What reads promise beside adds of one kind. */
static void print_reads(const char *label, const struct counter_promise *p)
{
    if (p->kind == COUNTER_EVENTUAL)
        list_field(label, "eventual: off by at most %" PRId64 " a thread, for at most %" PRIu64
                   " ns (0: until it announces a quiescent state)", p->error, p->staleness_ns);
    else if (p->kind == COUNTER_APPROXIMATE)
        list_field(label, "approximate: within %g %% with a probability of %g",
                   100 * p->relative_error, p->confidence);
    else
        list_field(label, "%s", promise_consistency(p->kind));
}

static void page(const void *ops)
{
    static const struct list_word words[] = {
        { COUNTER_ADD_GET, "add_get" },
        { COUNTER_STATIC_INIT, "a static initialiser" },
        { COUNTER_COSTS_ABS_N, "add(n) costs |n| steps" },
        { COUNTER_NEEDS_QUIESCENT, "needs quiescent() from its threads" },
        { COUNTER_PLAIN_ADD, "add without atomic instructions" },
        { COUNTER_GROWS, "more memory where threads meet" },
        { COUNTER_REFUSES_EARLY, "overlapping adds may keep one another out of the bounds" },
    };
    const struct counter_traits *t = traits(ops);
    char buffer[LIST_WORDS];

    list_field_progress("add", t->add);
    list_field_progress("read", t->read);
    print_reads("read (claps)", &t->unit);
    print_reads("read (larger)", &t->batch);
    print_reads("read (undos)", &t->undo);
    list_field("sums", "%" PRId64 " to %" PRId64, t->min, t->max);
    if (t->bytes_per_cpu)
        list_field("memory", "%zu bytes, %zu for each attached thread, %zu for each processor",
                   t->bytes, t->bytes_per_thread, t->bytes_per_cpu);
    else
        list_field("memory", "%zu bytes, and %zu for each attached thread", t->bytes,
                   t->bytes_per_thread);
    list_field_fork(t->id.flags, (const struct list_operation[]){ { "add", t->add },
                                                                  { "read", t->read } }, 2);
    list_field("features", "%s",
               list_words(t->features, words, sizeof words / sizeof *words, buffer));
}

const struct list_family list_counter = {
    .json_key = "counters", .headings = "progress             reads        ",
    .narrow = 34, .columns = columns, .bytes = bytes, .bytes_of_thread = bytes_of_thread, .json = json,
    .page = page,
};
