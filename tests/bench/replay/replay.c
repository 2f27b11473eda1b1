/*
 * replay.c - a strategy that answers rightly agrees with the model at every
 * instant, and one that has a single broken operation does not.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "bench/base/interrupt.h"
#include "tests/bench/replay/logs.h"

/* The strategy behind the broken tables of this case, and how many calls they have seen. */
static const struct presence_ops *good_map;
static const struct counter_ops *good_counter;
static _Atomic uint64_t calls;

static bool every(uint64_t n)
{
    /* relaxed: only counted. */
    return atomic_fetch_add_explicit(&calls, 1, memory_order_relaxed) % n == n - 1;
}

/* Whether it is a map that refuses late times (P22). */
static bool has_window(const struct contestant *who)
{
    return who->family == &family_presence &&
           ((const struct presence_ops *)who->ops)->traits->max_retain != UINT64_MAX;
}

/*
 * Whether it is as it should be.  A map that refuses late times is left out where threads may
 * drift apart.  One thread plays it, unless clones go through the log one after the other; then it
 * depends on the map's window.
 */
static bool as_it_should(const struct contestant *who, unsigned threads, uint64_t scale, int error)
{
    if (!has_window(who) || (threads == 1 && scale == 1))
        return error == 0;
    return error == -E2BIG || (threads == 1 && error == 0);
}

/* Plays the log with this table; it must give that error, and `sentence` must be in what is said. */
static void must_be_found(const struct contestant *who, int wanted, const char *sentence)
{
    static const uint64_t scales[] = { 1, 3 };
    char why[REPLAY_WHY];

    if (has_window(who)) {
        wanted = -E2BIG;
        sentence = "threads drift apart";
    }
    for (unsigned i = 0; i < 2; i++) {
        struct log log;
        replay_logs_busy(&log);
        atomic_init(&calls, 0);
        int error = replay_logs_play(&log, who, 2, scales[i], why);
        if (error != wanted || !strstr(why, sentence))
            fail_msg("scale %d: error %d, \"%s\" and not \"%s\"", (int)scales[i], error, why,
                     sentence);
        log_free(&log);
    }
}

static struct presence_ops copy_map(void **state)
{
    good_map = *state;
    return *good_map;
}

static void map_must_be_found(const struct presence_ops *broken, const char *sentence)
{
    struct contestant who = { .family = &family_presence, .ops = broken };

    must_be_found(&who, -EILSEQ, sentence);
}

static int online_until_just_before(void *map, void *handle, uint64_t user, uint64_t now)
{
    return good_map->is_online(map, handle, user, now + 1);
}

static void finds_a_ttl_off_by_one(void **state)
{
    struct presence_ops broken = copy_map(state);

    broken.is_online = online_until_just_before;
    map_must_be_found(&broken, "is offline and should be online");
}

static void drop_every_97th(void *map, void *handle, const struct presence_beat *beats, size_t n,
                            uint64_t base, uint64_t later, struct presence_outcome *out)
{
    for (size_t i = 0; i < n; i++)
        if (!every(97))
            good_map->loops.beats(map, handle, &beats[i], 1, base, later, out);
}

/* It shows in a user's answers, or in how many came online. */
static void finds_a_dropped_heartbeat(void **state)
{
    struct presence_ops broken = copy_map(state);

    broken.loops.beats = drop_every_97th;
    map_must_be_found(&broken, "");
}

/* Of everything: within the small budgets of this log chance would decide. */
static int64_t sweep_too_early(void *map, void *handle, uint64_t now, uint64_t budget,
                               bool *complete)
{
    (void)budget;
    return good_map->sweep(map, handle, now + REPLAY_LOGS_TTL / 2, UINT64_MAX, complete);
}

/* Of a map whose sweeps may leave what has expired nothing need be removed, late or early. */
static void sweeps_must_remove(const struct presence_ops *map)
{
    if (map->traits->features & PRESENCE_SWEEP_MAY_MISS)
        skip();
}

static void finds_an_early_removal(void **state)
{
    struct presence_ops broken = copy_map(state);

    sweeps_must_remove(&broken);
    broken.sweep = sweep_too_early;
    map_must_be_found(&broken, "");
}

static int64_t sometimes_earlier(void *map, void *handle, uint64_t user)
{
    int64_t last = good_map->last_seen(map, handle, user);

    return last > 1000 && every(5) ? last - 1000 : last;
}

static void finds_a_last_seen_that_goes_back(void **state)
{
    struct presence_ops broken = copy_map(state);

    broken.last_seen = sometimes_earlier;
    map_must_be_found(&broken, "last_seen of user");
}

static int64_t forget_some(void *map, void *handle, uint64_t user)
{
    return every(5) ? -ENOENT : good_map->last_seen(map, handle, user);
}

static void finds_a_user_who_is_gone(void **state)
{
    struct presence_ops broken = copy_map(state);

    broken.last_seen = forget_some;
    map_must_be_found(&broken, "is gone, whose last heartbeat");
}

