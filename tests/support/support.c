/* support.c - see support.h. */
#include "tests/support/support.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "locks/parts/platform.h"
#include "tests/support/entries.h"
#include "tests/support/share.h"

enum { MAX_CASES = 4096, MAX_ENTRIES = 512, NAME = 96 };

struct suite {
    struct CMUnitTest cases[MAX_CASES];
    char names[MAX_CASES][NAME];
    size_t count;
};

static struct suite suite;

static void tsan_cannot(void **state)
{
    (void)state;
    print_message("# skipped: ThreadSanitizer cannot follow this entry (a library's assembly)\n");
    skip();
}

static void add_case(const char *strategy, const char *check, void (*run)(void **), const void *ops)
{
    struct CMUnitTest *c = &suite.cases[suite.count];

    if (suite.count == MAX_CASES)
        abort();
    snprintf(suite.names[suite.count], NAME, "%s: %s", strategy, check);
    *c = (struct CMUnitTest){ .name = suite.names[suite.count], .test_func = run };
    /* The table is never written through this pointer; cmocka's field is not const. */
    memcpy(&c->initial_state, &ops, sizeof ops);
    suite.count++;
}

/* The entries that could be tried, until run_suite() chooses. */
struct candidate {
    const struct contend_identity *id;
    const void *ops;
    const struct check *checks;
    size_t count;
};

static struct candidate candidates[MAX_ENTRIES];
static size_t candidate_count;

static void add_strategy(const struct contend_identity *id, const void *ops,
                         const struct check *checks, size_t count, unsigned excluded)
{
    if (id->flags & (CONTEND_FLOOR | excluded))
        return;
    if (candidate_count == MAX_ENTRIES)
        abort();
    candidates[candidate_count++] = (struct candidate){ id, ops, checks, count };
}

static void add_cases_of(const struct candidate *c)
{
    if (TESTS_UNDER_TSAN && c->id->flags & CONTEND_TSAN_UNSOUND) {
        add_case(c->id->name, "every check", tsan_cannot, c->ops);
        return;
    }
    for (size_t i = 0; i < c->count; i++)
        add_case(c->id->name, c->checks[i].name, c->checks[i].run, c->ops);
}

static int run_suite(const char *group)
{
    bool always[MAX_ENTRIES], mine[MAX_ENTRIES];

    /* An exhibit shows that the test can fail. */
    for (size_t i = 0; i < candidate_count; i++)
        always[i] = candidates[i].id->flags & CONTEND_EXHIBIT;
    share_choose(always, mine, candidate_count);
    for (size_t i = 0; i < candidate_count; i++)
        if (mine[i])
            add_cases_of(&candidates[i]);
    if (suite.count == 0) {
        puts("1..0 # SKIP there is no entry to try");
        return 0;
    }
    return _cmocka_run_group_tests(group, suite.cases, suite.count, NULL, NULL) == 0 ? 0 : 1;
}

