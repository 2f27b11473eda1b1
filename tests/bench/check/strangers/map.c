/*
 * map.c - a stranger's program: a small map under a mutex, checked against a model of it.
 *
 * -DLOOKS_FIRST: put() looks for the key without the mutex, and takes it only to add.
 * -DCLAIMS: get() is declared lock-free, which an operation under a mutex is not.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "check/linearizable.h"

enum { KEYS = 4, PLACES = 16 };

struct map {
    pthread_mutex_t mutex;
    struct { int64_t key, value; } places[PLACES];
    int count;
};

static int place_of(struct map *m, int64_t key)
{
    int i = 0;

    while (i < m->count && m->places[i].key != key)
        i++;
    return i;
}

/* The argument holds both: ten times the key, and the value. */
static int64_t put(void *object, int64_t pair)
{
    struct map *m = object;
    int64_t key = pair / 10, value = pair % 10;

#ifdef LOOKS_FIRST
    pthread_mutex_lock(&m->mutex);
    int i = place_of(m, key);
    pthread_mutex_unlock(&m->mutex);
    pthread_mutex_lock(&m->mutex);
    i = i == m->count || m->places[i].key == key ? i : m->count;
#else
    pthread_mutex_lock(&m->mutex);
    int i = place_of(m, key);
#endif
    int64_t before = i < m->count ? m->places[i].value : -1;
    m->places[i].key = key;
    m->places[i].value = value;
    m->count += i == m->count;
    pthread_mutex_unlock(&m->mutex);
    return before;
}

static int64_t get(void *object, int64_t key)
{
    struct map *m = object;

    pthread_mutex_lock(&m->mutex);
    int i = place_of(m, key);
    int64_t value = i < m->count ? m->places[i].value : -1;
    pthread_mutex_unlock(&m->mutex);
    return value;
}

static int64_t drop(void *object, int64_t key)
{
    struct map *m = object;

    pthread_mutex_lock(&m->mutex);
    int i = place_of(m, key);
    int64_t value = i < m->count ? m->places[i].value : -1;
    if (i < m->count)
        m->places[i] = m->places[--m->count];
    pthread_mutex_unlock(&m->mutex);
    return value;
}

/* ---- the model: a value for each key, and whether it is there ---- */

struct model {
    int64_t value[KEYS];
    bool there[KEYS];
};

static int64_t model_get(void *state, int64_t key)
{
    const struct model *m = state;

    return m->there[key] ? m->value[key] : -1;
}

static int64_t model_put(void *state, int64_t pair)
{
    struct model *m = state;
    int64_t before = model_get(state, pair / 10);

    m->value[pair / 10] = pair % 10;
    m->there[pair / 10] = true;
    return before;
}

static int64_t model_drop(void *state, int64_t key)
{
    struct model *m = state;
    int64_t before = model_get(state, key);

    m->value[key] = 0;
    m->there[key] = false;
    return before;
}

static void *make(void)
{
    struct map *m = calloc(1, sizeof *m);

    pthread_mutex_init(&m->mutex, NULL);
    return m;
}

static void destroy(void *object)
{
    pthread_mutex_destroy(&((struct map *)object)->mutex);
    free(object);
}

int main(int argc, char **argv)
{
    static const struct check_operation operations[] = {
        { "put", put, model_put, 10, 29, CHECK_BLOCKING },
#ifdef CLAIMS
        { "get", get, model_get, 1, 2, CHECK_LOCK_FREE },
#else
        { "get", get, model_get, 1, 2, CHECK_BLOCKING },
#endif
        { "drop", drop, model_drop, 1, 2, CHECK_PROGRESS_UNDECLARED },
        { NULL, NULL, NULL, 0, 0, 0 },
    };
    static const struct check_structure map = { .name = "map", .make = make, .destroy = destroy,
                                                .operations = operations,
                                                .model_size = sizeof(struct model) };
    static const struct check_structure *const structures[] = { &map, NULL };

    return check_structures_main(structures, argc, argv);
}
