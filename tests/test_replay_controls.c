/*
 * test_replay_controls.c - the replay's comparison finds what it must find.
 *
 * Copies of a real table with one operation broken must each be caught, with a
 * sentence.  A comparison that lets one of them through would print rates of a map that
 * loses users.
 */
#include <string.h>

#include "tests/replay_rig.h"

/* The real table behind a broken one. */
static const struct presence_ops *real;
static const struct counter_ops *real_counter;
static _Atomic unsigned calls; /* relaxed throughout: any 97th will do */

static bool now_and_then(void)
{
    return atomic_fetch_add_explicit(&calls, 1, memory_order_relaxed) % 97 == 96;
}

static int online_too_short(void *m, void *h, uint64_t user, uint64_t now)
{
    return real->is_online(m, h, user, now + 1);
}

static int64_t seen_earlier(void *m, void *h, uint64_t user)
{
    int64_t last = real->last_seen(m, h, user);

    return last > 0 && now_and_then() ? last - 1000 : last;
}

static void beats_lost(void *m, void *h, const struct presence_beat *beats, size_t n,
                       uint64_t base, uint64_t later, struct presence_outcome *out)
{
    for (size_t i = 0; i < n; i++)
        if (!now_and_then())
            real->loops.beats(m, h, &beats[i], 1, base, later, out);
}

static void beats_called_new(void *m, void *h, const struct presence_beat *beats, size_t n,
                             uint64_t base, uint64_t later, struct presence_outcome *out)
{
    real->loops.beats(m, h, beats, n, base, later, out);
    out->came_online += now_and_then();
}

static int64_t sweep_early(void *m, void *h, uint64_t now, uint64_t budget, bool *complete)
{
    return real->sweep(m, h, now + 2000, budget, complete);
}

static int64_t sweep_uncounted(void *m, void *h, uint64_t now, uint64_t budget, bool *complete)
{
    int64_t removed = real->sweep(m, h, now, budget, complete);

    return removed > 0 ? removed - 1 : removed;
}

static int64_t count_one_more(void *m, void *h, uint64_t now)
{
    return real->count_online(m, h, now) + 1;
}

struct skipping {
    presence_visit fn;
    void *ctx;
    bool skipped;
};

static int skip_first(void *ctx, uint64_t user, uint64_t last)
{
    struct skipping *s = ctx;

    if (s->skipped)
        return s->fn(s->ctx, user, last);
    s->skipped = true;
    return 0;
}

static int walk_misses_one(void *m, void *h, uint64_t now, presence_visit fn, void *ctx)
{
    struct skipping s = { fn, ctx, false };

    return real->for_each_online(m, h, now, skip_first, &s);
}

static void stats_unbalanced(void *m, struct presence_stats *out)
{
    real->stats(m, out);
    out->inserts++;
}

static size_t claps_lost(void *counters, void *handles, const uint64_t *steps, size_t n,
                         uint64_t *sink)
{
    return real_counter->loops.posts(counters, handles, steps, n - 1, sink);
}

/* Must be caught with a sentence that has `word` in it. */
static void caught(const struct contestant *who, const char *word)
{
    char why[REPLAY_WHY];
    struct log log;

    replay_rig_log(&log, false);
    if (replay_rig_play(&log, who, 2, 1, why) != -EILSEQ)
        fail_msg("nothing was found where '%s' was to be said", word);
    if (!strstr(why, word))
        fail_msg("'%s' is not in: %s", word, why);
    log_free(&log);
}

static void broken_maps_are_caught(void **state)
{
    struct presence_ops broken;
    struct contestant who = { .object = OBJECT_PRESENCE, .presence = &broken };

    (void)state;
    real = presence_find("mutex");
    assert_non_null(real);
#define BREAK(member, with, word) broken = *real, broken.member = with, caught(&who, word)
    BREAK(is_online, online_too_short, "should be online");
    BREAK(last_seen, seen_earlier, "last_seen of user");
    BREAK(loops.beats, beats_lost, ""); /* which answer shows it first is chance */
    BREAK(loops.beats, beats_called_new, "came online");
    BREAK(sweep, sweep_early, "");
    BREAK(sweep, sweep_uncounted, "removals");
    BREAK(count_online, count_one_more, "counted online");
    BREAK(for_each_online, walk_misses_one, "walk meets");
    BREAK(stats, stats_unbalanced, "entries");
}

static void a_counter_that_loses_claps_is_caught(void **state)
{
    struct counter_ops broken;

    (void)state;
    real_counter = counter_find("faa");
    assert_non_null(real_counter);
    broken = *real_counter;
    broken.loops.posts = claps_lost;
    caught(&(struct contestant){ .object = OBJECT_COUNTER, .counter = &broken }, "claps, not");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(broken_maps_are_caught),
        cmocka_unit_test(a_counter_that_loses_claps_is_caught),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
