/* window.c - the phases of one measurement, and its virtual time. */
#include "bench/engine/window.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/engine/crew.h"
#include "bench/engine/rates.h"
#include "bench/engine/subject.h"
#include "bench/floors/pingpong.h"

enum {
    BATCH_NS = 4000,    /* work between two looks at the clock; one look costs some 25 ns */
    BATCH_MAX = 4096,
    NEAR_BELOW_NS = 100,     /* lines move in 25-65 ns within a complex, in 150-190 ns across */
    BEAT_MS = 10000          /* virtual interval between two heartbeats of one user */
};

/* Without roles in the cell all are WORKERS; with them the READERS come first. */
enum { READERS, WORKERS, SWEEPER };

struct window {
    struct subject subject;
    const struct window_settings *settings;
    unsigned parts; /* of the prefill */

    /* Set by the leader before the timed phase. */
    uint64_t epoch_ms;       /* virtual time at the start ... */
    double virtual_per_real; /* ... and how many virtual ms pass in a real ns */
};

/* What a worker keeps beside its part of the subject. */
struct worker {
    CONTEND_ALIGNED struct subject_worker *side;
    bool attached;
    size_t batch;
    double warm_rate;  /* operations per ns */
    double virtual_ms; /* how far virtual time had come after the warm-up */
};

/*
 * Virtual time.  A frozen clock would turn heartbeats into reads where stamps are
 * seconds; a clock that moves with each operation would let a thread that runs
 * ahead expire the users of the others.  So virtual time is real time, speeded up
 * until every user beats once in BEAT_MS at the rate that the warm-up measured.
 */
static uint64_t virtual_now(const struct window *w, uint64_t start_ns, uint64_t real_ns)
{
    if (real_ns <= start_ns)
        return w->epoch_ms;
    return w->epoch_ms + (uint64_t)((double)(real_ns - start_ns) * w->virtual_per_real);
}

static double virtual_rate(const struct cell *cell, double writes_per_ns)
{
    return writes_per_ns * BEAT_MS / (double)cell->users;
}

/* The rate of all workers, if each is as fast as the given one. */
static double write_share_of_all(const struct cell *cell)
{
    double share = 0;

    for (unsigned i = 0; i < cell->threads; i++)
        share += cell_write_share(cell, i);
    return share;
}

static int attach(struct crew_worker *me)
{
    struct window *w = me->shared;
    struct worker *own = me->self;
    int error = w->subject.kind->attach(&w->subject, own->side, w->settings->seed, me->number);

    own->attached = error == 0;
    return error;
}

static int detach(struct crew_worker *me)
{
    struct window *w = me->shared;
    struct worker *own = me->self;

    if (own->attached)
        w->subject.kind->detach(&w->subject, own->side);
    return 0;
}

static int prefill(struct crew_worker *me)
{
    struct window *w = me->shared;
    struct worker *own = me->self;

    w->subject.kind->prefill(&w->subject, own->side, me->number, w->parts);
    return 0;
}

/*
 * Finds the batch, and the rate from which virtual time takes its speed.  Virtual
 * time runs here too, by each worker's own guess, so that what is measured is
 * what the window will do.
 */
static int warm_up(struct crew_worker *me)
{
    struct window *w = me->shared;
    struct worker *own = me->self;
    const struct subject_kind *kind = w->subject.kind;
    const struct cell *cell = w->subject.cell;
    uint64_t begin = contend_clock_ns(), now = begin, ops = 0;
    double share = write_share_of_all(cell);

    own->batch = 1;
    own->virtual_ms = 0;
    while (now - begin < w->settings->warmup_ns) {
        kind->run(&w->subject, own->side, own->batch, SUBJECT_EPOCH_MS + (uint64_t)own->virtual_ms);
        uint64_t after = contend_clock_ns();
        ops += own->batch;
        if (after - now < BATCH_NS / 2 && own->batch < BATCH_MAX)
            own->batch *= 2;
        now = after;
        double rate = (double)ops / (double)(now - begin + 1);
        own->virtual_ms = (double)(now - begin) * virtual_rate(cell, rate * share);
    }
    own->warm_rate = (double)ops / (double)(now - begin);
    double fit = own->warm_rate * BATCH_NS;
    own->batch = fit < 1 ? 1 : fit > BATCH_MAX ? BATCH_MAX : (size_t)fit;
    return 0;
}

static int timed_part(struct crew_worker *me)
{
    struct window *w = me->shared;
    struct worker *own = me->self;
    const struct subject_kind *kind = w->subject.kind;
    uint64_t longest = 0, ops = 0, now = crew_await_start(me);

    while (now < me->deadline_ns) {
        kind->run(&w->subject, own->side, own->batch, virtual_now(w, me->start_ns, now));
        uint64_t after = contend_clock_ns();
        ops += own->batch;
        longest = after - now > longest ? after - now : longest;
        now = after;
    }
    me->stint.last_ns = now;
    me->stint.ops = ops;
    me->stint.longest_gap_ns = longest;
    return 0;
}

