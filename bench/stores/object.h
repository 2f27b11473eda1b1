/*
 * object.h - what an object in a store has in common, whatever the family and the store.
 *
 * A system (SQLite, Redis ...) brings two things, `struct SYSTEM_place`, where an object's data
 * are, and `struct SYSTEM_link`, one thread's connection to them, and
 *
 *   int SYSTEM_place_make(struct SYSTEM_place *, const char *name, const struct SYSTEM_plan *,
 *                         const struct contend_settings *)
 *   void SYSTEM_place_end(struct SYSTEM_place *)
 *   void SYSTEM_place_traffic(struct SYSTEM_place *, struct store_traffic *)
 *   int SYSTEM_link_open(struct SYSTEM_place *, struct SYSTEM_link *)
 *   void SYSTEM_link_close(struct SYSTEM_link *)
 *
 * The first returns 0, or a negative errno value after trouble_note(), and so does link_open.  A
 * plan says what is prepared in each place and each connection: tables, statements, scripts.
 */
#ifndef CONTEND_BENCH_STORES_OBJECT_H
#define CONTEND_BENCH_STORES_OBJECT_H

#include "counters/parts/attached.h"

/* Of every operation: others can hold it up, and it calls the system. */
#define STORE_PROGRESS ((unsigned)CONTEND_BLOCKING | CONTEND_MODULO_SYSCALL)

/*
 * The handle, and the operations that begin and end.  OBJECT is the family's prefix, `counter`; its
 * struct has the place as `place`, and who is attached as ATTACHED.
 */
#define OBJECT_IN_STORE(OBJECT, SYSTEM, NAME, ATTACHED)                                       \
    struct OBJECT##_##NAME##_handle {                                                         \
        struct SYSTEM##_link link;                                                            \
    };                                                                                        \
    static inline int OBJECT##_##NAME##_fini(struct OBJECT##_##NAME *o)                       \
    {                                                                                         \
        if (counter_attached_count(&o->ATTACHED))                                             \
            return -EBUSY;                                                                    \
        SYSTEM##_place_end(&o->place);                                                        \
        return 0;                                                                             \
    }                                                                                         \
    static inline int OBJECT##_##NAME##_attach(struct OBJECT##_##NAME *o,                     \
                                               struct OBJECT##_##NAME##_handle *h)            \
    {                                                                                         \
        int error = SYSTEM##_link_open(&o->place, &h->link);                                  \
                                                                                              \
        if (!error)                                                                           \
            counter_attached_enter(&o->ATTACHED);                                             \
        return error;                                                                         \
    }                                                                                         \
    static inline void OBJECT##_##NAME##_detach(struct OBJECT##_##NAME *o,                    \
                                                struct OBJECT##_##NAME##_handle *h)           \
    {                                                                                         \
        SYSTEM##_link_close(&h->link);                                                        \
        counter_attached_leave(&o->ATTACHED);                                                 \
    }                                                                                         \
    static inline void OBJECT##_##NAME##_traffic(struct OBJECT##_##NAME *o,                   \
                                                 struct store_traffic *out)                   \
    {                                                                                         \
        SYSTEM##_place_traffic(&o->place, out);                                               \
    }

#endif
