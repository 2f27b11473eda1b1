/* stint.c - the kernel's meters of a thread, and the covariates of several stints. */
#include "bench/engine/stint.h"

#include <math.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

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

uint64_t stint_cpu_ns(void)
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

/* The processor time is read next to the work, so that it leaves out what reading costs. */
void stint_read_meters(struct stint *s, int sign)
{
    if (sign > 0)
        s->cpu_ns += stint_cpu_ns();
    s->run_delay_ns += sign * run_delay_ns();
    s->involuntary += (uint64_t)sign * involuntary_switches();
    if (sign < 0)
        s->cpu_ns -= stint_cpu_ns();
}

struct ticks stint_read_ticks(void)
{
    double field[8] = { 0 };
    struct ticks t = { 0 };
    FILE *f = fopen("/proc/stat", "re");
    int n = 0;

    if (f) {
        n = fscanf(f, "cpu %lf %lf %lf %lf %lf %lf %lf %lf", &field[0], &field[1], &field[2],
                   &field[3], &field[4], &field[5], &field[6], &field[7]);
        fclose(f);
    }
    t.steal = field[7];
    for (int i = 0; i < 8; i++)
        t.all += field[i];
    t.known = n == 8;
    return t;
}

double stint_stolen(struct ticks before, struct ticks after)
{
    if (!before.known || !after.known || after.all <= before.all)
        return NAN;
    return (after.steal - before.steal) / (after.all - before.all);
}

void stint_fill_covariates(const struct stint *const *stints, unsigned count, uint64_t start_ns,
                           uint64_t deadline_ns, struct covariates *out)
{
    uint64_t first = UINT64_MAX, last_start = 0, last_stop = 0;
    double delay = 0;

    out->involuntary_switches = 0;
    for (unsigned i = 0; i < count; i++) {
        const struct stint *s = stints[i];

        out->involuntary_switches += s->involuntary;
        /* fmax() would ignore that one of them was unavailable. */
        delay = isnan(delay) || isnan(s->run_delay_ns) ? NAN : fmax(delay, s->run_delay_ns);
        if (s->first_ns == 0)
            continue; /* it did not work in this phase */
        first = s->first_ns < first ? s->first_ns : first;
        last_start = s->first_ns > last_start ? s->first_ns : last_start;
        last_stop = s->last_ns > last_stop ? s->last_ns : last_stop;
    }
    double end = deadline_ns == UINT64_MAX ? (double)last_stop : (double)deadline_ns;
    double length = fmax(end - (double)start_ns, 1);
    out->run_delay = delay / length;
    out->start_skew = last_start > first ? (double)(last_start - first) / length : 0;
    out->overrun = last_stop > deadline_ns ? (double)(last_stop - deadline_ns) / length : 0;
}