static void one_more_came(void *map, void *handle, const struct presence_beat *beats, size_t n,
                          uint64_t base, uint64_t later, struct presence_outcome *out)
{
    good_map->loops.beats(map, handle, beats, n, base, later, out);
    out->came_online += every(20);
}

static void finds_a_wrong_count_of_arrivals(void **state)
{
    struct presence_ops broken = copy_map(state);

    broken.loops.beats = one_more_came;
    map_must_be_found(&broken, "heartbeats that came online");
}

static void one_fails(void *map, void *handle, const struct presence_beat *beats, size_t n,
                      uint64_t base, uint64_t later, struct presence_outcome *out)
{
    good_map->loops.beats(map, handle, beats, n, base, later, out);
    out->failed += every(20);
}

static void finds_a_call_that_failed(void **state)
{
    struct presence_ops broken = copy_map(state);

    struct contestant who = { .family = &family_presence, .ops = &broken };

    broken.loops.beats = one_fails;
    must_be_found(&who, -EIO, "calls failed"); /* no answer is wrong */
}

static int64_t count_one_more(void *map, void *handle, uint64_t now)
{
    return good_map->count_online(map, handle, now) + 1;
}

static void finds_a_wrong_count(void **state)
{
    struct presence_ops broken = copy_map(state);

    broken.count_online = count_one_more;
    map_must_be_found(&broken, "users counted online");
}

/* Between the map and the visitor: keeps the first user away, and may send the second twice. */
struct middleman {
    presence_visit fn;
    void *ctx;
    unsigned met;
    bool twice;
};

static int pass_on(void *ctx, uint64_t user, uint64_t last)
{
    struct middleman *m = ctx;

    if (m->met++ == 0)
        return 0;
    if (m->twice && m->met == 2)
        m->fn(m->ctx, user, last);
    return m->fn(m->ctx, user, last);
}

static int skip_one(void *map, void *handle, uint64_t now, presence_visit fn, void *ctx)
{
    struct middleman m = { .fn = fn, .ctx = ctx };

    return good_map->for_each_online(map, handle, now, pass_on, &m);
}

static int skip_one_and_meet_another_twice(void *map, void *handle, uint64_t now,
                                           presence_visit fn, void *ctx)
{
    struct middleman m = { .fn = fn, .ctx = ctx, .twice = true };

    return good_map->for_each_online(map, handle, now, pass_on, &m);
}

static void finds_a_walk_with_a_hole(void **state)
{
    struct presence_ops broken = copy_map(state);

    broken.for_each_online = skip_one;
    map_must_be_found(&broken, "users that a walk meets");
    broken.for_each_online = skip_one_and_meet_another_twice;
    map_must_be_found(&broken, "a walk");
}

static void an_insert_too_many(void *map, struct presence_stats *out)
{
    good_map->stats(map, out);
    out->inserts++;
}

static void a_removal_too_many(void *map, struct presence_stats *out)
{
    good_map->stats(map, out);
    out->inserts++;
    out->swept++;
}

static void finds_books_that_do_not_balance(void **state)
{
    struct presence_ops broken = copy_map(state);

    broken.stats = an_insert_too_many;
    map_must_be_found(&broken, "entries");
    broken.stats = a_removal_too_many;
    map_must_be_found(&broken, "removals by sweeps");
}

static size_t drop_a_clap(void *counters, void *handles, const uint64_t *posts, size_t n)
{
    size_t failed = 0;

    for (size_t i = 0; i < n; i++)
        if (!every(97))
            failed += good_counter->loops.claps(counters, handles, &posts[i], 1);
    return failed;
}

static size_t clap_for_another(void *counters, void *handles, const uint64_t *posts, size_t n)
{
    static const uint64_t other = 0;
    size_t failed = 0;

    for (size_t i = 0; i < n; i++)
        failed += good_counter->loops.claps(counters, handles, every(97) ? &other : &posts[i], 1);
    return failed;
}

static size_t refuse_a_clap(void *counters, void *handles, const uint64_t *posts, size_t n)
{
    return good_counter->loops.claps(counters, handles, posts, n) + every(20);
}

static void finds_wrong_claps(void **state)
{
    struct counter_ops broken = *(const struct counter_ops *)*state;
    struct contestant who = { .family = &family_counter, .ops = &broken };

    good_counter = *state;
    if (broken.traits->unit.kind != COUNTER_APPROXIMATE) { /* of many, it may miss one */
        broken.loops.claps = drop_a_clap;
        must_be_found(&who, -EILSEQ, "claps, not");
        broken.loops.claps = clap_for_another;
        must_be_found(&who, -EILSEQ, "claps, not");
    }
    broken.loops.claps = refuse_a_clap;
    must_be_found(&who, -EIO, "claps were refused"); /* no answer is wrong */
}

