/* feed.c - a request is a heartbeat of its visitor, and a clap for its path. */
#include "bench/replay/feed.h"

#include "bench/replay/kind.h"

static bool takes_all(const struct log_event *event)
{
    (void)event;
    return true;
}

static bool takes_post(const struct log_event *event)
{
    return event->post != LOG_NO_POST;
}

static uint64_t map_granularity(const struct contestant *who)
{
    return ((const struct presence_traits *)contestant_traits(who))->granularity_ms;
}

/* A sum has no granularity in time. */
static uint64_t no_granularity(const struct contestant *who)
{
    (void)who;
    return 1;
}

static const struct workload
    heartbeats = { .name = "replay_heartbeats", .title = "as logged, swept",
                   .family = &family_presence, .keys = KEYS_USERS, .write_percent = 100 },
    claps = { .name = "replay_claps", .title = "the log's claps", .family = &family_counter,
              .keys = KEYS_POSTS, .write_percent = 100 };

const struct replay_feed replay_feeds[] = {
    { &heartbeats, &replay_maps, "heartbeats", replay_load_beats, takes_all, map_granularity,
      replay_model_beats },
    { &claps, &replay_posts, "claps", replay_load_claps, takes_post, no_granularity,
      replay_model_claps },
    { .workload = NULL },
};

const struct replay_feed *replay_feed_of(const struct family *family)
{
    for (const struct replay_feed *f = replay_feeds; f->workload; f++)
        if (f->workload->family == family)
            return f;
    return NULL;
}

unsigned replay_families(void)
{
    unsigned set = 0;

    for (const struct replay_feed *f = replay_feeds; f->workload; f++)
        set |= family_bit(f->workload->family);
    return set;
}
