/*
 * state.h - one execution under the explorer: threads, memory, choices.
 *
 * Private to the explorer.  What an execution allocates comes from a pool that is emptied before the next one.
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
    struct clock release; /* the clock that an acquire load of this store joins */
    struct store *older;
    uint64_t value;
    const void *pc;
    uint32_t step; /* position in the trace, from 1; 0 = a plain store */
    uint8_t writer;
    bool unwritten; /* stands for the filling of a fresh block */
    bool updates;   /* made by a read-modify-write of `older`: no store may go between the two */
    uint16_t shown; /* bit t: thread t may read no older store any more */
};

/* An atomic object: bytes offset .. offset + size of its granule. */
struct location {
    struct location *next;
    struct store *newest;
    void *at;
    uint8_t offset, size;
    bool dirty; /* a plain store came after the newest atomic one: memory holds the value */
    uint8_t dirty_by;
    uint32_t dirty_at;
};

/* The last accesses of each thread to exactly these bytes. */
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
    uint8_t written;     /* bytes of a static that the execution has written */
    uint8_t local;       /* 1 + the thread whose thread-local variable it is; 0 = none */
    uint64_t first;      /* its bytes before the first access */
    bool kept, gone;         /* on a stack: its thread's list has it; its function has returned */
    bool stays;              /* its memory was the system's and is gone or sealed: nothing is put back */
    struct cell *below;      /* the next in that list, or in that of statics */
    struct clock *forgotten; /* release clocks of the last stores in other widths, or NULL */
};

struct block {
    uintptr_t start;
    size_t size;
    const void *made, *freed_pc;
    struct clock freed_clock;
    bool freed, zero, internal;
    uint8_t freed_by;
    unsigned freed_at; /* orders frees: the block freed last is reused first */
    bool kept; /* a static object holds it at the end */
};

/* ---- objects: locks, semaphores, condition variables; found by address ---- */

struct object {
    struct object *next;
    void *at;
    struct clock clock; /* of the last releases */
    struct clock read;  /* of those of readers */
    int owner;          /* thread that holds it exclusively, or -1 */
    unsigned readers;   /* a bit for each thread that holds it shared */
    uint8_t reads[STATE_THREADS]; /* how often each thread does; how often it is inside a semaphore */
    unsigned value, made_with; /* of a semaphore */
    bool is_semaphore, was_semaphore;
};

/* ---- threads ---- */

enum thread_state { THREAD_ABSENT, THREAD_READY, THREAD_PARKED, THREAD_BLOCKED, THREAD_FROZEN,
                    THREAD_FINISHED };

enum { THREAD_STALE = 8, TURN_PLACES = 6, FUTILE_VISITS = 4, FUTILE_READS = 12 };

/* A place at which a thread has looked, and how it came back to that without changing anything. */
struct naive {
    const void *pc, *at;
    unsigned passed, span; /* places since, and how many before a later one takes over */
    unsigned returns;
};

/* Since the thread has last done something: where it has looked, how it was then, and what it has read. */
struct futile {
    struct {
        const void *pc, *at;
        uint64_t looks;
        unsigned first_read; /* of those that came after */
    } visits[FUTILE_VISITS];
    struct {
        void *at;
        unsigned size;
        uint64_t value;
    } reads[FUTILE_READS];
    unsigned visit_count, read_count;
    unsigned idle_steps, deeds, deeds_seen;
    bool ended; /* it has turned in vain, and does not go on in this execution */
};

