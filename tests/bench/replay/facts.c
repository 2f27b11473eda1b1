/*
 * facts.c - sorting, and the facts of a log, against plain counting.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/text.h"
#include "bench/replay/facts.h"
#include "tests/support/support.h"

static void add(struct log *log, uint64_t time_ms, unsigned user, int post)
{
    char user_name[16], post_name[16];
    struct log_fields f = { .time_ms = time_ms, .user = user_name, .post = post_name };

    f.user_length = (size_t)snprintf(user_name, sizeof user_name, "u%u", user);
    f.post_length = (size_t)snprintf(post_name, sizeof post_name, "p%d", post);
    f.has_post = post >= 0;
    assert_int_equal(log_append(log, &f), 0);
}

/* Stamps that mostly rise, and jump back by up to `back` here and there. */
static void fill(struct log *log, struct support_random *r, unsigned events, unsigned users,
                 unsigned gap, unsigned back)
{
    uint64_t now = 1431857103000 + support_below(r, 5000);

    log_init(log);
    for (unsigned i = 0; i < events; i++) {
        uint64_t at = now - (back && support_below(r, 8) == 0 ? support_below(r, back) : 0);
        /* The square makes some users and posts frequent. */
        unsigned user = (unsigned)(support_below(r, users) * support_below(r, users) / users);
        unsigned post = (unsigned)(support_below(r, 300) * support_below(r, 300) / 300);
        add(log, at, user, support_below(r, 10) ? (int)post : -1);
        now += support_below(r, gap);
    }
}

/* Events by insertion from the front, each behind all that are not later. */
static void naive_sort(struct log_event *events, size_t count)
{
    for (size_t i = 1; i < count; i++)
        for (size_t k = i; k && events[k].time_ms < events[k - 1].time_ms; k--) {
            struct log_event swap = events[k];
            events[k] = events[k - 1];
            events[k - 1] = swap;
        }
}

static void sorts_like_insertion(void **state)
{
    static const unsigned sizes[] = { 1, 2, 31, 32, 33, 64, 65, 100, 1000, 2500 };
    static const unsigned backs[] = { 0, 3, 200, 1000000 };
    struct support_random r = { support_seed() };

    (void)state;
    for (size_t s = 0; s < 10; s++)
        for (size_t b = 0; b < 4; b++)
            for (unsigned gap = 1; gap <= 64; gap *= 8) { /* 1: all stamps are equal */
                struct log log;
                fill(&log, &r, sizes[s], 100, gap, backs[b]);
                for (size_t i = 0; i < log.count; i++)
                    log.events[i].post = (uint32_t)i; /* the order as logged */
                size_t bytes = log.count * sizeof *log.events;
                struct log_event *want = malloc(bytes);
                memcpy(want, log.events, bytes);
                naive_sort(want, log.count);
                uint64_t backwards = 0;
                for (size_t i = 1; i < log.count; i++)
                    backwards += log.events[i].time_ms < log.events[i - 1].time_ms;
                assert_int_equal(log.backwards, backwards);
                assert_int_equal(log.sorted, backwards == 0);
                assert_int_equal(log_sort(&log), 0);
                assert_true(log.sorted);
                assert_memory_equal(log.events, want, bytes);
                free(want);
                log_free(&log);
            }
}

/* Whether some beat of the user is at most ttl old at t: the definition, word by word. */
static bool naive_online(const struct log *log, uint32_t user, uint64_t t, uint64_t ttl)
{
    for (size_t i = 0; i < log->count; i++) {
        const struct log_event *e = &log->events[i];
        if (e->user == user && e->time_ms <= t && t - e->time_ms <= ttl)
            return true;
    }
    return false;
}

static uint32_t naive_count(const struct log *log, uint64_t t, uint64_t ttl)
{
    uint32_t online = 0;

    for (uint32_t user = 0; user < log->users.count; user++)
        online += naive_online(log, user, t, ttl);
    return online;
}

/* How often a user was online at a millisecond and not at the one before. */
static uint64_t naive_sessions(const struct log *log, uint64_t ttl)
{
    uint64_t sessions = 0;

    for (size_t i = 0; i < log->count; i++) {
        const struct log_event *e = &log->events[i];
        bool before = false;
        for (size_t k = 0; k < log->count; k++) /* an earlier line, young enough */
            before |= k < i && log->events[k].user == e->user &&
                      e->time_ms - log->events[k].time_ms <= ttl;
        sessions += !before;
    }
    return sessions;
}

