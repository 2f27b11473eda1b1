/* drive.c - the phases of a replay: each thread plays its part. */
#include "bench/replay/drive.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bench/engine/crew.h"
#include "bench/engine/rates.h"
#include "bench/replay/feed.h"
#include "bench/replay/kind.h"

enum {
    CHUNK = 1024,     /* operations between two looks at the clock, clones included */
    SAMPLE_EVERY = 8, /* operations, for latencies; a power of two */
    LATE_NS = 1000000
};

static bool before(struct replay_position a, struct replay_position b)
{
    return a.pass != b.pass ? a.pass < b.pass : a.at < b.at;
}

/* How many events the thread plays next: within a chunk, the pass and the goal. */
static size_t next_events(const struct replay_side *s, size_t length, size_t most)
{
    size_t end = s->goal.pass == s->at.pass ? s->goal.at : length;
    size_t left = end - s->at.at;

    return left < most ? left : most;
}

static void advance(struct replay_side *s, size_t length, size_t n)
{
    s->at.at += n;
    if (s->at.at >= length && s->at.pass < s->goal.pass)
        s->at = (struct replay_position){ s->at.pass + 1, 0 };
}

/* A thread without events is at its goal. */
static bool under_way(const struct crew_worker *me, struct replay_side *s, size_t length,
                      uint64_t now)
{
    if (length == 0)
        s->at = s->goal;
    return before(s->at, s->goal) && crew_goes_on(me, now);
}

/* Events between two looks at the clock. */
static size_t chunk_of(const struct replay_load *load)
{
    return load->scale < CHUNK ? CHUNK / load->scale : 1;
}

static int play_part(struct crew_worker *me)
{
    struct replay_drive *d = me->shared;
    struct replay_side *s = me->self;
    size_t length = d->kind->length(&d->load->parts[s->number]);
    size_t chunk = chunk_of(d->load);
    uint64_t now = crew_await_start(me);

    while (under_way(me, s, length, now)) {
        size_t n = next_events(s, length, chunk);
        d->kind->play(d, s, n);
        advance(s, length, n);
        d->kind->tidy(d, s, n);
        uint64_t after = contend_clock_ns();
        me->stint.ops += n * d->load->scale;
        if (after - now > me->stint.longest_gap_ns)
            me->stint.longest_gap_ns = after - now;
        now = after;
    }
    me->stint.last_ns = now;
    return 0;
}

/* Plays one event for all clones; the duration of every eighth operation is kept. */
static void sample_event(struct replay_drive *d, struct replay_side *s, struct stint *stint)
{
    for (uint64_t k = 0; k < d->load->scale; k++) {
        bool sampled = (stint->ops++ & (SAMPLE_EVERY - 1)) == 0;
        uint64_t begin = sampled ? contend_clock_ns() : 0;
        d->kind->one(d, s, k);
        if (sampled)
            histogram_add(&s->latency, contend_clock_ns() - begin);
    }
}

static int sample_part(struct crew_worker *me)
{
    struct replay_drive *d = me->shared;
    struct replay_side *s = me->self;
    size_t length = d->kind->length(&d->load->parts[s->number]);
    uint64_t now = crew_await_start(me);

    while (under_way(me, s, length, now)) {
        size_t n = next_events(s, length, chunk_of(d->load));
        for (size_t i = 0; i < n; i++) {
            sample_event(d, s, &me->stint);
            advance(s, length, 1);
        }
        d->kind->tidy(d, s, n);
        now = contend_clock_ns();
    }
    me->stint.last_ns = now;
    return 0;
}

/* When the thread's next event is due, on the real clock. */
static uint64_t due_ns(const struct replay_drive *d, const struct replay_side *s,
                       uint64_t start_ns)
{
    uint64_t time = d->kind->time(&d->load->parts[s->number], s->at.at) +
                    s->at.pass * d->load->period_ms;

    return start_ns + (uint64_t)((double)(time - d->load->first_ms) * 1e6 / d->speed);
}

static int paced_part(struct crew_worker *me)
{
    struct replay_drive *d = me->shared;
    struct replay_side *s = me->self;
    size_t length = d->kind->length(&d->load->parts[s->number]);
    uint64_t now = crew_await_start(me);

    while (under_way(me, s, length, now)) {
        uint64_t due = due_ns(d, s, me->start_ns);
        now = crew_await(me, due);
        if (now < due)
            break;
        s->late += now - due > LATE_NS;
        for (uint64_t k = 0; k < d->load->scale; k++) {
            d->kind->one(d, s, k);
            now = contend_clock_ns();
            histogram_add(&s->latency, now - due);
            me->stint.ops++;
        }
        advance(s, length, 1);
        d->kind->tidy(d, s, 1);
    }
    me->stint.last_ns = now;
    return 0;
}

static int settle_part(struct crew_worker *me)
{
    struct replay_drive *d = me->shared;

    d->kind->settle(d, me->self);
    return 0;
}

static int verify_part(struct crew_worker *me)
{
    struct replay_drive *d = me->shared;
    struct replay_side *s = me->self;

    s->why[0] = '\0';
    d->kind->verify(d, s, d->model);
    return s->why[0] ? -EILSEQ : 0;
}

static int attach(struct crew_worker *me)
{
    struct replay_drive *d = me->shared;
    struct replay_side *s = me->self;
    int error = d->kind->attach(d, s);

    s->attached = error == 0;
    return error;
}

static int detach(struct crew_worker *me)
{
    struct replay_drive *d = me->shared;
    struct replay_side *s = me->self;

    if (s->attached)
        d->kind->detach(d, s);
    return 0;
}

