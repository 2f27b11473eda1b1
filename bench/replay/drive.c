/* drive.c - threads that play their parts. */
#include "bench/replay/drive.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "bench/base/interrupt.h"
#include "bench/replay/feed.h"
#include "bench/replay/kind.h"

enum {
    CHUNK = 1024,           /* operations between two looks at the clock, clones included */
    SAMPLE_EVERY = 8,       /* operations, for latencies; a power of two */
    START_DELAY_NS = 200000,
    SPIN_NS = 60000,        /* a sleep may end that late: the rest is waited for awake */
    NAP_NS = 100000000,     /* the longest sleep: so soon an interrupt is seen */
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
static bool under_way(struct replay_side *s, size_t length, uint64_t now)
{
    const struct replay_drive *d = s->drive;

    if (length == 0)
        s->at = s->goal;
    return before(s->at, s->goal) && (!d->deadline_ns || now < d->deadline_ns) &&
           !interrupt_came();
}

static uint64_t wait_for_start(struct replay_side *s)
{
    uint64_t now;

    s->stint = (struct stint){ 0 };
    stint_read_meters(&s->stint, -1);
    while ((now = contend_clock_ns()) < s->drive->start_ns)
        contend_cpu_relax();
    s->stint.first_ns = now;
    return now;
}

static void end_stint(struct replay_side *s, uint64_t now)
{
    s->stint.last_ns = now;
    stint_read_meters(&s->stint, +1);
}

/* Events between two looks at the clock. */
static size_t chunk_of(const struct replay_load *load)
{
    return load->scale < CHUNK ? CHUNK / load->scale : 1;
}

static void play_task(struct replay_side *s)
{
    struct replay_drive *d = s->drive;
    size_t length = d->kind->length(&d->load->parts[s->number]);
    size_t chunk = chunk_of(d->load);
    uint64_t now = wait_for_start(s);

    while (under_way(s, length, now)) {
        size_t n = next_events(s, length, chunk);
        d->kind->play(d, s, n);
        advance(s, length, n);
        d->kind->tidy(d, s, n);
        uint64_t after = contend_clock_ns();
        s->stint.ops += n * d->load->scale;
        if (after - now > s->stint.longest_gap_ns)
            s->stint.longest_gap_ns = after - now;
        now = after;
    }
    end_stint(s, now);
}

/* One event for all clones; the duration of every eighth operation is kept. */
static void sample_event(struct replay_drive *d, struct replay_side *s)
{
    for (uint64_t k = 0; k < d->load->scale; k++) {
        bool sampled = (s->stint.ops++ & (SAMPLE_EVERY - 1)) == 0;
        uint64_t begin = sampled ? contend_clock_ns() : 0;
        d->kind->one(d, s, k);
        if (sampled)
            histogram_add(&s->latency, contend_clock_ns() - begin);
    }
}

static void sample_task(struct replay_side *s)
{
    struct replay_drive *d = s->drive;
    size_t length = d->kind->length(&d->load->parts[s->number]);
    uint64_t now = wait_for_start(s);

    while (under_way(s, length, now)) {
        size_t n = next_events(s, length, chunk_of(d->load));
        for (size_t i = 0; i < n; i++) {
            sample_event(d, s);
            advance(s, length, 1);
        }
        d->kind->tidy(d, s, n);
        now = contend_clock_ns();
    }
    end_stint(s, now);
}

/* When the thread's next event is due, on the real clock. */
static uint64_t due_ns(const struct replay_drive *d, const struct replay_side *s)
{
    uint64_t time = d->kind->time(&d->load->parts[s->number], s->at.at) +
                    s->at.pass * d->load->period_ms;

    return d->start_ns + (uint64_t)((double)(time - d->load->first_ms) * 1e6 / d->speed);
}

/* Sleeps through most of the wait, in pieces, so that an interrupt ends it. */
static uint64_t wait_until(const struct replay_drive *d, uint64_t due)
{
    uint64_t now;

    while ((now = contend_clock_ns()) < due && !interrupt_came()) {
        uint64_t left = due - now;
        if (d->deadline_ns && now >= d->deadline_ns)
            break;
        if (left > 2 * SPIN_NS)
            nanosleep(&(struct timespec){ .tv_nsec = left < NAP_NS ? (long)(left - SPIN_NS) : NAP_NS },
                      NULL);
        else
            contend_cpu_relax();
    }
    return now;
}

static void paced_task(struct replay_side *s)
{
    struct replay_drive *d = s->drive;
    size_t length = d->kind->length(&d->load->parts[s->number]);
    uint64_t now = wait_for_start(s);

    while (under_way(s, length, now)) {
        uint64_t due = due_ns(d, s);
        now = wait_until(d, due);
        if (now < due)
            break;
        s->late += now - due > LATE_NS;
        for (uint64_t k = 0; k < d->load->scale; k++) {
            d->kind->one(d, s, k);
            now = contend_clock_ns();
            histogram_add(&s->latency, now - due);
            s->stint.ops++;
        }
        advance(s, length, 1);
        d->kind->tidy(d, s, 1);
    }
    end_stint(s, now);
}

static void verify_task(struct replay_side *s)
{
    s->drive->kind->verify(s->drive, s, s->drive->model);
}

static void *work(void *arg)
{
    struct replay_side *s = arg;
    struct replay_drive *d = s->drive;

    pthread_mutex_lock(&d->gate); /* all threads have been made, or none will be needed */
    bool go = !d->abandoned;
    pthread_mutex_unlock(&d->gate);
    if (!go)
        return NULL;
    contend_pin_thread(&d->allowed, s->number);
    s->error = d->kind->attach(d, s);
    for (;;) {
        pthread_barrier_wait(&d->phase); /* has attached, or has done its task */
        pthread_barrier_wait(&d->phase); /* the leader has set the next */
        if (!d->task)
            break;
        d->task(s);
    }
    if (!s->error)
        d->kind->detach(d, s);
    return NULL;
}

/* Has every thread do `task` (NULL: go home), and waits until they have. */
static void lead(struct replay_drive *d, void (*task)(struct replay_side *))
{
    d->task = task;
    pthread_barrier_wait(&d->phase);
    if (task)
        pthread_barrier_wait(&d->phase);
}

/* Makes the threads; all or none. */
static int start_threads(struct replay_drive *d)
{
    pthread_barrier_init(&d->phase, NULL, d->load->threads + 1);
    pthread_mutex_init(&d->gate, NULL);
    pthread_mutex_lock(&d->gate);
    for (; d->started < d->load->threads; d->started++)
        if (pthread_create(&d->threads[d->started], NULL, work, &d->sides[d->started]) != 0)
            break;
    d->abandoned = d->started < d->load->threads;
    pthread_mutex_unlock(&d->gate);
    return d->abandoned ? -EAGAIN : 0;
}

static void join_threads(struct replay_drive *d)
{
    for (unsigned i = 0; i < d->started; i++)
        pthread_join(d->threads[i], NULL);
    pthread_barrier_destroy(&d->phase);
    pthread_mutex_destroy(&d->gate);
}

static int first_error(const struct replay_drive *d)
{
    for (unsigned i = 0; i < d->load->threads; i++)
        if (d->sides[i].error)
            return d->sides[i].error;
    return 0;
}

static struct replay_drive *allocate(const struct replay_load *load)
{
    size_t size = sizeof(struct replay_drive) + load->threads * sizeof(struct replay_side);
    struct replay_drive *d = contend_alloc_aligned(size);

