/* sched.c - which thread runs next: scheduling points, waiting, and the end of an execution. */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "bench/check/exhausted.h"
#include "bench/check/locals.h"
#include "bench/check/mask.h"
#include "bench/check/reduce.h"
#include "bench/check/state.h"
#include "bench/check/times.h"

struct run run;

/* ---- choices ---- */

unsigned choose(enum choice_kind kind, unsigned count)
{
    if (run.choice_count == STATE_MAX_CHOICES)
        fail(CHECK_TOO_LONG, "the execution does not end within %u choices", run.choice_count);
    unsigned taken = run.strategy->choose(kind, count);
    if (taken >= count)
        taken = 0; /* a replay string of another program */
    run.choices[run.choice_count++] =
        (struct choice){ (uint8_t)kind, (uint8_t)count, (uint8_t)taken };
    run.hash = (run.hash ^ (taken + 1)) * UINT64_C(0x100000001b3);
    return taken;
}

const char *who_did(unsigned thread, char text[WHO])
{
    snprintf(text, WHO, thread ? "thread %u" : "the setup", thread);
    return text;
}

const char *who_runs(char text[WHO])
{
    if (run.calls_back)
        return "a deferred callback";
    if (run.me == 0 && run.bodies_begun)
        return "the final check";
    return who_did(run.me, text);
}

/* Whether the verdict is about all threads, not about a step of one. */
static bool waits_for_ever(enum check_verdict v)
{
    return v == CHECK_DEADLOCK || v == CHECK_LIVELOCK || v == CHECK_BLOCKED;
}

/* The fibers' stacks are abandoned. */
_Noreturn void schedule_stop(void)
{
    struct fiber abandoned;

    fiber_switch(&abandoned, &run.explorer);
    abort();
}

/* Sets the verdict and ends the execution. */
_Noreturn void fail(enum check_verdict verdict, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    run.result->verdict = verdict;
    vsnprintf(run.result->text, sizeof run.result->text, format, arguments);
    va_end(arguments);
    if (run.recording && !waits_for_ever(verdict))
        trace_text(EVENT_FAIL, run.fault.here, check_verdict_name(verdict));
    schedule_stop();
}

_Noreturn void schedule_give_up(void)
{
    run.given_up = true;
    schedule_stop();
}

/* ---- switching ---- */

static void switch_to(unsigned next)
{
    unsigned from = run.me;
    int own = errno; /* fibers may share one; threads do not */

    if (next == from)
        return;
    run.me = next;
    locals_become(next);
    fiber_switch(&run.threads[from].fiber, &run.threads[next].fiber);
    errno = own;
}

/*
 * The runnable threads: the running one first, then round-robin, so that of several threads
 * that poll none starves the thread that they all wait for.
 */
static unsigned list_candidates(void)
{
    unsigned count = 0;

    if (run.ready >> run.me & 1)
        run.candidates[count++] = run.me;
    for (unsigned i = 1; i <= run.count; i++) {
        unsigned t = (run.me + i) % run.count;
        if (t != run.me && (run.ready >> t & 1))
            run.candidates[count++] = t;
    }
    return count;
}

void schedule_set(unsigned t, enum thread_state state)
{
    if (state == THREAD_READY && run.threads[t].state != THREAD_READY) {
        reduce_woke(t, true);
        times_hand_on(run.me, t);
    }
    run.threads[t].state = state;
    if (state == THREAD_READY)
        run.ready |= 1u << t;
    else
        run.ready &= ~(1u << t);
}

/* Resumes every spinner for one more turn; false if there is none, or none will ever end. */
static bool be_patient(void)
{
    bool any = false;

    if (!patience_lasts())
        return false;
    times_leap();
    trace_folds();
    for (unsigned t = 0; t < run.count; t++)
        if (run.threads[t].state == THREAD_PARKED) {
            schedule_set(t, THREAD_READY);
            reduce_woke(t, false);
            any = true;
        }
    return any;
}