/* Adds every entry of one family. */
#define ADD_ALL(OBJECT, WANTED)                                                               \
    for (size_t i = 0; (WANTED).count && support_##OBJECT##_at(i); i++)                       \
        if (!all->option ||                                                                   \
            contend_option_find(support_##OBJECT##_at(i)->traits->id.options, all->option))   \
            add_strategy(&support_##OBJECT##_at(i)->traits->id, support_##OBJECT##_at(i),         \
                     (WANTED).list, (WANTED).count, excluded)

int support_run(const char *group, const struct family_checks *all, unsigned excluded)
{
    ADD_ALL(lock, all->locks);
    ADD_ALL(counter, all->counters);
    ADD_ALL(claps, all->claps);
    ADD_ALL(distinct, all->distinct);
    ADD_ALL(presence, all->maps);
    return run_suite(group);
}

int support_run_locks(const char *group, const struct check *checks, size_t count,
                      unsigned excluded)
{
    return support_run(group, &(struct family_checks){ .locks = { checks, count } }, excluded);
}

int support_run_counters(const char *group, const struct check *checks, size_t count,
                         unsigned excluded)
{
    return support_run(group, &(struct family_checks){ .counters = { checks, count } }, excluded);
}

int support_run_claps(const char *group, const struct check *checks, size_t count,
                      unsigned excluded)
{
    return support_run(group, &(struct family_checks){ .claps = { checks, count } }, excluded);
}

int support_run_distinct(const char *group, const struct check *checks, size_t count,
                         unsigned excluded)
{
    return support_run(group, &(struct family_checks){ .distinct = { checks, count } }, excluded);
}

int support_run_maps(const char *group, const struct check *checks, size_t count, unsigned excluded)
{
    return support_run(group, &(struct family_checks){ .maps = { checks, count } }, excluded);
}

void *support_alloc(size_t size)
{
    void *p = contend_alloc_aligned(size ? size : 1);

    assert_non_null(p);
    memset(p, 0xa5, size);
    return p;
}

uint64_t support_seed(void)
{
    const char *text = getenv("CONTEND_SEED");

    return text ? strtoull(text, NULL, 0) : 20101;
}

uint64_t support_random(struct support_random *r)
{
    uint64_t z = (r->state += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

uint64_t support_below(struct support_random *r, uint64_t bound)
{
    return support_random(r) % bound;
}

unsigned support_ms(unsigned ms)
{
    const char *speed = getenv("CONTEND_TEST_SPEED");
    unsigned factor = speed ? (unsigned)strtoul(speed, NULL, 10) : 1;

    if (TESTS_UNDER_TSAN)
        ms = ms / 2 + 1;
    return ms * (factor ? factor : 1);
}

struct member {
    struct team *team;
    unsigned number;
};

static void *serve(void *arg)
{
    struct member *m = arg;

    m->team->body(m->team, m->number);
    return NULL;
}

bool team_stopped(struct team *team)
{
    /* relaxed: a wish, not a message. */
    return atomic_load_explicit(&team->stop, memory_order_relaxed);
}

void team_run(struct team *team, unsigned threads, unsigned ms)
{
    pthread_t thread[64];
    struct member members[64];

    assert_in_range(threads, 1, 64);
    team->threads = threads;
    atomic_init(&team->stop, false);
    for (unsigned i = 0; i < threads; i++) {
        members[i] = (struct member){ team, i };
        assert_int_equal(pthread_create(&thread[i], NULL, serve, &members[i]), 0);
    }
    if (ms) {
        struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000 };
        nanosleep(&t, NULL);
        /* relaxed: as in team_stopped. */
        atomic_store_explicit(&team->stop, true, memory_order_relaxed);
    }
    for (unsigned i = 0; i < threads; i++)
        pthread_join(thread[i], NULL);
}

#define RIG(NAME, OBJECT)                                                                     \
    void NAME##_rig_up(struct NAME##_rig *r, const struct OBJECT##_ops *ops,                  \
                       const struct OBJECT##_config *config)                                  \
    {                                                                                         \
        r->ops = ops;                                                                         \
        r->object = support_alloc(ops->size);                                                 \
        r->handle = support_alloc(ops->handle_size);                                          \
        assert_int_equal(ops->init(r->object, config), 0);                                    \
        ops->traits_of(r->object, &r->traits);                                                \
        assert_int_equal(ops->attach(r->object, r->handle), 0);                               \
    }                                                                                         \
    void NAME##_rig_down(struct NAME##_rig *r)                                                \
    {                                                                                         \
        r->ops->detach(r->object, r->handle);                                                 \
        assert_int_equal(r->ops->fini(r->object), 0);                                         \
        free(r->handle);                                                                      \
        free(r->object);                                                                      \
    }

RIG(counter, counter)
RIG(claps, claps)
RIG(distinct, distinct)
RIG(map, presence)

int64_t counter_rig_sum(const struct counter_rig *r, void *other)
{
    if (r->traits.unit.kind == COUNTER_EVENTUAL) {
        if (other)
            r->ops->quiescent(r->object, other);
        r->ops->quiescent(r->object, r->handle);
    }
    return r->ops->read(r->object, r->handle);
}

bool map_rig_balanced(const struct map_rig *r)
{
    struct presence_stats s;

    r->ops->stats(r->object, &s);
    return s.entries == s.inserts - s.swept - s.left;
}

bool map_rig_balanced_after_all(const struct map_rig *r)
{
    return r->ops->traits->features & PRESENCE_STORES || map_rig_balanced(r);
}

bool map_swept(const struct presence_ops *ops, int64_t removed, uint64_t due)
{
    bool may_miss = ops->traits->features & PRESENCE_SWEEP_MAY_MISS;

    return removed == (int64_t)due || (may_miss && removed >= 0 && removed < (int64_t)due);
}

void map_rig_assert_balance(const struct map_rig *r)
{
    assert_true(map_rig_balanced(r));
}

int map_rig_steps(const struct map_rig *r, int steps)
{
    struct presence_stats stats;

    r->ops->stats(r->object, &stats);
    return stats.bytes > 1 << 20 ? steps / 10 : steps;
}
