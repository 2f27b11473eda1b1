/* park.c - the hook behind CONTEND_STEP, and the two threads of a duel. */
#include "tests/park.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "locks/platform.h"

enum { PATIENCE_MS = 20 };

static struct {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool parked, released, a_done, b_done;
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

/* Strategies call this; only the subject of a duel takes notice. */
void contend_step(const char *where)
{
    (void)where;
    if (!is_subject || steps_left-- > 0)
        return;
    is_subject = false;
    pthread_mutex_lock(&scene.mutex);
    scene.parked = true;
    pthread_cond_broadcast(&scene.changed);
    while (!scene.released)
        pthread_cond_wait(&scene.changed, &scene.mutex);
    pthread_mutex_unlock(&scene.mutex);
}

struct side {
    struct duel *duel;
    unsigned k;
};

static void *run_a(void *arg)
{
    struct side *s = arg;

    is_subject = true;
    steps_left = s->k;
    s->duel->a(s->duel->ctx);
    is_subject = false;
    set(&scene.a_done);
    return NULL;
}

static void *run_b(void *arg)
{
    struct side *s = arg;

    s->duel->b(s->duel->ctx);
    set(&scene.b_done);
    return NULL;
}

static void start(pthread_t *thread, void *(*body)(void *), struct side *side)
{
    if (pthread_create(thread, NULL, body, side) != 0)
        abort();
}

bool duel_run(struct duel *d, unsigned k)
{
    struct side side = { d, k };
    struct timespec until;
    pthread_t a, b;

    scene.parked = scene.released = scene.a_done = scene.b_done = false;
    start(&a, run_a, &side);
    pthread_mutex_lock(&scene.mutex);
    while (!scene.parked && !scene.a_done)
        pthread_cond_wait(&scene.changed, &scene.mutex);
    bool parked = scene.parked;
    pthread_mutex_unlock(&scene.mutex);

    start(&b, run_b, &side);
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += PATIENCE_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_mutex_lock(&scene.mutex);
    int timeout = 0;
    while (!scene.b_done && timeout == 0)
        timeout = pthread_cond_timedwait(&scene.changed, &scene.mutex, &until);
    d->waited = !scene.b_done;
    scene.released = true;
    pthread_cond_broadcast(&scene.changed);
    pthread_mutex_unlock(&scene.mutex);
    pthread_join(a, NULL);
    pthread_join(b, NULL);
    return parked;
}
