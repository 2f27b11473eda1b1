/* window.c - the timed phase of one measurement. */
#include "bench/engine/window.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/engine/rates.h"
#include "bench/engine/stage.h"
#include "bench/floors/pingpong.h"

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

void window_blame_machine(struct window_result *out)
{
    out->error = -ETIME;
    out->starved = true;
    snprintf(out->why, sizeof out->why, "no thread got to work before the deadline");
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
    if (cell->readers) {
        out->readers_per_s = by_role[STAGE_READERS];
        out->writers_per_s = by_role[STAGE_WORKERS];
    }
    stage_end(s, out);
    if (out->error == 0 && out->ops == 0)
        window_blame_machine(out);
    return out->error;
}
