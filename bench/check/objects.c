/*
 * objects.c - ideal locks, semaphores, condition variables and futexes.
 *
 * Ideal: a lock is one step, any waiter may be next, and a release orders all that
 * precedes it before the next acquisition.  An object is identified by its address and is
 * created, free, when it is first used.
 */
#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <string.h>

#include "bench/check/crash.h"
#include "bench/check/reduce.h"
#include "bench/check/state.h"
#include "bench/check/times.h"

/* What the running model calls its lock's steps; NULL: as they are. */
static const struct machine_words *words[STATE_THREADS];

static void object_words(const struct machine_words *as)
{
    words[run.me] = as;
}

static struct object *object_of(void *at)
{
    size_t bucket = (uintptr_t)at / 8 % (sizeof run.objects / sizeof *run.objects);
    struct object *o = run.objects[bucket];

    while (o && o->at != at)
        o = o->next;
    if (o)
        return o;
    o = pool(sizeof *o);
    o->at = at;
    o->owner = -1;
    o->next = run.objects[bucket];
    return run.objects[bucket] = o;
}

/*
 * The memory of an object must still exist, and its initialisation must be ordered before:
 * to make or destroy an object is a plain write, to use it an atomic one.
 */
static void reach(void *at, bool write, const void *pc)
{
    struct cell *c = memory_cell(at);

    memory_check_bounds(c, at, 1, pc);
    if (memory_unwritten(c, at, 1))
        memory_uninitialised(at, pc);
    memory_atomic(c, 1u << ((uintptr_t)at - c->base), write, pc);
}

/* Every use of an object is a scheduling point.  Told as of `shown`, which may be NULL. */
static struct object *use_as(void *at, const void *pc, const char *what, void *shown)
{
    schedule_point(pc);
    reach(at, true, pc);
    trace_call(pc, what, shown);
    return object_of(at);
}

static struct object *use(void *at, const void *pc, const char *what)
{
    return use_as(at, pc, what, at);
}

/* A thread that polls under a lock, or a try, has made a load. */
static void looked_at(const struct object *o)
{
    schedule_looked((uintptr_t)o->at & ~(uintptr_t)7, (uint8_t)(1u << ((uintptr_t)o->at & 7)));
}

static void acquired(const struct object *o, const struct clock *published)
{
    looked_at(o);
    clock_join(&self()->now, published);
    times_meet(o, 1, false);
}

static void released(const struct object *o, struct clock *publish)
{
    clock_join(publish, &self()->now);
    times_meet(o, 1, true);
    release_bump(self());
    /* Threads that spin on a try look again. */
    schedule_stored((uintptr_t)o->at & ~(uintptr_t)7, (uint8_t)(1u << ((uintptr_t)o->at & 7)));
}

void misuse(const char *what, const void *pc)
{
    char line[128], me[WHO];

    source_line(pc, line, sizeof line);
    fail(CHECK_MISUSE, "%s at %s %s", who_runs(me), line, what);
}

/* Neither right nor wrong: what comes after it cannot be known. */
static __attribute__((noreturn)) void unmodelled(const char *what, const void *pc)
{
    char line[128], me[WHO];

    source_line(pc, line, sizeof line);
    fail(CHECK_TOO_LONG, "%s at %s %s, which has no model", who_runs(me), line, what);
}

/* A reader that sleeps delays reclamation; one that waits for a grace period waits for itself. */
static void outside_rcu(const char *what, const void *pc)
{
    if (self()->rcu_nesting)
        misuse(what, pc);
}

/* ---- locks ---- */

static bool is_free(const struct object *o, enum machine_hold hold)
{
    return o->owner < 0 && (hold == MACHINE_READ || o->readers == 0);
}

