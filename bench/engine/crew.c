/* crew.c - workers that rest between phases, and how a phase begins and ends. */
#include "bench/engine/crew.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/shortage.h"
#include "bench/engine/park.h"

enum {
    START_DELAY_NS = 200000, /* from the release of all workers to the start */
    SPIN_NS = 60000,    /* how late a sleep may end: the rest of a wait is spent awake */
    NAP_NS = 100000000, /* the longest sleep, so that a request to stop is seen in time */
    LOOK_NS = 50000     /* between two checks whether a worker stands still */
};

/* What all workers do next. */
enum step {
    STEP_PIN,
    STEP_READY, /* read the meters before a measured phase */
    STEP_WORK,
    STEP_LEAVE
};

/* A worker, with the members that its functions do not need. */
struct member {
    struct crew_worker worker;
    struct crew *crew;
    pthread_t thread;
    clockid_t clock; /* of the thread's processor time */
    struct parking parking;
    int error;
    _Atomic bool done; /* whether it has done this step */
};

struct crew {
    struct crew_plan plan;
    struct crew_phase phase;
    enum step step;
    bool under_way;
    unsigned size, made;
    unsigned counted;            /* workers whose stints count */
    const struct stint **stints; /* theirs */
    uint64_t start_ns, deadline_ns;
    struct ticks ticks;          /* before the measured phase */
    int64_t outside_cpu_ns;

    /* The leader raises `turn` to begin a step; resting workers sleep on it. */
    CONTEND_ALIGNED _Atomic uint32_t turn;
    /* Workers done with the step.  The leader sleeps on it, and is woken from `awaited` on. */
    CONTEND_ALIGNED _Atomic uint32_t arrived;
    _Atomic uint32_t awaited;
    /* Written once, read by all workers all the time. */
    CONTEND_ALIGNED _Atomic bool stop;
    CONTEND_ALIGNED struct member members[];
};

