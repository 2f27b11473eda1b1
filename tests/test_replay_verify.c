/*
 * test_replay_verify.c - every strategy agrees with the model on a random log.
 */
#include "tests/replay_rig.h"

static void passes(const struct contestant *who)
{
    static const struct { unsigned threads; uint64_t scale; bool backwards; } ways[] = {
        { 1, 1, false }, { 2, 3, false }, { 2, 1, true }, { 5, 2, true },
    };
    char why[REPLAY_WHY];

    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct log log;
        replay_rig_log(&log, ways[i].backwards);
        if (replay_rig_play(&log, who, ways[i].threads, ways[i].scale, why) != 0)
            fail_msg("%u threads, %d clones: %s", ways[i].threads, (int)ways[i].scale, why);
        log_free(&log);
    }
}

static void counter_agrees(void **state)
{
    passes(&(struct contestant){ .object = OBJECT_COUNTER, .counter = *state });
}

static void map_agrees(void **state)
{
    passes(&(struct contestant){ .object = OBJECT_PRESENCE, .presence = *state });
}

int main(void)
{
    static const struct check counters[] = { { "agrees with the log", counter_agrees } };
    static const struct check maps[] = { { "agrees with the log", map_agrees } };

    return support_run_two("replay", counters, 1, maps, 1, CONTEND_EXHIBIT);
}
