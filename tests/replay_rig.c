/* replay_rig.c - see replay_rig.h. */
#include "tests/replay_rig.h"

#include <stdio.h>

enum { EVENTS = 6000, USERS = 60, POSTS = 12, TTL_MS = 30000, START_S = 1500000000,
       INSTANTS = 40 };

void replay_rig_log(struct log *log, bool backwards)
{
    struct support_random r = { support_seed() };
    uint64_t now = START_S;

    log_init(log);
    for (int i = 0; i < EVENTS; i++) {
        char user[16], post[16];
        uint64_t back = backwards && support_below(&r, 10) == 0 ? support_below(&r, 20) : 0;
        struct log_fields f = { .has_post = support_below(&r, 5) != 0 };
        now += support_below(&r, 3);
        f.time_ms = (now - back) * 1000;
        f.user_length = (size_t)snprintf(user, sizeof user, "u%d", (int)support_below(&r, USERS));
        f.post_length = (size_t)snprintf(post, sizeof post, "/p%d", (int)support_below(&r, POSTS));
        f.user = user;
        f.post = post;
        assert_int_equal(log_append(log, &f), 0);
    }
}

int replay_rig_play(const struct log *log, const struct contestant *who, unsigned threads,
                uint64_t scale, char why[REPLAY_WHY])
{
    bool claps = who->object == OBJECT_COUNTER;
    struct replay_position from[8] = { { 0, 0 } }, to[8];
    struct replay_load *load;
    struct replay_model model;
    struct replay_drive *d;
    cpu_set_t allowed;
    int error = 0;

    assert_int_equal(sched_getaffinity(0, sizeof allowed, &allowed), 0);
    assert_int_equal(replay_load_make(&load, log, threads, scale), 0);
    assert_int_equal(replay_model_make(&model, load, TTL_MS,
                                       claps ? 1 : who->presence->traits->granularity_ms), 0);
    assert_int_equal(replay_drive_begin(&d, load, who, TTL_MS, &allowed, why), 0);
    for (size_t i = 1; i <= INSTANTS && !error; i++) {
        for (unsigned t = 0; t < threads; t++) {
            const struct replay_part *p = &load->parts[t];
            size_t count = claps ? p->clap_count : p->beat_count;
            to[t] = (struct replay_position){ 0, count * i / INSTANTS };
            (claps ? replay_model_claps : replay_model_beats)(&model, load, t, from[t], to[t]);
            from[t] = to[t];
        }
        replay_drive_play(d, to, 0, NULL);
        error = replay_drive_verify(d, &model, why);
    }
    replay_drive_end(d);
    replay_model_free(&model);
    replay_load_free(load);
    return error;
}
