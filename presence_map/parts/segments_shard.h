/*
 * segments_shard.h - a shard of segments.h: entries in segments, and an index that finds them.
 *
 * A segment has `size` places for entries.  The segments in use stand in a list by the time of their
 * creation; only the last one, which is open, takes entries, one place after the other.  A place whose
 * entry was removed is dead, and is not used again before its segment is empty or takes in another.
 *
 * An entry is named by a reference: the number of its segment times `size`, plus its place there.  The
 * index has lines of 15 references.  A user's is in its home line, or, if that was full, in the next one
 * that was not; a line counts the references that have passed it by, so that a look-up knows
 * whether to go on, and a removal moves nobody and leaves no mark (as in F14: N. Bronson and X. Shi,
 * "Open-sourcing F14 for faster, more memory-efficient hash tables", 2019).  References need only the
 * lower bits of an index place; the upper ones repeat a piece of the user's hash, so that a look-up
 * rarely sees an entry that is not the user's.
 *
 * Whenever a segment is to be opened and half of all places are dead, two neighbours in the list that fit
 * into one are made one.  If more than 2 * used + size places were in use, all of them in full segments,
 * there must be two such neighbours: otherwise each pair of segments would have more than `size`
 * entries.  So there are never more segments than segments_numbers_for() says.
 *
 * Everything here is for the holder of the shard's lock.
 */
#include "presence_map/parts/access.h" /* before the guard: see chosen.h */

#ifndef CONTEND_PRESENCE_MAP_PARTS_SEGMENTS_SHARD_H
#define CONTEND_PRESENCE_MAP_PARTS_SEGMENTS_SHARD_H

#include <string.h>

#include "locks/parts/hash.h"
#include "locks/parts/platform.h"
#include "presence_map/parts/defaults.h"

#define PRESENCE_SEGMENTS_NONE UINT32_MAX /* no segment; an empty place of the index */
#define PRESENCE_SEGMENTS_WORDS 16u       /* of a line of the index: places, and the count */
#define PRESENCE_SEGMENTS_PLACES 15u

struct presence_segments_entry {
    uint64_t user; /* PRESENCE_NO_USER: dead */
    uint64_t last;
};

struct presence_segments_segment {
    struct presence_segments_entry *entries; /* NULL: the number has no memory at present */
    uint64_t oldest, newest;                 /* no entry's time is earlier, or later */
    uint32_t live;                           /* entries */
    uint32_t before, after;                  /* in the list; a spare or unused one has `after` alone */
};

/* Aligned, and thereby padded: neighbours in an array share no line. */
struct presence_segments_shard {
    CONTEND_ALIGNED struct presence_guard guard; /* protects the members that change */
    uint32_t *index;
    uint64_t lines; /* of the index */
    struct presence_segments_segment *segments;
    uint64_t users;       /* for so many the index has enough lines */
    uint64_t used;        /* users who are there */
    uint64_t limit;       /* users that are accepted; 0 = grows */
    uint64_t cursor;      /* where the next budgeted sweep begins: 0, or 1 + a reference */
    uint32_t numbers;     /* of segments, with memory or without */
    uint32_t references;  /* a mask: the bits of a reference in a place of the index */
    uint32_t size, shift; /* places of a segment, a power of two, and which one */
    uint32_t first, open; /* the ends of the list */
    uint32_t filled;      /* places of the open segment that were taken, dead ones included */
    uint32_t in_use;      /* segments in the list */
    uint32_t made;        /* segments with memory: those, and the spare ones */
    uint32_t floor;       /* so many keep their memory */
    uint32_t spare, unused; /* lists of numbers with memory, and without */
    uint32_t hand;          /* where the search for two that fit into one goes on */
    uint64_t ttl_ms;
    uint64_t kept_ms; /* the greatest age at which a sweep leaves an entry alone */
    uint64_t hash_seed;
    const struct contend_allocator *allocator;
};

/* How many lines of the index `users` need: four fifths of the places are taken. */
static inline uint64_t presence_segments_lines_for(uint64_t users)
{
    return users / 12 + 1;
}

/* How many segments there can be at once: see the head. */
static inline uint64_t presence_segments_numbers_for(uint64_t users, uint32_t size)
{
    return 2 * users / size + 4;
}

static inline size_t presence_segments_index_bytes(uint64_t lines)
{
    return lines * PRESENCE_SEGMENTS_WORDS * sizeof(uint32_t);
}

static inline size_t presence_segments_bytes(const struct presence_segments_shard *s)
{
    return presence_segments_index_bytes(s->lines) + s->numbers * sizeof *s->segments +
           s->made * s->size * sizeof(struct presence_segments_entry);
}

