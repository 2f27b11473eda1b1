/* rates.c - sums over the workers of a crew. */
#include "bench/engine/rates.h"

#include <math.h>

#include "bench/base/stats.h"

/* The rates of the workers of one role. */
struct role_rates {
    double sum, squares, slowest;
    unsigned count;
};

/* Operations a second over the worker's own time. */
static double rate_of(const struct stint *s)
{
    double ns = (double)(s->last_ns - s->first_ns);

    return ns > 0 ? (double)s->ops / ns * 1e9 : 0;
}

static void add_worker(struct role_rates *r, double rate)
{
    r->slowest = r->count ? fmin(r->slowest, rate) : rate;
    r->sum += rate;
    r->squares += rate * rate;
    r->count++;
}

/* Lowers the fairness to that of this role, if that is less. */
static void weigh(const struct role_rates *r, struct window_result *out)
{
    if (r->count == 0)
        return;
    out->jain = fmin(out->jain, stats_jain(r->sum, r->squares, r->count));
    out->min_share = fmin(out->min_share, r->sum > 0 ? r->slowest * r->count / r->sum : 0);
}

void rates_fill(struct crew *c, struct window_result *out, double by_role[CREW_ROLES])
{
    struct role_rates rates[CREW_ROLES] = { { 0 } };
    double cpu = (double)crew_outside_cpu_ns(c);

    for (unsigned i = 0; i < crew_size(c); i++) {
        const struct crew_worker *w = crew_worker_at(c, i);
        const struct stint *s = &w->stint;

        if (crew_plan_of(c)->roles[w->role].beside)
            continue;
        add_worker(&rates[w->role], rate_of(s));
        out->ops += s->ops;
        out->seconds = fmax(out->seconds, (double)(s->last_ns - s->first_ns) / 1e9);
        out->longest_gap_ns = fmax(out->longest_gap_ns, (double)s->longest_gap_ns);
        cpu += (double)s->cpu_ns;
    }
    out->readers_per_s = out->writers_per_s = NAN;
    out->hand_overs = out->longest_wait_ns = NAN;
    out->jain = out->min_share = 1;
    for (unsigned role = 0; role < CREW_ROLES; role++) {
        weigh(&rates[role], out);
        out->ops_per_s += rates[role].sum;
        if (by_role)
            by_role[role] = rates[role].sum;
    }
    out->cpu_ns_per_op = out->ops ? cpu / (double)out->ops : NAN;
}
