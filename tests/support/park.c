/* park.c - the hook behind CONTEND_STEP, and the two threads of a duel. */
#include "tests/support/park.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "locks/parts/platform.h"

enum { PATIENCE_MS = 20 };

/* What has happened in the duel that runs; guarded by the mutex. */
static struct {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool b_entered, parked, a_done, b_may_begin, b_done, released;
} scene = { .mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };

static _Thread_local bool is_subject;
static _Thread_local unsigned steps_left;

static void set(bool *flag)
{
    pthread_mutex_lock(&scene.mutex);
    *flag = true;
    pthread_cond_broadcast(&scene.changed);
    pthread_mutex_unlock(&scene.mutex);
}

static void await(const bool *flag)
{
    pthread_mutex_lock(&scene.mutex);
    while (!*flag)
        pthread_cond_wait(&scene.changed, &scene.mutex);
    pthread_mutex_unlock(&scene.mutex);
}

/* Strategies call this; only the subject of a duel takes notice. */
void contend_step(const char *where)
{
    (void)where;
    if (!is_subject || steps_left-- > 0)
        return;
    is_subject = false;
    set(&scene.parked);
    await(&scene.released);
}

struct side {
    struct duel *duel;
    unsigned k;
};

static void *run_a(void *arg)
{
    struct side *s = arg;

    s->duel->enter(s->duel->ctx, SIDE_A);
    is_subject = true;
    steps_left = s->k;
    s->duel->a(s->duel->ctx);
    is_subject = false;
    set(&scene.a_done);
    await(&scene.b_done);
    s->duel->leave(s->duel->ctx, SIDE_A);
    return NULL;
}

static void *run_b(void *arg)
{
    struct side *s = arg;

    s->duel->enter(s->duel->ctx, SIDE_B);
    set(&scene.b_entered);
    await(&scene.b_may_begin);
    s->duel->b(s->duel->ctx);
    set(&scene.b_done);
    await(&scene.a_done);
    s->duel->leave(s->duel->ctx, SIDE_B);
    return NULL;
}

static void start(pthread_t *thread, void *(*body)(void *), struct side *side)
{
    if (pthread_create(thread, NULL, body, side) != 0)
        abort();
}

/* Waits until A is parked, or done if it has no such step; says which. */
static bool await_a(void)
{
    pthread_mutex_lock(&scene.mutex);
    while (!scene.parked && !scene.a_done)
        pthread_cond_wait(&scene.changed, &scene.mutex);
    bool parked = scene.parked;
    pthread_mutex_unlock(&scene.mutex);
    return parked;
}

/* Waits until B is done, but not for ever: it may itself wait for A. */
static void await_b(void)
{
    struct timespec until;
    int timeout = 0;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += PATIENCE_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_mutex_lock(&scene.mutex);
    while (!scene.b_done && timeout == 0)
        timeout = pthread_cond_timedwait(&scene.changed, &scene.mutex, &until);
    pthread_mutex_unlock(&scene.mutex);
}

bool duel_run(struct duel *d, unsigned k)
{
    const struct timespec pause = { d->pause_ms / 1000, (long)(d->pause_ms % 1000) * 1000000 };
    struct side side = { d, k };
    pthread_t a, b;

    scene.b_entered = scene.parked = scene.a_done = false;
    scene.b_may_begin = scene.b_done = scene.released = false;
    start(&b, run_b, &side);
    await(&scene.b_entered);
    start(&a, run_a, &side);
    bool parked = await_a();
    set(&scene.b_may_begin);
    await_b();
    if (parked && d->pause_ms)
        nanosleep(&pause, NULL);
    set(&scene.released);
    pthread_join(a, NULL);
    pthread_join(b, NULL);
    return parked;
}
