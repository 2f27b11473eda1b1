/* stall.c - parks one worker, watches the others. */
#include "bench/engine/stall.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/random.h"
#include "bench/engine/counted.h"
#include "bench/engine/pulse.h"

enum {
    LOOK_NS = 10000,      /* the leader's sleep between two looks at the others */
    RUN_UP_NS = 150000,   /* at most so long before a stop, so that it comes anywhere */
    SETTLE_NS = 1000000,
    SIGNS = 2             /* the first operation done may have been done before the stop */
};

struct stall {
    struct stage *stage;
    const struct stall_plan *plan;
    struct counted_worker *workers;
    struct random random;
    struct stall_result *out;
};

static bool is_over(const struct stall *t)
{
    return interrupt_came() || contend_clock_ns() > t->plan->ends_ns;
}

static void look(const struct stall *t, uint64_t ops[STALL_THREADS])
{
    for (unsigned i = 0; i < STALL_THREADS; i++)
        ops[i] = counted_ops(&t->workers[i]);
}

static unsigned role_of(unsigned worker)
{
    return worker < STALL_EACH ? STAGE_READERS : STAGE_WORKERS;
}

/* Whether workers of one role have been blocked by a stop of the other often enough. */
static bool is_known(const struct stall *t, unsigned stopped, unsigned watched)
{
    return t->out->pair[stopped][watched].blocked >= t->plan->enough;
}

static bool is_settled(const struct stall *t, unsigned stopped)
{
    for (unsigned watched = 0; watched < STALL_ROLES; watched++)
        if (!is_known(t, stopped, watched))
            return false;
    return true;
}

/* A trial under way: who was stopped, and who has moved since. */
struct trial {
    unsigned victim;
    uint64_t before[STALL_THREADS];
    struct pulse half_time[STALL_THREADS]; /* when half of the patience was over */
    bool moved[STALL_THREADS];
};

/* Whether one of the watched workers of that role has moved. */
static bool goes_on(const struct trial *trial, unsigned role)
{
    for (unsigned i = 0; i < STALL_THREADS; i++)
        if (role_of(i) == role && trial->moved[i])
            return true;
    return false;
}

/* Whether there is still a role to wait for. */
static bool watch(const struct stall *t, struct trial *trial)
{
    uint64_t now[STALL_THREADS];
    bool any = false;

    look(t, now);
    for (unsigned i = 0; i < STALL_THREADS; i++)
        trial->moved[i] = i != trial->victim && now[i] - trial->before[i] >= SIGNS;
    for (unsigned role = 0; role < STALL_ROLES; role++)
        any = any || (!goes_on(trial, role) && !is_known(t, role_of(trial->victim), role));
    return any;
}

static void take_pulses(const struct stall *t, struct pulse pulses[STALL_THREADS])
{
    for (unsigned i = 0; i < STALL_THREADS; i++)
        pulses[i] = pulse_of(crew_worker_at(t->stage->crew, i)->tid);
}

/*
 * Waits until each role has moved, or patience ends.  0, or -EINTR if the run is over before
 * it was patient enough.
 */
static int wait_for_others(const struct stall *t, struct trial *trial)
{
    uint64_t from = contend_clock_ns(), half = t->plan->patience_ns / 2;
    bool at_half_time = false;

    while (watch(t, trial)) {
        uint64_t waited = contend_clock_ns() - from;
        if (is_over(t))
            return -EINTR;
        if (waited >= 2 * half)
            return 0;
        if (waited >= half && !at_half_time) {
            take_pulses(t, trial->half_time);
            at_half_time = true;
        }
        crew_sleep(LOOK_NS);
    }
    return 0;
}

/* Whether the machine kept one of the others from its processor: they may have waited for it. */
static bool any_starved(const struct trial *trial, const struct pulse now[STALL_THREADS])
{
    for (unsigned i = 0; i < STALL_THREADS; i++)
        if (i != trial->victim && !pulse_waits(&trial->half_time[i], &now[i]))
            return true;
    return false;
}

/*
 * Counts the trial for each role.  It is blocked if none of it has moved; but if a thread had no
 * processor, the others may have waited for that one, and the trial does not count.
 */
