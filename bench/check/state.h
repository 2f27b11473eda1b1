/*
 * state.h - one execution under the explorer: threads, memory, choices.
 *
 * Private to the explorer.  Everything that an execution allocates comes from a
 * pool that is emptied before the next one.
 */
#ifndef CONTEND_BENCH_CHECK_STATE_H
#define CONTEND_BENCH_CHECK_STATE_H

#include "bench/base/random.h"
#include "bench/check/check.h"
#include "bench/check/clock.h"
#include "bench/check/fiber.h"
#include "bench/machine/machine.h"

enum { STATE_THREADS = CHECK_MAX_THREADS + 1, STATE_MAX_CHOICES = 1 << 16,
       STATE_STACK = 512 << 10, STATE_GUARD = 256 << 10 /* its lower part: frames may be large */ };

/* ---- memory ---- */

/* One store of a location, newest first in a list. */
struct store {
    struct clock seen;    /* per thread: when it first read or wrote this; CLOCK_NEVER */
    struct clock release; /* what who reads it with acquire learns */
    struct store *older;
    uint64_t value;
    const void *pc;
    uint32_t step; /* its place in the trace, from 1; 0 = it was a plain one */
    uint8_t writer;
    bool unwritten; /* what a fresh block is filled with */
    bool updates;   /* by a read-modify-write, which read the older one: nothing comes between */
    uint8_t shown;  /* a bit per thread that reads nothing older any more */
};

/* An atomic object: bytes offset .. offset + size of its granule. */
struct location {
    struct location *next;
    struct store *newest;
    void *at;
    uint8_t offset, size;
    bool dirty; /* written plainly since; the value is whatever memory holds */
    uint8_t dirty_by;
    uint32_t dirty_at;
};

/* When each thread last touched exactly these bytes, and how. */
struct access {
    struct clock read, write, atomic_read, atomic_write;
    const void *pc[STATE_THREADS];
    struct access *next;
    uint8_t mask;
};

/* Eight bytes of the program's memory. */
struct cell {
    struct access *accesses;
    struct location *locations;
    struct block *block; /* of the heap, or NULL */
    uintptr_t base;
    uint8_t initialised; /* bytes written since the block was made */
    struct clock *forgotten; /* what the last stores of other widths published, or NULL */
};

struct block {
    uintptr_t start;
    size_t size;
    const void *made, *freed_pc;
    struct clock freed_clock;
    bool freed, zero, internal;
    uint8_t freed_by;
    unsigned freed_at; /* when blocks are reused, the last one freed is the first */
};

/* ---- objects: locks, semaphores, condition variables; found by address ---- */

struct object {
    struct object *next;
    void *at;
    struct clock clock; /* of the last releases */
    struct clock read;  /* of those of readers */
    int owner;          /* thread that holds it exclusively, or -1 */
    unsigned readers;   /* a bit per thread ... */
    uint8_t reads[STATE_THREADS]; /* ... and how often it holds it */
    unsigned value, made_with; /* of a semaphore */
    bool is_semaphore;
};

/* ---- threads ---- */

enum thread_state { THREAD_ABSENT, THREAD_READY, THREAD_PARKED, THREAD_BLOCKED, THREAD_FROZEN,
                    THREAD_FINISHED };

enum { THREAD_STALE = 8 };

struct thread {
    struct clock now;     /* what happens before the next event */
    struct clock pending; /* learned by relaxed loads, waiting for an acquire fence */
    struct clock fenced;  /* of the last release fence */
    struct clock rcu_left;
    struct fiber fiber;
    enum thread_state state;
    const char *waits; /* for what, in words */
    const void *waits_on;
    const void *pc; /* of the last event */
    uint32_t steps;
    int priority; /* PCT */
    /* The turn of a spin loop since the last cpu_relax(). */
    uint32_t loads, stores_before, own_stores;
    bool unfair; /* a spurious failure in it */
    unsigned pauses; /* within it */
    unsigned restless; /* turns in a row that nothing gave a reason for */
    struct location *stale[THREAD_STALE];
    unsigned stale_count;
    unsigned rcu_nesting, rcu_registered;
    uint64_t *begin; /* stamp of an operation that has not taken a step yet */
    bool ready, done, starved, never_waits;
    unsigned starved_from; /* its steps before the operation */
    uint32_t aside; /* number of the event that began what is aside now; 0 = none */
    bool inside;    /* an operation */
};

/* ---- choices ---- */

/* Who goes on: though the running one could; since it waits or has ended; since it spins. */
enum choice_kind { CHOICE_SWITCH, CHOICE_NEXT, CHOICE_TURN, CHOICE_STALE, CHOICE_SPURIOUS };

struct choice {
    uint8_t kind, count, taken;
};

struct strategy {
    unsigned (*choose)(enum choice_kind kind, unsigned count);
    void (*begin)(void);   /* of an execution */
    bool (*advance)(void); /* after one: false when there is nothing left to try */
};

/* ---- the trace, kept while explaining ---- */