/* ---- the index ---- */

static inline uint64_t presence_segments_hash(const struct presence_segments_shard *s, uint64_t user)
{
    return presence_hash(user, s->hash_seed);
}

static inline uint64_t presence_segments_home(const struct presence_segments_shard *s, uint64_t hash)
{
    return ((hash & UINT64_C(0xffffffff)) * s->lines) >> 32;
}

static inline uint64_t presence_segments_next(const struct presence_segments_shard *s, uint64_t line)
{
    return line + 1 == s->lines ? 0 : line + 1;
}

/* How many references were put behind this line because it was full. */
static inline uint32_t *presence_segments_passed(const struct presence_segments_shard *s,
                                                 uint64_t line)
{
    return &s->index[line * PRESENCE_SEGMENTS_WORDS + PRESENCE_SEGMENTS_PLACES];
}

/* The upper bits of a user's place in the index. */
static inline uint32_t presence_segments_tag(const struct presence_segments_shard *s, uint64_t hash)
{
    return (uint32_t)(hash >> 32) & ~s->references;
}

static inline uint32_t presence_segments_reference(const struct presence_segments_shard *s,
                                                   uint64_t at)
{
    return s->index[at] & s->references;
}

static inline void presence_segments_refer(struct presence_segments_shard *s, uint64_t at,
                                           uint32_t reference)
{
    s->index[at] = (s->index[at] & ~s->references) | reference;
}

static inline struct presence_segments_entry *
presence_segments_entry(const struct presence_segments_shard *s, uint32_t reference)
{
    return &s->segments[reference >> s->shift].entries[reference & (s->size - 1)];
}

/* The user's place in *at; false if there is none. */
static inline bool presence_segments_find(const struct presence_segments_shard *s, uint64_t hash,
                                          uint64_t user, uint64_t *at)
{
    uint32_t tag = presence_segments_tag(s, hash);
    uint64_t line = presence_segments_home(s, hash);

    for (uint64_t n = 0; n < s->lines; n++, line = presence_segments_next(s, line)) {
        *at = line * PRESENCE_SEGMENTS_WORDS;
        for (uint32_t k = 0; k < PRESENCE_SEGMENTS_PLACES; k++, ++*at)
            if ((s->index[*at] & ~s->references) == tag && s->index[*at] != PRESENCE_SEGMENTS_NONE &&
                presence_segments_entry(s, presence_segments_reference(s, *at))->user == user)
                return true;
        if (*presence_segments_passed(s, line) == 0)
            return false;
    }
    return false;
}

/* The first place from a home on that refers to this; PRESENCE_SEGMENTS_NONE: that is empty. */
static inline uint64_t presence_segments_seek(const struct presence_segments_shard *s, uint64_t hash,
                                              uint32_t reference)
{
    uint64_t line = presence_segments_home(s, hash);

    for (;; line = presence_segments_next(s, line))
        for (uint64_t at = line * PRESENCE_SEGMENTS_WORDS, k = 0; k < PRESENCE_SEGMENTS_PLACES; k++)
            if ((s->index[at + k] & s->references) == (reference & s->references))
                return at + k;
}

/* Counts on all lines that a reference at this place has passed by. */
static inline void presence_segments_pass(struct presence_segments_shard *s, uint64_t hash,
                                          uint64_t at, uint32_t more)
{
    for (uint64_t line = presence_segments_home(s, hash); line != at / PRESENCE_SEGMENTS_WORDS;
         line = presence_segments_next(s, line))
        *presence_segments_passed(s, line) += more;
}

/* Refers to the entry of a user who has no place yet.  There is an empty one: used <= users. */
static inline void presence_segments_put(struct presence_segments_shard *s, uint64_t hash,
                                         uint32_t reference)
{
    uint64_t at = presence_segments_seek(s, hash, PRESENCE_SEGMENTS_NONE);

    s->index[at] = presence_segments_tag(s, hash) | reference;
    presence_segments_pass(s, hash, at, 1);
}

static inline void presence_segments_unput(struct presence_segments_shard *s, uint64_t hash,
                                           uint64_t at)
{
    s->index[at] = PRESENCE_SEGMENTS_NONE;
    presence_segments_pass(s, hash, at, UINT32_MAX); /* one less */
}

/* ---- segments ---- */

/* How many places of a segment have been taken. */
static inline uint32_t presence_segments_end(const struct presence_segments_shard *s, uint32_t number)
{
    return number == s->open ? s->filled : s->size;
}

