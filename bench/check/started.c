/* started.c - threads that the code under test starts and joins. */
#include "bench/check/reduce.h"
#include "bench/check/state.h"

int schedule_thread_create(pthread_t *thread, void *(*start)(void *argument), void *argument,
                           const void *pc)
{
    unsigned t = run.count;

    schedule_point(pc);
    reduce_touch_all();
    trace_call(pc, "start a thread", NULL);
    if (t == STATE_THREADS)
        fail(CHECK_TOO_LONG, "the test and the code under test start more than %d threads",
             CHECK_MAX_THREADS);
    run.count++;
    run.started++;
    schedule_start(t)->start = start;
    run.threads[t].argument = argument;
    release_bump(self());
    schedule_set(t, THREAD_READY);
    schedule_set(run.me, THREAD_READY);
    run.parallel = true; /* from now on the setup and the final check have company */
    *thread = (pthread_t)(uintptr_t)t;
    return 0;
}

int schedule_thread_join(pthread_t thread, const void *pc)
{
    uintptr_t t = (uintptr_t)thread;
    struct thread *u = &run.threads[t % STATE_THREADS];

    schedule_point(pc);
    trace_call(pc, "join a thread", NULL);
    if (t < run.bodies || t >= run.count || u->joined)
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