static void online_agrees_with_the_definition(void **state)
{
    static const uint64_t ttls[] = { 0, 1, 7, 30, 500, UINT64_MAX };
    struct support_random r = { support_seed() };

    (void)state;
    for (size_t k = 0; k < 6; k++) {
        struct log log;
        struct log_facts f;
        struct log_curve c;
        fill(&log, &r, 250, 20, 6, 20);
        assert_int_equal(log_sort(&log), 0);
        assert_int_equal(log_facts(&log, ttls[k], &f), 0);
        assert_int_equal(log_curve_sample(&log, ttls[k], 97, &c), 0);
        uint32_t peak = 0, most = 0;
        uint64_t peak_ms = 0;
        size_t sample = 0;
        for (uint64_t t = f.first_ms; t <= f.last_ms; t++) { /* every millisecond there is */
            uint32_t online = naive_count(&log, t, ttls[k]);
            if (online > peak) {
                peak = online;
                peak_ms = t;
            }
            most = online > most ? online : most;
            for (; sample < c.samples && log_curve_instant(&c, sample) == t; sample++) {
                assert_int_equal(c.online[sample], online);
                assert_int_equal(c.most[sample], most);
                most = online;
            }
        }
        assert_int_equal(sample, c.samples);
        assert_int_equal(f.peak_online, peak);
        assert_int_equal(f.peak_ms, peak_ms);
        assert_int_equal(f.sessions, naive_sessions(&log, ttls[k]));
        log_curve_free(&c);
        log_free(&log);
    }
}

/* Exactly ttl after the beat the user is online, one millisecond later not. */
static void the_last_millisecond_counts(void **state)
{
    struct log log;
    struct log_facts f;
    struct log_curve c;

    (void)state;
    for (uint64_t gap = 29999; gap <= 30001; gap++) {
        log_init(&log);
        add(&log, 1000, 1, 1);
        add(&log, 1000 + gap, 2, 1);
        add(&log, 1000 + gap, 1, 1);
        assert_int_equal(log_facts(&log, 30000, &f), 0);
        assert_int_equal(f.sessions, gap > 30000 ? 3 : 2);
        assert_int_equal(f.peak_online, 2);
        assert_int_equal(f.peak_ms, 1000 + gap);
        log_free(&log);

        log_init(&log);
        add(&log, 1000, 1, 1);
        add(&log, 1000 + gap, 2, 1);
        assert_int_equal(log_facts(&log, 30000, &f), 0);
        assert_int_equal(f.peak_online, gap > 30000 ? 1 : 2);
        assert_int_equal(log_curve_sample(&log, 30000, 2, &c), 0);
        assert_int_equal(c.online[0], 1);
        assert_int_equal(c.online[1], gap > 30000 ? 1 : 2);
        log_curve_free(&c);
        log_free(&log);
    }
}

static int by_count_down(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? 1 : x > y ? -1 : 0;
}

/* The share of the largest 1 %, rounded up, by sorting all counts. */
static double naive_share(uint64_t *counts, size_t n)
{
    uint64_t all = 0, top = 0;

    qsort(counts, n, sizeof *counts, by_count_down);
    for (size_t i = 0; i < n; i++) {
        all += counts[i];
        top += i < (n + 99) / 100 ? counts[i] : 0;
    }
    return (double)top / (double)all;
}

static void check_top(const struct log *log, enum log_names which, const uint64_t *counts,
                      uint32_t names)
{
    enum { WANTED = 50 };
    struct log_top top[WANTED];
    bool taken[1000] = { false };
    size_t found;

    assert_int_equal(log_top(log, which, WANTED, top, &found), 0);
    assert_int_equal(found, names < WANTED ? names : WANTED);
    for (size_t i = 0; i < found; i++) { /* always the first of those with most that are left */
        uint32_t best = UINT32_MAX;
        for (uint32_t k = 0; k < names; k++)
            if (!taken[k] && (best == UINT32_MAX || counts[k] > counts[best]))
                best = k;
        taken[best] = true;
        assert_int_equal(top[i].number, best);
        assert_int_equal(top[i].count, counts[best]);
    }
    assert_int_equal(log_top(log, which, 0, top, &found), 0);
    assert_int_equal(found, 0);
}

/* The first stretch with most events, each compared with each. */
static void check_busiest(const struct log *log, uint64_t length_ms, uint64_t begin_ms, uint64_t n)
{
    uint64_t best = 0, at = 0;

    for (size_t i = 0; i < log->count; i++) {
        uint64_t begin = log->events[i].time_ms - log->events[i].time_ms % length_ms, same = 0;
        for (size_t k = 0; k < log->count; k++)
            same += log->events[k].time_ms >= begin && log->events[k].time_ms < begin + length_ms;
        if (same > best) {
            best = same;
            at = begin;
        }
    }
    assert_int_equal(n, best);
    assert_int_equal(begin_ms, at);
}

