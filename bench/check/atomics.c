/*
 * atomics.c - the memory model: which values a load may return, and which clocks it joins.
 *
 * C11 as C++20 repaired it, with restrictions that docs/checker.md states: the order of
 * sequentially consistent operations is the order of execution, and no load reads a
 * store that has not been executed yet.
 *
 * A load may take any store of the location's history down to the newest one that
 * is known to it.  A store is known if some access to it happens before the load
 * (coherence), or precedes it by the order of sequentially consistent operations
 * and fences.  `seen` of a store holds, per thread, when that thread first read or
 * wrote it, and in the lane of fences the place of its first sequentially
 * consistent access; the load's bound holds what it knows, lane by lane.  So one
 * comparison of two clocks decides.
 *
 * A store goes anywhere above what is known to it in the same way, but never between
 * a read-modify-write and what that read: `older` is the order of modifications, not
 * that of execution.
 */
#include "bench/check/reduce.h"
#include "bench/check/state.h"

enum { HISTORY = 64 /* most stores that a load looks back */ };

static bool acquires(int order)
{
    return order != __ATOMIC_RELAXED && order != __ATOMIC_RELEASE;
}

static bool releases(int order)
{
    return order == __ATOMIC_RELEASE || order == __ATOMIC_ACQ_REL || order == __ATOMIC_SEQ_CST;
}

void release_bump(struct thread *t)
{
    t->now.lane[t - run.threads]++;
}

static uint32_t own_time(void)
{
    return self()->now.lane[run.me];
}

/* The bytes of a location within its granule. */
static uint8_t place_mask(const struct location *l)
{
    return (uint8_t)(((1u << l->size) - 1) << l->offset);
}

/* A store on top of *at, which is where a location or a newer store points to. */
static struct store *store_new(struct store **at, uint64_t value, const void *pc)
{
    struct store *s = pool(sizeof *s);

    clock_fill(&s->seen, CLOCK_NEVER);
    s->older = *at;
    s->value = value;
    s->pc = pc;
    s->writer = (uint8_t)run.me;
    s->step = run.event_count;
    *at = s;
    return s;
}

/* Begins a history of one store, the value in memory, known to all or to its plain writer. */
static void location_restart(struct location *l, uint64_t value)
{
    l->newest = NULL;
    struct store *s = store_new(&l->newest, value, NULL);
    s->writer = 0;
    s->step = 0;
    if (l->dirty) {
        s->seen.lane[l->dirty_by] = l->dirty_at;
        s->writer = l->dirty_by;
    } else {
        clock_fill(&s->seen, 0);
    }
    s->seen.lane[CLOCK_FENCE] = CLOCK_NEVER;
    l->dirty = false;
}

/* The same bytes are accessed in another width: the history is dropped, the last release kept. */
static void location_forget(struct cell *c, const struct location *l)
{
    if (!c->forgotten)
        c->forgotten = pool(sizeof *c->forgotten);
    if (l->newest && !l->dirty)
        clock_join(c->forgotten, &l->newest->release);
}

static struct location *location_of(struct cell *c, void *at, unsigned size)
{
    unsigned offset = (unsigned)((uintptr_t)at - c->base);
    unsigned mask = ((1u << size) - 1) << offset;
    uint64_t value = machine_peek(at, size);
    struct location **link = &c->locations, *l = NULL;

    while (*link) {
        struct location *found = *link;
        if (found->offset == offset && found->size == size) {
            l = found;
        } else if ((((1u << found->size) - 1) << found->offset) & mask) {
            location_forget(c, found);
            *link = found->next;
            continue;
        }
        link = &found->next;
    }
    if (!l) {
        l = pool(sizeof *l);
        l->offset = (uint8_t)offset;
        l->size = (uint8_t)size;
        l->next = c->locations;
        c->locations = l;
        l->at = at;
        location_restart(l, value);
        l->newest->unwritten = memory_unwritten(c, at, size);
        if (c->forgotten)
            l->newest->release = *c->forgotten;
    } else if (l->dirty || l->newest->value != value) {
        location_restart(l, value);
    }
    return l;
}

static unsigned mask_of(const struct cell *c, const void *at, unsigned size)
{
    return ((1u << size) - 1) << ((uintptr_t)at - c->base);
}

