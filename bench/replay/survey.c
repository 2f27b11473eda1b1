/* survey.c - compares every strategy with the model, and times its operations. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/apart.h"
#include "bench/base/interrupt.h"
#include "bench/base/progress.h"
#include "bench/measure/budget.h"
#include "bench/replay/feed.h"
#include "bench/replay/kind.h"
#include "bench/replay/replay.h"
#include "bench/stores/stores.h"
#include "locks/parts/platform.h"

enum {
    LOOKUPS = 20000000, /* of one check: with more users there are fewer instants */
    LEAST_INSTANTS = 3,
    CHECK_S = 10, /* of one strategy, at most: then it is compared at fewer instants */
    AT_ONCE = 100000000, /* of the model, between two looks at the clock */
    SHORTEST_MS = 50,
    LONGEST_MS = 2000
};

static const double SAMPLE_S = 0.15; /* at most */

const struct replay_load *replay_load_for(struct replay *r, unsigned threads)
{
    unsigned i = 0;

    while (i < REPLAY_LOADS && r->loads[i] && r->loads[i]->threads != threads)
        i++;
    if (i < REPLAY_LOADS && !r->loads[i])
        replay_load_make(&r->loads[i], &r->log, threads, r->options.scale);
    return i < REPLAY_LOADS ? r->loads[i] : NULL;
}

/* Instants of one pass: fewer where there are many users to ask, or many passes. */
static unsigned instants_of(const struct replay *r, const struct replay_load *load)
{
    uint64_t keys = (load->users + load->posts) * load->scale;
    uint64_t most = LOOKUPS / (keys ? keys : 1) / r->options.repeat;
    uint64_t wanted = r->options.instants / r->options.repeat;

    uint64_t least = 1 + r->log.count * load->scale / AT_ONCE;

    most = most < LEAST_INSTANTS ? LEAST_INSTANTS : most;
    wanted = wanted < most ? wanted : most;
    return (unsigned)(wanted < least ? least : wanted);
}

/* One strategy's check in progress. */
struct check {
    struct replay *r;
    const struct replay_load *load;
    struct replay_survey *s;
    struct replay_drive *drive;
    struct replay_model model;
    const struct replay_feed *feed;
    struct replay_position *at; /* by thread */
    size_t next;                /* the log's first event that has not been dealt with */
};

/* Moves every thread's goal past the log's events before `end`, and the model with it. */
static void advance(struct check *c, uint64_t pass, size_t end)
{
    const struct replay_load *load = c->load;
    struct replay_position to[WINDOW_MAX_THREADS];

    for (unsigned t = 0; t < load->threads; t++)
        to[t] = c->next == 0 ? (struct replay_position){ pass, 0 } : c->at[t];
    for (; c->next < end; c->next++) {
        const struct log_event *e = &c->r->log.events[c->next];
        unsigned t = replay_thread_of(e->user, load->threads);
        to[t].at += c->feed->takes(e);
    }
    for (unsigned t = 0; t < load->threads; t++) {
        c->feed->play_model(&c->model, load, t, c->at[t], to[t]);
        c->at[t] = to[t];
    }
}

/*
 * The time of one check, or of one paced play, so that all that are left have the same; s.  Checks
 * leave half of the budget for measuring.
 */
static double share_of(const struct replay *r)
{
    unsigned left = 0;

    for (unsigned i = 0; i < r->survey_count; i++)
        left += !r->surveys[i].done;
    double seconds = budget_left(&r->options.run) / (left ? left : 1);
    return r->options.speed > 0 ? seconds : seconds / 2;
}

