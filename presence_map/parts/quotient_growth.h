/*
 * quotient_growth.h - growth of lines of quotient rows, by a part at a time; nothing is given back.
 *
 * The head of quotient_shape.h has the invariant and the memory orders, G1 and G2.
 */
#ifndef CONTEND_PRESENCE_MAP_PARTS_QUOTIENT_GROWTH_H
#define CONTEND_PRESENCE_MAP_PARTS_QUOTIENT_GROWTH_H

#include "presence_map/parts/quotient_shape.h"

/* ---- moving: for the holder of `lock` ---- */

/* Moves what is in this place, if the next bit of its hash says so. */
static inline void quotient_growth_move(struct quotient_growth *g, _Atomic chosen_row *from,
                                        _Atomic chosen_row *to, uint64_t begin, unsigned level)
{
    const struct quotient *q = &g->table.q;
    chosen_row frozen = (chosen_row)q->frozen, word;

    do {
        /* acquire: H1, pairs with the swaps' release; passed on with the release of the copy. */
        word = atomic_load_explicit(from, memory_order_acquire);
        if (word == 0 || !(quotient_growth_natural(g, quotient_hash(q, begin, word), level) & 1))
            return;
        CONTEND_STEP("quotient: about to freeze a row");
        /* relaxed, both: nobody goes by the mark but to wait. */
    } while (!atomic_compare_exchange_strong_explicit(from, &word, word | frozen,
                                                      memory_order_relaxed, memory_order_relaxed));
    /* release: H1, pairs with the acquire in quotient_table_see. */
    atomic_store_explicit(to, word | frozen, memory_order_release);
    CONTEND_STEP("quotient: a row is in both places");
    /* release: G2, pairs with the fence in quotient_growth_look: the copy comes first. */
    atomic_store_explicit(from, 0, memory_order_release);
    /* release: H1; and who changes it has seen that it is gone from the old place. */
    atomic_store_explicit(to, word, memory_order_release);
}

/* Whether the rows of a natural line of the part that is being split have been moved. */
static inline bool quotient_growth_is_split(struct quotient_growth *g, struct quotient_shape s,
                                            uint64_t natural)
{
    uint64_t i = natural - s.begin;

    /* acquire: pairs with the release in quotient_growth_split. */
    return atomic_load_explicit(&g->moved[i / 64], memory_order_acquire) >> i % 64 & 1;
}

/* Splits a natural line, unless that has been done. */
static inline void quotient_growth_split(struct quotient_growth *g, struct quotient_shape s,
                                         uint64_t natural)
{
    struct quotient_table *t = &g->table;
    uint64_t i = natural - s.begin, begin = quotient_line_begin(&t->q, natural >> s.level);

    if (quotient_growth_is_split(g, s, natural))
        return;
    struct quotient_line *from =
        quotient_growth_at(t, quotient_growth_address(g, natural, s.level));
    struct quotient_line *to = quotient_growth_at(t, (t->q.lines << s.level) + natural);
    for (unsigned row = 0; row < t->rows; row++)
        quotient_growth_move(g, &from->rows[row], &to->rows[row], begin, s.level + 1);
    /* release: the moves come before an insertion; pairs with the acquire in _is_split. */
    atomic_fetch_or_explicit(&g->moved[i / 64], UINT64_C(1) << i % 64, memory_order_release);
}

static inline void quotient_growth_reshape(struct quotient_growth *g, unsigned level,
                                           uint64_t begin, bool splitting)
{
    /* release: G1, pairs with the acquire in quotient_growth_word. */
    atomic_store_explicit(&g->shape, (uint64_t)level << QUOTIENT_LEVEL | begin << 1 | splitting,
                          memory_order_release);
}

static inline size_t quotient_parts_bytes(uint64_t capacity)
{
    return sizeof(struct quotient_parts) + capacity * sizeof(struct quotient_line *);
}

static inline void *quotient_growth_allocate(struct quotient_growth *g, size_t bytes)
{
    void *block = contend_allocate(g->allocator, CONTEND_CACHE_LINE, bytes);

    if (block)
        /* relaxed: statistics. */
        atomic_fetch_add_explicit(&g->bytes, bytes, memory_order_relaxed);
    return block;
}

/* The table of parts becomes twice as long: 0 or -ENOMEM. */
static inline int quotient_growth_widen(struct quotient_growth *g, struct quotient_parts *parts)
{
    uint64_t capacity = 2 * parts->capacity;
    struct quotient_parts *wider = quotient_growth_allocate(g, quotient_parts_bytes(capacity));

    if (!wider)
        return -ENOMEM;
    wider->older = parts;
    wider->capacity = capacity;
    for (uint64_t i = 0; i < parts->capacity; i++)
        wider->at[i] = parts->at[i];
    /* release: pairs with the acquire in quotient_growth_at. */
    atomic_store_explicit(&g->parts, wider, memory_order_release);
    return 0;
}

