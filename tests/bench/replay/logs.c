/* logs.c - logs made by hand, and a drive through them. */
#include "tests/bench/replay/logs.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/base/interrupt.h"
#include "bench/replay/feed.h"

enum { VISITORS = 40, POSTS = 7, EVENTS = 600, STRIDE = 25, MOST_THREADS = 8 };
static const uint64_t begin_ms = 1000000000;

void replay_logs_add(struct log *log, uint64_t time_ms, unsigned user, int post)
{
    char name[16], path[16];
    struct log_fields fields = {
        .time_ms = time_ms, .user = name, .post = path, .has_post = post >= 0,
    };

    fields.user_length = (size_t)snprintf(name, sizeof name, "u%u", user);
    fields.post_length = (size_t)snprintf(path, sizeof path, "/%d", post);
    assert_int_equal(log_append(log, &fields), 0);
}

/* The last event of a stride is the instant of a comparison. */
void replay_logs_busy(struct log *log)
{
    struct support_random r = { support_seed() };
    uint64_t now = begin_ms;

    log_init(log);
    for (unsigned i = 0; i < EVENTS; i++) {
        unsigned user = (unsigned)support_below(&r, VISITORS - 2);
        int post = (int)support_below(&r, POSTS + 1) - 1;
        uint64_t back = support_below(&r, 10) == 0 ? support_below(&r, 5000) : 0;
        now += support_below(&r, 1500);
        replay_logs_add(log, now - (back < now - begin_ms ? back : 0), user, post);
        if (i % STRIDE != STRIDE - 4)
            continue;
        /* The last of these three is the stride's end: both ages lie on their boundaries. */
        now += 1000 - now % 1000;
        replay_logs_add(log, now, VISITORS - 2, 0);
        replay_logs_add(log, now + 999, VISITORS - 1, 1);
        now += REPLAY_LOGS_TTL + 999;
        replay_logs_add(log, now, user, 2);
        i += 3;
    }
}

void replay_logs_single(struct log *log)
{
    log_init(log);
    replay_logs_add(log, 0, 3, 1);
}

/* A drive, the model beside it, and where both should be. */
struct trip {
    const struct log *log;
    struct replay_load *load;
    struct replay_drive *drive;
    struct replay_model model;
    struct replay_position at[MOST_THREADS];
    const struct replay_feed *feed;
};

static int depart(struct trip *t, const struct log *log, const struct contestant *who,
                  unsigned threads, uint64_t scale, char why[REPLAY_WHY])
{
    const struct replay_feed *feed = replay_feed_of(who->family);
    uint64_t granularity = feed->granularity_ms(who);
    cpu_set_t allowed;

    *t = (struct trip){ .log = log, .feed = feed };
    assert_in_range(threads, 1, MOST_THREADS);
    assert_int_equal(sched_getaffinity(0, sizeof allowed, &allowed), 0);
    assert_int_equal(replay_load_make(&t->load, log, threads, scale), 0);
    assert_int_equal(replay_model_make(&t->model, t->load, REPLAY_LOGS_TTL, granularity), 0);
    return replay_drive_begin(&t->drive, t->load, who, REPLAY_LOGS_TTL, &allowed, why);
}

static void arrive(struct trip *t)
{
    if (t->drive)
        replay_drive_end(t->drive);
    replay_model_free(&t->model);
    replay_load_free(t->load);
}

/* Takes the model to where the threads shall be once the first `end` events are over. */
static void set_goals(struct trip *t, uint64_t pass, size_t end)
{
    struct replay_position to[MOST_THREADS] = { 0 };

    for (size_t i = 0; i < end; i++) {
        const struct log_event *e = &t->log->events[i];
        to[replay_thread_of(e->user, t->load->threads)].at += t->feed->takes(e);
    }
    for (unsigned i = 0; i < t->load->threads; i++) {
        to[i].pass = pass;
        t->feed->play_model(&t->model, t->load, i, t->at[i], to[i]);
        t->at[i] = to[i];
    }
}

int replay_logs_play(const struct log *log, const struct contestant *who, unsigned threads,
                     uint64_t scale, char why[REPLAY_WHY])
{
    struct trip t;
    int error = depart(&t, log, who, threads, scale, why);

    for (uint64_t pass = 0; pass < 2 && !error; pass++)
        for (size_t end = 0; end < log->count && !error;) {
            end = end + STRIDE < log->count ? end + STRIDE : log->count;
            set_goals(&t, pass, end);
            replay_drive_play(t.drive, t.at, 0, NULL);
            error = interrupt_came() ? -EINTR : replay_drive_verify(t.drive, &t.model, why);
        }
    if (error == -EINTR) { /* nothing was played: so must it look */
        replay_model_reset(&t.model);
        assert_int_equal(replay_drive_verify(t.drive, &t.model, why), 0);
    }
    arrive(&t);
    return error;
}

int replay_logs_single_steps(const struct log *log, const struct contestant *who,
                             unsigned threads, bool paced, char why[REPLAY_WHY])
{
    struct histogram *latency = calloc(1, sizeof *latency);
    uint64_t late = 0;
    struct trip t;
    int error = depart(&t, log, who, threads, 2, why);

    assert_non_null(latency);
    if (!error) {
        set_goals(&t, 0, log->count);
        set_goals(&t, 1, log->count);
        if (paced)
            replay_drive_paced(t.drive, t.at, 1e9, 0, latency, &late);
        else
            replay_drive_sample(t.drive, t.at, 0, latency);
        assert_true(latency->count > 0);
        error = replay_drive_verify(t.drive, &t.model, why);
    }
    arrive(&t);
    free(latency);
    return error;
}