/* Ends every wait that has a limit; false if there is none. */
static bool time_passes(void)
{
    bool any = false;

    for (unsigned t = 0; t < run.count; t++) {
        struct thread *u = &run.threads[t];
        if (u->state != THREAD_BLOCKED || !u->limited)
            continue;
        u->late = any = true;
        times_alike();
        schedule_set(t, THREAD_READY);
        reduce_woke(t, false);
    }
    return any;
}

/* Thread 0 waits until the test's threads have ended. */
static bool waits_for_the_bodies(unsigned t)
{
    return t == 0 && run.threads[0].state == THREAD_BLOCKED && run.threads[0].waits_on == &run.bodies;
}

/*
 * No thread can run: either all have ended, or some wait for ever.  A thread that the code under
 * test has started may wait for more to do.
 */
static void nobody_runs(void)
{
    char text[CHECK_TEXT] = "", me[WHO];
    bool spins = false, frozen = false, waits = false;

    for (unsigned t = 0; t < run.count; t++) {
        const struct thread *u = &run.threads[t];
        char line[128];
        size_t used = strlen(text);
        frozen |= u->state == THREAD_FROZEN;
        if ((u->state != THREAD_PARKED && u->state != THREAD_BLOCKED) || u->done ||
            waits_for_the_bodies(t))
            continue;
        waits |= t < run.bodies;
        spins |= t < run.bodies && u->state == THREAD_PARKED;
        source_line(u->pc, line, sizeof line);
        snprintf(text + used, sizeof text - used, "%s%s %s at %s", used ? ", " : "",
                 t || !run.bodies_begun ? who_did(t, me) : "the final check", u->waits, line);
    }
    if (waits && frozen)
        fail(CHECK_BLOCKED, "while one thread was stopped, %s", text);
    if (waits && patience_is_over())
        fail(CHECK_LIVELOCK, "still counts after %u turns in which no other thread could go on: %s", run.patience - 1,
             text);
    if (waits)
        fail(spins ? CHECK_LIVELOCK : CHECK_DEADLOCK, "no thread can go on: %s", text);
    schedule_set(0, THREAD_READY);
    switch_to(0);
}

static void let_one_run(enum choice_kind kind)
{
    unsigned count = list_candidates();

    if (patience_plans())
        run.strategy->plan(count, !patience_circles());
    switch_to(run.candidates[count > 1 && !patience_circles() ? choose(kind, count) : 0]);
}

static void run_another(void)
{
    enum choice_kind kind = self()->state == THREAD_PARKED ? CHOICE_TURN : CHOICE_NEXT;

    if (run.ready == 0 && futile_might_go_on())
        schedule_give_up();
    if (run.ready == 0 && !time_passes() && !holdup_relents() && !be_patient()) {
        nobody_runs();
        return;
    }
    let_one_run(kind);
}

/* ---- scheduling points ---- */

void check_meet(void)
{
    if (run.me == 0)
        return;
    reduce_touch(&run.met, 1, true);
    if (++run.met % (run.bodies - 1) == 0)
        schedule_wake(&run.met, UINT_MAX);
    else
        schedule_away(THREAD_BLOCKED, "waits for the others to meet", &run.met);
}

static _Noreturn void too_long(uint64_t made, const char *what, const void *pc)
{
    char line[64], me[WHO];

    source_line(pc, line, sizeof line);
    fail(CHECK_TOO_LONG, "the execution does not end within %llu %s: the last one is %s's at %s%s",
         (unsigned long long)made, what, who_runs(me), line,
         run.parallel ? " (a loop that waits must call sched_yield())" : "");
}

void schedule_count(const void *pc)
{
    enum { ACCESSES_PER_STEP = 20 };

    run.last_pc = pc;
    if (++run.accesses > ACCESSES_PER_STEP * ((uint64_t)run.step_limit + run.excused))
        too_long(run.accesses - 1, "accesses", pc);
}

