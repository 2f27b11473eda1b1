/*
 * started.c - threads that the code under test starts and joins.
 *
 * Each stands in a place, a lane of the clocks and a column of the print.  Where none is free, the place
 * of a thread that has been joined is used again, by a thread that knows all that the first one did: then
 * both are to everybody as one thread, which did this after that.
 */
#include <string.h>

#include "bench/check/reduce.h"
#include "bench/check/state.h"

_Static_assert((int)STATE_THREADS <= (int)MACHINE_THREADS, "each place has a number");

/* The number of a thread says its place, and how many have stood there before. */
static pthread_t number_of(unsigned place)
{
    return (pthread_t)(place + MACHINE_THREADS * run.threads[place].before);
}

struct thread *schedule_started(pthread_t thread)
{
    unsigned t = (unsigned)((uintptr_t)thread % MACHINE_THREADS);

    if (t < run.bodies || t >= run.count || run.threads[t].joined || number_of(t) != thread)
        return NULL;
    return &run.threads[t];
}

/* Its stack is another thread's now; what its read sections were still comes before later grace periods. */
static void vacate(struct thread *u)
{
    for (struct cell *c = u->on_stack; c; c = c->below)
        c->gone = true;
    *u = (struct thread){ .before = u->before + 1, .rcu_left = u->rcu_left };
}

/*
 * Of a program that is checked with its own main(), to exit is an ordinary end.  What others have not done yet
 * nobody sees, so the search cannot know what it leaves out.
 */
void schedule_quit(enum machine_end how, int status, const void *pc)
{
    static const char *const calls[] = { "exit", "_exit", "quick_exit" };
    char line[128], me[WHO], what[32];

    schedule_point(pc);
    reduce_touch_all();
    trace_call(pc, calls[how], NULL);
    snprintf(what, sizeof what, "calls %s()", calls[how]);
    if (!run.test->is_program)
        misuse(what, pc);
    source_line(pc, line, sizeof line);
    run.fault = (struct blamed){ .here = pc };
    if (status)
        fail(CHECK_ASSERTION, "%s calls %s(%d) at %s", who_runs(me), calls[how], status, line);
    for (unsigned t = 1; t < run.count; t++)
        run.cut |= t != run.me && run.threads[t].state != THREAD_FINISHED;
    schedule_stop();
}

/* A free place, or STATE_THREADS. */
static unsigned find_place(void)
{
    if (run.count < STATE_THREADS)
        return run.count++;
    for (unsigned t = run.bodies; t < run.count; t++) {
        struct thread *u = &run.threads[t];
        if (!u->joined || u->state != THREAD_FINISHED || self()->now.lane[t] < u->now.lane[t])
            continue;
        vacate(u);
        return t;
    }
    return STATE_THREADS;
}

int schedule_thread_create(pthread_t *thread, void *(*start)(void *argument), void *argument,
                           const void *pc)
{
    schedule_point(pc);
    reduce_touch_all();
    trace_call(pc, "start a thread", NULL);
    unsigned t = find_place();
    if (t == STATE_THREADS)
        fail(CHECK_TOO_LONG, "the test and the code under test have more than %d threads at a time",
             CHECK_MAX_THREADS);
    run.started++;
    schedule_start(t)->start = start;
    run.threads[t].argument = argument;
    release_bump(self());
    schedule_set(t, THREAD_READY);
    schedule_set(run.me, THREAD_READY);
    run.parallel = true; /* from now on the setup and the final check have company */
    *thread = number_of(t);
    return 0;
}

int schedule_thread_join(pthread_t thread, const void *pc)
{
    schedule_point(pc);
    trace_call(pc, "join a thread", NULL);
    struct thread *u = schedule_started(thread);
    if (!u)
        misuse("joins a thread that was not started, or was joined before", pc);
    reduce_touch(u, 1, false);
    while (u->state != THREAD_FINISHED)
        schedule_away(THREAD_BLOCKED, "waits for the end of a thread", u);
    u->joined = true;
    run.started--;
    clock_join(&self()->now, &u->now);
    if (run.me == 0 && run.started == 0)
        run.parallel = false;
    return 0;
}

bool schedule_thread_ended(pthread_t thread, const void *pc)
{
    schedule_point(pc);
    trace_call(pc, "look for the end of a thread", NULL);
    const struct thread *u = schedule_started(thread);
    if (!u)
        misuse("asks for the end of a thread that was not started, or was joined before", pc);
    reduce_touch((void *)u, 1, false);
    return u->state == THREAD_FINISHED;
}
