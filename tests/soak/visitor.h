/*
 * visitor.h - what the soak knows of each thread that runs instrumented code.
 *
 * A step is one event of the machine (bench/machine/machine.h) at a place of the source.
 * Before some steps the thread is delayed; what happens meanwhile, and what a step
 * found changed, are its near misses: nothing wrong yet, but the schedule under which
 * something could go wrong was there.
 */
#ifndef CONTEND_TESTS_SOAK_VISITOR_H
#define CONTEND_TESTS_SOAK_VISITOR_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/base/random.h"

enum step { STEP_LOAD, STEP_STORE, STEP_RMW, STEP_CAS, STEP_PLAIN, STEP_LOCK, STEP_GRACE,
            STEP_FREE, STEP_OTHER };

/* Steps at one place of the source, and what nearly happened there. */
struct site {
    const void *pc; /* NULL = not used */
    enum step step;
    uint64_t steps;
    uint64_t failed;  /* a compare-exchange that found another value */
    uint64_t changed; /* the value was not what this thread saw when it last looked */
    uint64_t delays;
    uint64_t crossed; /* delays during which another thread stepped on the same line */
    uint64_t waited;  /* a lock or semaphore that was not free; a grace period with readers inside;
                         a block freed that another thread had just touched */
};

enum { VISITORS = 96, SITES = 1024, LOOKS = 16, HELD = 16, LINE = 64 };

/* Threads come and go; a visitor is used again by the next one, and keeps its sites. */
struct visitor {
    _Alignas(128) _Atomic bool taken;
    /* Read by the others at each of their steps; 0 = not delayed. */
    _Atomic uintptr_t delayed_at;
    _Atomic unsigned crossings; /* counted by the others while it is delayed */
    /* Read by the others now and then. */
    _Alignas(128) _Atomic uintptr_t touched;
    _Atomic unsigned reading; /* depth of RCU sections */
    /* Its own. */
    _Alignas(128) struct random random;
    unsigned relaxed;
    struct look {
        const void *at;
        uint64_t value;
    } looks[LOOKS];
    struct held {
        void *object;
        int hold; /* enum machine_hold */
    } held[HELD];
    unsigned held_count;
    struct site sites[SITES];
};

extern struct visitor visitors[VISITORS];

/* The visitor that this thread is, from its first call until it ends. */
struct visitor *visitor_self(void);

/* Before a step of the calling thread; NULL for `at` = nowhere.  May delay it. */
struct site *visitor_step(struct visitor *v, const void *at, enum step step, const void *pc);

/* The value that the step found at `at`, and the one that it left there. */
void visitor_saw(struct visitor *v, struct site *s, const void *at, uint64_t found, uint64_t left);

/* Forgets all sites; other places are chosen for delays. */
void visitors_forget(void);
void visitors_shuffle(uint64_t seed);

/* How many others are within a read section; whether another last stepped on, or waits before,
 * an address of the block. */
unsigned visitors_reading(const struct visitor *but);
const struct visitor *visitors_touched(const struct visitor *but, uintptr_t from, size_t size);
const struct visitor *visitors_delayed(const struct visitor *but, uintptr_t from, size_t size);

/* Something that no correct program does; the first one stays. */
__attribute__((format(printf, 1, 2))) void trouble(const char *format, ...);
const char *trouble_text(void); /* or NULL */
void trouble_forget(void);

#endif
