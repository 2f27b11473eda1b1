/*
 * kind.h - the line between the drive, which knows the phases of a replay, and the
 * objects that are driven.
 */
#ifndef CONTEND_BENCH_REPLAY_KIND_H
#define CONTEND_BENCH_REPLAY_KIND_H

#include "bench/replay/drive.h"
#include "locks/parts/platform.h"

struct crew;

/* What one thread keeps.  Padded: its members are written while others are measured. */
struct replay_side {
    CONTEND_ALIGNED unsigned number;
    bool attached;
    void *handles; /* made by the kind: one handle, or one for each post */
    struct replay_position at, goal;
    uint64_t failed, sink;
    struct presence_outcome outcome;
    uint64_t swept, swept_at_ms; /* removed, and the latest time of a sweep */
    struct histogram latency;
    uint64_t late;
    char why[REPLAY_WHY]; /* the first difference that verify found */
    /* No later heartbeat of this thread has an earlier time.  Read by all threads. */
    CONTEND_ALIGNED _Atomic uint64_t low;
    _Atomic uint64_t high; /* the latest heartbeat that it has played */
};

struct replay_drive {
    const struct replay_load *load;
    struct contestant who;
    const struct replay_kind *kind;
    void *object; /* the kind's */
    uint64_t ttl_ms;
    double speed; /* of a paced play */
    const struct replay_model *model; /* while verifying */
    struct crew *crew;
    struct replay_position *positions;
    struct replay_side sides[]; /* load->threads */
};

struct replay_kind {
    /* Makes the object.  0, or a negative errno value that `why` may explain. */
    int (*create)(struct replay_drive *d, char why[REPLAY_WHY]);
    void (*destroy)(struct replay_drive *d);
    int (*attach)(struct replay_drive *d, struct replay_side *s);
    void (*detach)(struct replay_drive *d, struct replay_side *s);
    /* After an error of attach, with all threads at rest: the reason, if the kind knows one. */
    void (*explain)(const struct replay_drive *d, char why[REPLAY_WHY]);

    /* Events of a pass, and when the i-th happened. */
    size_t (*length)(const struct replay_part *p);
    uint64_t (*time)(const struct replay_part *p, size_t i);
    /* Plays the next n events of the pass for all clones. */
    void (*play)(struct replay_drive *d, struct replay_side *s, size_t n);
    /* Plays the next event of one clone. */
    void (*one)(struct replay_drive *d, struct replay_side *s, uint64_t clone);
    /* Upkeep after one event or several: a map is swept. */
    void (*tidy)(struct replay_drive *d, struct replay_side *s, size_t n);

    /* Hands over what the thread's side of the object may hold back; before any side verifies. */
    void (*settle)(struct replay_drive *d, struct replay_side *s);
    /* Whether calls failed, with how many in `why`; then no answer can be expected. */
    bool (*failed)(const struct replay_drive *d, char why[REPLAY_WHY]);
    /* Verifies the thread's share of the answers; fills s->why at the first difference. */
    void (*verify)(struct replay_drive *d, struct replay_side *s, const struct replay_model *m);
    /* Checks that need the whole object: called by the leader while the threads rest. */
    void (*verify_whole)(struct replay_drive *d, const struct replay_model *m,
                         char why[REPLAY_WHY]);
    uint64_t (*bytes)(const struct replay_drive *d);
};

extern const struct replay_kind replay_maps, replay_posts;

#endif