void schedule_point(const void *pc)
{
    struct thread *t = self();

    t->pc = pc;
    schedule_count(pc);
    if (!run.parallel)
        return;
    run.excused += run.patience > 0;
    if (++run.steps > run.step_limit + run.excused)
        too_long(run.steps - 1, "steps", pc);
    t->steps++;
    t->without_a_step = 0;
    if (run.options->freeze_thread || run.options->starve_thread)
        holdup_before_step();
    if (patience_plans() || (run.ready != 1u << run.me && !patience_circles()))
        let_one_run(CHOICE_SWITCH);
    futile_wipe_below();
    run.hash = (run.hash ^ (run.me + 16)) * UINT64_C(0x100000001b3);
    if (t->begin) {
        *t->begin = ++run.stamp;
        t->begin = NULL;
        reduce_operation(true);
    }
}

void check_never_waits(bool now)
{
    self()->never_waits = now;
}

static const char *at_line(const struct thread *t, char line[64])
{
    source_line(t->pc, line, 64);
    return line;
}

void schedule_away(enum thread_state state, const char *waits, const void *on)
{
    struct thread *t = self();
    char me[WHO], line[64];

    t->waits = waits;
    t->waits_on = on;
    if (state == THREAD_PARKED)
        patience_parks(t->pc);
    else
        turns_forget();
    if (run.recording && state != THREAD_FROZEN)
        trace_text(EVENT_WAIT, t->pc, waits);
    if (!run.parallel)
        fail(CHECK_DEADLOCK, "%s %s at %s for ever", who_runs(me), waits, at_line(t, line));
    if (t->never_waits && state != THREAD_FROZEN)
        fail(CHECK_ASSERTION, "%s %s at %s, and must never wait there", who_runs(me), waits,
             at_line(t, line));
    schedule_set(run.me, state);
    run_another();
    futile_wipe_below();
}

/* Wakes up to `most` of the threads that wait on this, any of them; returns how many. */
unsigned schedule_wake(const void *on, unsigned most)
{
    unsigned count = 0, woken = 0;

    for (unsigned t = 0; t < run.count; t++)
        if (run.threads[t].state == THREAD_BLOCKED && run.threads[t].waits_on == on)
            run.candidates[count++] = t;
    for (; count > 0 && most > 0; most--, woken++) {
        unsigned taken = count > most ? choose(CHOICE_WAKE, count) : 0;
        schedule_set(run.candidates[taken], THREAD_READY);
        run.candidates[taken] = run.candidates[--count];
    }
    return woken;
}

/* ---- one execution ---- */

static void call_thread(unsigned t)
{
    if (run.test->body)
        run.test->body(run.test->context, t);
    else
        run.test->threads[t - 1](run.test->context);
}

/* With a thread beside them that goes on for ever, the end of the test's threads is an event. */
static void wake_after_the_bodies(void)
{
    if (run.started)
        reduce_touch(&run.bodies, 1, true);
    for (unsigned t = 1; t < run.bodies; t++)
        if (run.threads[t].state != THREAD_FINISHED)
            return;
    if (run.started)
        schedule_wake(&run.bodies, 1);
}

static _Noreturn void thread_entry(void)
{
    unsigned t = run.me;

    errno = 0;
    if (t < run.bodies)
        call_thread(t);
    else
        run.threads[t].start(run.threads[t].argument);
    machine_thread_ends();
    rcu_thread_ends();
    run.threads[t].ready = true;
    holdup_thread_ends();
    schedule_set(t, THREAD_FINISHED);
    reduce_touch(&run.threads[t], 1, true);
    schedule_wake(&run.threads[t], UINT_MAX);
    wake_after_the_bodies();
    run_another();
    abort();
}

static unsigned count_threads(const struct check_test *test)
{
    unsigned count = test->thread_count;

    if (!test->body)
        for (count = 0; count < CHECK_MAX_THREADS && test->threads[count];)
            count++;
    return count < CHECK_MAX_THREADS ? count : CHECK_MAX_THREADS;
}

