/* window.c - threads, clocks and deadlines of one measurement. */
#include "bench/engine/window.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "bench/floors/pingpong.h"
#include "bench/engine/stint.h"
#include "bench/engine/subject.h"

enum {
    BATCH_NS = 4000,    /* work between two looks at the clock; one look costs some 25 ns */
    BATCH_MAX = 4096,
    START_DELAY_NS = 200000, /* from the last arrival to the start: all are awake by then */
    NEAR_BELOW_NS = 100,     /* lines move in 25-65 ns within a complex, in 150-190 ns across */
    BEAT_MS = 10000          /* every user beats so often, in virtual time */
};

struct window {
    struct subject subject;
    const struct window_settings *settings;
    unsigned cpus;
    pthread_mutex_t gate; /* held until all threads have been made */
    pthread_barrier_t phase; /* all threads and the main one */
    _Atomic int error;    /* the first attach that failed */

    /* Set by the main thread between two phases. */
    uint64_t start_ns, deadline_ns;
    uint64_t epoch_ms;       /* virtual time at start_ns ... */
    double virtual_per_real; /* ... and how many virtual ms pass in a real ns */
};

struct worker {
    CONTEND_ALIGNED struct subject_worker *side;
    struct window *window;
    unsigned number;
    bool attached;
    size_t batch;
    double warm_rate;  /* operations per ns */
    double virtual_ms; /* how far virtual time had come after the warm-up */
    struct stint stint;
};

/*
 * Virtual time.  A frozen clock would turn heartbeats into reads where stamps are
 * seconds; a clock that moves with each operation would let a thread that runs
 * ahead expire the users of the others.  So virtual time is real time, speeded up
 * until every user beats once in BEAT_MS at the rate that the warm-up measured.
 */
static uint64_t virtual_now(const struct window *w, uint64_t real_ns)
{
    if (real_ns <= w->start_ns)
        return w->epoch_ms;
    return w->epoch_ms + (uint64_t)((double)(real_ns - w->start_ns) * w->virtual_per_real);
}

static double virtual_rate(const struct cell *cell, double writes_per_ns)
{
    return writes_per_ns * BEAT_MS / (double)cell->users;
}

/* Of all workers, if each does as many operations as one does. */
static double write_share_of_all(const struct cell *cell)
{
    double share = 0;

    for (unsigned i = 0; i < cell->threads; i++)
        share += cell_write_share(cell, i);
    return share;
}

/*
 * Finds the batch, and the rate from which virtual time takes its speed.  Virtual
 * time runs here too, by each worker's own guess, so that what is measured is
 * what the window will do.
 */
static void warm_up(struct window *w, struct worker *me)
{
    const struct subject_kind *kind = w->subject.kind;
    const struct cell *cell = w->subject.cell;
    uint64_t begin = contend_clock_ns(), now = begin, ops = 0;
    double share = write_share_of_all(cell);

    me->batch = 1;
    me->virtual_ms = 0;
    while (now - begin < w->settings->warmup_ns) {
        kind->run(&w->subject, me->side, me->batch, SUBJECT_EPOCH_MS + (uint64_t)me->virtual_ms);
        uint64_t after = contend_clock_ns();
        ops += me->batch;
        if (after - now < BATCH_NS / 2 && me->batch < BATCH_MAX)
            me->batch *= 2;
        now = after;
        double rate = (double)ops / (double)(now - begin + 1);
        me->virtual_ms = (double)(now - begin) * virtual_rate(cell, rate * share);
    }
    me->warm_rate = (double)ops / (double)(now - begin);
    double fit = me->warm_rate * BATCH_NS;
    me->batch = fit < 1 ? 1 : fit > BATCH_MAX ? BATCH_MAX : (size_t)fit;
}

