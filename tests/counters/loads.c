/* loads.c - histories of adds and reads, long ones and short ones. */
#include <stdlib.h>

#include "bench/check/linear.h"
#include "tests/support/load.h"
#include "tests/support/oracle.h"
#include "tests/support/support.h"

enum { LONGEST = 30000, COME_AND_GO = 1000, ROUND_OPS = 40, LEAST_ROUNDS = 25, ROUNDS = 200 };

const struct counter_promise *counter_promise_of(const struct counter_traits *t, enum mix mix)
{
    return mix == MIX_UNIT ? &t->unit : mix == MIX_BATCH ? &t->batch : &t->undo;
}

/* The i-th add of a thread: undos follow their claps, so that no sum falls below 0. */
static int64_t amount(enum mix mix, size_t i)
{
    if (mix == MIX_UNIT)
        return 1;
    if (mix == MIX_BATCH)
        return 1 + (int64_t)(i % 3);
    return i % 2 ? -(int64_t)(1 + i / 2 % 3) : (int64_t)(1 + i / 2 % 3);
}

static bool has_bounds(const struct counter_traits *t)
{
    return t->min > -COUNTER_LIMIT || t->max < COUNTER_LIMIT;
}

/* Adds, and returns 0 or -EOVERFLOW, which only a counter with bounds of its own may say. */
static int add(const struct counter_ops *ops, const struct counter_traits *t, void *object,
               void *handle, int64_t n)
{
    int error = ops->add(object, handle, n);

    if (error && (error != -EOVERFLOW || !has_bounds(t)))
        abort();
    return error;
}

static void make(struct counter_rig *rig, const struct counter_ops *ops, const struct load *load)
{
    struct counter_config config = { .threads = 0 };

    if (load->settings)
        config.settings = *load->settings;
    counter_rig_up(rig, ops, &config);
}

static void *attach(const struct counter_ops *ops, void *object)
{
    void *handle = support_alloc(ops->handle_size);

    if (ops->attach(object, handle) != 0)
        abort();
    return handle;
}

static void detach(const struct counter_ops *ops, void *object, void *handle)
{
    ops->detach(object, handle);
    free(handle);
}

/* ---- long histories ---- */

struct history {
    const struct counter_ops *ops;
    const struct load *load;
    struct finding *finding;
    void *object;
    struct counter_traits traits; /* the object's own */
    enum mix mix;
    uint64_t began;
    struct record records[LOAD_THREADS];
    _Atomic int64_t expected;
};

static void record(struct team *team, unsigned number)
{
    struct history *h = team->shared;
    struct record *r = &h->records[number];
    void *handle = attach(h->ops, h->object);
    int64_t sum = 0;
    size_t i;

    for (i = 0; i < LONGEST && (i % 16 || !load_over(h->load, h->began)); i++) {
        struct event *e = &r->events[i];
        e->is_read = i % 5 == 4;
        e->begin = load_begin();
        if (e->is_read) {
            e->n = h->ops->read(h->object, handle);
        } else {
            e->n = amount(h->mix, i - i / 5);
            if (add(h->ops, &h->traits, h->object, handle, e->n) != 0)
                e->n = 0; /* which is what it did */
            sum += e->n;
        }
        e->end = load_end();
        if (i % COME_AND_GO == COME_AND_GO - 1) { /* detach must lose nothing */
            detach(h->ops, h->object, handle);
            handle = attach(h->ops, h->object);
        }
    }
    r->count = i;
    detach(h->ops, h->object, handle);
    atomic_fetch_add(&h->expected, sum);
    atomic_fetch_add(&h->finding->operations, i);
}

/* Of all threads together; a promise may allow each of them any number. */
static int64_t errors(const struct counter_promise *promise, unsigned threads)
{
    return promise->error > COUNTER_LIMIT / threads ? COUNTER_LIMIT : promise->error * threads;
}

static void judge(struct history *h)
{
    const struct counter_promise *promise = counter_promise_of(&h->traits, h->mix);
    unsigned threads = h->load->threads;
    bool exhibit = h->ops->traits->id.flags & CONTEND_EXHIBIT;

    if (!exhibit && promise->kind > COUNTER_EVENTUAL)
        return;
    int64_t error = promise->kind == COUNTER_EVENTUAL ? errors(promise, threads) : 0;
    enum oracle_sum kind = exhibit || promise->kind <= COUNTER_INTERMEDIATE ? ORACLE_PREFIXES
                                                                            : ORACLE_PARTS;
    struct oracle_verdict v = oracle_judge(h->records, threads, kind, error);
    h->finding->judged += v.reads;
    if (v.impossible)
        finding_wrong(h->finding,
                      "%zu of %zu reads are impossible; the first is %lld, not in [%lld, %lld]",
                      v.impossible, v.reads, (long long)v.value, (long long)v.least,
                      (long long)v.greatest);
}