/* Lets all threads do one part, and waits until they have done it. */
static int lead(struct replay_drive *d, crew_work *part)
{
    return crew_perform(d->crew, &(struct crew_phase){ .work = { part } }, NULL);
}

static struct replay_drive *allocate(const struct replay_load *load)
{
    size_t size = sizeof(struct replay_drive) + load->threads * sizeof(struct replay_side);
    struct replay_drive *d = contend_alloc_aligned(size);

    if (!d)
        return NULL;
    memset(d, 0, size);
    d->positions = calloc(load->threads, sizeof *d->positions);
    if (d->positions)
        return d;
    free(d);
    return NULL;
}

static void release(struct replay_drive *d)
{
    free(d->positions);
    free(d);
}

/* Makes the threads and attaches them: all of them, or none with the reason in `why`. */
static int muster(struct replay_drive *d, const cpu_set_t *allowed, char why[REPLAY_WHY])
{
    struct crew_plan plan = {
        .roles = { { .count = d->load->threads } }, .allowed = *allowed, .shared = d,
    };
    int error = crew_make(&d->crew, &plan);

    if (error) {
        snprintf(why, REPLAY_WHY, "no thread could be made: %s", strerror(-error));
        return error;
    }
    for (unsigned i = 0; i < d->load->threads; i++)
        crew_worker_at(d->crew, i)->self = &d->sides[i];
    error = lead(d, attach);
    if (error) {
        d->kind->explain(d, why);
        if (!why[0])
            snprintf(why, REPLAY_WHY, "a thread could not attach: %s", strerror(-error));
        lead(d, detach);
        crew_end(d->crew);
    }
    return error;
}

int replay_drive_begin(struct replay_drive **out, const struct replay_load *load,
                       const struct contestant *who, uint64_t ttl_ms, const cpu_set_t *allowed,
                       char why[REPLAY_WHY])
{
    struct replay_drive *d = allocate(load);
    int error;

    *out = NULL;
    why[0] = '\0';
    if (!d) {
        snprintf(why, REPLAY_WHY, "%s", strerror(ENOMEM));
        return -ENOMEM;
    }
    d->load = load;
    d->who = *who;
    d->kind = replay_feed_of(who->family)->kind;
    d->ttl_ms = ttl_ms;
    for (unsigned i = 0; i < load->threads; i++) {
        d->sides[i].number = i;
        /* No sweep waits for a thread without heartbeats. */
        atomic_init(&d->sides[i].low, load->parts[i].beat_count ? load->first_ms : UINT64_MAX);
        atomic_init(&d->sides[i].high, 0);
    }
    error = d->kind->create(d, why);
    if (error && !why[0])
        snprintf(why, REPLAY_WHY, "could not be created: %s", strerror(-error));
    if (!error) {
        error = muster(d, allowed, why);
        if (error)
            d->kind->destroy(d);
    }
    if (error)
        release(d);
    else
        *out = d;
    return error;
}

void replay_drive_end(struct replay_drive *d)
{
    lead(d, detach);
    crew_end(d->crew);
    d->kind->destroy(d);
    release(d);
}

/* Lets every thread play to its goal.  The phase is measured if there are covariates to fill. */
static void stretch(struct replay_drive *d, const struct replay_position *goals, uint64_t length_ns,
                    crew_work *part, struct covariates *c)
{
    struct crew_phase phase = { .work = { part }, .length_ns = length_ns, .measured = c != NULL };

    for (unsigned i = 0; i < d->load->threads; i++)
        d->sides[i].goal = goals[i];
    crew_perform(d->crew, &phase, c);
}

void replay_drive_play(struct replay_drive *d, const struct replay_position *goals,
                       uint64_t length_ns, struct window_result *out)
{
    stretch(d, goals, length_ns, play_part, out ? &out->covariates : NULL);
    if (out)
        rates_fill(d->crew, out, NULL);
}

static void collect(struct replay_drive *d, struct histogram *into)
{
    for (unsigned i = 0; i < d->load->threads; i++)
        histogram_merge(into, &d->sides[i].latency);
}

void replay_drive_sample(struct replay_drive *d, const struct replay_position *goals,
                         uint64_t length_ns, struct histogram *into)
{
    stretch(d, goals, length_ns, sample_part, NULL);
    collect(d, into);
}

void replay_drive_paced(struct replay_drive *d, const struct replay_position *goals, double speed,
                        uint64_t length_ns, struct histogram *into, uint64_t *late)
{
    d->speed = speed;
    stretch(d, goals, length_ns, paced_part, NULL);
    collect(d, into);
    for (unsigned i = 0; i < d->load->threads; i++)
        *late += d->sides[i].late;
}

const struct replay_position *replay_drive_positions(const struct replay_drive *d)
{
    for (unsigned i = 0; i < d->load->threads; i++)
        d->positions[i] = d->sides[i].at;
    return d->positions;
}

int replay_drive_verify(struct replay_drive *d, const struct replay_model *model,
                        char why[REPLAY_WHY])
{
    why[0] = '\0';
    if (d->kind->failed(d, why))
        return -EIO;
    d->model = model;
    lead(d, settle_part);
    lead(d, verify_part);
    for (unsigned i = 0; i < d->load->threads && !why[0]; i++)
        memcpy(why, d->sides[i].why, REPLAY_WHY);
    if (!why[0])
        d->kind->verify_whole(d, model, why);
    return why[0] ? -EILSEQ : 0;
}

uint64_t replay_drive_bytes(const struct replay_drive *d)
{
    return d->kind->bytes(d);
}