static int object_lock(void *at, enum machine_hold hold, bool try, const void *pc)
{
    turns_look(at, false, pc);
    struct object *o = use(at, pc, words[run.me]          ? words[run.me]->lock
                                   : hold == MACHINE_READ ? try ? "try shared" : "lock shared"
                                                          : try ? "try" : "lock");

    if (!try)
        outside_rcu("takes a lock inside an RCU read section", pc);
    while (!is_free(o, hold)) {
        if (try) {
            looked_at(o);
            trace_call(pc, "busy", NULL);
            return EBUSY;
        }
        schedule_away(THREAD_BLOCKED, "waits for a lock", o);
    }
    if (hold == MACHINE_READ) {
        o->readers |= 1u << run.me;
        o->reads[run.me]++;
    } else {
        o->owner = (int)run.me;
        acquired(o, &o->read); /* a reader is ordered before writers, not before readers */
    }
    acquired(o, &o->clock);
    return 0;
}

static int object_unlock(void *at, const void *pc)
{
    struct object *o = use(at, pc, words[run.me] ? words[run.me]->unlock : "unlock");
    bool reads = o->reads[run.me] > 0;
    unsigned patience = run.patience;

    if (o->owner == (int)run.me)
        o->owner = -1;
    else if (!reads)
        misuse("unlocks a lock that it does not hold", pc);
    else if (--o->reads[run.me] == 0)
        o->readers &= ~(1u << run.me);
    released(o, reads ? &o->read : &o->clock);
    /* To take a lock and let it go changes no value: a thread that polls under it may do so for ever. */
    run.patience = patience;
    schedule_wake(o, UINT_MAX);
    return 0;
}

static int object_destroy(void *at, const void *pc)
{
    struct object *o = use(at, pc, "destroy");

    if (o->owner >= 0 || o->readers)
        misuse("destroys a lock that is held", pc);
    return 0;
}

/* ---- condition variables ---- */

/* The present step changes who sleeps there. */
static void touch_object(const void *at)
{
    reduce_touch((const void *)((uintptr_t)at & ~(uintptr_t)7), 1u << ((uintptr_t)at & 7), true);
}

/* A wait for a condition or on a futex may end spuriously, or at once if it has a limit. */
static void sleep_on(void *on, const char *waits, const void *pc)
{
    if (run.parallel && choose(CHOICE_SPURIOUS, 2))
        if (self()->limited)
            self()->late = true;
        else
            trace_call(pc, "wake for no reason", NULL);
    else
        schedule_away(THREAD_BLOCKED, waits, on);
}

static int object_cond_wait(void *cond, void *mutex, const void *pc)
{
    struct object *c = object_of(cond);
    const struct machine_words *as = words[run.me];

    outside_rcu("waits for a condition inside an RCU read section", pc);
    reach(cond, true, pc);
    words[run.me] = as ? as->asleep : NULL;
    if (mutex)
        object_unlock(mutex, pc);
    else
        (void)(as ? use_as(cond, pc, as->lock, NULL) : use(cond, pc, "keep the mutex, and wait for"));
    touch_object(cond); /* to unlock and to fall asleep is one step */
    sleep_on(c, as ? as->waits : "waits for a condition", pc);
    int error = mutex ? object_lock(mutex, MACHINE_MUTEX, false, pc) : 0;
    words[run.me] = as;
    return error;
}

static void object_cond_wake(void *cond, bool all, const void *pc)
{
    const struct machine_words *as = words[run.me];

    schedule_wake(as ? use_as(cond, pc, as->wakes, NULL) : use(cond, pc, all ? "wake all of" : "wake one of"),
                  all ? UINT_MAX : 1);
}

/* ---- semaphores ---- */

static void object_sem_init(void *at, unsigned value, const void *pc)
{
    struct object *o = use(at, pc, "make a semaphore");

    o->is_semaphore = true;
    o->value = o->made_with = value;
}

static struct object *use_semaphore(void *at, const void *pc, const char *what)
{
    struct object *o = use(at, pc, what);

    if (!o->is_semaphore)
        misuse(o->was_semaphore ? "uses a semaphore that was destroyed"
                                : "uses a semaphore that was never initialised", pc);
    return o;
}