/* Begins every atomic access: a scheduling point, the checks, and finding the location. */
static struct location *arrive(void *at, unsigned size, bool write, const void *pc)
{
    schedule_point(pc);
    struct cell *c = memory_cell(at);
    memory_check_bounds(c, at, size, pc);
    struct location *l = location_of(c, at, size);
    memory_atomic(c, mask_of(c, at, size), write, pc);
    return l;
}

/* The clock of what an access of this order knows: see the head of this file. */
static struct clock bound_of(int order)
{
    struct clock bound = self()->now;

    if (order == __ATOMIC_SEQ_CST) {
        clock_join(&bound, &run.fence_known);
        bound.lane[CLOCK_FENCE] = run.fences + 1;
    } else if (bound.lane[CLOCK_FENCE]) {
        clock_join(&bound, run.fence_at[bound.lane[CLOCK_FENCE]]);
    }
    return bound;
}

static bool is_known(const struct store *s, const struct clock *bound)
{
    return clock_any_known(&s->seen, bound) || (s->shown >> run.me & 1);
}

/* An access reads, writes on top of the store that it picks, or swaps an expected value. */
struct wish {
    enum { READS, WRITES, SWAPS } what;
    int order, failure; /* failure: of a swap that only reads */
    uint64_t expected;
};

/*
 * The store that this access reads, or goes on top of, as where it is pointed to: the
 * newest, or an older one down to the first that is known.  *passed: how many are newer.
 */
static struct store **pick(struct location *l, const struct wish *w, unsigned *passed)
{
    struct store **at = &l->newest, **may[HISTORY];
    unsigned above[HISTORY], count = 0;
    bool updated = false; /* by the store above, which must stay next to the store that it read */

    *passed = 0;
    if (!run.weak || !run.parallel || !(*at)->older)
        return at;
    struct clock written = bound_of(w->order);
    struct clock read = w->what == SWAPS ? bound_of(w->failure) : written;
    bool may_write = w->what != READS, may_read = w->what != WRITES;
    for (unsigned depth = 0; depth < HISTORY; depth++) {
        const struct store *s = *at;
        bool writes = w->what == WRITES || (w->what == SWAPS && s->value == w->expected);
        if (writes ? may_write && !updated : may_read) {
            above[count] = depth;
            may[count++] = at;
        }
        may_write &= !is_known(s, &written);
        may_read &= !is_known(s, &read);
        if (!s->older || !(may_write || may_read))
            break;
        updated = s->updates;
        at = &(*at)->older;
        run.cut |= depth + 1 == HISTORY;
    }
    unsigned taken = count > 1 ? choose(CHOICE_STALE, count) : 0;
    *passed = above[taken];
    return may[taken];
}

/* The load of an access: the thread joins the clock that the store published. */
static void learn(struct location *l, struct store *s, int order, unsigned stale)
{
    struct thread *t = self();

    if (s->unwritten)
        memory_uninitialised(l->at, t->pc);
    schedule_looked((uintptr_t)l->at & ~(uintptr_t)7, place_mask(l));
    if (stale && t->stale_count < THREAD_STALE)
        t->stale[t->stale_count++] = l;
    if (s->seen.lane[run.me] > own_time())
        s->seen.lane[run.me] = own_time();
    if (order == __ATOMIC_SEQ_CST && s->seen.lane[CLOCK_FENCE] > run.fences + 1)
        s->seen.lane[CLOCK_FENCE] = run.fences + 1;
    clock_join(&t->pending, &s->release);
    if (acquires(order))
        clock_join(&t->now, &s->release);
}

static struct event *record(enum event_kind kind, void *at, unsigned size, int order,
                            uint64_t value, const struct store *read, unsigned stale,
                            const void *pc)
{
    struct event *e = trace(kind, pc);

    e->at = at;
    e->size = size;
    e->order = order;
    e->value = value;
    e->stale = stale;
    if (read) {
        e->before = read->value;
        e->writer = read->writer;
        e->writer_step = read->step;
    }
    names_meet(e);
    if (kind == EVENT_STORE || kind == EVENT_RMW || kind == EVENT_CAS)
        names_learn(e);
    return e;
}