static void agrees(const struct contestant *who, void (*make)(struct log *))
{
    static const unsigned threads[] = { 1, 2, 5 };
    static const uint64_t scales[] = { 1, 3 };
    char why[REPLAY_WHY];

    for (unsigned i = 0; i < 12; i++) {
        struct log log;
        make(&log);
        if (i >= 6)
            assert_int_equal(log_sort(&log), 0);
        int error = replay_logs_play(&log, who, threads[i % 3], scales[i / 3 % 2], why);
        if (!as_it_should(who, threads[i % 3], scales[i / 3 % 2], error))
            fail_msg("%u threads, scale %u, %s: %d: %s", threads[i % 3], (unsigned)scales[i / 3 % 2],
                     i < 6 ? "as logged" : "sorted", error, why);
        log_free(&log);
    }
}

static void a_map_agrees(void **state)
{
    struct contestant who = { .family = &family_presence, .ops = *state };

    agrees(&who, replay_logs_busy);
    agrees(&who, replay_logs_single);
}

static void a_counter_agrees(void **state)
{
    struct contestant who = { .family = &family_counter, .ops = *state };

    agrees(&who, replay_logs_busy);
    agrees(&who, replay_logs_single);
}

/* Operations one by one: sampled, and at a pace so high that all are due at once. */
static void agrees_one_by_one(const struct contestant *who)
{
    char why[REPLAY_WHY];

    for (unsigned paced = 0; paced < 2; paced++) {
        struct log log;
        replay_logs_busy(&log);
        if (!as_it_should(who, 3, 2, replay_logs_single_steps(&log, who, 3, paced, why)))
            fail_msg("%s: %s", paced ? "paced" : "sampled", why);
        log_free(&log);
    }
}

static void a_map_agrees_one_by_one(void **state)
{
    struct contestant who = { .family = &family_presence, .ops = *state };

    agrees_one_by_one(&who);
}

static void a_counter_agrees_one_by_one(void **state)
{
    struct contestant who = { .family = &family_counter, .ops = *state };

    agrees_one_by_one(&who);
}

static _Atomic int64_t removed;

static int64_t count_removals(void *map, void *handle, uint64_t now, uint64_t budget,
                              bool *complete)
{
    int64_t n = good_map->sweep(map, handle, now, budget, complete);

    atomic_fetch_add(&removed, n);
    return n;
}

/* Two visitors, five threads: those without a part must not keep time from passing. */
static void idle_threads_hold_no_sweep_up(void **state)
{
    struct presence_ops counted = copy_map(state);
    struct contestant who = { .family = &family_presence, .ops = &counted };
    char why[REPLAY_WHY];
    struct log log;

    sweeps_must_remove(&counted);
    counted.sweep = count_removals;
    atomic_init(&removed, 0);
    log_init(&log);
    replay_logs_add(&log, 1000000, 0, 0);
    for (unsigned i = 0; i < 400; i++)
        replay_logs_add(&log, 1000000 + i * 1000, 1, 0);
    assert_int_equal(replay_logs_play(&log, &who, 5, 1, why), has_window(&who) ? -E2BIG : 0);
    assert_true(has_window(&who) || atomic_load(&removed) > 0);
    log_free(&log);
}

/* Nothing is played, and what was asked for is not left behind as if it had been. */
static void an_interrupt_leaves_the_truth(void **state)
{
    struct contestant who = { .family = &family_presence, .ops = *state };
    char why[REPLAY_WHY];
    struct log log;

    replay_logs_busy(&log);
    interrupt_catch();
    raise(SIGINT);
    assert_int_equal(replay_logs_play(&log, &who, 2, 1, why), has_window(&who) ? -E2BIG : -EINTR);
    interrupt_catch(); /* forgets it */
    interrupt_release();
    log_free(&log);
}

int main(void)
{
    static const struct check counters[] = {
        { "agrees", a_counter_agrees },
        { "agrees one by one", a_counter_agrees_one_by_one },
        { "wrong claps are found", finds_wrong_claps },
    };
    static const struct check maps[] = {
        { "agrees", a_map_agrees },
        { "agrees one by one", a_map_agrees_one_by_one },
        { "a TTL off by one is found", finds_a_ttl_off_by_one },
        { "a dropped heartbeat is found", finds_a_dropped_heartbeat },
        { "an early removal is found", finds_an_early_removal },
        { "a last_seen that goes back is found", finds_a_last_seen_that_goes_back },
        { "a user who is gone is found", finds_a_user_who_is_gone },
        { "a wrong count of arrivals is found", finds_a_wrong_count_of_arrivals },
        { "a call that failed is found", finds_a_call_that_failed },
        { "a wrong count is found", finds_a_wrong_count },
        { "a walk with a hole is found", finds_a_walk_with_a_hole },
        { "books that do not balance are found", finds_books_that_do_not_balance },
        { "idle threads hold no sweep up", idle_threads_hold_no_sweep_up },
        { "an interrupt leaves the truth", an_interrupt_leaves_the_truth },
    };

    const struct family_checks all = { .counters = CHECKS(counters), .maps = CHECKS(maps) };

    return support_run("replay", &all, CONTEND_EXHIBIT);
}