static void timed_part(struct window *w, struct worker *me)
{
    const struct subject_kind *kind = w->subject.kind;
    uint64_t now, longest = 0, ops = 0;

    while ((now = contend_clock_ns()) < w->start_ns)
        contend_cpu_relax();
    me->stint.first_ns = now;
    while (now < w->deadline_ns) {
        kind->run(&w->subject, me->side, me->batch, virtual_now(w, now));
        uint64_t after = contend_clock_ns();
        ops += me->batch;
        longest = after - now > longest ? after - now : longest;
        now = after;
    }
    me->stint.last_ns = now;
    me->stint.ops = ops;
    me->stint.longest_gap_ns = longest;
}

/*
 * Sweeps beside the workers, in small steps, and rests twenty times as long as a
 * step took: about 5 % of one processor, so that it disturbs but does not compete.
 */
static void sweeper_part(struct window *w, struct worker *me)
{
    for (uint64_t now; (now = contend_clock_ns()) < w->deadline_ns;) {
        w->subject.kind->sweep(&w->subject, me->side, virtual_now(w, now));
        uint64_t rest = 20 * (contend_clock_ns() - now);
        rest = rest < 5000000 ? rest : 5000000;
        nanosleep(&(struct timespec){ .tv_nsec = (long)rest }, NULL);
    }
}

/* The phases of a window, for a worker and for the sweeper, which works in the timed part only. */
static void *work(void *arg)
{
    struct worker *me = arg;
    struct window *w = me->window;
    unsigned threads = w->subject.cell->threads, parts = threads < w->cpus ? threads : w->cpus;
    bool is_worker = me->number < threads;
    int error;

    pthread_mutex_lock(&w->gate); /* the barrier's size is known now */
    pthread_mutex_unlock(&w->gate);
    if (is_worker)
        contend_pin_thread(&w->settings->allowed, me->number);
    error = w->subject.kind->attach(&w->subject, me->side, w->settings->seed, me->number);
    me->attached = error == 0;
    if (error)
        /* relaxed: the barrier below orders it. */
        atomic_store_explicit(&w->error, error, memory_order_relaxed);
    pthread_barrier_wait(&w->phase); /* everybody has tried to attach */
    /* relaxed: as above. */
    bool go = atomic_load_explicit(&w->error, memory_order_relaxed) == 0;
    if (go) {
        if (me->number < parts)
            w->subject.kind->prefill(&w->subject, me->side, me->number, parts);
        pthread_barrier_wait(&w->phase); /* filled */
        if (is_worker)
            warm_up(w, me);
        stint_read_meters(&me->stint, -1);
        pthread_barrier_wait(&w->phase); /* warm: the main thread sets the start */
        pthread_barrier_wait(&w->phase);
        if (is_worker)
            timed_part(w, me);
        else
            sweeper_part(w, me);
        stint_read_meters(&me->stint, +1);
        pthread_barrier_wait(&w->phase); /* done */
    }
    if (me->attached)
        w->subject.kind->detach(&w->subject, me->side);
    return NULL;
}

static void set_start(struct window *w, const struct worker *workers, unsigned count)
{
    double rate = 0, furthest = 0;

    for (unsigned i = 0; i < count; i++) {
        rate += workers[i].warm_rate * cell_write_share(w->subject.cell, i);
        furthest = fmax(furthest, workers[i].virtual_ms);
    }
    w->epoch_ms = SUBJECT_EPOCH_MS + (uint64_t)furthest;
    w->virtual_per_real = virtual_rate(w->subject.cell, rate);
    w->start_ns = contend_clock_ns() + START_DELAY_NS;
    w->deadline_ns = w->start_ns + w->settings->length_ns;
}

/* What the error means: that the strategy is left out, or `what` failed. */
static void explain(const struct window *w, const char *what, struct window_result *out)
{
    const struct subject_kind *kind = w->subject.kind;

    out->skipped = kind->excuse && kind->excuse(&w->subject, out->why, sizeof out->why);
    if (!out->skipped)
        snprintf(out->why, sizeof out->why, "%s: %s", what, strerror(-out->error));
}

/* The main thread's side of the phases. */
static void run_phases(struct window *w, struct worker *workers, unsigned count,
                       struct window_result *out)
{
    double steal_before, all_before, steal_after, all_after;