/* For the explanation: the store that comes right above one on top of *on. */
static void record_above(struct event *e, struct store **on)
{
    const struct store *above = (const void *)((const char *)on - offsetof(struct store, older));

    if (e->stale) {
        e->writer = above->writer;
        e->writer_step = above->step;
    }
}

uint64_t atomics_load(void *at, unsigned size, int order, const void *pc)
{
    order = orders_apply(ORDER_LOAD, order, pc);
    turns_look(at, true, pc);
    struct location *l = arrive(at, size, false, pc);
    unsigned stale;
    struct store *s = *pick(l, &(struct wish){ READS, .order = order }, &stale);

    learn(l, s, order, stale);
    futile_read(at, size, s->value);
    if (run.recording)
        record(EVENT_LOAD, at, size, order, s->value, s, stale, pc);
    return s->value;
}

/*
 * The value that the kernel compares with the expected one for a futex: one that a sequentially
 * consistent load may return, and none older than earlier callers for this word knew.  The
 * caller learns only the value, and its own stores are not fenced: Linux has a full fence
 * here, but does not promise one.
 */
uint64_t atomics_futex_load(void *word, struct clock *known, const void *pc)
{
    struct location *l = arrive(word, 4, false, pc);
    struct thread *t = self();
    const struct clock now = t->now, pending = t->pending;
    unsigned stale;

    clock_join(&t->now, known);
    struct store *s = *pick(l, &(struct wish){ READS, .order = __ATOMIC_SEQ_CST }, &stale);
    t->now = now;
    learn(l, s, __ATOMIC_RELAXED, stale);
    t->pending = pending;
    clock_join(known, &now);
    release_bump(t);
    if (run.recording)
        record(EVENT_LOAD, word, 4, __ATOMIC_RELAXED, s->value, s, stale, pc);
    return s->value;
}

/*
 * The store of an access, on top of *at.  `read` is the store that a read-modify-write has
 * read, whose release sequence it continues.
 */
static void put(struct location *l, struct store **at, uint64_t value, int order,
                const struct store *read, const void *pc)
{
    struct thread *t = self();
    bool newest = at == &l->newest;
    struct store *s = store_new(at, value, pc);

    s->seen.lane[run.me] = own_time();
    if (order == __ATOMIC_SEQ_CST)
        s->seen.lane[CLOCK_FENCE] = run.fences + 1;
    s->release = releases(order) ? t->now : t->fenced;
    s->updates = read != NULL;
    if (read)
        clock_join(&s->release, &read->release);
    release_bump(t);
    if (!newest) {
        turns_forget();
        return; /* memory holds the newest */
    }
    machine_poke(l->at, l->size, value);
    if (!s->older || s->older->value != value) {
        turns_forget();
        schedule_stored((uintptr_t)l->at & ~(uintptr_t)7, place_mask(l));
    }
    if (!run.weak)
        s->older = NULL; /* no load reads an older one */
}

void atomics_store(void *at, unsigned size, uint64_t value, int order, const void *pc)
{
    order = orders_apply(ORDER_STORE, order, pc);
    struct location *l = arrive(at, size, true, pc);
    unsigned late;
    struct store **on = pick(l, &(struct wish){ WRITES, .order = order }, &late);

    if (run.recording)
        record_above(record(EVENT_STORE, at, size, order, value, NULL, late, pc), on);
    put(l, on, value, order, NULL, pc);
}

static uint64_t truncate_to(unsigned size, uint64_t value)
{
    return size == 8 ? value : value & (((uint64_t)1 << (8 * size)) - 1);
}

uint64_t atomics_rmw(void *at, unsigned size, enum machine_rmw op, uint64_t operand, int order,
                     const void *pc)
{
    order = orders_apply(ORDER_UPDATE, order, pc);
    turns_look(at, true, pc);
    struct location *l = arrive(at, size, true, pc);
    unsigned late;
    struct store **on = pick(l, &(struct wish){ WRITES, .order = order }, &late), *s = *on;
    uint64_t value = truncate_to(size, machine_combine(op, s->value, operand));

    learn(l, s, order, late);
    if (value == s->value)
        futile_read(at, size, value);
    if (run.recording) {
        struct event *e = record(EVENT_RMW, at, size, order, value, s, late, pc);
        e->op = op;
        record_above(e, on);
    }
    put(l, on, value, order, s, pc);
    return s->value;
}

