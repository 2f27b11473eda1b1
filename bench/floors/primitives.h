/*
 * primitives.h - what strategies are made of, each in a loop of its own.
 *
 * The floors of a run and the price list of `contend costs` time the same loops,
 * so that they cannot disagree about what "a locked add" is.
 */
#ifndef CONTEND_BENCH_FLOORS_PRIMITIVES_H
#define CONTEND_BENCH_FLOORS_PRIMITIVES_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct primitive {
    const char *name, *title; /* "locked_add" */
    void (*begin)(void);      /* prepares the calling thread; NULL = nothing to do */
    void (*end)(void);        /* undoes begin; NULL = nothing to do */
    /* n operations on *word, 8 bytes on a line of its own.  Every turn ends in a compiler barrier. */
    void (*run)(size_t n, void *word);
};

/* In the order of their prices, about; a NULL name after the last. */
extern const struct primitive primitives[];

/* The primitive of that name, which must exist. */
const struct primitive *primitive_find(const char *name);

/* Two register operations a turn that wait for each other. */
void primitive_dependent(size_t n, void *word);

/*
 * A second thread, asleep.  The C library leaves the locked instructions out of its
 * mutex while a process has one thread: a mutex pair then costs less than half.
 */
struct company {
    pthread_t thread;
    pthread_mutex_t stay;
    bool here;
};
void company_begin(struct company *c);
void company_end(struct company *c);

/* The median of some rounds of `turns` operations each, ns an operation. */
double primitive_ns(const struct primitive *p, size_t turns);

#endif
