/*
 * service.h - the systems behind one service: who is online, who clapped for what, and the blogs whose
 * posts are clapped for.
 *
 * It knows no sockets.  Each of its threads has a side, numbered from 0: one for each worker, and
 * the last for the leader.  A side attaches once, then calls with its own number.
 *
 * What changes is published on rings, one for each side and topic (push/ring.h).  An event says what
 * has changed, not what it is now: a worker that passes it on reads the state, which is at least as
 * new.
 */
#ifndef CONTEND_BENCH_SERVE_SERVICE_H
#define CONTEND_BENCH_SERVE_SERVICE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "bench/serve/applause_claps.h"
#include "bench/serve/blogs_posts.h"
#include "bench/serve/clock.h"
#include "bench/serve/meters.h"
#include "bench/serve/push/ring.h"
#include "bench/serve/reply.h"
#include "bench/serve/tally.h"
#include "bench/serve/totals_cache.h"
#include "bench/serve/users_presence.h"
#include "bench/serve/views_counter.h"
#include "bench/serve/watchers.h"

enum { SERVE_TTL_MS = 30000, SERVE_BATCH = 1000, SERVE_MOST_WAIT_S = 60, SERVE_SENTENCE = 160 };

/*
 * What can be switched: entries of families, in the order of struct service_plan's choices, and then means
 * of the service's own contracts.
 */
enum service_part {
    PART_PRESENCE, PART_CLAPS, PART_COUNTER, PARTS,
    MEANS_POSTS = PARTS, MEANS_CACHE, SWITCHES
};

enum service_events { EVENT_CLAPS = 1, EVENT_CAME, EVENT_WENT };

/* An entry of a family's registry, with settings for its options. */
struct service_choice {
    const void *strategy;
    struct contend_settings settings;
};

struct service_plan {
    struct service_choice parts[PARTS];
    const struct posts_ops *posts_ops; /* how posts are kept; NULL: the first of the registry */
    const struct cache_ops *cache_ops; /* what is before the claps' totals; NULL: likewise */
    uint64_t most_users, posts, readers; /* posts: how many numbers, the unused 0 among them */
    uint64_t retention_ms; /* virtual: how long a deleted post can be restored; 0: 30 days */
    unsigned workers;
    unsigned speed; /* virtual ms in a real one */
};

struct service_side {
    CONTEND_ALIGNED struct push_ring claps, online;
    struct tally tally;
    struct watchers watchers; /* of users who came online through this side */
    uint64_t counted_ns;      /* when the side counted who is online, and the result */
    int64_t count;
    bool attached;
};

struct service {
    struct service_plan plan;
    struct serve_clock clock;
    uint64_t begun_ns;
    unsigned sides;
    struct users *users;
    struct applause *applause;
    struct views *views;
    struct blogs *blogs;
    struct totals *totals;
    struct service_side *side; /* of each thread */
    struct meter meters[METERS];
    _Atomic bool draining;
    _Atomic uint64_t switches; /* how often strategies were changed */
    char switch_error[SERVE_SENTENCE]; /* why the last exchange did not do all that was wished; or "" */
    const void *_Atomic wished[SWITCHES]; /* entries that somebody wants instead; NULL: none */
};

/*
 * Makes it.  0; or a negative errno value, and *culprit is the family whose object could not be made,
 * or NULL.
 */
int service_make(struct service *s, const struct service_plan *plan, const char **culprit);
/* All sides have detached. */
void service_end(struct service *s);

/* Make an object of the plan's size by that choice, for service_make() and service_switch(). */
int service_make_users(const struct service *s, const struct service_choice *c, struct users **out);
int service_make_applause(const struct service *s, const struct service_choice *c,
                          struct applause **out);
int service_make_views(const struct service *s, const struct service_choice *c, struct views **out);
int service_make_totals(struct service *s, const struct cache_ops *ops, struct totals **out);

/* To be called by the thread of that side.  0, or what an object answered. */
int service_attach(struct service *s, unsigned side);
void service_detach(struct service *s, unsigned side);

/*
 * Asks for another strategy.  Any thread may ask; the leader then calls service_switch(), and a later
 * wish for the same part replaces an earlier one.
 */