static int object_sem_wait(void *at, bool try, const void *pc)
{
    turns_look(at, false, pc);
    struct object *o = use_semaphore(at, pc, try ? "try" : "wait for");

    if (!try)
        outside_rcu("waits for a semaphore inside an RCU read section", pc);
    if (!try && run.parallel && choose(CHOICE_SPURIOUS, 2)) {
        trace_call(pc, "interrupted by a signal", NULL);
        return EINTR;
    }
    while (o->value == 0) {
        if (try) {
            looked_at(o);
            return EAGAIN;
        }
        schedule_away(THREAD_BLOCKED, "waits for a semaphore", o);
    }
    o->value--;
    o->reads[run.me]++;
    acquired(o, &o->clock);
    return 0;
}

/* Where semaphores admit, a thread gives back what it was given; others begin empty, as signals. */
static void come_out(struct object *o, const void *pc)
{
    if (run.test->semaphores_balance && o->made_with && o->reads[run.me] == 0)
        misuse("posts a semaphore that it is not inside of", pc);
    if (o->reads[run.me] > 0)
        o->reads[run.me]--;
}

static int object_sem_post(void *at, const void *pc)
{
    struct object *o = use_semaphore(at, pc, "post");

    if (o->value == INT_MAX)
        return EOVERFLOW;
    come_out(o, pc);
    o->value++;
    released(o, &o->clock);
    schedule_wake(o, UINT_MAX);
    return 0;
}

static int object_sem_value(void *at, const void *pc)
{
    struct object *o = use_semaphore(at, pc, "read the value of");

    looked_at(o);
    return (int)o->value;
}

static int object_sem_destroy(void *at, const void *pc)
{
    struct object *o = use_semaphore(at, pc, "destroy");

    o->is_semaphore = false;
    o->was_semaphore = true;
    if (run.test->semaphores_balance && o->value != o->made_with)
        misuse(o->value > o->made_with ? "destroys a semaphore that was posted too often"
                                       : "destroys a semaphore that was not posted often enough", pc);
    return 0;
}

/* ---- futex ---- */

/* The kernel compares under its own lock: comparing and falling asleep are one step. */
static int futex_wait(void *word, uint32_t expected, bool limited, const void *pc)
{
    struct thread *t = self();
    uint64_t value = atomics_futex_load(word, &object_of(word)->clock, pc);

    trace_call(pc, "sleep on", word);
    outside_rcu("sleeps on a futex inside an RCU read section", pc);
    if (value != expected) {
        trace_call(pc, "the value has changed: no sleep", NULL);
        return EAGAIN;
    }
    t->limited = limited;
    t->late = false;
    sleep_on(word, "sleeps on a futex", pc);
    t->limited = false;
    if (t->late)
        trace_call(pc, "the time is up", NULL);
    return t->late ? ETIMEDOUT : 0;
}

/*
 * Not an access: the kernel uses only the address.  Locks rely on it, whose waker is late while
 * the owner of the word, which has seen it change, has gone on and freed it.
 */
static int futex_wake(void *word, int count, const void *pc)
{
    schedule_point(pc);
    trace_call(pc, "wake sleepers on", word);
    touch_object(word);
    released(object_of(word), &object_of(word)->clock);
    return (int)schedule_wake(word, (unsigned)count);
}

/* Any of those that sleep, and of those that are left any. */
static unsigned move_sleepers(const void *from, const void *to, unsigned most)
{
    unsigned count = 0, moved = 0;

    for (unsigned t = 0; t < run.count; t++)
        if (run.threads[t].state == THREAD_BLOCKED && run.threads[t].waits_on == from)
            run.candidates[count++] = t;
    for (; count > 0 && most > 0; most--, moved++) {
        unsigned taken = count > most ? choose(CHOICE_WAKE, count) : 0;
        run.threads[run.candidates[taken]].waits_on = to;
        run.candidates[taken] = run.candidates[--count];
    }
    return moved;
}

