/*
 * watchers.h - when to look whether a user has gone offline.
 *
 * A map says when a user comes online, and never when one goes.  So the thread through which a user came keeps
 * the user in a wheel, in the slot of the tick at which the last heartbeat runs out.  When that tick
 * is over it looks again: a user who has beaten since is kept for later, another one is told of.
 * Wheels are G. Varghese and T. Lauck's, "Hashed and Hierarchical Timing Wheels", 1987; heartbeats do
 * not touch them.
 *
 * A user who came through several threads has a watcher with each; one thread's watchers for the same
 * user meet in one slot, where they become one.
 */
#ifndef CONTEND_BENCH_SERVE_WATCHERS_H
#define CONTEND_BENCH_SERVE_WATCHERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WATCHERS_SLOTS = 64, WATCHERS_BLOCK = 126 };

/*
 * Memory is asked for in blocks of one size.  Slots that grew by doubling left holes of every size in the C
 * library's heap: the bytes in use stayed the same from day to day, and the process grew.
 */
struct watchers_block {
    struct watchers_block *next;
    size_t count;
    uint64_t users[WATCHERS_BLOCK];
};

struct watchers {
    uint64_t tick_ms, next_tick; /* the first tick that is not over */
    struct watchers_block *slots[WATCHERS_SLOTS];
    uint64_t *due; /* those of that tick who have not been looked at: sorted, without doubles */
    size_t due_count, due_capacity; /* as large as the largest crowd that was ever due at once */
};

/* For waits of at most span_ms, from `now` on. */
void watchers_begin(struct watchers *w, uint64_t span_ms, uint64_t now);
void watchers_end(struct watchers *w);

/*
 * Watches a user until `due`; a time that is over means the next look.  0, or -ENOMEM: then nobody
 * will be told that the user has gone.
 */
int watchers_add(struct watchers *w, uint64_t user, uint64_t due);

/*
 * Looks at all whose tick is over at `now`: `look` returns when to look again, or 0 for never.  At
 * most `most` users are looked at; the rest wait for the next call.  Whether there are any.
 */
bool watchers_look(struct watchers *w, uint64_t now, size_t most,
                   uint64_t (*look)(void *ctx, uint64_t user), void *ctx);

#endif
