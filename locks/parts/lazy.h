/*
 * lazy.h - a handle for each thread that comes along: attached when it is first asked for,
 * detached when the thread ends.
 *
 * For programs that do not know their threads: pools, runtimes, plug-ins, libraries that are
 * called from outside.  One struct contend_lazy stands beside one object:
 *
 *     static struct counter_striped claps = COUNTER_INIT_striped;
 *     static struct contend_lazy readers;
 *     CONTEND_LAZY(counter_striped)                     // writes the functions
 *
 *     counter_striped_lazy_init(&readers, &claps);      // once; 0 or a negative errno value
 *     ...
 *     struct counter_striped_handle *me = counter_striped_lazy_handle(&readers);
 *     if (me)                                           // NULL: no memory, or attach refused
 *         counter_striped_add(&claps, me, 1);
 *
 * Through a table, also from C++, contend_lazy_init() takes ops->attach and ops->detach.
 *
 * The handle is found by pthread_getspecific(): a few instructions, but a call; a loop asks
 * for it once.  Each contend_lazy takes one of the process's keys (PTHREAD_KEYS_MAX, 1,024
 * on Linux), so that it is for a few objects, not for each of a million counters.
 *
 * A thread's end is pthread_exit() or the return of its function: also that of a C++
 * std::thread, after its thread_local objects have gone.  When the process ends by exit(),
 * nobody is detached.  A destructor of another key that asks for a handle gets one, which is
 * detached in the next round of destructors, of which there are PTHREAD_DESTRUCTOR_ITERATIONS.
 * After fork() the child has the forking thread's handle; those of the others stay attached
 * there for ever, and fini answers -EBUSY.  A signal handler must not be the first to ask.
 *
 * Valid C11 and C++17; no atomics.
 */
#ifndef CONTEND_LOCKS_PARTS_LAZY_H
#define CONTEND_LOCKS_PARTS_LAZY_H

#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>

#include "locks/parts/allocator.h"

#ifdef __cplusplus
extern "C" {
#endif

struct contend_lazy;

/* What a thread has, before its handle in one block of memory: the value of the key. */
struct contend_lazy_record {
    struct contend_lazy *owner;
    struct contend_lazy_record *next, *prev;
};

/* All of it belongs to the functions below. */
struct contend_lazy {
    pthread_key_t key;
    pthread_mutex_t mutex;               /* guards the list */
    struct contend_lazy_record *records; /* of the threads that are attached */
    void *object;
    size_t handle_at, handle_align, bytes; /* of a block: where the handle is, and its size */
    int (*attach)(void *object, void *handle);
    void (*detach)(void *object, void *handle);
};

static inline void *contend_lazy_handle_of(struct contend_lazy_record *r)
{
    return (char *)(void *)r + r->owner->handle_at;
}

/* The key's destructor: detaches the thread that ends. */
static inline void contend_lazy_end(void *record)
{
    struct contend_lazy_record *r = (struct contend_lazy_record *)record;
    struct contend_lazy *l = r->owner;

    l->detach(l->object, contend_lazy_handle_of(r));
    /* Unlisted after the detach: fini, which looks at the list, must not come in between. */
    pthread_mutex_lock(&l->mutex);
    if (r->next)
        r->next->prev = r->prev;
    if (r->prev)
        r->prev->next = r->next;
    else
        l->records = r->next;
    pthread_mutex_unlock(&l->mutex);
    free(r);
}

/* For the threads of one object, which must be made first.  0 or a negative errno value. */
static inline int contend_lazy_init(struct contend_lazy *l, void *object, size_t handle_size,
                                    size_t handle_align,
                                    int (*attach)(void *object, void *handle),
                                    void (*detach)(void *object, void *handle))
{
    size_t head = sizeof(struct contend_lazy_record);

    l->records = NULL;
    l->object = object;
    l->handle_align = handle_align > sizeof(void *) ? handle_align : sizeof(void *);
    l->handle_at = (head + l->handle_align - 1) & ~(l->handle_align - 1);
    l->bytes = l->handle_at + handle_size;
    l->attach = attach;
    l->detach = detach;
    int error = -pthread_mutex_init(&l->mutex, NULL);
    if (error)
        return error;
    error = -pthread_key_create(&l->key, contend_lazy_end);
    if (error)
        pthread_mutex_destroy(&l->mutex);
    return error;
}

/* Makes the calling thread's block, attaches it and lists it; NULL and nothing is left. */
static inline void *contend_lazy_begin(struct contend_lazy *l)
{
    struct contend_lazy_record *r =
        (struct contend_lazy_record *)contend_alloc(l->handle_align, l->bytes);

    if (!r)
        return NULL;
    r->owner = l;
    r->prev = NULL;
    void *handle = contend_lazy_handle_of(r);
    if (l->attach(l->object, handle) != 0) {
        free(r);
        return NULL;
    }
    if (pthread_setspecific(l->key, r) != 0) {
        l->detach(l->object, handle);
        free(r);
        return NULL;
    }
    pthread_mutex_lock(&l->mutex);
    r->next = l->records;
    if (r->next)
        r->next->prev = r;
    l->records = r;
    pthread_mutex_unlock(&l->mutex);
    return handle;
}

/* The calling thread's handle; NULL if there is no memory for it, or attach refused. */
static inline void *contend_lazy_handle(struct contend_lazy *l)
{
    void *record = pthread_getspecific(l->key);

    return record ? contend_lazy_handle_of((struct contend_lazy_record *)record)
                  : contend_lazy_begin(l);
}

/* Detaches the calling thread before its end; its next call attaches it again. */
static inline void contend_lazy_leave(struct contend_lazy *l)
{
    void *record = pthread_getspecific(l->key);

    if (!record)
        return;
    pthread_setspecific(l->key, NULL);
    contend_lazy_end(record);
}

/*
 * Detaches the calling thread and gives back the key; the object's own fini comes after.
 * -EBUSY while another thread is attached.  No thread may ask for a handle meanwhile.
 */
static inline int contend_lazy_fini(struct contend_lazy *l)
{
    contend_lazy_leave(l);
    pthread_mutex_lock(&l->mutex);
    int busy = l->records != NULL;
    pthread_mutex_unlock(&l->mutex);
    if (busy)
        return -EBUSY;
    pthread_key_delete(l->key);
    return -pthread_mutex_destroy(&l->mutex);
}

/* NAME_lazy_init and NAME_lazy_handle for a strategy's header: CONTEND_LAZY(counter_striped). */
#define CONTEND_LAZY(NAME)                                                                    \
    static inline int NAME##_lazy_attach(void *object, void *handle)                          \
    {                                                                                         \
        return NAME##_attach((struct NAME *)object, (struct NAME##_handle *)handle);          \
    }                                                                                         \
    static inline void NAME##_lazy_detach(void *object, void *handle)                         \
    {                                                                                         \
        NAME##_detach((struct NAME *)object, (struct NAME##_handle *)handle);                 \
    }                                                                                         \
    static inline int NAME##_lazy_init(struct contend_lazy *l, struct NAME *object)           \
    {                                                                                         \
        return contend_lazy_init(l, object, sizeof(struct NAME##_handle),                     \
                                 _Alignof(struct NAME##_handle), NAME##_lazy_attach,          \
                                 NAME##_lazy_detach);                                         \
    }                                                                                         \
    static inline struct NAME##_handle *NAME##_lazy_handle(struct contend_lazy *l)            \
    {                                                                                         \
        return (struct NAME##_handle *)contend_lazy_handle(l);                                \
    }

#ifdef __cplusplus
}
#endif

#endif
