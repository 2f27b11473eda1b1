/*
 * c11.c - a program that knows nothing of the checker, with the threads of C11.
 *
 * -DFORGETS: the waiter does not look again after it was woken.  -DTORN: half of a pair is written
 * alone, and readers of all 16 bytes see it.
 */
#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <threads.h>

static once_flag once = ONCE_FLAG_INIT;
static mtx_t mutex;
static cnd_t changed;
static bool ready;
static struct pair {
    long one, two;
} _Alignas(16) first;
static _Atomic struct pair both;

static void make(void)
{
    mtx_init(&mutex, mtx_plain);
    cnd_init(&changed);
}

static int tell(void *unused)
{
    (void)unused;
    call_once(&once, make);
#ifdef TORN
    *(_Atomic long *)&both = 1;
    ((_Atomic long *)&both)[1] = 1;
#else
    struct pair seen = atomic_load(&both);
    while (!atomic_compare_exchange_weak(&both, &seen, ((struct pair){ seen.one + 1, seen.two + 1 })))
        ;
#endif
    mtx_lock(&mutex);
    ready = true;
    cnd_signal(&changed);
    mtx_unlock(&mutex);
    return 7;
}

static int hear(void *unused)
{
    (void)unused;
    call_once(&once, make);
    struct pair seen = atomic_load(&both);
    assert(seen.one == seen.two);
    mtx_lock(&mutex);
#ifdef FORGETS
    if (!ready)
#else
    while (!ready)
#endif
        cnd_wait(&changed, &mutex);
    assert(ready);
    mtx_unlock(&mutex);
    return 8;
}

int main(void)
{
    thrd_t teller, hearer;
    int told, heard;

    if (thrd_create(&teller, tell, 0) != thrd_success || thrd_create(&hearer, hear, 0) != thrd_success)
        return 1;
    thrd_join(teller, &told);
    thrd_join(hearer, &heard);
    assert(told == 7 && heard == 8);
    return first.one != 0;
}
