/* plan_time.c - how long a plan takes, and how much of it fits into the budget. */
#include "bench/measure/budget.h"
#include "bench/measure/plan.h"

/* The time of a window beside its length: warm-up, threads, filling, looking up all users. */
static double window_seconds(const struct cell *c, const struct run_options *o)
{
    return o->window_ms * 1.15e-3 + 3e-3 + (double)cell_keys(c) * 1.6e-7;
}

/* The time of a block beside its windows: its process, which draws its tapes anew. */
static double launch_seconds(const struct cell *c, const struct run_options *o)
{
    return o->one_process ? 1e-3 : 2.5e-2 + (double)cell_keys(c) * 8e-8;
}

static double cell_seconds(const struct plan_cell *c, const struct run_options *o)
{
    return c->blocks * (c->count * window_seconds(&c->cell, o) + launch_seconds(&c->cell, o));
}

void plan_guess(struct plan *plan, const struct run_options *o)
{
    plan->blocks = plan->windows = 0;
    plan->seconds = 0;
    for (unsigned i = 0; i < plan->count; i++) {
        const struct plan_cell *c = &plan->cells[i];
        plan->blocks = c->blocks > plan->blocks ? c->blocks : plan->blocks;
        plan->windows += c->blocks * c->count;
        plan->seconds += cell_seconds(c, o);
    }
}

void plan_fit(struct plan *plan, const struct run_options *o)
{
    double brief = 0;

    for (unsigned i = 0; i < plan->count; i++)
        brief += plan->cells[i].brief ? cell_seconds(&plan->cells[i], o) : 0;
    double left = 0.8 * (o->budget_s - (o->no_floors ? 0 : CALIBRATION_S)) - budget_for_tails(o);
    double part = (left - brief) / (plan->seconds - brief);
    for (unsigned i = 0; i < plan->count && part < 1; i++) {
        double fewer = part * plan->cells[i].blocks; /* brief ones have the least already */
        plan->cells[i].blocks = fewer > PLAN_LEAST_BLOCKS ? (unsigned)fewer : PLAN_LEAST_BLOCKS;
    }
    plan_guess(plan, o);
}