/* Gives a number memory, and puts it with the spare ones.  0 or -ENOMEM. */
static inline int presence_segments_make(struct presence_segments_shard *s)
{
    uint32_t number = s->unused;
    struct presence_segments_segment *g = &s->segments[number];
    struct presence_segments_entry *entries =
        contend_allocate(s->allocator, CONTEND_CACHE_LINE, s->size * sizeof *entries);

    if (!entries)
        return -ENOMEM;
    s->unused = g->after;
    g->entries = entries;
    g->after = s->spare;
    s->spare = number;
    s->made++;
    return 0;
}

/*
 * Takes a segment without entries, which is not the last one, out of the list.  Its memory goes back,
 * unless it is below the floor or would be the only spare one.
 */
static inline void presence_segments_retire(struct presence_segments_shard *s, uint32_t number)
{
    struct presence_segments_segment *g = &s->segments[number];
    uint32_t after = g->after;

    if (number == s->first)
        s->first = after;
    else
        s->segments[g->before].after = after;
    s->segments[after].before = g->before;
    if (s->hand == number)
        s->hand = after;
    if (s->cursor && (s->cursor - 1) >> s->shift == number)
        s->cursor = 1 + ((uint64_t)after << s->shift);
    s->in_use--;
    if (s->made <= s->floor || s->spare == PRESENCE_SEGMENTS_NONE) {
        g->after = s->spare;
        s->spare = number;
        return;
    }
    contend_release(s->allocator, g->entries, s->size * sizeof *g->entries);
    g->entries = NULL;
    s->made--;
    g->after = s->unused;
    s->unused = number;
}

/* The entry is dead; what named it in the index does so no more. */
static inline void presence_segments_kill(struct presence_segments_shard *s, uint32_t reference)
{
    uint32_t number = reference >> s->shift;

    presence_segments_entry(s, reference)->user = PRESENCE_NO_USER;
    if (--s->segments[number].live == 0 && number != s->open)
        presence_segments_retire(s, number);
}

/* The segment covers this time as well. */
static inline void presence_segments_cover(struct presence_segments_segment *g, uint64_t oldest,
                                           uint64_t newest)
{
    g->oldest = oldest < g->oldest ? oldest : g->oldest;
    g->newest = newest > g->newest ? newest : g->newest;
}

/*
 * Moves the entries of a segment to dead places of the next one in the list, where they fit in.
 * Forwards, so that a budgeted round meets them again, if it has not passed both.
 */
static inline void presence_segments_merge(struct presence_segments_shard *s, uint32_t from)
{
    struct presence_segments_segment *g = &s->segments[from];
    uint32_t into = g->after, to = 0;
    struct presence_segments_segment *next = &s->segments[into];

    for (uint32_t i = 0; g->live > 0; i++) {
        if (g->entries[i].user == PRESENCE_NO_USER)
            continue;
        while (next->entries[to].user != PRESENCE_NO_USER)
            to++;
        uint64_t hash = presence_segments_hash(s, g->entries[i].user);
        presence_segments_refer(s, presence_segments_seek(s, hash, (from << s->shift) + i),
                                (into << s->shift) + to);
        next->entries[to] = g->entries[i];
        next->live++;
        g->live--;
    }
    presence_segments_cover(next, g->oldest, g->newest);
    s->hand = into;
    presence_segments_retire(s, from);
}

/* Makes two neighbours one, if there are two that fit; all segments are full. */
static inline bool presence_segments_tidy(struct presence_segments_shard *s)
{
    uint32_t number = s->hand;

    for (uint32_t looked = 0; looked < s->in_use; looked++) {
        if (number == PRESENCE_SEGMENTS_NONE || s->segments[number].after == PRESENCE_SEGMENTS_NONE)
            number = s->first;
        uint32_t after = s->segments[number].after;
        if (after == PRESENCE_SEGMENTS_NONE)
            return false; /* the only one */
        if (s->segments[number].live + s->segments[after].live <= s->size) {
            presence_segments_merge(s, number);
            return true;
        }
        number = after;
    }
    return false;
}

/* Opens an empty segment behind all others.  0 or -ENOMEM. */
static inline int presence_segments_open(struct presence_segments_shard *s)
{
    int error = s->spare == PRESENCE_SEGMENTS_NONE ? presence_segments_make(s) : 0;

    if (error)
        return error;
    uint32_t number = s->spare;
    struct presence_segments_segment *g = &s->segments[number];
    s->spare = g->after;
    g->before = s->open;
    g->after = PRESENCE_SEGMENTS_NONE;
    g->live = 0;
    if (s->open == PRESENCE_SEGMENTS_NONE)
        s->first = number;
    else
        s->segments[s->open].after = number;
    s->open = number;
    s->in_use++;
    return 0;
}

/*
 * Sees to it that the open segment has a free place.  Entries may be moved, though not to other places of
 * the index.  0 or -ENOMEM.
 */
