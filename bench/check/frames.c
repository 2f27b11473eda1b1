/*
 * frames.c - variables on a stack end when their function returns, thread-local ones with their thread.
 *
 * The compiler announces the begin and the end of each function, unless it is told not to, as for
 * the strategies.  At its end what was touched below its frame is gone: the thread itself may use
 * these bytes anew, for another function, but no other thread may.  And not even itself may use what lies
 * below its stack pointer: there is no function.
 */
#include <signal.h>

#include "bench/check/state.h"

enum {
    DEEPEST = 128,  /* calls within calls; what is deeper is not followed */
    FARTHEST = 4096 /* words between an announcement and the return address of its function */
};

static uintptr_t frames[STATE_THREADS][DEEPEST]; /* where each function returns; 0 = unknown */

static unsigned owner_of(const void *at)
{
    return (unsigned)((size_t)((const char *)at - run.stacks) / STATE_STACK);
}

bool on_stack(const void *at)
{
    return (const char *)at >= run.stacks &&
           (const char *)at < run.stacks + (size_t)STATE_THREADS * STATE_STACK;
}

bool on_own_stack(const void *at)
{
    return on_stack(at) && owner_of(at) == run.me;
}

/* `frame` lies below the function's; its return address is `back`, and above that is its caller's. */
void frames_enter(const void *back, const void *frame)
{
    struct thread *t = self();
    const uintptr_t *end = (const uintptr_t *)(run.stacks + (size_t)(run.me + 1) * STATE_STACK);
    const uintptr_t *word = frame;

    if (t->depth++ >= DEEPEST)
        return;
    for (unsigned i = 0; i < FARTHEST && word < end && *word != (uintptr_t)back; i++)
        word++;
    frames[run.me][t->depth - 1] = word < end && *word == (uintptr_t)back ? (uintptr_t)word : 0;
}

void frames_leave(void)
{
    struct thread *t = self();

    if (t->depth == 0 || t->depth-- > DEEPEST)
        return;
    for (struct cell **link = &t->on_stack; *link;) {
        struct cell *c = *link;
        if (c->base < frames[run.me][t->depth]) {
            c->gone = true;
            *link = c->below;
        } else {
            link = &c->below;
        }
    }
}

/* Elsewhere the return address lies anywhere in its function's frame. */
#if defined(__x86_64__)
static uintptr_t frame_end(unsigned t, unsigned depth)
{
    uintptr_t returns_at = depth > 0 && depth <= DEEPEST ? frames[t][depth - 1] : 0;

    return returns_at ? returns_at + sizeof(void *) : 0;
}
#else
static uintptr_t frame_end(unsigned t, unsigned depth)
{
    return (void)t, (void)depth, 0;
}
#endif

uintptr_t frames_address(void)
{
    return frame_end(run.me, self()->depth);
}

uintptr_t frames_around(const void *at, unsigned *thread, const void **pc)
{
    const struct thread *t = &run.threads[*thread = owner_of(at)];

    *pc = t->depth == t->traced_depth ? t->traced_pc : NULL; /* or it has called or returned since */
    for (unsigned depth = t->depth; depth > 0; depth--) {
        uintptr_t end = frame_end(*thread, depth);
        if (end == 0 || (uintptr_t)at < end)
            return *pc ? end : 0;
        *pc = *(const void *const *)(end - sizeof(void *));
    }
    return 0;
}

static void keep(struct cell *c, struct thread *owner)
{
    c->kept = true;
    c->gone = false;
    c->below = owner->on_stack;
    owner->on_stack = c;
}

/* Another function's variable: what was here before is forgotten. */
static void begin_anew(struct cell *c, struct thread *owner)
{
    c->accesses = NULL;
    c->locations = NULL;
    c->forgotten = NULL;
    keep(c, owner);
}

/* Below its stack pointer, which is known while it does not run, a thread has nothing. */
static bool lies_below(const struct thread *owner, uintptr_t at)
{
#ifdef FIBER_HAS_SP
    return owner != self() && at < (uintptr_t)owner->fiber.sp;
#else
    return (void)owner, (void)at, false;
#endif
}

/* A handler may run on a stack that is a variable of the function below which it seems to reach. */
static bool is_aside(void)
{
    stack_t now;

    return sigaltstack(NULL, &now) == 0 && (now.ss_flags & SS_ONSTACK);
}

void frames_judge_below(void *at, size_t size, uintptr_t sp, const void *pc)
{
    char line[128], me[WHO];

    if (!on_own_stack(at) || !on_own_stack((const void *)sp) || is_aside())
        return;
    source_line(pc, line, sizeof line);
    blame(at, size, pc, run.me, NULL, NULL);
    fail(CHECK_USE_AFTER_FREE, "%s at %s uses a variable of a function from which it has returned", who_runs(me), line);
}

void frames_judge(struct cell *c, void *at, size_t size, const void *pc)
{
    unsigned t = owner_of(at);
    struct thread *owner = &run.threads[t];
    char line[128], me[WHO], them[WHO];

    if (owner == self()) {
        if (c->gone)
            begin_anew(c, owner);
        else if (!c->kept)
            keep(c, owner);
        return;
    }
    if (!c->gone && owner->state != THREAD_FINISHED && !lies_below(owner, (uintptr_t)at)) {
        if (!c->kept)
            keep(c, owner);
        return;
    }
    source_line(pc, line, sizeof line);
    blame(at, size, pc, t, NULL, NULL);
    fail(CHECK_USE_AFTER_FREE, "%s at %s uses a variable of a function from which %s has returned",
         who_runs(me), line, who_did(t, them));
}

void frames_judge_local(const struct cell *c, void *at, size_t size, const void *pc)
{
    unsigned t = c->local - 1u;
    char where[96], line[128], me[WHO], them[WHO];

    if (t == run.me || run.threads[t].state != THREAD_FINISHED)
        return;
    memory_describe(at, where, sizeof where);
    source_line(pc, line, sizeof line);
    blame(at, size, pc, t, NULL, NULL);
    fail(CHECK_USE_AFTER_FREE, "%s at %s uses the thread-local %s, and %s has ended", who_runs(me), line, where,
         who_did(t, them));
}
