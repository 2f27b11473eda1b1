/* visitor.c - see visitor.h. */
#include "tests/soak/visitor.h"

#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "locks/parts/platform.h"

struct visitor visitors[VISITORS];

static _Atomic uint64_t salt = 1; /* decides which places are chosen */
static _Thread_local struct visitor *self;
static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void leave(void *visitor)
{
    struct visitor *v = visitor;

    self = NULL;
    atomic_store(&v->touched, 0);
    atomic_store(&v->taken, false);
}

static void make_key(void)
{
    if (pthread_key_create(&key, leave) != 0)
        abort();
}

static struct visitor *come(void)
{
    pthread_once(&once, make_key);
    for (unsigned i = 0; i < VISITORS; i++) {
        struct visitor *v = &visitors[i];
        if (atomic_exchange(&v->taken, true))
            continue;
        v->random = random_seeded(atomic_load(&salt), i + 1);
        memset(v->looks, 0, sizeof v->looks);
        v->held_count = 0;
        pthread_setspecific(key, v);
        return v;
    }
    fputs("soak: more threads than visitors\n", stderr);
    abort();
}

struct visitor *visitor_self(void)
{
    if (!self)
        self = come();
    return self;
}

/* ---- places ---- */

static uint64_t mixed(uint64_t x)
{
    x *= UINT64_C(0x9e3779b97f4a7c15);
    return x ^ x >> 29;
}

static struct site *site_of(struct visitor *v, const void *pc, enum step step)
{
    size_t i = mixed((uintptr_t)pc) >> 20 & (SITES - 1);

    while (v->sites[i].pc && (v->sites[i].pc != pc || v->sites[i].step != step))
        i = (i + 1) & (SITES - 1);
    v->sites[i].pc = pc;
    v->sites[i].step = step;
    return &v->sites[i];
}

void visitors_forget(void)
{
    for (unsigned i = 0; i < VISITORS; i++)
        memset(visitors[i].sites, 0, sizeof visitors[i].sites);
}

void visitors_shuffle(uint64_t seed)
{
    atomic_store(&salt, mixed(seed + 1) | 1);
}

/* ---- delays ---- */

/* One place in four is chosen until the next shuffle, and delays often; the others seldom. */
static bool wants_delay(struct visitor *v, const void *pc)
{
    /* relaxed: any recent salt will do. */
    uint64_t chosen = mixed((uintptr_t)pc ^ atomic_load_explicit(&salt, memory_order_relaxed));

    return random_below(&v->random, chosen >> 40 & 3 ? 512 : 16) == 0;
}

static void pass_time(struct visitor *v)
{
    uint64_t kind = random_below(&v->random, 64);

    if (kind == 0) {
        struct timespec t = { 0, 1000 * (long)(20 + random_below(&v->random, 200)) };
        nanosleep(&t, NULL);
    } else if (kind < 24) {
        sched_yield();
    } else {
        for (uint64_t i = random_below(&v->random, 256); i > 0; i--)
            contend_cpu_relax();
    }
}

static void delay(struct visitor *v, struct site *s, const void *at)
{
    atomic_store(&v->crossings, 0);
    atomic_store(&v->delayed_at, (uintptr_t)at);
    pass_time(v);
    atomic_store(&v->delayed_at, 0);
    s->delays++;
    s->crossed += atomic_load(&v->crossings) > 0;
}

struct site *visitor_step(struct visitor *v, const void *at, enum step step, const void *pc)
{
    struct site *s = site_of(v, pc, step);
    uintptr_t line = (uintptr_t)at / LINE;

    s->steps++;
    for (unsigned i = 0; at && i < VISITORS; i++)
        /* relaxed, here and below: counts and hints; the code under test must find its own order. */
        if (atomic_load_explicit(&visitors[i].delayed_at, memory_order_relaxed) / LINE == line)
            atomic_fetch_add_explicit(&visitors[i].crossings, 1, memory_order_relaxed);
    atomic_store_explicit(&v->touched, (uintptr_t)at, memory_order_relaxed);
    if (at && wants_delay(v, pc))
        delay(v, s, at);
    return s;
}

void visitor_saw(struct visitor *v, struct site *s, const void *at, uint64_t found, uint64_t left)
{
    struct look *l = &v->looks[mixed((uintptr_t)at) >> 20 & (LOOKS - 1)];

    s->changed += l->at == at && l->value != found;
    *l = (struct look){ at, left };
}

/* ---- the others ---- */

unsigned visitors_reading(const struct visitor *but)
{
    unsigned count = 0;

    for (unsigned i = 0; i < VISITORS; i++)
        count += &visitors[i] != but && atomic_load(&visitors[i].reading) > 0;
    return count;
}

const struct visitor *visitors_touched(const struct visitor *but, uintptr_t from, size_t size)
{
    for (unsigned i = 0; i < VISITORS; i++)
        if (&visitors[i] != but && atomic_load(&visitors[i].touched) - from < size)
            return &visitors[i];
    return NULL;
}

const struct visitor *visitors_delayed(const struct visitor *but, uintptr_t from, size_t size)
{
    for (unsigned i = 0; i < VISITORS; i++)
        if (&visitors[i] != but && atomic_load(&visitors[i].delayed_at) - from < size)
            return &visitors[i];
    return NULL;
}

/* ---- trouble ---- */

static char text[256];
static _Atomic int told; /* 1 = being written, 2 = written */

void trouble(const char *format, ...)
{
    int none = 0;
    va_list args;

    if (!atomic_compare_exchange_strong(&told, &none, 1))
        return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    atomic_store(&told, 2);
}

const char *trouble_text(void)
{
    return atomic_load(&told) == 2 ? text : NULL;
}

void trouble_forget(void)
{
    atomic_store(&told, 0);
}
