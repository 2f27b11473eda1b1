/* stint.c - the kernel's meters of a thread, and sums over workers. */
#include "bench/engine/stint.h"

#include <math.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

#include "bench/base/stats.h"

static double run_delay_ns(void)
{
    double on_cpu, waiting = NAN;
    FILE *f = fopen("/proc/thread-self/schedstat", "re");

    if (f) {
        if (fscanf(f, "%lf %lf", &on_cpu, &waiting) != 2)
            waiting = NAN;
        fclose(f);
    }
    return waiting;
}

static uint64_t thread_cpu_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t involuntary_switches(void)
{
    struct rusage usage;

    return getrusage(RUSAGE_THREAD, &usage) == 0 ? (uint64_t)usage.ru_nivcsw : 0;
}

void stint_read_meters(struct stint *s, int sign)
{
    s->run_delay_ns += sign * run_delay_ns();
    s->involuntary += (uint64_t)sign * involuntary_switches();
    s->cpu_ns += (uint64_t)sign * thread_cpu_ns();
}

bool stint_read_steal(double *steal, double *all)
{
    double field[8] = { 0 };
    FILE *f = fopen("/proc/stat", "re");
    int n = 0;

    if (f) {
        n = fscanf(f, "cpu %lf %lf %lf %lf %lf %lf %lf %lf", &field[0], &field[1], &field[2],
                   &field[3], &field[4], &field[5], &field[6], &field[7]);
        fclose(f);
    }
    *steal = field[7];
    *all = 0;
    for (int i = 0; i < 8; i++)
        *all += field[i];
    return n == 8;
}

/* Operations a second over the worker's own time. */
static double rate_of(const struct stint *s)
{
    double ns = (double)(s->last_ns - s->first_ns);

    return ns > 0 ? (double)s->ops / ns * 1e9 : 0;
}

/* Lowers the fairness to that of these workers; returns the sum of their rates. */
static double weigh(const double *rates, unsigned count, struct window_result *out)
{
    double slowest = INFINITY, sum = 0;

    for (unsigned i = 0; i < count; i++) {
        slowest = fmin(slowest, rates[i]);
        sum += rates[i];
    }
    out->jain = fmin(out->jain, stats_jain(rates, count));
    out->min_share = fmin(out->min_share, sum > 0 ? slowest * count / sum : 0);
    return sum;
}

void stint_summarise(const struct stint *const *stints, unsigned count, uint64_t length_ns,
                     uint64_t deadline_ns, struct window_result *out)
{
    double rates[WINDOW_MAX_THREADS], cpu = 0;
    double length = (double)length_ns;
    uint64_t first = UINT64_MAX, last_start = 0, last_stop = 0;
    struct covariates *c = &out->covariates;

    c->run_delay = 0;
    for (unsigned i = 0; i < count; i++) {
        const struct stint *me = stints[i];
        double ns = (double)(me->last_ns - me->first_ns);

        rates[i] = rate_of(me);
        out->ops += me->ops;
        out->ops_per_s += rates[i];
        out->seconds = fmax(out->seconds, ns / 1e9);
        out->longest_gap_ns = fmax(out->longest_gap_ns, (double)me->longest_gap_ns);
        cpu += (double)me->cpu_ns;
        first = me->first_ns < first ? me->first_ns : first;
        last_start = me->first_ns > last_start ? me->first_ns : last_start;
        last_stop = me->last_ns > last_stop ? me->last_ns : last_stop;
        c->involuntary_switches += me->involuntary;
        /* Once unavailable, always: fmax would forget the NAN. */
        c->run_delay = isnan(c->run_delay) || isnan(me->run_delay_ns)
                           ? NAN
                           : fmax(c->run_delay, me->run_delay_ns / length);
    }
    out->readers_per_s = out->writers_per_s = NAN;
    out->jain = out->min_share = 1;
    weigh(rates, count, out);
    out->cpu_ns_per_op = out->ops ? cpu / (double)out->ops : NAN;
    c->start_skew = (double)(last_start - first) / length;
    c->overrun = last_stop > deadline_ns ? (double)(last_stop - deadline_ns) / length : 0;
}

void stint_split_roles(const struct stint *const *stints, unsigned count, unsigned readers,
                       struct window_result *out)
{
    double rates[WINDOW_MAX_THREADS];

    for (unsigned i = 0; i < count; i++)
        rates[i] = rate_of(stints[i]);
    out->jain = out->min_share = 1;
    out->readers_per_s = weigh(rates, readers, out);
    out->writers_per_s = weigh(rates + readers, count - readers, out);
}
