/*
 * records.h - what a domain knows of each of its threads.
 *
 * Idea: a list of records to which threads only add.  attach takes a record that nobody has, or
 *   makes one; detach gives it up, with whatever is still retired in it, for the next thread
 *   that attaches.  A scheme's record begins with this one.
 * Invariant: a record, once listed, stays listed and allocated until fini; a thread that walks
 *   the list needs no lock and meets every record that was listed before it began.  There are
 *   at most as many records as threads have been attached at once.
 * Progress: a walk is wait-free with respect to its length, attach lock-free apart from the
 *   allocator.
 * Memory order: the swap that takes a record acquires what its last owner left there; a walk
 *   acquires what was there when the record was listed.  That a walk meets a record in time is
 *   the business of the schemes' fences.
 * Reference: M. Michael, "Hazard Pointers: Safe Memory Reclamation for Lock-Free Objects", IEEE
 *   TPDS 2004, figure 4.
 */
#ifndef CONTEND_PRESENCE_MAP_RECLAIM_PARTS_RECORDS_H
#define CONTEND_PRESENCE_MAP_RECLAIM_PARTS_RECORDS_H

#include "locks/parts/platform.h"
#include "presence_map/reclaim/reclaim.h"

/* What each thread counts; written by the record's owner alone. */
enum reclaim_event {
    RECLAIM_MADE,      /* blocks taken from the allocator */
    RECLAIM_GONE,      /* blocks given back to it */
    RECLAIM_RETIRED,
    RECLAIM_FREED,     /* of those that were retired */
    RECLAIM_MOST,      /* no count: the most blocks that this record has held retired */
    RECLAIM_EVENTS
};

struct reclaim_record {
    CONTEND_ALIGNED struct reclaim_record *next; /* an older one; constant once listed */
    _Atomic uint32_t taken;
    _Atomic uint64_t events[RECLAIM_EVENTS];
    uint64_t held; /* blocks retired in this record; its owner's */
};

struct reclaim_records {
    CONTEND_ALIGNED _Atomic(struct reclaim_record *) newest;
    size_t size;              /* of a scheme's record; its alignment is a cache line */
    struct reclaim_config config;
};

static inline void reclaim_records_init(struct reclaim_records *r, size_t size,
                                        const struct reclaim_config *config)
{
    atomic_init(&r->newest, NULL);
    r->size = size;
    r->config = *config;
    r->config.settings = (struct contend_settings){ 0 }; /* the caller's list goes */
}

/* The first record of a walk; `next` leads to the others. */
static inline struct reclaim_record *reclaim_records_first(struct reclaim_records *r)
{
    /* acquire: pairs with the release in reclaim_records_take. */
    return atomic_load_explicit(&r->newest, memory_order_acquire);
}

/* Frees the records; their blocks are freed already. */
static inline void reclaim_records_fini(struct reclaim_records *r)
{
    struct reclaim_record *record = reclaim_records_first(r);

    while (record) {
        struct reclaim_record *next = record->next;
        contend_release(r->config.allocator, record, r->size);
        record = next;
    }
}

/*
 * A record for this thread, or NULL.  *fresh: it is new, so the scheme's part is rubbish, and
 * reclaim_records_list() must follow.
 */
static inline struct reclaim_record *reclaim_records_take(struct reclaim_records *r, bool *fresh)
{
    struct reclaim_record *record = reclaim_records_first(r);

    *fresh = false;
    for (; record; record = record->next) {
        uint32_t free = 0;
        /* acquire: pairs with the release in reclaim_records_give_up. */
        if (atomic_compare_exchange_strong_explicit(&record->taken, &free, 1,
                                                    memory_order_acquire, memory_order_relaxed))
            return record; /* relaxed on failure: another thread has it */
    }
    record = contend_allocate(r->config.allocator, CONTEND_CACHE_LINE, r->size);
    if (!record)
        return NULL;
    *fresh = true;
    atomic_init(&record->taken, 1);
    record->held = 0;
    for (int e = 0; e < RECLAIM_EVENTS; e++)
        atomic_init(&record->events[e], 0);
    return record;
}

/* Shows a fresh record to the other threads. */
static inline void reclaim_records_list(struct reclaim_records *r, struct reclaim_record *record)
{
    /* relaxed: a first guess. */
    record->next = atomic_load_explicit(&r->newest, memory_order_relaxed);
    /* release: its contents come first; pairs with the acquire in reclaim_records_first. */
    while (!atomic_compare_exchange_weak_explicit(&r->newest, &record->next, record,
                                                  memory_order_release, memory_order_relaxed))
        contend_cpu_relax(); /* relaxed on failure: only the address is used */
}

static inline void reclaim_records_give_up(struct reclaim_record *record)
{
    /* release: what is left in it comes first; pairs with the acquire in reclaim_records_take. */
    atomic_store_explicit(&record->taken, 0, memory_order_release);
}

/* How many there are: at least as many as threads are attached now. */
static inline uint64_t reclaim_records_count(struct reclaim_records *r)
{
    uint64_t count = 0;

    for (struct reclaim_record *record = reclaim_records_first(r); record; record = record->next)
        count++;
    return count;
}

/* ---- counting, by the owner ---- */

static inline void reclaim_count(struct reclaim_record *record, enum reclaim_event e, uint64_t n)
{
    /* relaxed: a single writer; atomic only so that stats() may look meanwhile. */
    uint64_t before = atomic_load_explicit(&record->events[e], memory_order_relaxed);
    atomic_store_explicit(&record->events[e], before + n, memory_order_relaxed);
}