static void count_trial(struct stall *t, const struct trial *trial)
{
    struct pulse now[STALL_THREADS];

    take_pulses(t, now);
    for (unsigned role = 0; role < STALL_ROLES; role++) {
        struct stall_pair *pair = &t->out->pair[role_of(trial->victim)][role];
        if (is_known(t, role_of(trial->victim), role))
            continue;
        if (goes_on(trial, role) || !any_starved(trial, now)) {
            pair->trials++;
            pair->blocked += !goes_on(trial, role);
        } else {
            pair->starved++;
        }
    }
}

/* Stops one worker and watches the others. */
static int try_once(struct stall *t, unsigned victim)
{
    struct crew *crew = t->stage->crew;
    struct trial trial = { .victim = victim };

    crew_sleep(random_below(&t->random, RUN_UP_NS));
    int error = crew_park(crew, victim, UINT64_MAX);
    if (error)
        return error;
    look(t, trial.before);
    error = wait_for_others(t, &trial);
    if (!error)
        count_trial(t, &trial);
    crew_release(crew, victim);
    return error;
}

static uint64_t others(const struct stall *t, unsigned victim)
{
    uint64_t ops[STALL_THREADS], sum = 0;

    look(t, ops);
    for (unsigned i = 0; i < STALL_THREADS; i++)
        sum += i == victim ? 0 : ops[i];
    return sum;
}

static size_t retired(const struct stall *t)
{
    const struct subject *s = &t->stage->subject;

    return s->kind->retired ? s->kind->retired(s) : 0;
}

/* How many operations a second the others do for a while. */
static double rate_of_others(const struct stall *t, unsigned victim, uint64_t ns)
{
    uint64_t begin = contend_clock_ns(), ops = others(t, victim);

    crew_sleep(ns);
    return (double)(others(t, victim) - ops) * 1e9 / (double)(contend_clock_ns() - begin);
}

static int stop_long(struct stall *t, unsigned victim)
{
    struct stall_stop *stop = &t->out->stop[role_of(victim)];
    int error;

    crew_sleep(SETTLE_NS);
    stop->calm_per_s = rate_of_others(t, victim, t->plan->stop_ns);
    stop->retired_before = retired(t);
    error = crew_park(t->stage->crew, victim, UINT64_MAX);
    if (error)
        return error;
    stop->stopped_per_s = rate_of_others(t, victim, t->plan->stop_ns);
    crew_release(t->stage->crew, victim);
    stop->retired_after = retired(t);
    return is_over(t) ? -EINTR : 0;
}

/* Takes turns between the roles, and between the workers of a role. */
static int all_trials(struct stall *t)
{
    int error = 0;

    for (unsigned role = 0; role < STALL_ROLES && !error; role++)
        error = stop_long(t, role * STALL_EACH);
    for (unsigned i = 0; i < t->plan->trials && !error; i++)
        for (unsigned role = 0; role < STALL_ROLES && !error; role++)
            if (is_over(t))
                error = -EINTR;
            else if (!is_settled(t, role))
                error = try_once(t, role * STALL_EACH + i % STALL_EACH);
    return error;
}

int stall_run(struct stage *s, const struct stall_plan *plan, struct stall_result *out)
{
    struct crew_phase phase = { .work = { counted_part, counted_part } };
    struct stall t = { .stage = s, .plan = plan, .out = out };
    int error = s->count == STALL_THREADS && s->subject.cell->readers == STALL_EACH ? 0 : -EINVAL;

    memset(out, 0, sizeof *out);
    if (!error && !(t.workers = counted_make(s)))
        error = -ENOMEM;
    if (error)
        return error;
    t.random = random_seeded(plan->seed, 0);
    error = crew_start(s->crew, &phase);
    if (!error) {
        crew_sleep(SETTLE_NS);
        error = all_trials(&t);
        crew_ask_stop(s->crew);
        crew_finish(s->crew, NULL);
        crew_take_back_stop(s->crew);
        stage_advance(s);
    }
    counted_forget(s, t.workers);
    out->cut_short = error == -EINTR;
    return out->cut_short ? 0 : error;
}