/* A part is to be split from now on: 0, -ENOMEM, or -ENOSPC if there can be no more lines. */
static inline int quotient_growth_begin(struct quotient_growth *g, struct quotient_shape s)
{
    const struct quotient *q = &g->table.q;
    uint64_t most = (q->id_mask < UINT32_MAX ? q->id_mask : UINT32_MAX) / 4;
    uint64_t number = ((q->lines << s.level) + s.begin) >> g->shift, part = UINT64_C(1) << g->shift;

    if (q->lines << s.level > most)
        return -ENOSPC;
    /* relaxed, both: only holders of the lock write it. */
    struct quotient_parts *parts = atomic_load_explicit(&g->parts, memory_order_relaxed);
    if (number == parts->capacity && quotient_growth_widen(g, parts) != 0)
        return -ENOMEM;
    parts = atomic_load_explicit(&g->parts, memory_order_relaxed);
    struct quotient_line *lines = quotient_growth_allocate(g, part * sizeof *lines);
    if (!lines)
        return -ENOMEM;
    quotient_table_clear(lines, part);
    parts->at[number] = lines;
    for (size_t i = 0; i < QUOTIENT_PART_MOST / 64; i++)
        /* relaxed: the shape comes after it. */
        atomic_store_explicit(&g->moved[i], 0, memory_order_relaxed);
    g->next = s.begin;
    quotient_growth_reshape(g, s.level, s.begin, true);
    CONTEND_STEP("quotient: a part begins, and insertions may not know yet");
    for (uint64_t i = 0; i < g->stripes.count; i++) {
        pthread_mutex_lock(&g->stripes.locks[i].mutex);
        pthread_mutex_unlock(&g->stripes.locks[i].mutex);
    }
    return 0;
}

/* Splits so many natural lines; `begins`: in the next part, if none is being split. */
static inline int quotient_growth_step(struct quotient_growth *g, uint64_t count, bool begins)
{
    struct quotient_shape s = quotient_growth_shape(g, quotient_growth_word(g));
    uint64_t all = g->table.q.lines << s.level;

    if (s.begin == s.end) {
        int error = begins ? quotient_growth_begin(g, s) : 0;
        if (error || !begins)
            return error;
        s = quotient_growth_shape(g, quotient_growth_word(g));
    }
    for (; count > 0 && g->next < s.end; g->next++, count--)
        quotient_growth_split(g, s, g->next);
    CONTEND_STEP("quotient: has split lines, and not yet said that a part is done");
    if (g->next == s.end)
        quotient_growth_reshape(g, s.level + (s.end == all), s.end == all ? 0 : s.end, false);
    return 0;
}

/* ---- insertions ---- */

/* Makes a row, as quotient_table_put(); -EINPROGRESS: one of the lines is to be split before. */
static inline int quotient_growth_put(struct quotient_table *t, uint64_t p, uint64_t second)
{
    struct quotient_growth *g = quotient_growth_of(t);
    uint64_t word = quotient_growth_word(g), hash = p; /* one shape for all that follows */
    struct quotient_shape s = quotient_growth_shape(g, word);

    for (unsigned choice = 1; choice <= QUOTIENT_CHOICES; choice++) {
        if (quotient_growth_splits(g, s, hash) &&
            !quotient_growth_is_split(g, s, quotient_growth_natural(g, hash, s.level)))
            return -EINPROGRESS;
        hash = quotient_step(&t->q, hash);
    }
    return quotient_table_put(t, word, p, second, quotient_growth_line_of);
}

/* Splits the lines of a user that are to be split. */
static inline void quotient_growth_ready(struct quotient_growth *g, uint64_t p)
{
    pthread_mutex_lock(&g->lock);
    struct quotient_shape s = quotient_growth_shape(g, quotient_growth_word(g));
    for (unsigned choice = 1; choice <= QUOTIENT_CHOICES; choice++) {
        if (quotient_growth_splits(g, s, p))
            quotient_growth_split(g, s, quotient_growth_natural(g, p, s.level));
        p = quotient_step(&g->table.q, p);
    }
    pthread_mutex_unlock(&g->lock);
}