/* Thread t begins with what the running thread knows. */
struct thread *schedule_start(unsigned t)
{
    struct thread *u = &run.threads[t];

    locals_begin(t);
    times_hand_on(run.me, t);
    u->now = self()->now;
    u->now.lane[t]++; /* from 0, or from what another thread in its place has left */
    futile_wipe_stack(t);
    fiber_prepare(&u->fiber, (char *)run.stacks + t * STATE_STACK, STATE_STACK, thread_entry);
    return u;
}

static void start_threads(void)
{
    for (unsigned t = 1; t < run.bodies; t++) {
        struct thread *u = schedule_start(t);
        schedule_set(t, run.options->freeze_thread == t ? THREAD_BLOCKED : THREAD_READY);
        u->waits = "waits to begin";
        u->waits_on = &run.others_ready;
    }
    release_bump(&run.threads[0]);
}

/* Thread 0 runs the setup, waits for the other threads, and runs the final check. */
static _Noreturn void main_entry(void)
{
    errno = 0;
    if (run.test->setup)
        run.test->setup(run.test->context);
    start_threads();
    run.parallel = run.bodies_begun = true;
    run.threads[0].waits_on = &run.bodies;
    schedule_set(0, THREAD_BLOCKED);
    run_another();
    run.parallel = run.started > 0;
    for (unsigned t = 1; t < run.bodies; t++)
        clock_join(&run.threads[0].now, &run.threads[t].now);
    times_alike();
    bool all = true;
    for (unsigned t = 1; t < run.bodies; t++)
        all &= run.threads[t].state == THREAD_FINISHED;
    if (all) {
        machine->rcu_barrier(NULL);
        if (run.test->finally)
            run.test->finally(run.test->context);
        machine_thread_ends();
        if (run.started)
            fail(CHECK_MISUSE, "a thread that was started has not been joined");
        if (!run.options->keep_leaks)
            memory_check_leaks();
    }
    schedule_stop();
}

/* Contiguous, with a guard below each: a stack that overflows must not reach its neighbour. */
static void make_stacks(void)
{
    char *stacks = mmap(NULL, STATE_THREADS * STATE_STACK, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (stacks == MAP_FAILED)
        exhausted();
    for (unsigned t = 0; t < STATE_THREADS; t++)
        mprotect(stacks + t * STATE_STACK, STATE_GUARD, PROT_NONE);
    run.stacks = stacks;
}

void schedule_execute(void)
{
    if (!run.stacks)
        make_stacks();
    mask_keep();
    memory_reset();
    run.count = run.bodies = count_threads(run.test) + 1;
    run.started = 0;
    run.bodies_begun = false;
    memset(run.threads, 0, sizeof run.threads);
    objects_reset();
    times_reset();
    memset(&run.fence_known, 0, sizeof run.fence_known);
    run.threads[0].now.lane[0] = 1;
    run.threads[0].state = THREAD_READY;
    run.me = run.ready = run.steps = run.accesses = run.fences = run.choice_count = 0;
    run.patience = run.excused = run.met = run.eaten = 0;
    run.event_count = 0;
    run.fault = (struct blamed){ .at = NULL };
    if (run.recording)
        names_reset();
    run.given_up = false;
    run.calls_back = false;
    run.stamp = 0;
    run.parallel = false;
    run.hash = UINT64_C(0xcbf29ce484222325);
    run.result->verdict = CHECK_PASSED;
    run.result->frozen_steps = 0;
    run.begun++;
    run.strategy->begin();
    machine = &explorer_driver;
    futile_wipe_stack(0);
    fiber_prepare(&run.threads[0].fiber, (char *)run.stacks, STATE_STACK, main_entry);
    locals_begin(0);
    locals_become(0);
    fiber_switch(&run.explorer, &run.threads[0].fiber);
    locals_return();
    machine = &machine_native;
    if (run.me != 0 || run.given_up || run.result->verdict != CHECK_PASSED)
        mask_put_back();
    memory_put_back();
}
