/*
 * roster.h - the threads that are attached to an object.
 *
 * A doubly linked list of records under a mutex.  Objects that must find their
 * threads (to add up what they counted, to refuse fini while one is attached) keep
 * one; attaching and detaching are rare and may block.
 *
 * A record is the object's memory, not the handle's: a thread that ends without
 * detaching takes its handle's storage with it, often its stack, and a list that runs
 * through it would run into whatever comes there next.
 */
#ifndef CONTEND_LOCKS_PARTS_ROSTER_H
#define CONTEND_LOCKS_PARTS_ROSTER_H

#include <pthread.h>
#include <stddef.h>

#include "locks/parts/platform.h"

/* The first member of a record, so that a pointer to it is a pointer to the record. */
struct roster_entry {
    struct roster_entry *next, *prev;
};

struct roster {
    pthread_mutex_t mutex;
    struct roster_entry *head; /* newest first; guarded by mutex */
};

#define ROSTER_INIT { PTHREAD_MUTEX_INITIALIZER, NULL }

static inline int roster_init(struct roster *r)
{
    r->head = NULL;
    return -pthread_mutex_init(&r->mutex, NULL);
}

static inline void roster_lock(struct roster *r)
{
    pthread_mutex_lock(&r->mutex);
}

/* 0, or an errno value if another thread has it. */
static inline int roster_try_lock(struct roster *r)
{
    return pthread_mutex_trylock(&r->mutex);
}

static inline void roster_unlock(struct roster *r)
{
    pthread_mutex_unlock(&r->mutex);
}

/* Both are called with the roster's lock held: a detach often settles counts under it. */
static inline void roster_enter_locked(struct roster *r, struct roster_entry *e)
{
    e->prev = NULL;
    e->next = r->head;
    if (r->head)
        r->head->prev = e;
    r->head = e;
}

static inline void roster_leave_locked(struct roster *r, struct roster_entry *e)
{
    if (e->next)
        e->next->prev = e->prev;
    if (e->prev)
        e->prev->next = e->next;
    else
        r->head = e->next;
}

/* The number of attached threads. */
static inline size_t roster_count(struct roster *r)
{
    size_t count = 0;

    roster_lock(r);
    for (struct roster_entry *e = r->head; e; e = e->next)
        count++;
    roster_unlock(r);
    return count;
}

/* Destroys the roster, or returns -EBUSY while a thread is attached. */
static inline int roster_fini(struct roster *r)
{
    roster_lock(r);
    int busy = r->head != NULL;
    roster_unlock(r);
    if (busy)
        return -EBUSY;
    return -pthread_mutex_destroy(&r->mutex);
}

#endif
