/* stage.c - the phases around a run, and its virtual time. */
#include "bench/engine/stage.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BATCH_NS = 4000,    /* work between two looks at the clock; one look costs some 25 ns */
    BATCH_MAX = 4096,
    BEAT_MS = 10000,    /* virtual interval between two heartbeats of one user */
    REST_NS = 5000000   /* a sweeper's longest */
};

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
    struct stage *s = stage_of(me);
    struct stage_worker *own = me->self;
    int error = s->subject.kind->attach(&s->subject, own->side, s->settings->seed, me->number);

    own->attached = error == 0;
    return error;
}

static int detach(struct crew_worker *me)
{
    struct stage *s = stage_of(me);
    struct stage_worker *own = me->self;

    if (own->attached)
        s->subject.kind->detach(&s->subject, own->side);
    return 0;
}

static int prefill(struct crew_worker *me)
{
    struct stage *s = stage_of(me);
    struct stage_worker *own = me->self;

    s->subject.kind->prefill(&s->subject, own->side, me->number, s->parts);
    return 0;
}

/*
 * Moves the warm-up's time on to what a worker guesses, unless it is there already: no worker may
 * live in a time long ago, which some maps refuse (P22).  Returns the time that it is.
 */
static uint64_t move_warm_time(struct stage *s, double guess_ms)
{
    uint64_t ms = atomic_load_explicit(&s->warm_ms, memory_order_relaxed);

    while (ms < (uint64_t)guess_ms &&
           !atomic_compare_exchange_weak_explicit(&s->warm_ms, &ms, (uint64_t)guess_ms,
                                                  memory_order_relaxed, memory_order_relaxed))
        ;
    return ms < (uint64_t)guess_ms ? (uint64_t)guess_ms : ms;
}

/*
 * Finds the batch, and the rate from which virtual time takes its speed.  Virtual
 * time runs here too, by the workers' guesses, so that what is measured is
 * what the run will do.
 */
static int warm_up(struct crew_worker *me)
{
    struct stage *s = stage_of(me);
    struct stage_worker *own = me->self;
    const struct subject_kind *kind = s->subject.kind;
    const struct cell *cell = s->subject.cell;
    uint64_t begin = contend_clock_ns(), now = begin, ops = 0, virtual_ms = move_warm_time(s, 0);
    double share = write_share_of_all(cell);

    const size_t least = cell_batch(cell) ? cell_batch(cell) : 1; /* no fewer than one call has */

    own->batch = least;
    while (now - begin < s->settings->warmup_ns) {
        kind->run(&s->subject, own->side, own->batch, SUBJECT_EPOCH_MS + virtual_ms);
        uint64_t after = contend_clock_ns();
        ops += own->batch;
        if (after - now < BATCH_NS / 2 && own->batch < BATCH_MAX)
            own->batch *= 2;
        now = after;
        double rate = (double)ops / (double)(now - begin + 1);
        uint64_t moved = move_warm_time(s, (double)(now - begin) * virtual_rate(cell, rate * share));
        own->late_ms = fmax(own->late_ms, (double)(moved - virtual_ms));
        virtual_ms = moved;
    }
    own->warm_rate = (double)ops / (double)(now - begin);
    double fit = own->warm_rate * BATCH_NS;
    own->batch = fit < (double)least ? least : fit > BATCH_MAX ? BATCH_MAX : (size_t)fit;
    return 0;
}

/*
 * Lets pass what is owed for a batch.  The looks at the clock are coarser than a few percent of a
 * batch, so what was too much is taken from the next one's: it is exact over many.  A microsecond
 * at most, since a worker that lost its processor meanwhile has not rested for that long.
 */
static uint64_t rest(uint64_t now, double *owed_ns)
{
    uint64_t end = now;

    while ((double)(end - now) < *owed_ns)
        end = contend_clock_ns();
    *owed_ns = fmax(*owed_ns - (double)(end - now), -1000);
    return end;
}