/* Plays the passes and compares at every instant.  0, -EINTR, or -EILSEQ with s->why. */
static int compare(struct check *c)
{
    unsigned instants = instants_of(c->r, c->load);
    uint64_t end_ns = contend_clock_ns() + (uint64_t)(1e9 * fmin(CHECK_S, share_of(c->r) / 2));
    int error = 0;

    for (uint64_t pass = 0; pass < c->r->options.repeat && !error; pass++) {
        c->next = 0;
        for (unsigned i = 1; i <= instants && !error; i++) {
            size_t end = (size_t)((double)c->r->log.count * i / instants);
            advance(c, pass, i == instants ? c->r->log.count : end);
            uint64_t now = contend_clock_ns();
            if (now < end_ns)
                replay_drive_play(c->drive, c->at, end_ns - now, NULL);
            if (interrupt_came())
                return -EINTR;
            if (contend_clock_ns() >= end_ns)
                return 0; /* not all threads may be at their goals; s->instants is what was compared */
            error = replay_drive_verify(c->drive, &c->model, c->s->why);
            c->s->instants += !error;
        }
    }
    return error;
}

static int begin(struct check *c, struct replay_survey *s)
{
    int error = replay_drive_begin(&c->drive, c->load, &s->who, c->r->options.ttl_ms,
                                   &c->r->allowed, s->why);

    s->skipped = error == -E2BIG || error == -ETIME;
    s->error = s->skipped ? 0 : error;
    return error;
}

static uint64_t granularity(const struct contestant *who)
{
    return replay_feed_of(who->family)->granularity_ms(who);
}

/* Whether all answers agree, at many instants. */
static int check(struct replay *r, struct replay_survey *s)
{
    const struct replay_load *load = replay_load_for(r, s->threads);
    struct check c = {
        .r = r, .load = load, .s = s, .feed = replay_feed_of(s->who.family),
    };
    int error;

    if (contestant_identity(&s->who)->flags & CONTEND_FLOOR)
        return 0;
    if (!load)
        return -ENOMEM;
    if (begin(&c, s) != 0)
        return 0;
    c.at = calloc(load->threads, sizeof *c.at);
    error = c.at ? replay_model_make(&c.model, load, r->options.ttl_ms, granularity(&s->who))
                 : -ENOMEM;
    if (!error) {
        s->error = compare(&c);
        s->bytes = replay_drive_bytes(c.drive);
        replay_model_free(&c.model);
    }
    replay_drive_end(c.drive);
    free(c.at);
    return error;
}

/* Plays to the end of the last pass. */
static void goals_of(const struct replay_load *load, const struct family *family, uint64_t passes,
                     struct replay_position *goals)
{
    const struct replay_kind *kind = replay_feed_of(family)->kind;

    for (unsigned t = 0; t < load->threads; t++)
        goals[t] = (struct replay_position){ passes - 1, kind->length(&load->parts[t]) };
}

/* How long each operation takes: sampled at full speed, or at the log's pace. */
static void take_latencies(struct replay *r, struct replay_survey *s, double share)
{
    const struct replay_load *load = replay_load_for(r, s->threads);
    struct replay_position goals[WINDOW_MAX_THREADS];
    double speed = r->options.speed;
    struct check c = { .r = r, .load = load, .s = s };

    if (begin(&c, s) != 0)
        return;
    if (speed > 0) {
        uint64_t begin_ns = contend_clock_ns(), passes = r->options.repeat;
        goals_of(load, s->who.family, passes, goals);
        replay_drive_paced(c.drive, goals, speed, (uint64_t)(1e9 * share), &s->latency, &s->late);
        s->whole_seconds = (double)(load->last_ms - load->first_ms +
                                    (passes - 1) * load->period_ms) / 1e3;
        s->seconds = fmin((double)(contend_clock_ns() - begin_ns) / 1e9 * speed, s->whole_seconds);
        s->operations = passes * replay_feed_of(s->who.family)->events_of(load);
    } else {
        goals_of(load, s->who.family, load->passes, goals);
        replay_drive_sample(c.drive, goals, (uint64_t)(1e9 * fmin(SAMPLE_S, share / 2)),
                            &s->latency);
    }
    replay_drive_end(c.drive);
}

/* What several threads cannot play, one may: a map that refuses late times (P22). */
static int check_somehow(struct replay *r, struct replay_survey *s)
{
    struct replay_survey alone = { .who = s->who, .threads = 1 };
    int error = check(r, s);

    if (error || !s->skipped || s->threads == 1)
        return error;
    error = check(r, &alone);
    if (!alone.skipped)
        *s = alone;
    return error;
}

