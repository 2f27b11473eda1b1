/* end_to_end_shares.c - what a strategy costs beyond one that does nothing, and how many users that is. */
#include <math.h>

#include "bench/serve/labs/end_to_end.h"

/* What a request costs apart from its strategy: the processor time with strategies that do nothing, without theirs. */
void end_lab_find_shares(struct end_lab *l)
{
    const struct end_run *floor = end_lab_find(l, "null");
    double rest = floor ? floor->cpu_ns - floor->strategy_ns : NAN;

    for (unsigned i = 0; i < END_SUBJECTS; i++) {
        struct end_run *r = &l->runs[i];
        bool has_one = r->done && end_subjects[i].kind != END_HELLO;
        r->beyond_ns = floor && has_one ? fmax(r->strategy_ns - floor->strategy_ns, 0) : NAN;
        r->share = rest > 0 && has_one ? r->beyond_ns / (rest + r->beyond_ns) : NAN;
    }
}

double end_lab_users(double requests_per_s)
{
    const double beats = (double)LOAD_MIX_BEATS / LOAD_MIX;

    return requests_per_s * beats * END_BEAT_S / 1e6;
}

double end_lab_alone(const struct end_run *r)
{
    return r->beyond_ns > 0 ? 1e9 / r->beyond_ns : NAN;
}
