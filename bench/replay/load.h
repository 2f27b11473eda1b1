/*
 * load.h - a log dealt out to threads.
 *
 * All events of one visitor belong to one thread, in the log's order, so that the
 * answer that a map must give to each heartbeat is known.  A load can be larger than its log:
 * `scale` clones of each visitor act in the same instant, and once a thread is through it
 * plays its part again, each time a period later.
 */
#ifndef CONTEND_BENCH_REPLAY_LOAD_H
#define CONTEND_BENCH_REPLAY_LOAD_H

#include <stddef.h>
#include <stdint.h>

#include "bench/log/log.h"
#include "presence_map/presence_map.h"

/* What one thread does, for each object. */
struct replay_part {
    struct presence_beat *beats;
    uint64_t *low; /* low[i]: no beat from i on is earlier; NULL: beats[i].now, they are sorted */
    size_t beat_count;

    uint64_t *claps;   /* the posts that are clapped for */
    uint64_t *clap_at; /* their times, ms */
    size_t clap_count;
};

struct replay_load {
    uint64_t users, posts; /* of the log: the clones of user u are u + k * users */
    /*
     * Visitors are played as numbers from 0 on, in the order of their coming.  If all of their
     * names are numbers of 64 bits already, this is the largest of them; else 0.
     */
    uint64_t largest_id;
    uint64_t scale;
    uint64_t first_ms, last_ms; /* of all stamps */
    uint64_t period_ms;         /* from one playing to the next */
    uint64_t passes;            /* how often it can be played before 60 years are over */
    unsigned threads;
    struct replay_part parts[]; /* one for each thread */
};

/* A thread's position: how many passes it has played, and how many events of the next one. */
struct replay_position {
    uint64_t pass;
    size_t at;
};

/* Which thread a visitor belongs to. */
static inline unsigned replay_thread_of(uint32_t user, unsigned threads)
{
    return user % threads;
}

/*
 * Deals out a log, whose events may be in any order.  0, -ENOMEM, -EINVAL (no events,
 * no threads or no scale), -EOVERFLOW (more users than a map may have).
 */
int replay_load_make(struct replay_load **out, const struct log *log, unsigned threads,
                     uint64_t scale);
void replay_load_free(struct replay_load *load); /* may be NULL */

/* How many beats and claps one pass has, clones included. */
/* See largest_id above. */
uint64_t replay_largest_id(const struct log *log);

uint64_t replay_load_beats(const struct replay_load *load);
uint64_t replay_load_claps(const struct replay_load *load);

#endif