static void survey(struct replay *r, struct replay_survey *s)
{
    double share = share_of(r);

    if (!(share > 0)) {
        s->done = s->skipped = true;
        snprintf(s->why, sizeof s->why, "the budget of %u s was spent", r->options.run.budget_s);
        return;
    }
    int error = check_somehow(r, s);

    if (error) {
        s->error = error;
        snprintf(s->why, sizeof s->why, "%s", strerror(-error));
    }
    if (s->error == -EINTR || interrupt_came()) {
        s->error = 0;
        r->interrupted = true;
        return;
    }
    s->done = true;
    if (!s->error && !s->skipped)
        take_latencies(r, s, share);
    r->interrupted = interrupt_came();
}

/* The cells of the most threads: one for each family. */
static bool is_surveyed(const struct replay *r, unsigned cell)
{
    unsigned most = 0;

    for (unsigned i = 0; i < r->plan.count; i++)
        if (r->plan.cells[i].cell.threads > most)
            most = r->plan.cells[i].cell.threads;
    return r->plan.cells[cell].cell.threads == most;
}

static int list_surveys(struct replay *r)
{
    unsigned count = 0;

    for (unsigned i = 0; i < r->plan.count; i++)
        count += is_surveyed(r, i) ? r->plan.cells[i].count : 0;
    r->surveys_size = (count ? count : 1) * sizeof *r->surveys;
    r->surveys = apart_memory(r->surveys_size);
    if (!r->surveys)
        return -ENOMEM;
    for (unsigned i = 0; i < r->plan.count; i++)
        for (unsigned k = 0; is_surveyed(r, i) && k < r->plan.cells[i].count; k++) {
            const struct plan_cell *cell = &r->plan.cells[i];
            if (cell->contestants[k].again)
                continue;
            r->surveys[r->survey_count++] = (struct replay_survey){
                .who = cell->contestants[k], .threads = cell->cell.threads,
            };
        }
    return 0;
}

/* One survey, as it is called in a process of its own. */
struct errand {
    struct replay *r;
    struct replay_survey *s;
};

/* Whether it was interrupted. */
static int survey_there(void *ctx)
{
    const struct errand *e = ctx;

    survey(e->r, e->s);
    return e->r->interrupted;
}

/*
 * In a process of its own, so that a thread which a library starts (liburcu frees in one) ends with
 * it: this one stays without, and the windows can have a process for each block.  A server that is
 * started for a store has to outlive its survey; so stores are surveyed here, and where no process
 * can be made.
 */
static void survey_apart(struct replay *r, struct replay_survey *s)
{
    struct errand e = { r, s };
    int interrupted = 0;

    replay_load_for(r, s->threads); /* or each copy would make it anew */
    int error = stores_of(s->who.ops) ? -ENOTSUP
                                      : apart_call(survey_there, &e, &interrupted, s->why);
    if (error == -ECHILD) {
        s->error = error;
        s->done = true;
    } else if (error) {
        survey(r, s);
    }
    r->interrupted = r->interrupted || interrupted || interrupt_came();
}

int replay_survey_all(struct replay *r)
{
    struct progress progress;
    int error = list_surveys(r);

    if (error)
        return error;
    progress_begin(&progress, r->options.run.quiet, (unsigned)ceil(budget_left(&r->options.run)));
    plan_guess(&r->plan, &r->options.run);
    /* With a pace there is nothing behind it. */
    if (!(r->options.speed > 0))
        progress.later_s = fmin(r->plan.seconds + (r->options.run.no_floors ? 0 : CALIBRATION_S),
                                budget_left(&r->options.run) / 2);
    for (unsigned i = 0; i < r->survey_count && !r->interrupted; i++) {
        struct replay_survey *s = &r->surveys[i];
        char name[CONTESTANT_NAME];
        snprintf(progress.label, sizeof progress.label, "%s %s/%s",
                 r->options.speed > 0 ? "pacing" : "checking", s->who.family->name,
                 contestant_name(&s->who, name, sizeof name));
        progress_show(&progress, i ? i : 1, r->survey_count, progress.label);
        survey_apart(r, s);
    }
    progress_end(&progress);
    return 0;
}

