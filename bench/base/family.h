/*
 * family.h - the families of strategies: locks, counters, bounded claps, distinct clappers, presence
 * maps.
 *
 * A family is a registry, and the words for what is in it.  Everything above this
 * layer works on any family.  What a layer must know of one of them (how to drive
 * it, how to word its promises) it keeps in a file of that family, and it finds
 * that file's hooks through a table made of FAMILY_EACH.  So a new family is a line
 * here, a descriptor in family.c, and one file in each layer that has hooks: where one
 * is missing the linker says so.
 */
#ifndef CONTEND_BENCH_BASE_FAMILY_H
#define CONTEND_BENCH_BASE_FAMILY_H

#include <stdbool.h>
#include <stddef.h>

#include "locks/parts/traits.h"

/* X(object) for each family, in the order in which reports show them. */
#define FAMILY_EACH(X) X(lock) X(counter) X(claps) X(distinct) X(presence)

#define FAMILY_INDEX(OBJECT) FAMILY_##OBJECT,
enum family_index { FAMILY_EACH(FAMILY_INDEX) FAMILY_COUNT };
#undef FAMILY_INDEX

struct family {
    enum family_index index;
    const char *folder;     /* where its headers are: "counters", "counters/claps" */
    const char *name;       /* in options, cells and results: "counter" */
    const char *article;    /* in a sentence: "a counter" */
    const char *heading;    /* above its tables: "CLAP COUNTERS" */
    const char *what;       /* what one is for, in a sentence: "How often a post was clapped for." */
    const char *item_bytes; /* above the memory of one: "B/ctr" */
    bool shows_cpu; /* tables show processor time and not memory: waiting is what it is about */

    /* The registry's entries, each the table of its operations; NULL after the last. */
    const void *(*at)(size_t index);
    const struct contend_identity *(*identity)(const void *ops);
    const void *(*traits)(const void *ops); /* struct counter_traits ... */
    const char *(*header)(const void *ops); /* "counters/locked.h" */
    enum contend_shelf (*shelf)(const void *ops); /* whether defaults show it */
    const char *(*needs)(const void *ops);  /* the library beneath it, or NULL */
    const char *(*choices)(const void *ops); /* "CONTEND_LOCK=mcs", separated by blanks; or "" */
    size_t (*handle_size)(const void *ops); /* 1: a thread has no state of its own */
    /*
     * Makes an object with these settings and gives it back, to learn its own traits, which
     * are copied to *traits.  0, -ENOMEM, or what init answered.
     */
    int (*own_traits)(const void *ops, const struct contend_settings *settings, void *traits);
    /* What this build left out, ended by a NULL name. */
    const struct contend_missing *(*missing)(void);
};

/* All of them, ended by NULL. */
extern const struct family *const families[FAMILY_COUNT + 1];

#define FAMILY_DECLARE(OBJECT) extern const struct family family_##OBJECT;
FAMILY_EACH(FAMILY_DECLARE)
#undef FAMILY_DECLARE

/* Several families: one bit each. */
enum { FAMILY_ALL = (1 << FAMILY_COUNT) - 1 };

static inline unsigned family_bit(const struct family *f)
{
    return 1u << f->index;
}

/* The family of that name ("counter") or in that folder ("counters"), or NULL. */
const struct family *family_named(const char *name);
const struct family *family_in(const char *folder, size_t length);

/*
 * Adds an entry behind those of the family's registry, for the rest of the process: a store, which
 * no library contains.  For the main thread, before others look.  0; -ENOSPC beyond
 * FAMILY_REGISTERED; -EEXIST for a name that is taken.
 */
enum { FAMILY_REGISTERED = 64 };
int family_register(const struct family *f, const void *ops);

/* The entry of that name, or NULL. */
const void *family_find(const struct family *f, const char *name);

/*
 * The name of the entry that the others are compared with unless another is named: the
 * first in teaching order, which begins with the simplest, that is a working strategy.
 */
const char *family_reference(const struct family *f);

/* The paper behind an entry; one that adds nothing to its lock has the lock's. */
const char *family_paper(const struct contend_identity *id);

/* "lock, counter, claps, distinct or presence": the names of those in the set. */
enum { FAMILY_LIST = 128 };
const char *family_list(unsigned set, char buffer[FAMILY_LIST]);

#endif