int stage_batches(struct crew_worker *me)
{
    struct stage *s = stage_of(me);
    struct stage_worker *own = me->self;
    const struct subject_kind *kind = s->subject.kind;
    uint64_t longest = 0, ops = 0, now = crew_await_start(me);
    double owed_ns = 0;

    while (now < me->deadline_ns) {
        kind->run(&s->subject, own->side, own->batch, stage_now(s, me->start_ns, now));
        uint64_t after = contend_clock_ns();
        ops += own->batch;
        longest = after - now > longest ? after - now : longest;
        if (s->slowed) {
            owed_ns += (double)(after - now) * s->slowed / 100;
            after = rest(after, &owed_ns);
        }
        now = after;
    }
    me->stint.last_ns = now;
    me->stint.ops = ops;
    me->stint.longest_gap_ns = longest;
    own->late_ms = fmax(own->late_ms, (double)longest * s->virtual_per_real);
    return 0;
}

/*
 * Sweeps beside the workers, in small steps, and rests twenty times as long as a
 * step took: about 5 % of one processor, so that it disturbs but does not compete.
 */
int stage_sweeper(struct crew_worker *me)
{
    struct stage *s = stage_of(me);
    struct stage_worker *own = me->self;

    for (uint64_t now; crew_goes_on(me, now = contend_clock_ns());) {
        s->subject.kind->sweep(&s->subject, own->side, stage_now(s, me->start_ns, now));
        uint64_t took = contend_clock_ns() - now, pause = 20 * took;
        own->late_ms = fmax(own->late_ms, (double)took * s->virtual_per_real);
        pause = pause < REST_NS ? pause : REST_NS;
        nanosleep(&(struct timespec){ .tv_nsec = (long)pause }, NULL);
    }
    return 0;
}

int stage_hog(struct crew_worker *me)
{
    while (crew_goes_on(me, contend_clock_ns()))
        contend_cpu_relax();
    return 0;
}

double stage_warm_pace(const struct stage *s)
{
    double rate = 0;

    for (unsigned i = 0; i < s->count; i++)
        rate += s->workers[i].warm_rate * cell_write_share(s->subject.cell, i);
    return rate;
}

void stage_set_pace(struct stage *s, double writes_per_ns)
{
    s->virtual_per_real = virtual_rate(s->subject.cell, writes_per_ns);
}

void stage_advance(struct stage *s)
{
    uint64_t last = crew_start_ns(s->crew);

    for (unsigned i = 0; i < s->sides; i++) {
        uint64_t end = crew_worker_at(s->crew, i)->stint.last_ns;
        last = end > last ? end : last;
    }
    s->epoch_ms = stage_now(s, crew_start_ns(s->crew), last) + 1;
}

/* Reports an error: the strategy is left out, or `what` failed. */
static void explain(const struct stage *s, const char *what, struct window_result *out)
{
    const struct subject_kind *kind = s->subject.kind;

    out->skipped = kind->excuse && kind->excuse(&s->subject, out->why, sizeof out->why);
    if (!out->skipped)
        snprintf(out->why, sizeof out->why, "%s: %s", what, strerror(-out->error));
}

static int prepare(struct stage *s, struct window_result *out)
{
    struct crew_phase attaching = { .work = { attach, attach, attach } };
    /* At most one worker a processor: one that is preempted half-way would hold up the rest. */
    struct crew_phase filling = { .work = { prefill, prefill }, .most = s->parts };
    struct crew_phase warming = { .work = { warm_up, warm_up } };

    out->error = crew_perform(s->crew, &attaching, NULL);
    if (out->error) {
        explain(s, "a thread could not attach", out);
        return out->error;
    }
    crew_perform(s->crew, &filling, NULL);
    crew_perform(s->crew, &warming, NULL);
    s->epoch_ms = SUBJECT_EPOCH_MS + move_warm_time(s, 0);
    stage_set_pace(s, stage_warm_pace(s));
    return 0;
}