enum event_kind { EVENT_LOAD, EVENT_STORE, EVENT_RMW, EVENT_CAS, EVENT_CAS_FAILED, EVENT_FENCE,
                  EVENT_READ, EVENT_WRITE, EVENT_ALLOCATE, EVENT_CALL, EVENT_WAIT, EVENT_BEGIN,
                  EVENT_END, EVENT_ASIDE, EVENT_FAIL };

struct event {
    enum event_kind kind;
    uint8_t thread, writer;
    int order;
    void *at;
    unsigned size;
    uint64_t value, before;
    unsigned stale;        /* how many newer stores it passed over, or came late for */
    uint32_t writer_step;  /* from 1; 0 = a plain store */
    const void *pc;
    uint32_t aside;        /* as in the thread: number of the event that began it */
    bool inside, filled;
    enum machine_rmw op;
    char text[96];
};

/* What a verdict on two accesses is about: these bytes, and who was there first. */
struct blamed {
    const void *at;
    unsigned size;
    const void *here; /* the last step's code, and the other's */
    unsigned thread;
    const void *pc;
    const char *note; /* on the other's step, in words; NULL = there is none */
};

struct run {
    const struct check_test *test;
    const struct check_options *options;
    struct check_result *result;
    const struct strategy *strategy;
    struct random random;
    bool weak, parallel;
    unsigned step_limit, steps;
    unsigned accesses; /* plain ones as well, of setup and final check, too */
    uint64_t begun;    /* executions, of all runs together */
    uint64_t stamp;
    uint32_t stores;
    unsigned patience; /* rounds in which parked threads were let go on although nobody stored */

    struct thread threads[STATE_THREADS];
    unsigned me, count; /* count includes thread 0 */
    unsigned met;       /* calls of check_meet() */
    unsigned eaten;     /* operations that others ended while one is starved */
    unsigned ready;     /* a bit per runnable thread */
    char others_ready, gate, turn, meal; /* what is waited for in progress runs: addresses */
    struct fiber explorer;
    const char *stacks; /* of all fibers, one behind the other */

    struct clock fence_known; /* everything that happens before some seq_cst fence */
    struct clock *fence_at[1 << 16];
    unsigned fences;
    struct clock rcu_started; /* of grace periods */
    bool calls_back;          /* a deferred callback runs */

    struct choice choices[STATE_MAX_CHOICES];
    unsigned choice_count;
    unsigned candidates[STATE_THREADS];

    struct object *objects[64];
    bool recording;
    struct event *events;
    uint32_t event_count, event_room;
    struct blamed fault;
    uint64_t hash;
};

extern struct run run CHECK_PRIVATE(run);

static inline struct thread *self(void)
{
    return &run.threads[run.me];
}

/* sched.c */
unsigned choose(enum choice_kind kind, unsigned count) CHECK_PRIVATE(choose);
void schedule_point(const void *pc) CHECK_PRIVATE(schedule_point);
/* An access that is no such point: who makes too many will not end. */
void schedule_count(const void *pc) CHECK_PRIVATE(schedule_count);
void schedule_away(enum thread_state state, const char *waits, const void *on)
    CHECK_PRIVATE(schedule_away);
void schedule_wake(const void *on, unsigned most) CHECK_PRIVATE(schedule_wake);
void schedule_stored(void) CHECK_PRIVATE(schedule_stored);
uint32_t schedule_others_stored(void) CHECK_PRIVATE(schedule_others_stored);
void schedule_execute(void) CHECK_PRIVATE(schedule_execute);
void release_bump(struct thread *t) CHECK_PRIVATE(release_bump);
/* "thread 2", "the setup", "a deferred callback" ...: who runs now, or who did something before. */
enum { WHO = 24 };
const char *who_runs(char text[WHO]) CHECK_PRIVATE(who_runs);
const char *who_did(unsigned thread, char text[WHO]) CHECK_PRIVATE(who_did);
_Noreturn void fail(enum check_verdict verdict, const char *format, ...) CHECK_PRIVATE(fail)
    __attribute__((format(printf, 2, 3)));

/* holdup.c: of the running thread */
void holdup_before_step(void) CHECK_PRIVATE(holdup_before_step);
void holdup_operation_begins(void) CHECK_PRIVATE(holdup_operation_begins);
void holdup_operation_ends(void) CHECK_PRIVATE(holdup_operation_ends);
void holdup_thread_ends(void) CHECK_PRIVATE(holdup_thread_ends);
/* When nobody can run: whether somebody can now. */
bool holdup_relents(void) CHECK_PRIVATE(holdup_relents);

/* memory.c */
void memory_reset(void) CHECK_PRIVATE(memory_reset);
void *pool(size_t size) CHECK_PRIVATE(pool);
struct cell *memory_cell(void *at) CHECK_PRIVATE(memory_cell);
void memory_check_bounds(struct cell *c, void *at, size_t size, const void *pc)
    CHECK_PRIVATE(memory_check_bounds);
void memory_atomic(struct cell *c, unsigned mask, bool write, const void *pc)
    CHECK_PRIVATE(memory_atomic);