static uint64_t read_clock(clockid_t clock)
{
    struct timespec t;

    if (clock_gettime(clock, &t) != 0)
        return 0;
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static bool takes_part(const struct crew *c, const struct crew_worker *w)
{
    return c->phase.work[w->role] && (c->phase.most == 0 || w->number < c->phase.most);
}

static int pin(const struct crew *c, const struct crew_worker *w)
{
    int cpu = c->plan.roles[w->role].cpu;

    if (cpu == CREW_ANYWHERE) /* the thread may have inherited the leader's affinity */
        return sched_setaffinity(0, sizeof c->plan.allowed, &c->plan.allowed) == 0 ? 0 : -errno;
    cpu = contend_pin_thread(&c->plan.allowed, (unsigned)cpu + w->rank);
    return cpu < 0 ? cpu : 0;
}

static int do_phase(struct crew *c, struct member *m)
{
    struct crew_worker *w = &m->worker;
    int error;

    if (!c->phase.measured)
        w->stint = (struct stint){ 0 };
    if (!takes_part(c, w))
        return 0;
    w->start_ns = c->start_ns;
    w->deadline_ns = c->deadline_ns;
    park_allow(true);
    error = c->phase.work[w->role](w);
    park_allow(false);
    if (c->phase.measured)
        stint_read_meters(&w->stint, +1);
    return error;
}

static int do_step(struct crew *c, struct member *m)
{
    switch (c->step) {
    case STEP_PIN:
        return pin(c, &m->worker);
    case STEP_READY:
        m->worker.stint = (struct stint){ 0 };
        if (takes_part(c, &m->worker))
            stint_read_meters(&m->worker.stint, -1);
        return 0;
    case STEP_WORK:
        return do_phase(c, m);
    case STEP_LEAVE:
        break;
    }
    return 0;
}

/*
 * seq_cst, here and in await_workers(): either this worker sees how many are awaited, or the
 * leader sees that it has arrived.  It also publishes to the leader what the worker did.
 */
static void arrive(struct crew *c, struct member *m)
{
    /* release: pairs with the acquire in is_done(). */
    atomic_store_explicit(&m->done, true, memory_order_release);
    uint32_t arrived = atomic_fetch_add_explicit(&c->arrived, 1, memory_order_seq_cst) + 1;
    if (arrived >= atomic_load_explicit(&c->awaited, memory_order_seq_cst))
        contend_futex_wake(&c->arrived, 1);
}

static void *work(void *arg)
{
    struct member *m = arg;
    struct crew *c = m->crew;
    bool leaving = false;

    m->worker.tid = (int)syscall(SYS_gettid);
    park_allow(false); /* only its functions may be stopped, not the crew's own steps */
    for (uint32_t seen = 0, turn; !leaving; seen = turn) {
        /* acquire: pairs with the release in begin_step(). */
        while ((turn = atomic_load_explicit(&c->turn, memory_order_acquire)) == seen)
            contend_futex_wait(&c->turn, seen);
        leaving = c->step == STEP_LEAVE;
        m->error = do_step(c, m);
        arrive(c, m);
    }
    return NULL;
}

static void begin_step(struct crew *c, enum step step)
{
    c->step = step;
    /* relaxed: the release below publishes all of it. */
    for (unsigned i = 0; i < c->made; i++)
        atomic_store_explicit(&c->members[i].done, false, memory_order_relaxed);
    atomic_store_explicit(&c->arrived, 0, memory_order_relaxed);
    atomic_store_explicit(&c->awaited, c->made, memory_order_relaxed);
    /* release: pairs with the acquire in work(). */
    atomic_fetch_add_explicit(&c->turn, 1, memory_order_release);
    contend_futex_wake(&c->turn, INT_MAX);
}

static bool is_done(const struct member *m)
{
    /* acquire: pairs with the release in arrive(). */
    return atomic_load_explicit(&m->done, memory_order_acquire);
}

/* Workers that stand still before they have arrived. */
static unsigned count_parked(const struct crew *c)
{
    unsigned parked = 0;

    for (unsigned i = 0; i < c->made; i++)
        parked += !is_done(&c->members[i]) && park_holds(&c->members[i].parking);
    return parked;
}

static void release_all(struct crew *c)
{
    for (unsigned i = 0; i < c->made; i++)
        park_release(&c->members[i].parking);
}

/* Waits until all have arrived; releases parked workers as soon as only they are missing. */
static void await_workers(struct crew *c)
{
    uint32_t arrived;

    /* seq_cst, as below: see arrive(). */
    while ((arrived = atomic_load_explicit(&c->arrived, memory_order_seq_cst)) < c->made) {
        unsigned parked = count_parked(c);
        if (arrived + parked >= c->made) {
            release_all(c);
            continue;
        }
        atomic_store_explicit(&c->awaited, c->made - parked, memory_order_seq_cst);
        if (atomic_load_explicit(&c->arrived, memory_order_seq_cst) == arrived)
            contend_futex_wait(&c->arrived, arrived);
    }
}

static int first_error(const struct crew *c)
{
    for (unsigned i = 0; i < c->made; i++)
        if (c->members[i].error)
            return c->members[i].error;
    return 0;
}

/* Numbers the workers, role by role. */
static void assign(struct crew *c)
{
    unsigned number = 0;

    for (unsigned role = 0; role < CREW_ROLES; role++)
        for (unsigned rank = 0; rank < c->plan.roles[role].count; rank++, number++) {
            struct member *m = &c->members[number];
            m->crew = c;
            m->worker.number = number;
            m->worker.role = role;
            m->worker.rank = rank;
            m->worker.shared = c->plan.shared;
            m->worker.stop = &c->stop;
            if (!c->plan.roles[role].beside)
                c->stints[c->counted++] = &m->worker.stint;
        }
}

/* Makes the threads, and waits until each is on its processor. */
static int make_threads(struct crew *c)
{
    while (c->made < c->size) {
        struct member *m = &c->members[c->made];
        int error = pthread_create(&m->thread, NULL, work, m);
        c->made += error == 0;
        if (!error)
            error = pthread_getcpuclockid(m->thread, &m->clock);
        if (error)
            return -error;
    }
    begin_step(c, STEP_PIN);
    await_workers(c);
    return first_error(c);
}

static void dismiss(struct crew *c)
{
    begin_step(c, STEP_LEAVE);
    for (unsigned i = 0; i < c->made; i++)
        pthread_join(c->members[i].thread, NULL);
    free(c->stints);
    free(c);
}

static int make(struct crew **out, const struct crew_plan *plan)
{
    unsigned size = 0;
    struct crew *c;
    int error;

    *out = NULL;
    for (unsigned role = 0; role < CREW_ROLES; role++)
        size += plan->roles[role].count;
    if (size == 0)
        return -EINVAL;
    size_t bytes = sizeof *c + size * sizeof *c->members;
    c = contend_alloc_aligned(bytes);
    if (!c)
        return -ENOMEM;
    memset(c, 0, bytes);
    c->plan = *plan;
    c->size = size;
    c->stints = calloc(size, sizeof *c->stints);
    if (!c->stints) {
        free(c);
        return -ENOMEM;
    }
    assign(c);
    error = make_threads(c);
    if (error)
        dismiss(c);
    else
        *out = c;
    return error;
}

int crew_make(struct crew **out, const struct crew_plan *plan)
{
    int error = make(out, plan);

    shortage_note(error);
    return error;
}

/*
 * Adds the processor time of all threads but the leader's and the crew's, with this sign.  The
 * workers rest.  Their clocks come first: a thread's clock brings its part of the process's up
 * to date.
 */
static void read_outside(struct crew *c, int64_t sign)
{
    int64_t crew = 0;

    for (unsigned i = 0; i < c->made; i++)
        crew += (int64_t)read_clock(c->members[i].clock);
    crew += (int64_t)read_clock(CLOCK_THREAD_CPUTIME_ID);
    c->outside_cpu_ns += sign * ((int64_t)read_clock(CLOCK_PROCESS_CPUTIME_ID) - crew);
}

int crew_start(struct crew *c, const struct crew_phase *phase)
{
    if (c->under_way)
        return -EBUSY;
    c->phase = *phase;
    if (phase->measured) {
        begin_step(c, STEP_READY);
        await_workers(c);
        c->ticks = stint_read_ticks();
        c->outside_cpu_ns = 0;
        read_outside(c, -1);
    }
    c->start_ns = contend_clock_ns() + START_DELAY_NS;
    c->deadline_ns = phase->length_ns ? c->start_ns + phase->length_ns : UINT64_MAX;
    c->under_way = true;
    begin_step(c, STEP_WORK);
    return 0;
}

int crew_finish(struct crew *c, struct covariates *out)
{
    await_workers(c);
    c->under_way = false;
    if (c->phase.measured)
        read_outside(c, +1);
    if (c->phase.measured && out) {
        out->steal = stint_stolen(c->ticks, stint_read_ticks());
        stint_fill_covariates(c->stints, c->counted, c->start_ns, c->deadline_ns, out);
    }
    return first_error(c);
}

int crew_perform(struct crew *c, const struct crew_phase *phase, struct covariates *out)
{
    int error = crew_start(c, phase);

    return error ? error : crew_finish(c, out);
}

void crew_end(struct crew *c)
{
    if (c->under_way) {
        crew_ask_stop(c);
        release_all(c);
        await_workers(c);
    }
    dismiss(c);
}

void crew_ask_stop(struct crew *c)
{
    /* relaxed: see crew_is_stopping(). */
    atomic_store_explicit(&c->stop, true, memory_order_relaxed);
}

void crew_take_back_stop(struct crew *c)
{
    /* relaxed: as above. */
    atomic_store_explicit(&c->stop, false, memory_order_relaxed);
}

int crew_park(struct crew *c, unsigned worker, uint64_t ns)
{
    struct member *m = &c->members[worker];
    int error;

    if (!c->under_way || is_done(m))
        return -ESRCH;
    error = park_ask(&m->parking, m->thread, ns);
    while (!error && park_is_pending(&m->parking)) {
        if (is_done(m)) { /* the signal waits for the next phase, where it will find nothing */
            park_release(&m->parking);
            return -ESRCH;
        }
        nanosleep(&(struct timespec){ .tv_nsec = LOOK_NS }, NULL);
    }
    return error;
}

void crew_release(struct crew *c, unsigned worker)
{
    park_release(&c->members[worker].parking);
}

unsigned crew_size(const struct crew *c)
{
    return c->size;
}

struct crew_worker *crew_worker_at(struct crew *c, unsigned number)
{
    return &c->members[number].worker;
}

const struct crew_plan *crew_plan_of(const struct crew *c)
{
    return &c->plan;
}

uint64_t crew_start_ns(const struct crew *c)
{
    return c->start_ns;
}

uint64_t crew_deadline_ns(const struct crew *c)
{
    return c->deadline_ns;
}

uint64_t crew_outside_cpu_ns(const struct crew *c)
{
    return c->outside_cpu_ns > 0 ? (uint64_t)c->outside_cpu_ns : 0;
}

uint64_t crew_await(const struct crew_worker *me, uint64_t instant_ns)
{
    uint64_t now;

    while ((now = contend_clock_ns()) < instant_ns && crew_goes_on(me, now)) {
        uint64_t left = instant_ns - now;
        if (left > 2 * SPIN_NS)
            nanosleep(&(struct timespec){ .tv_nsec = left < NAP_NS ? (long)(left - SPIN_NS)
                                                                   : NAP_NS }, NULL);
        else
            contend_cpu_relax();
    }
    return now;
}