/*
 * Sweeps beside the workers, in small steps, and rests twenty times as long as a
 * step took: about 5 % of one processor, so that it disturbs but does not compete.
 */
static int sweeper_part(struct crew_worker *me)
{
    struct window *w = me->shared;
    struct worker *own = me->self;

    for (uint64_t now; (now = contend_clock_ns()) < me->deadline_ns;) {
        w->subject.kind->sweep(&w->subject, own->side, virtual_now(w, me->start_ns, now));
        uint64_t rest = 20 * (contend_clock_ns() - now);
        rest = rest < 5000000 ? rest : 5000000;
        nanosleep(&(struct timespec){ .tv_nsec = (long)rest }, NULL);
    }
    return 0;
}

static void set_virtual_time(struct window *w, struct crew *crew)
{
    const struct cell *cell = w->subject.cell;
    double rate = 0, furthest = 0;

    for (unsigned i = 0; i < cell->threads; i++) {
        const struct worker *own = crew_worker_at(crew, i)->self;
        rate += own->warm_rate * cell_write_share(cell, i);
        furthest = fmax(furthest, own->virtual_ms);
    }
    w->epoch_ms = SUBJECT_EPOCH_MS + (uint64_t)furthest;
    w->virtual_per_real = virtual_rate(cell, rate);
}

/* Reports an error: the strategy is left out, or `what` failed. */
static void explain(const struct window *w, const char *what, struct window_result *out)
{
    const struct subject_kind *kind = w->subject.kind;

    out->skipped = kind->excuse && kind->excuse(&w->subject, out->why, sizeof out->why);
    if (!out->skipped)
        snprintf(out->why, sizeof out->why, "%s: %s", what, strerror(-out->error));
}

static void run_phases(struct window *w, struct crew *crew, struct window_result *out)
{
    struct crew_phase attaching = { .work = { attach, attach, attach } };
    /* At most one worker a processor: one that is preempted half-way would hold up the rest. */
    struct crew_phase filling = { .work = { prefill, prefill }, .most = w->parts };
    struct crew_phase warming = { .work = { warm_up, warm_up } };
    struct crew_phase timed = {
        .work = { timed_part, timed_part, sweeper_part },
        .length_ns = w->settings->length_ns,
        .measured = true,
    };
    double by_role[CREW_ROLES];

    out->error = crew_perform(crew, &attaching, NULL);
    if (out->error) {
        explain(w, "a thread could not attach", out);
        return;
    }
    crew_perform(crew, &filling, NULL);
    crew_perform(crew, &warming, NULL);
    set_virtual_time(w, crew);
    crew_perform(crew, &timed, &out->covariates);
    rates_fill(crew, out, by_role);
    if (w->subject.cell->readers) {
        out->readers_per_s = by_role[READERS];
        out->writers_per_s = by_role[WORKERS];
    }
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

/* Makes the crew, with the sweeper behind the workers, and runs all phases of the window. */
static void run_crew(struct window *w, struct worker *workers, struct window_result *out)
{
    const struct cell *cell = w->subject.cell;
    struct crew_plan plan = {
        .roles = {
            [READERS] = { .count = cell->readers },
            [WORKERS] = { .count = cell->threads - cell->readers, .cpu = (int)cell->readers },
            [SWEEPER] = { .count = cell->workload->sweeper, .cpu = CREW_ANYWHERE, .beside = true },
        },
        .allowed = w->settings->allowed,
        .shared = w,
    };
    struct crew_phase detaching = { .work = { detach, detach, detach } };
    struct crew *crew;

    window_measure_placement(w->settings, cell->threads, &out->covariates);
    out->error = crew_make(&crew, &plan);
    if (out->error) {
        snprintf(out->why, sizeof out->why, "no threads: %s", strerror(-out->error));
        return;
    }
    for (unsigned i = 0; i < crew_size(crew); i++)
        crew_worker_at(crew, i)->self = &workers[i];
    run_phases(w, crew, out);
    crew_perform(crew, &detaching, NULL);
    crew_end(crew);
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
    unsigned cpus = (unsigned)CPU_COUNT(&settings->allowed);
    struct window w = {
        .subject = {
            .cell = cell,
            .who = who,
            .kind = cell->workload->subject,
        },
        .settings = settings,
        .parts = count < cpus ? count : cpus,
        .epoch_ms = SUBJECT_EPOCH_MS,
    };

    (void)unused;
    *out = (struct window_result){ .error = -EINVAL };
    snprintf(out->why, sizeof out->why, "1 to %d threads", WINDOW_MAX_THREADS);
    if (count < 1 || count > WINDOW_MAX_THREADS || cell->readers > count || cell_keys(cell) == 0 ||
        settings->length_ns == 0)
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
    for (unsigned i = 0; i < sides; i++)
        workers[i].side = &users[i];
    run_crew(&w, workers, out);
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
