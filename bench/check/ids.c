/* ids.c - the numbers of threads and executions for the models, and threads that are let go. */
#include "bench/check/reduce.h"
#include "bench/check/state.h"

unsigned ids_self(void)
{
    return run.me;
}

uint64_t ids_execution(void)
{
    return run.begun;
}

/* Nobody waits for a thread that is detached; the execution ends without it. */
int ids_detach(pthread_t thread, const void *pc)
{
    schedule_point(pc);
    reduce_touch_all();
    trace_call(pc, "detach a thread", NULL);
    struct thread *u = schedule_started(thread);
    if (!u)
        misuse("detaches a thread that was not started, or was joined before", pc);
    u->joined = true;
    run.started--;
    return 0;
}