bool replay_any_failure(const struct replay *r)
{
    for (unsigned i = 0; i < r->survey_count; i++)
        if (r->surveys[i].error &&
            !(contestant_identity(&r->surveys[i].who)->flags & CONTEND_EXHIBIT))
            return true;
    return false;
}

/* From the sampled median of the reference, which the sampling lengthens a little. */
unsigned replay_window_ms(const struct replay *r)
{
    double longest = 0;

    for (unsigned i = 0; i < r->survey_count; i++) {
        const struct replay_survey *s = &r->surveys[i];
        double ns = histogram_quantile(&s->latency, 0.5);
        if (s->who.variant || strcmp(contestant_identity(&s->who)->name,
                   plan_reference(&r->options.run, s->who.family)) != 0 || isnan(ns))
            continue;
        /* All events on one thread: the cell that takes longest. */
        double ms = ns * (double)r->log.count * (double)r->options.scale / 1e6;
        longest = fmax(longest, 1.2 * ms);
    }
    return longest > LONGEST_MS ? LONGEST_MS : longest < SHORTEST_MS ? SHORTEST_MS
                                                                     : (unsigned)longest;
}

/* Plays the model to where the threads are, and compares. */
static int verify_window(struct replay *r, struct replay_drive *d, const struct replay_load *load,
                         const struct contestant *who, struct window_result *out)
{
    const struct replay_position *at = replay_drive_positions(d), begin = { 0, 0 };
    struct replay_model *m = &r->model;

    if (contestant_identity(who)->flags & CONTEND_FLOOR)
        return 0;
    m->granularity_ms = granularity(who);
    m->limit_ms = r->options.ttl_ms + m->granularity_ms - 1;
    replay_model_reset(m);
    for (unsigned t = 0; t < load->threads; t++)
        replay_feed_of(who->family)->play_model(m, load, t, begin, at[t]);
    return replay_drive_verify(d, m, out->why);
}

void replay_prepare(struct replay *r)
{
    for (unsigned i = 0; i < r->plan.count; i++) {
        const struct replay_load *load = replay_load_for(r, r->plan.cells[i].cell.threads);
        if (load && !r->model.last)
            replay_model_make(&r->model, load, r->options.ttl_ms, 1);
    }
}

int replay_window(void *ctx, const struct cell *cell, const struct contestant *who,
                  const struct window_settings *settings, struct window_result *out)
{
    struct replay *r = ctx;
    const struct replay_load *load = replay_load_for(r, cell->threads);
    struct replay_position goals[WINDOW_MAX_THREADS];
    struct replay_drive *d;

    *out = (struct window_result){ .error = -ENOMEM };
    if (!load || (!r->model.last &&
                  replay_model_make(&r->model, load, r->options.ttl_ms, 1) != 0)) {
        snprintf(out->why, sizeof out->why, "%s", strerror(ENOMEM));
        return out->error;
    }
    window_measure_placement(settings, cell->threads, &out->covariates);
    out->error = replay_drive_begin(&d, load, who, r->options.ttl_ms, &settings->allowed, out->why);
    if (out->error) {
        out->skipped = out->error == -E2BIG || out->error == -ETIME;
        return out->error;
    }
    goals_of(load, who->family, load->passes, goals);
    replay_drive_play(d, goals, settings->length_ns, out);
    out->bytes = replay_drive_bytes(d);
    out->bytes_per_item = contestant_identity(who)->flags & CONTEND_FLOOR
                              ? 0 : (double)out->bytes / (double)cell_keys(cell);
    out->error = verify_window(r, d, load, who, out);
    if (out->error == 0 && out->ops == 0)
        window_blame_machine(out, "no thread got to work before the deadline");
    replay_drive_end(d);
    return out->error;
}
