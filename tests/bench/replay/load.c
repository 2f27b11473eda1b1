/* load.c - how a log is dealt out to threads, and the model beside a naive one. */
#include <errno.h>
#include <stdlib.h>

#include "presence_map/parts/defaults.h"
#include "tests/bench/replay/logs.h"

static void every_visitor_has_one_thread(void **state)
{
    struct replay_load *load;
    struct log log;
    size_t next[5] = { 0 }, claps[5] = { 0 };

    (void)state;
    replay_logs_busy(&log);
    assert_int_equal(replay_load_make(&load, &log, 5, 3), 0);
    for (size_t i = 0; i < log.count; i++) {
        const struct log_event *e = &log.events[i];
        const struct replay_part *p = &load->parts[e->user % 5];
        const struct presence_beat *b = &p->beats[next[e->user % 5]++];
        assert_int_equal(b->user, e->user);
        assert_int_equal(b->now, e->time_ms);
        if (e->post == LOG_NO_POST)
            continue;
        size_t k = claps[e->user % 5]++;
        assert_int_equal(p->claps[k], e->post);
        assert_int_equal(p->clap_at[k], e->time_ms);
    }
    for (unsigned t = 0; t < 5; t++) {
        assert_int_equal(load->parts[t].beat_count, next[t]);
        assert_int_equal(load->parts[t].clap_count, claps[t]);
    }
    assert_int_equal(replay_load_beats(load), 3 * log.count);
    assert_int_equal(replay_load_claps(load),
                     3 * (claps[0] + claps[1] + claps[2] + claps[3] + claps[4]));
    replay_load_free(load);
    log_free(&log);
}

/* low[i] is the least stamp from i on; a sorted part needs none. */
static void lows_are_the_least_to_come(void **state)
{
    struct replay_load *load;
    struct log log;
    unsigned unsorted = 0;

    (void)state;
    replay_logs_busy(&log);
    assert_int_equal(replay_load_make(&load, &log, 3, 1), 0);
    for (unsigned t = 0; t < 3; t++) {
        const struct replay_part *p = &load->parts[t];
        unsorted += p->low != NULL;
        for (size_t i = 0; i < p->beat_count && p->low; i++) {
            uint64_t least = p->beats[i].now;
            for (size_t k = i; k < p->beat_count; k++)
                least = p->beats[k].now < least ? p->beats[k].now : least;
            assert_int_equal(p->low[i], least);
        }
    }
    assert_true(unsorted > 0);
    replay_load_free(load);
    assert_int_equal(log_sort(&log), 0);
    assert_int_equal(replay_load_make(&load, &log, 3, 1), 0);
    for (unsigned t = 0; t < 3; t++)
        assert_null(load->parts[t].low);
    replay_load_free(load);
    log_free(&log);
}

static void check_times(uint64_t first, uint64_t last, uint64_t period, uint64_t passes)
{
    struct replay_load *load;
    struct log log;

    log_init(&log);
    replay_logs_add(&log, last, 1, -1);
    replay_logs_add(&log, first, 2, -1);
    assert_int_equal(replay_load_make(&load, &log, 4, 1), 0);
    assert_int_equal(load->first_ms, first ? first : 1);
    assert_int_equal(load->last_ms, last ? last : 1);
    assert_int_equal(load->period_ms, period);
    assert_int_equal(load->passes, passes);
    replay_load_free(load);
    log_free(&log);
}

/* A pass lasts whole seconds and more than the log; passes fill 60 years. */
static void passes_do_not_overlap(void **state)
{
    const uint64_t years_60 = UINT64_C(60) * 365 * 86400000, year_9999 = 253402300799999;

    (void)state;
    check_times(0, 0, 1000, years_60 / 1000);
    check_times(5000, 5999, 1000, years_60 / 1000);
    check_times(5000, 6000, 2000, years_60 / 2000);
    check_times(0, year_9999, 253402300800000, 1);
    check_times(year_9999, year_9999, 1000, years_60 / 1000);
}

static void refuses_what_cannot_be(void **state)
{
    struct replay_load *load;
    struct log log;

    (void)state;
    log_init(&log);
    assert_int_equal(replay_load_make(&load, &log, 1, 1), -EINVAL);
    replay_logs_add(&log, 1, 1, 1);
    assert_int_equal(replay_load_make(&load, &log, 0, 1), -EINVAL);
    assert_int_equal(replay_load_make(&load, &log, 1, 0), -EINVAL);
    assert_int_equal(replay_load_make(&load, &log, 1, PRESENCE_MAX_EXPECTED), -EOVERFLOW);
    assert_int_equal(replay_load_make(&load, &log, 1, UINT64_MAX), -EOVERFLOW);
    assert_null(load);
    log_free(&log);
}

/* What is known of a user after so many events, by looking at all of them again. */
static bool naive_online(const struct log *log, size_t count, uint32_t user, uint64_t now,
                         uint64_t g, uint64_t *last)
{
    bool known = false;

    *last = 0;
    for (size_t i = 0; i < count; i++) {
        const struct log_event *e = &log->events[i];
        uint64_t stamp = e->time_ms / g * g;
        if (e->user == user && (!known || stamp > *last)) {
            *last = stamp;
            known = true;
        }
    }
    return known && (now <= *last || now - *last < REPLAY_LOGS_TTL + g);
}

static void compare_with_naive(const struct log *log, uint64_t g)
{
    struct replay_load *load;
    struct replay_model m;
    uint64_t last, sessions = 0, claps[64] = { 0 };

    assert_int_equal(replay_load_make(&load, log, 1, 1), 0);
    assert_int_equal(replay_model_make(&m, load, REPLAY_LOGS_TTL, g), 0);
    for (size_t i = 0; i < log->count; i++) {
        const struct log_event *e = &log->events[i];
        struct replay_position from = { 0, i }, to = { 0, i + 1 };
        sessions += !naive_online(log, i, e->user, e->time_ms, g, &last);
        replay_model_beats(&m, load, 0, from, to);
        assert_int_equal(m.sessions, sessions);
        naive_online(log, i + 1, e->user, 0, g, &last);
        assert_int_equal(m.last[e->user], last);
    }
    for (uint32_t u = 0; u < log->users.count; u++) {
        naive_online(log, log->count, u, 0, g, &last);
        for (uint64_t now = last + REPLAY_LOGS_TTL - 2; now < last + REPLAY_LOGS_TTL + g + 2; now++)
            assert_int_equal(replay_model_online(&m, u, now),
                             naive_online(log, log->count, u, now, g, &last));
    }
    replay_model_claps(&m, load, 0, (struct replay_position){ 0, 0 },
                       (struct replay_position){ 1, 0 });
    for (size_t i = 0; i < log->count; i++)
        if (log->events[i].post != LOG_NO_POST)
            claps[log->events[i].post]++;
    for (uint32_t p = 0; p < log->posts.count; p++)
        assert_int_equal(m.claps[p], claps[p]);
    replay_model_free(&m);
    replay_load_free(load);
}

static void the_model_is_the_naive_one(void **state)
{
    struct log log;

    (void)state;
    for (unsigned sorted = 0; sorted < 2; sorted++) {
        replay_logs_busy(&log);
        if (sorted)
            assert_int_equal(log_sort(&log), 0);
        compare_with_naive(&log, 1);
        compare_with_naive(&log, 1000);
        log_free(&log);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_visitor_has_one_thread),
        cmocka_unit_test(lows_are_the_least_to_come),
        cmocka_unit_test(passes_do_not_overlap),
        cmocka_unit_test(refuses_what_cannot_be),
        cmocka_unit_test(the_model_is_the_naive_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