static void one_history(struct history *h)
{
    struct counter_rig rig;

    make(&rig, h->ops, h->load);
    h->object = rig.object;
    h->traits = rig.traits;
    atomic_store(&h->expected, 0);
    struct team team = { .body = record, .shared = h };
    team_run(&team, h->load->threads, 0);
    int64_t sum = h->ops->read(rig.object, rig.handle);
    const struct counter_promise *promise = counter_promise_of(&h->traits, h->mix);
    bool promised = promise->kind != COUNTER_UNSPECIFIED ||
                    h->ops->traits->id.flags & CONTEND_EXHIBIT;
    if (promised && !counter_sum_fits(promise, atomic_load(&h->expected), sum))
        finding_wrong(h->finding, "claps are lost or invented: %lld, and the adds make %lld",
                      (long long)sum, (long long)atomic_load(&h->expected));
    judge(h);
    counter_rig_down(&rig);
}

void counter_history(const struct counter_ops *ops, enum mix mix, const struct load *load,
                     struct finding *f)
{
    struct history h = { .ops = ops, .load = load, .finding = f, .mix = mix,
                         .began = load_begin() };

    for (unsigned i = 0; i < load->threads; i++)
        assert_non_null(h.records[i].events = calloc(LONGEST, sizeof(struct event)));
    do
        one_history(&h);
    while (!load_over(load, h.began) && !atomic_load(&f->wrong));
    for (unsigned i = 0; i < load->threads; i++)
        free(h.records[i].events);
}

/* ---- short histories ---- */

struct rounds {
    const struct counter_ops *ops;
    const struct load *load;
    struct finding *finding;
    void *object;
    struct counter_traits traits; /* the object's own */
    enum mix mix;
    struct crowd crowd;
    unsigned per_thread; /* operations in a round */
    uint64_t began;
    unsigned played;
    bool over; /* the last to come decides for all */
    struct linear_op done[ROUND_OPS];
    int64_t sum;
};

/* For the specification, which has no other way to know; one load runs at a time. */
static struct {
    int64_t min, max;
    bool refuses_early, reads_are_exact;
} rules;

/* C2: whatever reads promise, one order must explain which adds were refused. */
static bool specification(const struct linear_op *op, linear_state *state)
{
    int64_t after = (int64_t)*state + op->argument;

    if (op->kind)
        return !rules.reads_are_exact || op->result == *state;
    if (op->result != 0)
        return rules.refuses_early || after < rules.min || after > rules.max;
    *state = after;
    return after >= rules.min && after <= rules.max;
}

/* Between two rounds, while everybody waits. */
static void judge_round(struct rounds *r)
{
    size_t n = (size_t)r->load->threads * r->per_thread;

    if (!linear_check(r->done, n, r->sum, specification))
        finding_wrong(r->finding, "no order of %zu adds and reads explains the results", n);
    for (size_t i = 0; i < n; i++)
        r->sum += r->done[i].kind || r->done[i].result ? 0 : r->done[i].argument;
    r->over = ++r->played == ROUNDS ||
              (r->played >= LEAST_ROUNDS && load_over(r->load, r->began));
    r->finding->histories++;
    r->finding->judged += n;
    atomic_fetch_add(&r->finding->operations, n);
}

/* Undos that may be refused need not follow their claps. */
static int64_t next_amount(const struct rounds *r, struct support_random *random, size_t i)
{
    int64_t n = amount(r->mix, i);

    return r->mix == MIX_UNDO && has_bounds(&r->traits) && support_below(random, 2) ? -n : n;
}

static void play(struct team *team, unsigned number)
{
    struct rounds *r = team->shared;
    struct support_random random = { r->load->seed * 31 + number };
    void *handle = attach(r->ops, r->object);

    while (!r->over) {
        for (size_t i = 0, adds = 0; i < r->per_thread; i++) {
            struct linear_op *op = &r->done[number * r->per_thread + i];
            bool read = support_below(&random, 2);
            *op = (struct linear_op){ .kind = read, .begin = load_begin() };
            if (read)
                op->result = r->ops->read(r->object, handle);
            else
                op->result = add(r->ops, &r->traits, r->object, handle,
                                 op->argument = next_amount(r, &random, adds++));
            op->end = load_end();
        }
        if (crowd_arrive(&r->crowd)) {
            judge_round(r);
            crowd_go_on(&r->crowd);
        }
    }
    detach(r->ops, r->object, handle);
}

void counter_rounds(const struct counter_ops *ops, enum mix mix, const struct load *load,
                    struct finding *f)
{
    uint64_t began = load_begin();
    bool exhibit = ops->traits->id.flags & CONTEND_EXHIBIT;
    struct load part = *load;

    do {
        struct rounds r = { .ops = ops, .load = &part, .finding = f, .mix = mix,
                            .crowd = { .threads = load->threads }, .began = began,
                            .per_thread = ROUND_OPS / load->threads };
        struct counter_rig rig;
        make(&rig, ops, load);
        r.object = rig.object;
        r.traits = rig.traits;
        rules.min = rig.traits.min;
        rules.max = rig.traits.max;
        rules.refuses_early = rig.traits.features & COUNTER_REFUSES_EARLY;
        rules.reads_are_exact = exhibit || counter_promise_of(&rig.traits, mix)->kind ==
                                               COUNTER_LINEARIZABLE;
        if (!rules.reads_are_exact && !has_bounds(&rig.traits)) {
            counter_rig_down(&rig);
            return;
        }
        struct team team = { .body = play, .shared = &r };
        team_run(&team, load->threads, 0);
        counter_rig_down(&rig);
        part.seed += 1000003;
    } while (!load_over(load, began) && !atomic_load(&f->wrong));
}