    pthread_barrier_wait(&w->phase);
    /* relaxed: the barrier orders it. */
    out->error = atomic_load_explicit(&w->error, memory_order_relaxed);
    if (out->error) {
        explain(w, "a thread could not attach", out);
        return;
    }
    pthread_barrier_wait(&w->phase);
    pthread_barrier_wait(&w->phase);
    bool steal_known = stint_read_steal(&steal_before, &all_before);
    set_start(w, workers, count);
    pthread_barrier_wait(&w->phase);
    pthread_barrier_wait(&w->phase);
    steal_known = stint_read_steal(&steal_after, &all_after) && steal_known && all_after > all_before;
    out->covariates.steal =
        steal_known ? (steal_after - steal_before) / (all_after - all_before) : NAN;
}

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

/* Starts the workers, and the sweeper behind them, and sees the window through. */
static void run_workers(struct window *w, struct worker *workers, unsigned count, unsigned sides,
                        struct window_result *out)
{
    pthread_t threads[WINDOW_MAX_THREADS + 1];
    const struct stint *stints[WINDOW_MAX_THREADS];
    unsigned started = 0;

    window_measure_placement(w->settings, w->subject.cell->threads, &out->covariates);
    pthread_mutex_lock(&w->gate);
    while (started < sides && pthread_create(&threads[started], NULL, work, &workers[started]) == 0)
        started++;
    if (started < sides)
        /* relaxed: the gate and the barrier order it. */
        atomic_store_explicit(&w->error, -EAGAIN, memory_order_relaxed);
    pthread_barrier_init(&w->phase, NULL, started + 1);
    pthread_mutex_unlock(&w->gate);
    run_phases(w, workers, count, out);
    for (unsigned i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&w->phase);
    for (unsigned i = 0; i < count; i++)
        stints[i] = &workers[i].stint;
    if (out->error == 0)
        stint_summarise(stints, count, w->settings->length_ns, w->deadline_ns, out);
    if (out->error == 0 && w->subject.cell->readers)
        stint_split_roles(stints, count, w->subject.cell->readers, out);
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
    unsigned count = cell->threads, sides = count + (cell->workload->sweeper ? 1 : 0);
    struct window w = {
        .subject = {
            .cell = cell,
            .who = who,
            .kind = cell->workload->subject,
        },
        .settings = settings,
        .cpus = (unsigned)CPU_COUNT(&settings->allowed),
        .epoch_ms = SUBJECT_EPOCH_MS,
    };

    (void)unused;
    *out = (struct window_result){ .error = -EINVAL };
    snprintf(out->why, sizeof out->why, "1 to %d threads", WINDOW_MAX_THREADS);
    if (count < 1 || count > WINDOW_MAX_THREADS || cell_keys(cell) == 0)
        return out->error;
    struct worker *workers = contend_alloc_aligned(sides * sizeof *workers);
    struct subject_worker *users = contend_alloc_aligned(sides * sizeof *users);
    out->error = workers && users ? w.subject.kind->create(&w.subject) : -ENOMEM;
    if (out->error) {
        explain(&w, "could not be created", out);
        free(workers);
        free(users);
        return out->error;
    }
    out->why[0] = '\0';
    memset(workers, 0, sides * sizeof *workers);
    memset(users, 0, sides * sizeof *users);
    for (unsigned i = 0; i < sides; i++) {
        workers[i].side = &users[i];
        workers[i].window = &w;
        workers[i].number = i;
    }
    pthread_mutex_init(&w.gate, NULL);
    run_workers(&w, workers, count, sides, out);
    pthread_mutex_destroy(&w.gate);
    for (unsigned i = count; i < sides; i++)
        out->swept += users[i].swept;
    if (out->error == 0)
        w.subject.kind->verify(&w.subject, users, sides, out);
    if (out->error == 0 && out->ops == 0)
        window_blame_machine(out);
    w.subject.kind->destroy(&w.subject);
    free(workers);
    free(users);
    return out->error;
}