    if (!d)
        return NULL;
    memset(d, 0, size);
    d->threads = calloc(load->threads, sizeof *d->threads);
    d->positions = calloc(load->threads, sizeof *d->positions);
    if (d->threads && d->positions)
        return d;
    free(d->threads);
    free(d->positions);
    free(d);
    return NULL;
}

static void release(struct replay_drive *d)
{
    d->kind->destroy(d);
    free(d->threads);
    free(d->positions);
    free(d);
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
    d->allowed = *allowed;
    for (unsigned i = 0; i < load->threads; i++) {
        d->sides[i].drive = d;
        d->sides[i].number = i;
        /* A thread without heartbeats holds nobody up. */
        atomic_init(&d->sides[i].low, load->parts[i].beat_count ? load->first_ms : UINT64_MAX);
        atomic_init(&d->sides[i].high, 0);
    }
    error = d->kind->create(d, why);
    if (error) {
        if (!why[0])
            snprintf(why, REPLAY_WHY, "could not be created: %s", strerror(-error));
        free(d->threads);
        free(d->positions);
        free(d);
        return error;
    }
    error = start_threads(d);
    if (!error) {
        pthread_barrier_wait(&d->phase); /* all have tried to attach */
        error = first_error(d);
        if (!error) {
            *out = d;
            return 0;
        }
        lead(d, NULL);
    }
    join_threads(d);
    if (d->posts.why[0])
        snprintf(why, REPLAY_WHY, "%s", d->posts.why);
    else
        snprintf(why, REPLAY_WHY, "a thread could not attach: %s", strerror(-error));
    release(d);
    return error;
}

void replay_drive_end(struct replay_drive *d)
{
    lead(d, NULL);
    join_threads(d);
    release(d);
}

static void stretch(struct replay_drive *d, const struct replay_position *goals, uint64_t length_ns,
                    void (*task)(struct replay_side *))
{
    for (unsigned i = 0; i < d->load->threads; i++)
        d->sides[i].goal = goals[i];
    d->start_ns = contend_clock_ns() + START_DELAY_NS;
    d->deadline_ns = length_ns ? d->start_ns + length_ns : 0;
    lead(d, task);
}

void replay_drive_play(struct replay_drive *d, const struct replay_position *goals,
                       uint64_t length_ns, struct window_result *out)
{
    const struct stint *stints[WINDOW_MAX_THREADS];
    double steal_before, all_before, steal_after, all_after;
    bool known = stint_read_steal(&steal_before, &all_before);

    stretch(d, goals, length_ns, play_task);
    if (!out)
        return;
    known = stint_read_steal(&steal_after, &all_after) && known && all_after > all_before;
    out->covariates.steal =
        known ? (steal_after - steal_before) / (all_after - all_before) : (double)NAN;
    for (unsigned i = 0; i < d->load->threads; i++)
        stints[i] = &d->sides[i].stint;
    stint_summarise(stints, d->load->threads, length_ns, d->deadline_ns, out);
}

static void collect(struct replay_drive *d, struct histogram *into)
{
    for (unsigned i = 0; i < d->load->threads; i++)
        histogram_merge(into, &d->sides[i].latency);
}

void replay_drive_sample(struct replay_drive *d, const struct replay_position *goals,
                         uint64_t length_ns, struct histogram *into)
{
    stretch(d, goals, length_ns, sample_task);
    collect(d, into);
}

void replay_drive_paced(struct replay_drive *d, const struct replay_position *goals, double speed,
                        uint64_t length_ns, struct histogram *into, uint64_t *late)
{
    d->speed = speed;
    stretch(d, goals, length_ns, paced_task);
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

uint64_t replay_drive_ops(const struct replay_drive *d)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < d->load->threads; i++)
        sum += d->sides[i].stint.ops;
    return sum;
}

int replay_drive_verify(struct replay_drive *d, const struct replay_model *model,
                        char why[REPLAY_WHY])
{
    why[0] = '\0';
    d->model = model;
    lead(d, verify_task);
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