void memory_plain(void *at, size_t size, bool write, bool point, const void *pc)
    CHECK_PRIVATE(memory_plain);
void *memory_allocate(size_t size, size_t align, bool zero, const void *pc)
    CHECK_PRIVATE(memory_allocate);
void *memory_reallocate(void *block, size_t size, const void *pc)
    CHECK_PRIVATE(memory_reallocate);
void memory_release(void *block, const void *pc) CHECK_PRIVATE(memory_release);
void memory_check_leaks(void) CHECK_PRIVATE(memory_check_leaks);
void memory_internal(void *block) CHECK_PRIVATE(memory_internal);
/* The block of the heap that this lies in, or NULL; *size is optional. */
void *memory_block(const void *at, size_t *size) CHECK_PRIVATE(memory_block);
bool memory_unwritten(const struct cell *c, const void *at, unsigned size)
    CHECK_PRIVATE(memory_unwritten);
_Noreturn void memory_uninitialised(void *at, const void *pc)
    CHECK_PRIVATE(memory_uninitialised);
bool memory_describe(const void *at, char *text, size_t size) CHECK_PRIVATE(memory_describe);

/* atomics.c */
uint64_t atomics_load(void *at, unsigned size, int order, const void *pc)
    CHECK_PRIVATE(atomics_load);
uint64_t atomics_futex_load(void *word, struct clock *known, const void *pc)
    CHECK_PRIVATE(atomics_futex_load);
void atomics_store(void *at, unsigned size, uint64_t value, int order, const void *pc)
    CHECK_PRIVATE(atomics_store);
uint64_t atomics_rmw(void *at, unsigned size, enum machine_rmw op, uint64_t operand, int order,
                     const void *pc) CHECK_PRIVATE(atomics_rmw);
uint64_t atomics_cas(void *at, unsigned size, const struct machine_cas *cas, bool *swapped,
                     const void *pc) CHECK_PRIVATE(atomics_cas);
void atomics_fence(int order, const void *pc) CHECK_PRIVATE(atomics_fence);
void atomics_membarrier(const void *pc) CHECK_PRIVATE(atomics_membarrier);
void atomics_relax(const void *pc) CHECK_PRIVATE(atomics_relax);

/* objects.c */
void objects_reset(void) CHECK_PRIVATE(objects_reset);
_Noreturn void misuse(const char *what, const void *pc) CHECK_PRIVATE(misuse);

/* rcu.c */
void rcu_reset(void) CHECK_PRIVATE(rcu_reset);
void rcu_register(bool enter, const void *pc) CHECK_PRIVATE(rcu_register);
void rcu_thread_ends(void) CHECK_PRIVATE(rcu_thread_ends);
void rcu_read(bool enters, const void *pc) CHECK_PRIVATE(rcu_read);
void rcu_synchronize(const void *pc) CHECK_PRIVATE(rcu_synchronize);
void rcu_defer(void *head, void (*reclaim)(void *head), const void *pc)
    CHECK_PRIVATE(rcu_defer);
void rcu_barrier(const void *pc) CHECK_PRIVATE(rcu_barrier);

/* search.c */
extern const struct strategy strategy_random CHECK_PRIVATE(strategy_random);
extern const struct strategy strategy_pct CHECK_PRIVATE(strategy_pct);
extern const struct strategy strategy_depth_first CHECK_PRIVATE(strategy_depth_first);
extern const struct strategy strategy_replay CHECK_PRIVATE(strategy_replay);
bool choices_parse(const char *text) CHECK_PRIVATE(choices_parse);
void choices_print(char *text, size_t size) CHECK_PRIVATE(choices_print);

/* trace.c: only while recording, but for trace_call */
struct event *trace(enum event_kind kind, const void *pc) CHECK_PRIVATE(trace);
void trace_text(enum event_kind kind, const void *pc, const char *text)
    CHECK_PRIVATE(trace_text);
void trace_call(const void *pc, const char *what, void *at) CHECK_PRIVATE(trace_call);

/* names.c: false where nothing has a name */
void names_reset(void) CHECK_PRIVATE(names_reset);
void names_learn(const struct event *e) CHECK_PRIVATE(names_learn);
bool names_describe(const void *at, char *text, size_t size) CHECK_PRIVATE(names_describe);
bool names_describe_pointer(const void *to, char *text, size_t size)
    CHECK_PRIVATE(names_describe_pointer);

/* source.c: "file.h:12" of code, "name+8" of a static object; or an address */
void source_symbol(const void *at, char *text, size_t size) CHECK_PRIVATE(source_symbol);
/* Where the static object begins that holds this address, and its name and size; or NULL. */
const void *source_object(const void *at, char *name, size_t room, size_t *size)
    CHECK_PRIVATE(source_object);
void source_line(const void *pc, char *text, size_t size) CHECK_PRIVATE(source_line);

/* explain.c: runs the choices of a result once more, and keeps the events. */
struct check_result check_record(const struct check_test *test, const struct check_options *options,
                                 const struct check_result *result);

extern const struct machine_driver explorer_driver CHECK_PRIVATE(explorer_driver);

#endif