struct thread {
    struct clock now;     /* what happens before the next event */
    struct clock pending; /* learned by relaxed loads, waiting for an acquire fence */
    struct clock fenced;  /* of the last release fence */
    struct clock rcu_left;
    struct fiber fiber;
    enum thread_state state;
    const char *waits; /* what it waits for, in words */
    const void *waits_on;
    const void *pc; /* of the last event */
    const void *traced_pc; /* of the last one that was recorded, and the depth of calls then */
    unsigned traced_depth;
    uint32_t steps;
    unsigned without_a_step; /* plain accesses since the last one */
    int priority; /* PCT */
    /* The turn of a spin loop since the last cpu_relax(). */
    uint32_t loads;
    struct {
        uintptr_t base;
        uint8_t mask;
    } turn[TURN_PLACES]; /* what it has read in this turn */
    unsigned turn_count; /* more than TURN_PLACES: too much to be kept */
    bool looks_plainly;  /* some of it was read plainly */
    bool stirred;        /* another thread has changed some of it since */
    struct naive naive;
    struct futile futile;
    bool unfair; /* a weak compare-and-swap failed spuriously in this turn */
    unsigned pauses; /* in this turn */
    unsigned restless; /* consecutive turns without a change of any value */
    uintptr_t registers[MACHINE_REGISTERS]; /* when it began to wait */
    bool blind;        /* the registers are not known: each turn looks different */
    uint64_t looks;    /* these and its stack when it parked */
    const void *looked_at; /* where turn_repeats() was last asked */
    bool changed_in_turn; /* since it last asked turn_repeats(), */
    bool changes;         /* or since the last round of patience: it has written, or asked for what may differ in the next turn */
    struct location *stale[THREAD_STALE];
    unsigned stale_count;
    bool limited, late; /* its wait has a limit of time; which was reached */
    unsigned rcu_nesting, rcu_registered;
    unsigned depth;        /* of calls: for frames.c */
    struct cell *on_stack; /* what was touched there, and is not gone */
    void *(*start)(void *argument); /* of a thread that the code under test has started */
    void *argument;
    bool joined;
    unsigned before; /* threads that have stood in its place */
    uint64_t *begin; /* begin stamp to be set at the first step of the operation */
    bool ready, done, starved, never_waits;
    unsigned starved_from; /* value of `steps` when the operation began */
    uint32_t aside; /* event that opened the current group of check_aside(); 0 = none */
    bool inside;    /* an operation is under way */
};

/* ---- choices ---- */

/*
 * SWITCH, NEXT and TURN choose the thread that runs next: although the running one could go
 * on; since it waits or has ended; since it spins.  WAKE chooses one of those that wait.
 * AGAIN: whether a spinner takes one more turn.
 */
enum choice_kind {
    CHOICE_SWITCH, CHOICE_NEXT, CHOICE_TURN, CHOICE_WAKE, CHOICE_STALE, CHOICE_SPURIOUS,
    CHOICE_AGAIN, CHOICE_MACHINE
};

struct choice {
    uint8_t kind, count, taken;
};

struct strategy {
    unsigned (*choose)(enum choice_kind kind, unsigned count);
    void (*begin)(void);   /* called before an execution */
    bool (*advance)(void); /* called after it: false when there is nothing left to try */
    /* Called before a choice of the next thread, also if there is only one; or NULL.  `free`: any
     * of the candidates may run, not only the first. */
    void (*plan)(unsigned count, bool free);
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
    unsigned stale;        /* newer stores that a load passed over, or a late store went below */
    uint32_t writer_step;  /* from 1; 0 = a plain store */
    const void *pc;
    uint32_t aside;        /* `aside` of the thread at this event */
    bool inside, filled;
    uint8_t half;          /* 1 and 2: of an access of 16 bytes, which are two events in a row; or 0 */
    bool races;            /* it raced, and was let pass */
    enum machine_rmw op;
    char text[96];
    const char *local;     /* the variable on a stack, named while it is there; or NULL */
    const char *target;    /* and the one whose address is written */
    bool nameless;         /* what the compiler has made, on a stack */
};

/* The two accesses that a verdict is about: the bytes, and the earlier access. */
struct blamed {
    const void *at;
    unsigned size;
    const void *here; /* code address of the later access; `pc`: of the earlier one */
    unsigned thread;
    const void *pc;
    const char *note; /* printed at the earlier access; NULL = the verdict is about one access */
};

struct run {
    const struct check_test *test;
    const struct check_options *options;
    struct check_result *result;
    const struct strategy *strategy;
    struct random random;
    bool weak, parallel;
    bool given_up; /* this execution */
    unsigned bound;    /* depth first: most unforced steps */
    bool left_out;     /* more of them were possible somewhere, */
    bool cut;          /* or something that no bound brings back */
    unsigned step_limit, steps;
    const void *last_pc; /* of the last access or step */
    unsigned accesses; /* also plain ones, and those of the setup and of the final check */
    uint64_t begun;    /* executions of all runs together */
    uint64_t stamp;
    unsigned patience; /* rounds in which parked threads were resumed although no value changed */
    unsigned excused;  /* steps made in such rounds, which are no steps towards the limit */
    uint64_t patience_saw; /* how the spinners looked in an earlier round */