static inline int presence_segments_room(struct presence_segments_shard *s)
{
    int error = 0;

    if (s->open != PRESENCE_SEGMENTS_NONE && s->filled < s->size)
        return 0;
    /* Two at most: one pays for the new segment, and one makes up for users who have gone. */
    for (int n = 0; n < 2 && (uint64_t)s->in_use * s->size >= 2 * s->used; n++)
        if (!presence_segments_tidy(s))
            break;
    if (s->open == PRESENCE_SEGMENTS_NONE || s->segments[s->open].live > 0)
        error = presence_segments_open(s);
    if (error)
        return error;
    s->filled = 0; /* of a new one, or of the same one again: all its entries are dead */
    s->segments[s->open].oldest = UINT64_MAX;
    s->segments[s->open].newest = 0;
    return 0;
}

/* Puts an entry into the open segment, which has a free place, and returns its reference. */
static inline uint32_t presence_segments_append(struct presence_segments_shard *s, uint64_t user,
                                                uint64_t now)
{
    struct presence_segments_segment *g = &s->segments[s->open];

    g->entries[s->filled] = (struct presence_segments_entry){ user, now };
    g->live++;
    presence_segments_cover(g, now, now);
    return (s->open << s->shift) + s->filled++;
}

/* ---- sizes ---- */

/*
 * Makes an index for so many users, and numbers for their segments; the segments stay as they are.
 * 0, or an error and the shard is as it was.
 */
static inline int presence_segments_resize(struct presence_segments_shard *s, uint64_t users)
{
    uint64_t lines = presence_segments_lines_for(users);
    uint64_t numbers = presence_segments_numbers_for(users, s->size);

    if (numbers > UINT32_MAX / s->size) /* then lines are fewer than the 32 bits of a home, too */
        return -ERANGE;
    uint32_t *index = contend_allocate(s->allocator, CONTEND_CACHE_LINE,
                                       presence_segments_index_bytes(lines));
    struct presence_segments_segment *segments =
        contend_allocate(s->allocator, CONTEND_CACHE_LINE, numbers * sizeof *segments);
    if (!index || !segments) {
        contend_release(s->allocator, index, presence_segments_index_bytes(lines));
        contend_release(s->allocator, segments, numbers * sizeof *segments);
        return -ENOMEM;
    }
    if (s->numbers)
        memcpy(segments, s->segments, s->numbers * sizeof *segments);
    for (uint32_t n = (uint32_t)numbers; n-- > s->numbers; s->unused = n)
        segments[n] = (struct presence_segments_segment){ .after = s->unused };
    contend_release(s->allocator, s->index, presence_segments_index_bytes(s->lines));
    contend_release(s->allocator, s->segments, s->numbers * sizeof *segments);
    s->index = index;
    s->lines = lines;
    s->segments = segments;
    s->numbers = (uint32_t)numbers;
    s->users = users;
    /* So that no reference is all ones. */
    s->references = (uint32_t)(contend_round_up_pow2(numbers * s->size + 1) - 1);
    memset(index, 0xff, presence_segments_index_bytes(lines)); /* all ones: PRESENCE_SEGMENTS_NONE */
    for (uint64_t line = 0; line < lines; line++)
        *presence_segments_passed(s, line) = 0;
    for (uint32_t n = s->first; n != PRESENCE_SEGMENTS_NONE; n = segments[n].after)
        for (uint32_t i = 0; i < presence_segments_end(s, n); i++) {
            uint64_t user = segments[n].entries[i].user;
            if (user != PRESENCE_NO_USER)
                presence_segments_put(s, presence_segments_hash(s, user), (n << s->shift) + i);
        }
    return 0;
}

/* Makes an index for so many users, and the segments that they will need.  0 or an error. */
static inline int presence_segments_prepare(struct presence_segments_shard *s, uint64_t users)
{
    int error = users > s->users || s->users == 0 ? presence_segments_resize(s, users) : 0;

    if (error)
        return error;
    uint32_t floor = (uint32_t)((users + s->size - 1) / s->size);
    while (error == 0 && s->made < floor)
        error = presence_segments_make(s);
    if (error == 0 && floor > s->floor)
        s->floor = floor;
    return error;
}

static inline void presence_segments_shard_free(struct presence_segments_shard *s)
{
    for (uint32_t n = 0; n < s->numbers; n++)
        contend_release(s->allocator, s->segments[n].entries,
                        s->size * sizeof(struct presence_segments_entry));
    contend_release(s->allocator, s->index, presence_segments_index_bytes(s->lines));
    contend_release(s->allocator, s->segments, s->numbers * sizeof *s->segments);
}

#endif
