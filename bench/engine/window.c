/* window.c - the timed phase of one measurement. */
#include "bench/engine/window.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/engine/rates.h"
#include "bench/engine/stage.h"
#include "bench/floors/pingpong.h"

enum { SAMPLED_PART = 10 }; /* the sampled phase is so much shorter than the window */
enum { NEAR_BELOW_NS = 100 }; /* lines move in 25-65 ns within a complex, in 150-190 ns across */

void window_measure_placement(const struct window_settings *settings, unsigned threads,
                              struct covariates *c)
{
    c->line_ns = NAN;
    if (threads >= 2 && CPU_COUNT(&settings->allowed) >= 2)
        c->line_ns = pingpong_ns(&settings->allowed, 0, 1);
    c->placement = isnan(c->line_ns)            ? PLACEMENT_NONE
                   : c->line_ns < NEAR_BELOW_NS ? PLACEMENT_NEAR
                                                : PLACEMENT_FAR;
}

void window_blame_machine(struct window_result *out, const char *why)
{
    out->error = -ETIME;
    out->starved = true;
    snprintf(out->why, sizeof out->why, "%s", why);
}

/* What a worker saw in the sampled phase. */
struct sampled {
    CONTEND_ALIGNED uint64_t sections;
    uint64_t handed_over, longest_ns;
};

static int sampled_part(struct crew_worker *me)
{
    struct stage *s = stage_of(me);
    struct stage_worker *own = me->self;
    struct sampled *sum = own->own;
    bool handed_over;

    for (uint64_t now = crew_await_start(me); crew_goes_on(me, now); now = contend_clock_ns()) {
        uint64_t waited = s->subject.kind->sample(&s->subject, own->side, &handed_over);
        sum->sections++;
        sum->handed_over += handed_over;
        sum->longest_ns = waited > sum->longest_ns ? waited : sum->longest_ns;
    }
    return 0;
}

/*
 * To see which thread follows which costs two looks at the clock each time, so the window does not
 * do it.  Without memory it stays unknown.
 */
static void sample(struct stage *s, uint64_t length_ns, struct window_result *out)
{
    struct crew_phase phase = { .work = { sampled_part, sampled_part }, .length_ns = length_ns };
    struct sampled *all = contend_alloc_aligned(s->count * sizeof *all);
    struct sampled sum = { .sections = 0 };

    if (!all)
        return;
    memset(all, 0, s->count * sizeof *all);
    for (unsigned i = 0; i < s->count; i++)
        s->workers[i].own = &all[i];
    crew_perform(s->crew, &phase, NULL);
    for (unsigned i = 0; i < s->count; i++) {
        s->workers[i].own = NULL;
        sum.sections += all[i].sections;
        sum.handed_over += all[i].handed_over;
        sum.longest_ns = all[i].longest_ns > sum.longest_ns ? all[i].longest_ns : sum.longest_ns;
    }
    if (sum.sections > 0) {
        out->hand_overs = (double)sum.handed_over / (double)sum.sections;
        out->longest_wait_ns = (double)sum.longest_ns;
    }
    free(all);
}

int window_run(void *unused, const struct cell *cell, const struct contestant *who,
               const struct window_settings *settings, struct window_result *out)
{
    struct crew_phase timed = {
        .work = { stage_batches, stage_batches, stage_sweeper, stage_hog },
        .length_ns = settings->length_ns,
        .measured = true,
    };
    double by_role[CREW_ROLES];
    struct stage *s;

    (void)unused;
    *out = (struct window_result){ .error = -EINVAL };
    snprintf(out->why, sizeof out->why, "1 to %d threads", WINDOW_MAX_THREADS);
    if (cell->threads < 1 || cell->threads > WINDOW_MAX_THREADS || cell->readers > cell->threads ||
        cell_keys(cell) == 0 || settings->length_ns == 0)
        return out->error;
    window_measure_placement(settings, cell->threads, &out->covariates);
    if (stage_make(&s, cell, who, settings, out) != 0)
        return out->error;
    out->why[0] = '\0';
    crew_perform(s->crew, &timed, &out->covariates);
    rates_fill(s->crew, out, by_role);
    if (s->subject.kind->sample && cell->threads > 1)
        sample(s, settings->length_ns / SAMPLED_PART, out);
    if (cell->readers) {
        out->readers_per_s = by_role[STAGE_READERS];
        out->writers_per_s = by_role[STAGE_WORKERS];
    }
    stage_end(s, out);
    if (out->error == 0 && out->ops == 0)
        window_blame_machine(out, "no thread got to work before the deadline");
    return out->error;
}