    struct thread threads[STATE_THREADS];
    unsigned me, count; /* count includes thread 0 */
    unsigned bodies;    /* the threads of the test, and thread 0; those started later follow */
    unsigned started;   /* threads that were started and not joined */
    bool bodies_begun;
    unsigned met;       /* calls of check_meet() */
    unsigned eaten;     /* operations that others ended while a thread is starved */
    unsigned ready;     /* a bit per runnable thread */
    char others_ready, gate, turn, meal; /* their addresses are waited on in progress runs */
    struct fiber explorer;
    const char *stacks; /* of all fibers, contiguous */

    struct clock fence_known; /* everything that happens before any seq_cst fence so far */
    struct clock *fence_at[1 << 16];
    unsigned fences;
    struct clock rcu_started; /* joined by each read section that begins: starts of grace periods */
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
/* Counts accesses that are not scheduling points; too many mean that the program does not end. */
void schedule_count(const void *pc) CHECK_PRIVATE(schedule_count);
void schedule_away(enum thread_state state, const char *waits, const void *on)
    CHECK_PRIVATE(schedule_away);
unsigned schedule_wake(const void *on, unsigned most) CHECK_PRIVATE(schedule_wake);
/* A value has changed in these bytes of the eight at `base`: spinners that have read it look again. */
void schedule_stored(uintptr_t base, uint8_t mask) CHECK_PRIVATE(schedule_stored);
/* The running thread has read these in this turn of a loop. */
void schedule_looked(uintptr_t base, uint8_t mask) CHECK_PRIVATE(schedule_looked);
/* A plain write: a thread that waits in a loop that reads plainly looks again. */
void schedule_written_plainly(uintptr_t base, uint8_t mask) CHECK_PRIVATE(schedule_written_plainly);
/* Ends the execution without a verdict: another one has shown what would come. */
_Noreturn void schedule_give_up(void) CHECK_PRIVATE(schedule_give_up);
/* Ends it with the verdict that it has. */
_Noreturn void schedule_stop(void) CHECK_PRIVATE(schedule_stop);
void schedule_set(unsigned t, enum thread_state state) CHECK_PRIVATE(schedule_set);
/* Makes thread t, which begins with what the running thread knows. */
struct thread *schedule_start(unsigned t) CHECK_PRIVATE(schedule_start);
int schedule_thread_create(pthread_t *thread, void *(*start)(void *argument), void *argument,
                           const void *pc) CHECK_PRIVATE(schedule_thread_create);
int schedule_thread_join(pthread_t thread, const void *pc) CHECK_PRIVATE(schedule_thread_join);
bool schedule_thread_ended(pthread_t thread, const void *pc) CHECK_PRIVATE(schedule_thread_ended);
/* exit(): ends the execution, well or with a verdict. */
__attribute__((noreturn)) void schedule_quit(enum machine_end how, int status, const void *pc) CHECK_PRIVATE(schedule_quit);
/* One that was started and neither joined nor detached, or NULL. */
struct thread *schedule_started(pthread_t thread) CHECK_PRIVATE(schedule_started);
void schedule_execute(void) CHECK_PRIVATE(schedule_execute);
void release_bump(struct thread *t) CHECK_PRIVATE(release_bump);
/* "thread 2", "the setup", "a deferred callback" ...: names what runs now, or a thread. */
enum { WHO = 24 };
const char *who_runs(char text[WHO]) CHECK_PRIVATE(who_runs);
const char *who_did(unsigned thread, char text[WHO]) CHECK_PRIVATE(who_did);
_Noreturn void fail(enum check_verdict verdict, const char *format, ...) CHECK_PRIVATE(fail)
    __attribute__((format(printf, 2, 3)));

/* orders.c: the memory order to take for an access that asks for this one */
enum order_kind { ORDER_LOAD, ORDER_STORE, ORDER_UPDATE, ORDER_FENCE };
int orders_apply(enum order_kind kind, int order, const void *pc) CHECK_PRIVATE(orders_apply);

/* turns.c */
void atomics_relax(const void *pc) CHECK_PRIVATE(atomics_relax);
/*
 * The running thread is about to read this, or to take a lock there: does it wait in a loop?
 * `kept`: its registers are in machine_registers.
 */
void turns_look(const void *at, bool kept, const void *pc) CHECK_PRIVATE(turns_look);
/* The same of a plain read, which may be a step. */
void turns_look_plainly(void *at, size_t size, bool step, const void *pc) CHECK_PRIVATE(turns_look_plainly);
/* It has changed something, or begins an operation: what it does next is no turn of the same loop. */
void turns_forget(void) CHECK_PRIVATE(turns_forget);

/* futile.c: called by the running thread, which is about to look at this, its registers kept; */
void futile_look(const void *at, const void *pc) CHECK_PRIVATE(futile_look);
/* has read this in its present step; has made a step that touches nothing; has done something. */
void futile_read(void *at, unsigned size, uint64_t value) CHECK_PRIVATE(futile_read);
void futile_idles(void) CHECK_PRIVATE(futile_idles);
void futile_deed(void) CHECK_PRIVATE(futile_deed);
/* Before thread t begins; when the running thread goes on. */
void futile_wipe_stack(unsigned t) CHECK_PRIVATE(futile_wipe_stack);
void futile_wipe_below(void) CHECK_PRIVATE(futile_wipe_below);
/* Whether a thread that has turned in vain would not any more. */
bool futile_might_go_on(void) CHECK_PRIVATE(futile_might_go_on);

/* holdup.c: called by the running thread */
void holdup_before_step(void) CHECK_PRIVATE(holdup_before_step);
void holdup_operation_begins(void) CHECK_PRIVATE(holdup_operation_begins);
void holdup_operation_ends(void) CHECK_PRIVATE(holdup_operation_ends);
void holdup_thread_ends(void) CHECK_PRIVATE(holdup_thread_ends);
/* Called when no thread can run; returns whether it has resumed one. */
bool holdup_relents(void) CHECK_PRIVATE(holdup_relents);

/* memory.c */
void memory_reset(void) CHECK_PRIVATE(memory_reset);
/* Gives statics the values back that the execution has found. */
void memory_put_back(void) CHECK_PRIVATE(memory_put_back);
/* Zeroed memory until the end of the execution. */
void *pool(size_t size) CHECK_PRIVATE(pool);
struct cell *memory_cell(void *at) CHECK_PRIVATE(memory_cell);
/* What was done with these bytes is no longer known: they are another variable's now. */
void memory_forget(void *at, size_t size) CHECK_PRIVATE(memory_forget);
/* The cells of statics, and of other memory that is neither on the heap nor on a stack; see cell.below. */
struct cell *memory_statics(void) CHECK_PRIVATE(memory_statics);
void memory_check_bounds(struct cell *c, void *at, size_t size, const void *pc) CHECK_PRIVATE(memory_check_bounds);
void memory_plain(void *at, size_t size, bool write, bool point, const void *pc)
    CHECK_PRIVATE(memory_plain);
void *memory_allocate(size_t size, size_t align, bool zero, const void *pc)
    CHECK_PRIVATE(memory_allocate);
void *memory_reallocate(void *block, size_t size, const void *pc) CHECK_PRIVATE(memory_reallocate);
void memory_release(void *block, const void *pc) CHECK_PRIVATE(memory_release);
void memory_check_leaks(void) CHECK_PRIVATE(memory_check_leaks); /* leaks.c */
void memory_internal(void *block) CHECK_PRIVATE(memory_internal);
/* The block of the heap that this lies in, or NULL. */
struct block *memory_block(const void *at) CHECK_PRIVATE(memory_block);
struct block *memory_block_nth(unsigned n) CHECK_PRIVATE(memory_block_nth); /* by address, or NULL */
/* Where the heap begins, also before any execution; and whether this lies in it, made or not. */
char *memory_heap(void) CHECK_PRIVATE(memory_heap);
bool memory_in_heap(const void *at) CHECK_PRIVATE(memory_in_heap);
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

/* frames.c */
bool on_stack(const void *at) CHECK_PRIVATE(on_stack);
bool on_own_stack(const void *at) CHECK_PRIVATE(on_own_stack);
void frames_enter(const void *back, const void *frame) CHECK_PRIVATE(frames_enter);
void frames_leave(void) CHECK_PRIVATE(frames_leave);
/* Where the frame of the running function ends, as DWARF counts; 0 = unknown. */
uintptr_t frames_address(void) CHECK_PRIVATE(frames_address);
/* The same of the function in which this address of a stack lies, and where that is; 0 = unknown. */
uintptr_t frames_around(const void *at, unsigned *thread, const void **pc) CHECK_PRIVATE(frames_around);
/* The running thread itself is about to reach this, below its stack pointer. */
void frames_judge_below(void *at, size_t size, uintptr_t sp, const void *pc) CHECK_PRIVATE(frames_judge_below);
void frames_judge(struct cell *c, void *at, size_t size, const void *pc) CHECK_PRIVATE(frames_judge);
/* The same of a thread-local variable. */
void frames_judge_local(const struct cell *c, void *at, size_t size, const void *pc) CHECK_PRIVATE(frames_judge_local);

/* races.c */
/* Notes the two accesses of a verdict, for the explanation. */
void blame(const void *at, size_t size, const void *here, unsigned thread, const void *pc,
           const char *note) CHECK_PRIVATE(blame);
void races_judge(const struct cell *c, unsigned mask, bool write, bool atomic, const char *mine,
                 const void *pc) CHECK_PRIVATE(races_judge);
void races_note(struct cell *c, unsigned mask, bool write, bool atomic, const void *pc)
    CHECK_PRIVATE(races_note);
void memory_atomic(struct cell *c, unsigned mask, bool write, const void *pc)
    CHECK_PRIVATE(memory_atomic);

/* objects.c */
void objects_reset(void) CHECK_PRIVATE(objects_reset);
__attribute__((noreturn)) void misuse(const char *what, const void *pc) CHECK_PRIVATE(misuse);

/* mappings.c */
void mappings_change(enum machine_map what, void *at, size_t size, const void *pc) CHECK_PRIVATE(mappings_change);

/* rcu.c */
void rcu_reset(void) CHECK_PRIVATE(rcu_reset);
void rcu_register(bool enter, const void *pc) CHECK_PRIVATE(rcu_register);
void rcu_thread_ends(void) CHECK_PRIVATE(rcu_thread_ends);
void rcu_read(bool enters, const void *pc) CHECK_PRIVATE(rcu_read);
void rcu_synchronize(const void *pc) CHECK_PRIVATE(rcu_synchronize);
void rcu_defer(void *head, void (*reclaim)(void *head), const void *pc)
    CHECK_PRIVATE(rcu_defer);
void rcu_barrier(const void *pc) CHECK_PRIVATE(rcu_barrier);

/* ids.c */
unsigned ids_self(void) CHECK_PRIVATE(ids_self);
uint64_t ids_execution(void) CHECK_PRIVATE(ids_execution);
int ids_detach(pthread_t thread, const void *pc) CHECK_PRIVATE(ids_detach);

/* wide.c */
bool atomics_wide(void *at, const struct machine_wide *w, const void *pc) CHECK_PRIVATE(atomics_wide);

/* search.c */
extern const struct strategy strategy_random CHECK_PRIVATE(strategy_random);
extern const struct strategy strategy_pct CHECK_PRIVATE(strategy_pct);
extern const struct strategy strategy_depth_first CHECK_PRIVATE(strategy_depth_first);
extern const struct strategy strategy_reduced CHECK_PRIVATE(strategy_reduced);
extern const struct strategy strategy_replay CHECK_PRIVATE(strategy_replay);
bool choices_parse(const char *text) CHECK_PRIVATE(choices_parse);
void choices_print(char *text, size_t size) CHECK_PRIVATE(choices_print);

/* trace.c: called only while recording, except trace_call(), which then does nothing */
struct event *trace(enum event_kind kind, const void *pc) CHECK_PRIVATE(trace);
void trace_text(enum event_kind kind, const void *pc, const char *text)
    CHECK_PRIVATE(trace_text);
void trace_call(const void *pc, const char *what, void *at) CHECK_PRIVATE(trace_call);
uint64_t trace_bytes(const void *at, size_t size) CHECK_PRIVATE(trace_bytes); /* 0 if more than eight */

/* Only spinners are left, and take one more turn: of many turns the last ones are kept. */
void trace_folds(void) CHECK_PRIVATE(trace_folds);

/* explain.c: runs the choices of a result once more, and keeps the events. */
struct check_result check_record(const struct check_test *test, const struct check_options *options,
                                 const struct check_result *result);

extern const struct machine_driver explorer_driver CHECK_PRIVATE(explorer_driver);

#include "bench/check/names.h"
#include "bench/check/patience.h"

#endif
