/* awaits.c - see awaits.h; compiled with the instrumentation. */
#include "tests/bench/check/awaits.h"

#include <pthread.h>
#include <stdatomic.h>

#include "bench/check/check.h"

static _Atomic int places[AWAIT_PLACES];
static pthread_mutex_t lock;

void await_reset(void)
{
    for (int i = 0; i < AWAIT_PLACES; i++)
        atomic_init(&places[i], 0);
    pthread_mutex_init(&lock, NULL);
}

static int await_either(_Atomic int *one, _Atomic int *other, int value)
{
    int seen;

    while ((seen = atomic_load(one)) != value && (seen = 4 + atomic_load(other)) != 4 + value)
        check_cpu_relax();
    return seen;
}

static int await_and_tell(_Atomic int *place, int value)
{
    int waited = 0;

    while (atomic_load(place) != value) {
        waited = 1;
        check_cpu_relax();
    }
    return waited;
}

static int await_and_count(_Atomic int *place, int value)
{
    int turns = 0;

    while (atomic_load(place) != value && ++turns < 2)
        check_cpu_relax();
    return turns;
}

static void await_and_help(_Atomic int *place, _Atomic int *next, int value)
{
    while (atomic_load(place) != value) {
        atomic_store(next, 2);
        check_cpu_relax();
    }
}

/* Whether it has found the lock taken. */
static int await_and_lock(const _Atomic int *place, int value)
{
    int busy = pthread_mutex_trylock(&lock);

    if (!busy)
        pthread_mutex_unlock(&lock);
    for (bool set = false; !set;) {
        pthread_mutex_lock(&lock);
        set = atomic_load(place) == value;
        pthread_mutex_unlock(&lock);
        check_cpu_relax();
    }
    return busy != 0;
}

static void await_to_swap(_Atomic int *place, int value)
{
    int seen = 0;

    while (!atomic_compare_exchange_strong(place, &seen, value)) {
        seen = 0;
        check_cpu_relax();
    }
}

int await_do(const struct await *a)
{
    _Atomic int *place = &places[a->place], *next = &places[(a->place + 1) % AWAIT_PLACES];
    const int value = a->value;

    switch (a->kind) {
    case AWAIT_STORE: atomic_store(place, value); return 0;
    case AWAIT_ADD: return atomic_fetch_add(place, value);
    case AWAIT_LOAD: return atomic_load(place);
    case AWAIT_NEVER: check_that(atomic_load(place) != value); return 0;
    case AWAIT_VALUE:
        while (atomic_load(place) != value)
            check_cpu_relax();
        return 0;
    case AWAIT_NAIVELY:
        while (atomic_load(place) != value)
            ;
        return 0;
    case AWAIT_AND_TELL: return await_and_tell(place, value);
    case AWAIT_EITHER: return await_either(place, next, value);
    case AWAIT_TO_SWAP: await_to_swap(place, value); return 0;
    case AWAIT_TO_TAKE:
        while (atomic_exchange(place, 1) != 0) /* two with other values would change it for ever */
            check_cpu_relax();
        return 0;
    case AWAIT_AND_COUNT: return await_and_count(place, value);
    case AWAIT_AND_HELP: await_and_help(place, next, value); return 0;
    case AWAIT_AND_LOCK: return await_and_lock(place, value);
    case AWAIT_KINDS: break;
    }
    return 0;
}

int await_last(unsigned place)
{
    return atomic_load_explicit(&places[place], memory_order_relaxed);
}