static void counts_agree_with_plain_counting(void **state)
{
    static const unsigned users[] = { 1, 3, 99, 400 };
    struct support_random r = { support_seed() };

    (void)state;
    for (size_t u = 0; u < 4; u++) {
        uint64_t per_user[1000] = { 0 }, per_post[1000] = { 0 }, claps = 0;
        struct log log;
        struct log_facts f;
        fill(&log, &r, 1500, users[u], 900, 5000);
        assert_int_equal(log_sort(&log), 0);
        assert_int_equal(log_facts(&log, 30000, &f), 0);
        for (size_t i = 0; i < log.count; i++) {
            per_user[log.events[i].user]++;
            if (log.events[i].post == LOG_NO_POST)
                continue;
            per_post[log.events[i].post]++;
            claps++;
        }
        assert_int_equal(f.requests, 1500);
        assert_int_equal(f.claps, claps);
        assert_int_equal(f.visitors, log.users.count);
        assert_int_equal(f.posts, log.posts.count);
        assert_int_equal(f.top_posts, (f.posts + 99) / 100);
        double span = (double)(log.events[1499].time_ms - log.events[0].time_ms) / 1000;
        assert_true(fabs(f.per_second - 1500 / span) < 1e-9);
        check_busiest(&log, 1000, f.second_ms, f.second_requests);
        check_busiest(&log, 60000, f.minute_ms, f.minute_requests);
        check_top(&log, LOG_VISITORS, per_user, log.users.count);
        check_top(&log, LOG_POSTS, per_post, log.posts.count);
        assert_true(fabs(f.top_visitors_share - naive_share(per_user, f.visitors)) < 1e-12);
        assert_true(fabs(f.top_posts_share - naive_share(per_post, f.posts)) < 1e-12);
        log_free(&log);
    }
}

static void odd_logs_have_facts(void **state)
{
    struct log log;
    struct log_facts f;
    struct log_curve c;

    (void)state;
    log_init(&log);
    assert_int_equal(log_facts(&log, 30000, &f), -EINVAL);
    add(&log, 5000, 1, -1);
    assert_int_equal(log_facts(&log, 30000, &f), 0);
    assert_int_equal(f.claps, 0);
    assert_true(f.per_second >= 1 && f.per_second <= 1 && f.top_posts_share <= 0);
    assert_int_equal(log_curve_sample(&log, 30000, 1, &c), -EINVAL);
    assert_int_equal(log_curve_sample(&log, 30000, 3, &c), 0);
    assert_int_equal(c.online[0] + c.online[1] + c.online[2], 3);
    log_curve_free(&c);
    add(&log, 4000, 1, -1);
    assert_int_equal(log_facts(&log, 30000, &f), -EINVAL); /* not sorted */
    log_free(&log);
}

/* Of 250 visitors one has 4 requests, three have 2, the others 1: the top 3 make 8 of 256. */
static void equal_counts_share_the_top(void **state)
{
    struct log log;
    struct log_facts f;

    (void)state;
    log_init(&log);
    for (unsigned i = 0; i < 250; i++)
        for (unsigned k = 0; k < (i == 9 ? 4U : i < 3 ? 2U : 1U); k++)
            add(&log, 5000, i, 1);
    assert_int_equal(log_facts(&log, 30000, &f), 0);
    assert_int_equal(f.top_visitors, 3);
    assert_true(fabs(f.top_visitors_share - 8.0 / 256) < 1e-12);
    log_free(&log);
}

static void printable_text_is_harmless(void **state)
{
    static const struct {
        const char *text, *want;
        size_t characters;
    } cases[] = {
        { "plain", "plain", 5 }, { "plainer", "pl...", 5 }, { "", "", 5 },
        { "a\tb\x1b[0m\x7f", "a?b?[0m?", 80 }, { "J\xc3\xb6rg", "J\xc3\xb6rg", 4 },
        { "\xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6", "\xc3\xb6...", 4 },
        { "\xe2\x82\xac\xf0\x9f\x91\x8f", "\xe2\x82\xac\xf0\x9f\x91\x8f", 2 },
        { "\xc3", "?", 9 }, { "\xc0\xaf", "??", 9 }, { "\xed\xa0\x80", "???", 9 },
        { "\xc2\x9b" "31m", "??31m", 9 }, { "\xe2\x80\xae", "???", 9 }, { "\xff\xfe", "??", 9 },
        { "\xf4\x90\x80\x80", "????", 9 }, { "\xe2\x82", "??", 9 }, { "\x80", "?", 9 },
    };
    char out[4 * 80 + 1];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(text_printable(out, cases[i].characters, cases[i].text,
                                          strlen(cases[i].text)), cases[i].want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sorts_like_insertion),
        cmocka_unit_test(online_agrees_with_the_definition),
        cmocka_unit_test(the_last_millisecond_counts),
        cmocka_unit_test(counts_agree_with_plain_counting),
        cmocka_unit_test(odd_logs_have_facts),
        cmocka_unit_test(equal_counts_share_the_top),
        cmocka_unit_test(printable_text_is_harmless),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
