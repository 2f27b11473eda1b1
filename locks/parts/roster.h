/*
 * roster.h - who is attached to an object.
 *
 * A doubly linked list of handles under a mutex.  Objects that must find their
 * threads' handles (to add them up, to refuse fini while one is attached) keep
 * one; attaching and detaching are rare and may block.
 */
#ifndef CONTEND_LOCKS_PARTS_ROSTER_H
#define CONTEND_LOCKS_PARTS_ROSTER_H

#include <pthread.h>
#include <stddef.h>

#include "locks/parts/platform.h"

/* The first member of a handle, so that a pointer to it is a pointer to the handle. */
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

static inline void roster_unlock(struct roster *r)
{
    pthread_mutex_unlock(&r->mutex);
}

/* Both for a caller who holds the roster's lock: leaving often goes with a settlement. */
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

/* How many are attached. */
static inline size_t roster_count(struct roster *r)
{
    size_t count = 0;

    roster_lock(r);
    for (struct roster_entry *e = r->head; e; e = e->next)
        count++;
    roster_unlock(r);
    return count;
}

/* -EBUSY while anybody is attached; otherwise the roster is gone. */
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