/* A swap that fails asks for no more than one that succeeds. */
static struct machine_cas orders_of_cas(const struct machine_cas *given, const void *pc)
{
    struct machine_cas cas = *given;

    cas.success = orders_apply(ORDER_UPDATE, given->success, pc);
    if (cas.success != given->success && acquires(cas.failure))
        cas.failure = acquires(cas.success) ? __ATOMIC_ACQUIRE : __ATOMIC_RELAXED;
    return cas;
}

/* Whether a swap, if it is a weak one, could fail although it reads what it expects. */
static bool may_find(const struct location *l, const struct machine_cas *cas)
{
    if (l->newest->value == cas->expected || !run.weak || !run.parallel || !l->newest->older)
        return l->newest->value == cas->expected;
    struct clock bound = bound_of(cas->failure);
    return !is_known(l->newest, &bound);
}

uint64_t atomics_cas(void *at, unsigned size, const struct machine_cas *given, bool *swapped,
                     const void *pc)
{
    const struct machine_cas own = orders_of_cas(given, pc), *cas = &own;
    turns_look(at, false, pc);
    struct location *l = arrive(at, size, false, pc);
    struct store **on = &l->newest;
    unsigned passed = 0;

    if (cas->weak && may_find(l, cas) && choose(CHOICE_SPURIOUS, 2)) {
        on = pick(l, &(struct wish){ READS, .order = cas->failure }, &passed);
        *swapped = false;
        self()->unfair = true;
    } else {
        on = pick(l, &(struct wish){ SWAPS, cas->success, cas->failure, cas->expected }, &passed);
        *swapped = (*on)->value == cas->expected;
    }
    struct store *s = *on;
    int order = *swapped ? cas->success : cas->failure;
    if (*swapped) {
        struct cell *c = memory_cell(at);
        memory_atomic(c, mask_of(c, at, size), true, pc);
    }
    learn(l, s, order, passed);
    if (s->value != cas->expected)
        futile_read(at, size, s->value);
    if (run.recording) {
        struct event *e = record(*swapped ? EVENT_CAS : EVENT_CAS_FAILED, at, size, order,
                                 *swapped ? cas->desired : cas->expected, s, passed, pc);
        if (*swapped)
            record_above(e, on);
    }
    if (*swapped)
        put(l, on, cas->desired, order, s, pc);
    return s->value;
}

/* ---- fences ---- */

/* The acquire and the release part of a sequentially consistent fence, for thread t. */
static void fence_seq_cst(struct thread *t)
{
    if (run.fences + 1 == sizeof run.fence_at / sizeof *run.fence_at)
        fail(CHECK_TOO_LONG, "the execution makes more than %u fences", run.fences);
    clock_join(&t->now, &t->pending);
    t->now.lane[CLOCK_FENCE] = ++run.fences;
    clock_join(&run.fence_known, &t->now);
    run.fence_at[run.fences] = pool(sizeof(struct clock));
    *run.fence_at[run.fences] = run.fence_known;
    t->fenced = t->now;
    release_bump(t);
}

void atomics_fence(int order, const void *pc)
{
    struct thread *t = self();

    order = orders_apply(ORDER_FENCE, order, pc);
    schedule_point(pc);
    futile_idles();
    if (run.recording)
        trace(EVENT_FENCE, pc)->order = order;
    if (order == __ATOMIC_SEQ_CST) {
        fence_seq_cst(t);
        return;
    }
    if (acquires(order))
        clock_join(&t->now, &t->pending);
    if (releases(order)) {
        t->fenced = t->now;
        release_bump(t);
    }
}

void atomics_membarrier(const void *pc)
{
    schedule_point(pc);
    reduce_touch_all();
    trace_call(pc, "membarrier", NULL);
    fence_seq_cst(self());
    for (unsigned u = 0; u < run.count; u++)
        if (run.threads[u].state != THREAD_ABSENT)
            fence_seq_cst(&run.threads[u]);
    fence_seq_cst(self()); /* the caller's own fence is before and after the others' */
}