static int futex_requeue(void *word, int wake, void *to, int move, const uint32_t *expected, int *woken, const void *pc)
{
    if (expected) {
        uint64_t value = atomics_futex_load(word, &object_of(word)->clock, pc);
        if (value != *expected) {
            trace_call(pc, "the value has changed: wake nobody", NULL);
            return -1;
        }
    } else {
        schedule_point(pc);
    }
    trace_call(pc, "wake and move sleepers on", word);
    touch_object(word);
    touch_object(to);
    released(object_of(word), &object_of(word)->clock);
    *woken = (int)schedule_wake(word, (unsigned)wake);
    return *woken + (int)move_sleepers(word, to, (unsigned)move);
}

static uint64_t clock_ns(const void *pc)
{
    schedule_point(pc);
    reduce_touch_all();
    self()->changes = self()->changed_in_turn = true;
    futile_deed();
    return run.steps;
}

void objects_reset(void)
{
    memset(run.objects, 0, sizeof run.objects);
    memset(words, 0, sizeof words);
    rcu_reset();
}

static unsigned machine_choice(unsigned count, const void *pc)
{
    (void)pc;
    self()->changes = self()->changed_in_turn = true;
    futile_deed();
    return run.parallel ? choose(CHOICE_MACHINE, count) : 0;
}

/* ---- allocations ---- */

static bool has_no_memory(const void *pc)
{
    if (!run.options->malloc_fails || !run.parallel || !choose(CHOICE_SPURIOUS, 2))
        return false;
    trace_call(pc, "finds no memory", NULL);
    errno = ENOMEM;
    return true;
}

static void *allocate(size_t size, size_t align, bool zero, const void *pc)
{
    return has_no_memory(pc) ? NULL : memory_allocate(size, align, zero, pc);
}

static void *reallocate(void *block, size_t size, const void *pc)
{
    return has_no_memory(pc) ? NULL : memory_reallocate(block, size, pc);
}

static void note(const char *what, void *at, const void *pc)
{
    run.last_pc = pc;
    trace_call(pc, what, at);
}

static size_t block_size(void *block)
{
    const struct block *b = memory_block(block);

    return b ? b->size : malloc_usable_size(block);
}

const struct machine_driver explorer_driver = {
    .load = atomics_load,
    .store = atomics_store,
    .rmw = atomics_rmw,
    .cas = atomics_cas,
    .fence = atomics_fence,
    .plain = memory_plain,
    .below = frames_judge_below,
    .enter = frames_enter,
    .leave = frames_leave,
    .allocate = allocate,
    .reallocate = reallocate,
    .release = memory_release,
    .lock = object_lock,
    .unlock = object_unlock,
    .lock_destroy = object_destroy,
    .cond_wait = object_cond_wait,
    .cond_wake = object_cond_wake,
    .sem_init = object_sem_init,
    .sem_wait = object_sem_wait,
    .sem_post = object_sem_post,
    .sem_value = object_sem_value,
    .sem_destroy = object_sem_destroy,
    .relax = atomics_relax,
    .futex_wait = futex_wait,
    .futex_wake = futex_wake,
    .futex_requeue = futex_requeue,
    .membarrier = atomics_membarrier,
    .clock_ns = clock_ns,
    .time = times_read,
    .time_passes = times_pass,
    .choice = machine_choice,
    .thread_create = schedule_thread_create,
    .thread_join = schedule_thread_join,
    .rcu_register = rcu_register,
    .rcu_read = rcu_read,
    .rcu_synchronize = rcu_synchronize,
    .rcu_defer = rcu_defer,
    .rcu_barrier = rcu_barrier,
    .self = ids_self,
    .execution = ids_execution,
    .thread_detach = ids_detach,
    .wide = atomics_wide,
    .misuse = misuse,
    .unmodelled = unmodelled,
    .quit = schedule_quit,
    .killed = crash_raised,
    .block_size = block_size,
    .words = object_words,
    .note = note,
    .thread_ended = schedule_thread_ended,
    .map = mappings_change,
};