static inline void reclaim_count_retired(struct reclaim_record *record)
{
    reclaim_count(record, RECLAIM_RETIRED, 1);
    record->held++;
    /* relaxed: as above. */
    if (record->held > atomic_load_explicit(&record->events[RECLAIM_MOST], memory_order_relaxed))
        atomic_store_explicit(&record->events[RECLAIM_MOST], record->held, memory_order_relaxed);
}

static inline void reclaim_count_freed(struct reclaim_record *record)
{
    reclaim_count(record, RECLAIM_FREED, 1);
    record->held--;
}

/* A block from the allocator, or NULL. */
static inline void *reclaim_block_make(struct reclaim_records *r, struct reclaim_record *record)
{
    void *block = contend_allocate(r->config.allocator, r->config.align, r->config.size);

    if (block)
        reclaim_count(record, RECLAIM_MADE, 1);
    return block;
}

static inline void reclaim_block_give_back(struct reclaim_records *r,
                                           struct reclaim_record *record, void *block)
{
    reclaim_count(record, RECLAIM_GONE, 1);
    contend_release(r->config.allocator, block, r->config.size);
}

static inline void reclaim_records_stats(struct reclaim_records *r, struct reclaim_stats *out)
{
    *out = (struct reclaim_stats){ 0 };
    for (struct reclaim_record *record = reclaim_records_first(r); record; record = record->next) {
        uint64_t n[RECLAIM_EVENTS];
        for (int e = 0; e < RECLAIM_EVENTS; e++)
            /* relaxed: exact at quiescent points, which something else has established. */
            n[e] = atomic_load_explicit(&record->events[e], memory_order_relaxed);
        /* One thread makes what another frees: only the sums make sense. */
        out->bytes += r->size + (n[RECLAIM_MADE] - n[RECLAIM_GONE]) * r->config.size;
        out->retired += n[RECLAIM_RETIRED] - n[RECLAIM_FREED];
        out->retired_peak += n[RECLAIM_MOST];
    }
}

/* ---- for schemes whose domain has a member `records`, and whose handle a `mine` ---- */

/* attach takes a record, which reclaim_NAME_prepare makes ready if it is fresh. */
#define RECLAIM_ATTACH(NAME)                                                                  \
    static inline int reclaim_##NAME##_attach(struct reclaim_##NAME *d,                       \
                                              struct reclaim_##NAME##_handle *h)              \
    {                                                                                         \
        bool fresh;                                                                           \
        h->mine = (void *)reclaim_records_take(&d->records, &fresh);                          \
        if (!h->mine)                                                                         \
            return -ENOMEM;                                                                   \
        if (fresh) {                                                                          \
            reclaim_##NAME##_prepare(h->mine);                                                \
            reclaim_records_list(&d->records, &h->mine->base);                                \
        }                                                                                     \
        return 0;                                                                             \
    }

/* Blocks that come from the allocator and go back to it, and need nothing done to them. */
#define RECLAIM_PLAIN_BLOCKS(NAME)                                                            \
    static inline void *reclaim_##NAME##_allocate(struct reclaim_##NAME *d,                   \
                                                  struct reclaim_##NAME##_handle *h)          \
    {                                                                                         \
        return reclaim_block_make(&d->records, &h->mine->base);                               \
    }                                                                                         \
    static inline void reclaim_##NAME##_discard(                                              \
        struct reclaim_##NAME *d, struct reclaim_##NAME##_handle *h, void *block)             \
    {                                                                                         \
        reclaim_block_give_back(&d->records, &h->mine->base, block);                          \
    }

/* Frees a block that was retired in this thread's record. */
#define RECLAIM_FREE(NAME)                                                                    \
    static inline void reclaim_##NAME##_free(struct reclaim_##NAME *d,                        \
                                             struct reclaim_##NAME##_record *mine, void *block) \
    {                                                                                         \
        reclaim_count_freed(&mine->base);                                                     \
        reclaim_block_give_back(&d->records, &mine->base, block);                             \
    }

#define RECLAIM_STATS(NAME)                                                                   \
    static inline void reclaim_##NAME##_stats(struct reclaim_##NAME *d,                       \
                                              struct reclaim_stats *out)                      \
    {                                                                                         \
        reclaim_records_stats(&d->records, out);                                              \
    }

/* R5: a block that never was the domain's needs nothing. */
#define RECLAIM_EMBEDS_ANYTHING(NAME)                                                         \
    static inline void reclaim_##NAME##_embed(void *block)                                    \
    {                                                                                         \
        (void)block;                                                                          \
    }

/* R10: a scheme whose fini waits for nobody. */
#define RECLAIM_ENDS_AT_ONCE(NAME)                                                            \
    static inline bool reclaim_##NAME##_may_end(const struct reclaim_##NAME *d)               \
    {                                                                                         \
        (void)d;                                                                              \
        return true;                                                                          \
    }

/* R12: a scheme to which announcements say nothing. */
#define RECLAIM_NO_ANNOUNCEMENTS(NAME)                                                        \
    static inline void reclaim_##NAME##_quiescent(struct reclaim_##NAME *d,                   \
                                                  struct reclaim_##NAME##_handle *h)          \
    {                                                                                         \
        (void)d, (void)h;                                                                     \
    }                                                                                         \
    static inline void reclaim_##NAME##_offline(struct reclaim_##NAME *d,                     \
                                                struct reclaim_##NAME##_handle *h)            \
    {                                                                                         \
        (void)d, (void)h;                                                                     \
    }                                                                                         \
    static inline void reclaim_##NAME##_online(struct reclaim_##NAME *d,                      \
                                               struct reclaim_##NAME##_handle *h)             \
    {                                                                                         \
        (void)d, (void)h;                                                                     \
    }

#endif
