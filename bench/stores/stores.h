/*
 * stores.h - the datastores behind the tables of counter.h, claps.h and presence_map.h.
 *
 * A store's entry is one header, bench/stores/counters/NAME.h (or counters/claps/, presence_map/),
 * that reads as a strategy's does, and one line in bench/stores/meson.build.  Nothing of it is in
 * libcontend: a command that wants the stores calls stores_register(), and from then on they stand
 * behind the strategies of their families, like any other entry.
 */
#ifndef CONTEND_BENCH_STORES_STORES_H
#define CONTEND_BENCH_STORES_STORES_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/base/family.h"
#include "bench/stores/parts/trouble.h"

/* What one object has cost, from its init until now.  What a system cannot tell is 0. */
struct store_traffic {
    uint64_t round_trips;     /* requests that somebody waited for; of a library, statements */
    uint64_t sent, received;  /* bytes over a connection */
    uint64_t written;         /* bytes to the store's file */
    uint64_t units;           /* thousandths of the units that the store bills by */
    uint64_t server_cpu_ns;   /* processor time that the server has spent since its start */
    uint64_t held;            /* bytes that the store says it holds for the object, now */
    const char *held_by;      /* how it says so: "PRAGMA page_count"; NULL: it does not */
};

/* A kind of store: what its entries have in common. */
struct store_system {
    const char *name;     /* "SQLite" */
    const char *needs;    /* "libsqlite3-dev": the Debian packages that the entries need */
    const char *asks;     /* "a file": of a program that takes one of them */
    /* For a decision, in at most 15 characters each; NULL: nothing to say. */
    const char *set_up;   /* what must be there: "a server" */
    const char *lock_in;  /* what is hard to replace: "SQL" */
    const char *keeps;    /* what is there after a crash, as it is set up here: "each commit" */
    unsigned effort;      /* the same as a rank: 1 a file, 2 a server, 3 several servers */
    /*
     * Whether its entries can be used here, at run time: 0, or -ENOENT with the reason in `why`,
     * "there is no redis-server".  NULL: what was built in is there.
     */
    int (*ready)(char *why, size_t size);
    /* Takes the server at that address instead of one of its own: 0 or -EINVAL.  NULL: cannot. */
    int (*use)(const char *address);
    /* Ends what the process has started for it.  NULL: nothing. */
    void (*end)(void);
};

struct store {
    const struct family *family;
    const void *ops;
    const struct store_system *system;
    /* Fills *out; any thread may ask, between init and fini. */
    void (*traffic)(void *object, struct store_traffic *out);
};

/* The index-th entry of this build, whether it can be used or not; NULL after the last. */
const struct store *stores_at(size_t index);
/* Those that this build lacks, ended by a NULL name: "counters/sqlite_atomic". */
extern const struct contend_missing *const stores_missing;
/* The entry of that table, or NULL: it is no store. */
const struct store *stores_of(const void *ops);

/* Whether the entry can be used here; otherwise the reason is in `why`. */
enum { STORES_WHY = 160 };
bool stores_ready(const struct store *s, char why[STORES_WHY]);

/*
 * Makes those that are ready, or all, part of their families for the rest of the process, as an
 * entry of the registry is.  A second call does nothing.  0, or the error of family_register().
 */
enum stores_which { STORES_READY, STORES_ALL };
int stores_register(enum stores_which which);

/*
 * Takes somebody else's server for the system of that name, in whatever case, before any object is
 * made.  0, -ENOENT if this build has no such system, -EINVAL if the address is none.
 */
int stores_use(const char *system, const char *address);

/*
 * Asks the server that was taken for that system: makes an object there and gives it back, within about
 * three seconds.  0, or the error, with what the store said in `why`.
 */
int stores_try(const char *system, char why[TROUBLE_TEXT]);

/* Ends the servers that were started.  Objects in them must have been ended. */
void stores_end(void);

#endif