/* A whole part more: 0, -ENOMEM or -ENOSPC. */
static inline int quotient_growth_force(struct quotient_growth *g)
{
    pthread_mutex_lock(&g->lock);
    int error = quotient_growth_step(g, UINT64_MAX, true);
    pthread_mutex_unlock(&g->lock);
    return error;
}

/* How many users may be there before a map of so many lines grows. */
static inline int64_t quotient_growth_limit(const struct quotient_growth *g, uint64_t lines)
{
    return (int64_t)(lines * g->table.rows * g->load / 100);
}

/*
 * Adds what the thread has inserted and removed since it last told; unless `all`, only when it is
 * a batch.  Whether there are more users than the lines should hold.
 */
static inline bool quotient_growth_tell(struct quotient_growth *g,
                                        const struct presence_tally *tally, int64_t *told, bool all)
{
    /* relaxed, all: the thread's own counts, and an estimate that decides when to grow. */
    uint64_t came = atomic_load_explicit(&tally->mine->events[PRESENCE_INSERTED],
                                         memory_order_relaxed);
    uint64_t went = atomic_load_explicit(&tally->mine->events[PRESENCE_SWEPT], memory_order_relaxed) +
                    atomic_load_explicit(&tally->mine->events[PRESENCE_LEFT], memory_order_relaxed);
    int64_t more = (int64_t)(came - went) - *told;

    if (g->fixed || (!all && more < g->batch && more > -g->batch))
        return false;
    *told += more;
    return atomic_fetch_add_explicit(&g->users, more, memory_order_relaxed) + more >
           quotient_growth_limit(g, quotient_growth_lines(g));
}

/* After an insertion: a share of the growth, if it is under way or due and nobody else is at it. */
static inline void quotient_growth_help(struct quotient_growth *g, bool due)
{
    if (!due && !(quotient_growth_word(g) & 1))
        return;
    if (pthread_mutex_trylock(&g->lock) != 0)
        return;
    quotient_growth_step(g, g->pace, due); /* without memory it is tried again with a later one */
    pthread_mutex_unlock(&g->lock);
}

/* Grows for so many users: 0, -ENOMEM, or -ERANGE if there cannot be so many lines. */
static inline int quotient_growth_reserve(struct quotient_growth *g, uint64_t users)
{
    int error = 0;

    if (users > (uint64_t)quotient_growth_limit(g, UINT32_MAX))
        return -ERANGE;
    while (error == 0 && users > (uint64_t)quotient_growth_limit(g, quotient_growth_lines(g)))
        error = quotient_growth_force(g);
    return error == -ENOSPC ? -ERANGE : error;
}

/* ---- making ---- */

static inline void quotient_growth_fini(struct quotient_growth *g)
{
    /* relaxed, all: nobody else is left. */
    struct quotient_parts *parts = atomic_load_explicit(&g->parts, memory_order_relaxed), *older;
    uint64_t part = UINT64_C(1) << g->shift;

    for (uint64_t i = g->table.q.lines >> g->shift; i < quotient_growth_lines(g) >> g->shift; i++)
        contend_release(g->allocator, parts->at[i], part * sizeof(struct quotient_line));
    for (; parts; parts = older) {
        older = parts->older;
        contend_release(g->allocator, parts, quotient_parts_bytes(parts->capacity));
    }
    pthread_mutex_destroy(&g->lock);
}

/* The first lines are there, and the rest of the members' settings.  0 or an error. */
static inline int quotient_growth_init(struct quotient_growth *g)
{
    uint64_t lines = g->table.q.lines;

    g->shift = quotient_part_shift(lines);
    g->next = 0;
    g->batch = quotient_growth_limit(g, UINT64_C(1) << g->shift) / 8;
    g->batch = g->batch < 1 ? 1 : g->batch > 64 ? 64 : g->batch;
    atomic_init(&g->shape, 0);
    atomic_init(&g->users, 0);
    atomic_init(&g->bytes, 0);
    for (size_t i = 0; i < QUOTIENT_PART_MOST / 64; i++)
        atomic_init(&g->moved[i], 0);
    uint64_t capacity = lines >> g->shift;
    struct quotient_parts *parts = quotient_growth_allocate(g, quotient_parts_bytes(capacity));
    if (!parts)
        return -ENOMEM;
    parts->older = NULL;
    parts->capacity = capacity;
    for (uint64_t i = 0; i < capacity; i++)
        parts->at[i] = &g->table.lines[i << g->shift];
    atomic_init(&g->parts, parts);
    int error = -pthread_mutex_init(&g->lock, NULL);
    if (error)
        contend_release(g->allocator, parts, quotient_parts_bytes(capacity));
    return error;
}

#endif