/* The workers, with the sweeper behind them. */
static int make_crew(struct stage *s, struct window_result *out)
{
    const struct cell *cell = s->subject.cell;
    struct crew_plan plan = {
        .roles = {
            [STAGE_READERS] = { .count = cell->readers },
            [STAGE_WORKERS] = { .count = cell->threads - cell->readers,
                                .cpu = (int)cell->readers },
            [STAGE_SWEEPER] = { .count = cell->workload->sweeper, .cpu = CREW_ANYWHERE,
                                .beside = true },
            [STAGE_HOGS] = { .count = cell->hogs, .beside = true },
        },
        .allowed = s->settings->allowed,
        .shared = s,
    };

    out->error = crew_make(&s->crew, &plan);
    if (out->error) {
        snprintf(out->why, sizeof out->why, "no thread could be made: %s", strerror(-out->error));
        return out->error;
    }
    for (unsigned i = 0; i < s->sides; i++)
        crew_worker_at(s->crew, i)->self = &s->workers[i];
    return 0;
}

static void free_stage(struct stage *s)
{
    free(s->workers);
    free(s->users);
    free(s);
}

static struct stage *allocate(const struct cell *cell)
{
    unsigned sides = cell->threads + (cell->workload->sweeper ? 1 : 0);
    struct stage *s = calloc(1, sizeof *s);

    if (!s)
        return NULL;
    s->count = cell->threads;
    s->sides = sides;
    s->workers = contend_alloc_aligned(sides * sizeof *s->workers);
    s->users = contend_alloc_aligned(sides * sizeof *s->users);
    if (!s->workers || !s->users) {
        free_stage(s);
        return NULL;
    }
    memset(s->workers, 0, sides * sizeof *s->workers);
    memset(s->users, 0, sides * sizeof *s->users);
    for (unsigned i = 0; i < sides; i++) {
        s->workers[i].stage = s;
        s->workers[i].side = &s->users[i];
    }
    return s;
}

int stage_make(struct stage **made, const struct cell *cell, const struct contestant *who,
               const struct window_settings *settings, struct window_result *out)
{
    unsigned cpus = (unsigned)CPU_COUNT(&settings->allowed);
    struct stage *s = allocate(cell);

    *made = NULL;
    if (!s) {
        out->error = -ENOMEM;
        snprintf(out->why, sizeof out->why, "could not be created: %s", strerror(ENOMEM));
        return -ENOMEM;
    }
    s->subject = (struct subject){ .cell = cell, .who = who, .kind = cell->workload->subject };
    s->settings = settings;
    s->slowed = who->slowed;
    s->parts = s->count < cpus ? s->count : cpus;
    s->epoch_ms = SUBJECT_EPOCH_MS;
    out->error = s->subject.kind->create(&s->subject);
    if (out->error) {
        explain(s, "could not be created", out);
        free_stage(s);
        return out->error;
    }
    if (make_crew(s, out) != 0 || prepare(s, out) != 0)
        return stage_end(s, out);
    *made = s;
    return 0;
}

/*
 * Whether a thread was without its processor for so long that its time lay too far behind the
 * others'.
 */
static bool fell_behind(const struct stage *s)
{
    double late_ms = 0;

    for (unsigned i = 0; i < s->sides; i++)
        late_ms = fmax(late_ms, s->workers[i].late_ms);
    return s->subject.reach_ms && late_ms > (double)s->subject.reach_ms;
}

int stage_end(struct stage *s, struct window_result *out)
{
    struct crew_phase detaching = { .work = { detach, detach, detach } };

    if (s->crew) {
        crew_perform(s->crew, &detaching, NULL);
        crew_end(s->crew);
    }
    for (unsigned i = s->count; i < s->sides; i++)
        out->swept += s->users[i].swept;
    if (out->error == 0)
        s->subject.kind->verify(&s->subject, s->users, s->sides, out);
    if ((out->error == -EIO || out->error == -EILSEQ) && fell_behind(s))
        window_blame_machine(out, "a thread without a processor fell behind in virtual time");
    s->subject.kind->destroy(&s->subject);
    free_stage(s);
    return out->error;
}