void service_wish(struct service *s, enum service_part part, const void *strategy);
/* Whether there is a wish. */
bool service_is_wished(const struct service *s);
/*
 * Whether all objects answer, so that a switch may begin.  If not, all wishes are dropped, and s->switch_error
 * says why: nobody could attach anew to a store that does not answer, and what is in it would be lost.  No worker
 * runs, and the leader's side is attached.
 */
bool service_may_switch(struct service *s);
/*
 * Makes new objects as wished, and moves what the old ones hold: users with their last heartbeats,
 * claps, views, posts with those that are deleted; a cache begins empty.  No side is attached, and
 * nothing else runs; the caller uses the leader's side.  Where
 * it fails, the old object stays, and s->switch_error is a sentence about the first failure.  0, or the first error.
 */
int service_switch(struct service *s);

/* A user's heartbeat now.  1: came online, 0: was online; or a negative errno value. */
int service_beat(struct service *s, unsigned side, uint64_t user);

/*
 * A heartbeat of an earlier time, from a state.  0, or a negative errno value.  The user is watched like
 * any other who is online.
 */
int service_remember(struct service *s, unsigned side, uint64_t user, uint64_t last_seen);

struct service_claps {
    int granted; /* or taken back, below 0 */
    int given;   /* by the reader, all in all */
    int64_t total;
};

/*
 * Gives n claps, or takes -n back.  0, or a negative errno value as applause_give() says; -ENOENT if
 * there is no live post.
 */
int service_clap(struct service *s, unsigned side, uint64_t post, uint64_t reader, int n,
                 struct service_claps *out);

/* Whether the object of a part answers, which one in a store may not; it is asked for as little as there is. */
bool service_answers(struct service *s, unsigned side, enum service_part part);

/* What a post has received, or a negative errno value. */
int64_t service_total(struct service *s, unsigned side, uint64_t post);
/* The same through the cache: as stale as that allows. */
int64_t service_cached_total(struct service *s, unsigned side, uint64_t post);

/* How often a post was read, after this time has been counted too if `counts`. */
int64_t service_view(struct service *s, unsigned side, uint64_t post, bool counts);

/* As in blogs_posts.h, counted; a post is deleted at the service's time. */
int service_set_person(struct service *s, unsigned side, const struct directory_person *p);
int64_t service_write_post(struct service *s, unsigned side, const struct posts_draft *draft);
int service_read_post(struct service *s, unsigned side, uint64_t post, posts_visit *visit, void *ctx);
int service_edit_post(struct service *s, unsigned side, uint64_t post,
                      const struct posts_draft *draft);
int service_remove_post(struct service *s, unsigned side, uint64_t post);
int service_restore_post(struct service *s, unsigned side, uint64_t post);
/* A first blog with so many posts, of user 1, so that there is something to look at.  0 or an error. */
int service_write_samples(struct service *s, unsigned side, uint64_t count, uint64_t now_ms);

/* The time since `begun`, of serve_clock_ns(), was spent by a strategy. */
void service_charge(struct service *s, unsigned side, uint64_t begun);

/* How many are online; what the side knows already, if it is at most 100 ms old. */
int64_t service_count(struct service *s, unsigned side);

/*
 * What must be done now and then, by each worker: tells who has gone offline, sweeps a part of the
 * map, and purges deleted posts.  True if there was more to tell than one call may: call again soon.
 */
bool service_tend(struct service *s, unsigned side);

/* Whether anything was published since the sum of heads was *seen, which is brought up to date. */
bool service_published(const struct service *s, unsigned side, uint64_t *seen);

/* Answers a request; *r needs no initialisation. */
void service_answer(struct service *s, unsigned side, const struct serve_request *q,
                    struct reply *r);

/* The number of routes, and the index-th: "GET", "/users/{id}". */
unsigned service_routes(void);
void service_route(unsigned index, const char **method, const char **pattern);

/* The sum over all sides of a field of their tallies. */
#define service_sum(S, FIELD)                                                             \
    __extension__({                                                                       \
        uint64_t sum_ = 0;                                                                \
        for (unsigned side_ = 0; side_ < (S)->sides; side_++)                             \
            sum_ += tally_read(&(S)->side[side_].tally.FIELD);                            \
        sum_;                                                                             \
    })

#endif
