/* stall.c - trials of every strategy, judged. */
#include "bench/report/stall.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/shortage.h"
#include "bench/base/text.h"
#include "bench/judge/promise.h"
#include "bench/report/results.h"

enum {
    TRIALS = 1000,
    ENOUGH = 5,
    PATIENCE_MS = 250, /* far longer than a thread waits for its processor on a busy machine */
    STOP_MS = 100
};

unsigned stall_declared(const struct series_item *item, unsigned role)
{
    unsigned write, read;

    promise_pair(item->who, &write, &read);
    return role == STAGE_READERS ? read : write;
}

bool stall_contradicts(const struct stall_results *r, unsigned item, unsigned role)
{
    const struct series_item *i = &r->series.items[item];
    unsigned declared = stall_declared(i, role), flags = contestant_identity(i->who)->flags;
    /* A call of the allocator or the kernel may wait for the one that stands still in it. */
    bool may_wait = (declared & CONTEND_PROGRESS_CLASS) == CONTEND_BLOCKING ||
                    (declared & (CONTEND_MODULO_MALLOC | CONTEND_MODULO_SYSCALL)) != 0;

    if (may_wait || (flags & (CONTEND_EXHIBIT | CONTEND_FLOOR)))
        return false;
    for (unsigned stopped = 0; stopped < STALL_ROLES; stopped++)
        if (r->results[item].pair[stopped][role].blocked)
            return true;
    return false;
}

/* A strategy may take twice its part of what is left, so that one cannot use up everything. */
static uint64_t share_of_budget(const struct series *s, unsigned item)
{
    uint64_t now = contend_clock_ns(), left = s->ends_ns > now ? s->ends_ns - now : 0;
    uint64_t share = 2 * left / (s->count - item);

    return now + (share < left ? share : left);
}

static int try_item(void *ctx, unsigned item, struct stage *stage)
{
    struct stall_results *r = ctx;
    struct stall_plan plan = {
        .trials = r->trials, .enough = ENOUGH, .patience_ns = PATIENCE_MS * UINT64_C(1000000),
        .stop_ns = STOP_MS * UINT64_C(1000000), .seed = r->options->run.seed,
        .ends_ns = share_of_budget(&r->series, item),
    };
    int error = stall_run(stage, &plan, &r->results[item]);

    return error ? error : r->results[item].cut_short ? -EINTR : 0;
}

static json_t *stall_json(const struct stall_results *r)
{
    static const char *const roles[STALL_ROLES] = { "read", "write" };
    json_t *o = series_json(&r->series, "contend.stall"), *items = json_array();

    json_object_set_new(o, "trials", json_integer(r->trials));
    json_object_set_new(o, "stop_ms", json_integer(STOP_MS));
    for (unsigned i = 0; i < r->series.count; i++) {
        const struct series_item *item = &r->series.items[i];
        json_t *one = series_item_json(item), *pairs = json_array(), *stops = json_array();
        for (unsigned s = 0; item->begun && s < STALL_ROLES; s++) {
            const struct stall_stop *stop = &r->results[i].stop[s];
            for (unsigned w = 0; w < STALL_ROLES; w++)
                json_array_append_new(
                    pairs, json_pack("{s:s, s:s, s:i, s:i, s:i, s:b}", "stopped", roles[s], "watched",
                                     roles[w], "trials", (int)r->results[i].pair[s][w].trials,
                                     "blocked", (int)r->results[i].pair[s][w].blocked,
                                     "starved", (int)r->results[i].pair[s][w].starved,
                                     "contradicts", r->results[i].pair[s][w].blocked &&
                                                        stall_contradicts(r, i, w)));
            json_array_append_new(
                stops, json_pack("{s:s, s:f, s:f, s:I, s:I}", "stopped", roles[s], "calm_per_s",
                                 stop->calm_per_s, "stopped_per_s", stop->stopped_per_s,
                                 "retired_before", (json_int_t)stop->retired_before,
                                 "retired_after", (json_int_t)stop->retired_after));
        }
        json_object_set_new(one, "pairs", pairs);
        json_object_set_new(one, "long_stops", stops);
        json_array_append_new(items, one);
    }
    json_object_set_new(o, "strategies", items);
    return o;
}

static bool any_contradiction(const struct stall_results *r)
{
    for (unsigned i = 0; i < r->series.count; i++)
        for (unsigned role = 0; role < STALL_ROLES; role++)
            if (stall_contradicts(r, i, role))
                return true;
    return false;
}

static void print_plan(const struct stall_results *r)
{
    const struct series *s = &r->series;
    char cells[TEXT_NUMBER], sentence[400];

    snprintf(sentence, sizeof sentence,
             "Plan: %u strategies in %s; of each, a reader and a writer are stopped up to %u times "
             "at random instructions, and then once for %d ms (budget %u s, seed %" PRIu64 ").  "
             "Ctrl-C ends it early and keeps what was seen.",
             s->count, text_count(s->plan->count, "cell", "cells", cells), r->trials, STOP_MS,
             r->options->run.budget_s, r->options->run.seed);
    text_wrapped(stdout, sentence, 0, 80);
    putchar('\n');
    fflush(stdout);
}

int stall_command(const struct plan *plan, const struct stall_options *o)
{
    struct stall_results r = { .options = o, .trials = o->trials ? o->trials : TRIALS };

    if (series_begin(&r.series, plan, &o->run) != 0)
        return 1;
    r.results = calloc(r.series.count, sizeof *r.results);
    if (!r.results) {
        shortage_fail(-ENOMEM);
        return series_end(&r.series, NULL, true);
    }
    print_plan(&r);
    series_run(&r.series, try_item, &r);
    stall_print(stdout, &r);
    int status = series_end(&r.series, o->run.json ? stall_json(&r) : NULL,
                            any_contradiction(&r));
    free(r.results);
    return status;
}
