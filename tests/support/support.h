/*
 * support.h - what the tests share: cases for every strategy of a registry,
 * objects of any strategy, seeded randomness, teams of threads.
 *
 * A test program is a list of checks.  Each check runs against each entry of a
 * registry, as a cmocka case named "strategy: check"; no test names a strategy.
 */
#ifndef CONTEND_TESTS_SUPPORT_SUPPORT_H
#define CONTEND_TESTS_SUPPORT_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "counters/claps.h"
#include "counters/counter.h"
#include "counters/distinct.h"
#include "locks/lock.h"
#include "presence_map/presence_map.h"

#if defined(__SANITIZE_THREAD__)
#define TESTS_UNDER_TSAN 1
#elif defined(__SANITIZE_ADDRESS__)
#define TESTS_UNDER_ASAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TESTS_UNDER_TSAN 1
#elif __has_feature(address_sanitizer)
#define TESTS_UNDER_ASAN 1
#endif
#endif
#ifndef TESTS_UNDER_TSAN
#define TESTS_UNDER_TSAN 0
#endif
#ifndef TESTS_UNDER_ASAN
#define TESTS_UNDER_ASAN 0
#endif

/* The state of each case is the table of its strategy. */
struct check {
    const char *name;
    void (*run)(void **state);
};

/*
 * Runs every check on every entry, floors left out, and those with one of
 * `excluded` (enum contend_flags) as well.  Under ThreadSanitizer entries that it
 * cannot follow become one skipped case each, with the reason.  Returns main's
 * exit status.
 */
int support_run_locks(const char *group, const struct check *checks, size_t count,
                      unsigned excluded);
int support_run_counters(const char *group, const struct check *checks, size_t count,
                         unsigned excluded);
int support_run_claps(const char *group, const struct check *checks, size_t count,
                      unsigned excluded);
int support_run_distinct(const char *group, const struct check *checks, size_t count,
                         unsigned excluded);
int support_run_maps(const char *group, const struct check *checks, size_t count,
                     unsigned excluded);

/*
 * Checks of several families in one group; those of a family that has none are left empty.  With an
 * `option` only entries that have one of that name.
 */
struct checks {
    const struct check *list;
    size_t count;
};
struct family_checks {
    struct checks locks, counters, claps, distinct, maps;
    const char *option;
};
#define CHECKS(ARRAY) { ARRAY, sizeof ARRAY / sizeof *ARRAY }
int support_run(const char *group, const struct family_checks *all, unsigned excluded);

/* Memory of any alignment, filled with rubbish: init must not rely on zeros. */
void *support_alloc(size_t size);

/* The seed of this run: CONTEND_SEED, or a fixed one.  Printed by what fails. */
uint64_t support_seed(void);

struct support_random {
    uint64_t state;
};
uint64_t support_random(struct support_random *r);
uint64_t support_below(struct support_random *r, uint64_t bound);

/*
 * Runs `threads` threads of `body` for about `ms` milliseconds: a body looks at
 * team->stop now and then, and returns soon after it turned true.  ms = 0: until
 * all have returned by themselves.
 */
struct team {
    void (*body)(struct team *team, unsigned number);
    void *shared;
    _Atomic bool stop; /* read it with team_stopped() */
    unsigned threads;
};
void team_run(struct team *team, unsigned threads, unsigned ms);
bool team_stopped(struct team *team);

/* Durations shrink where everything is slow: under ThreadSanitizer, or by CONTEND_TEST_SPEED. */
unsigned support_ms(unsigned ms);

/* A counter or a map with one attached handle, for tests with one thread. */
struct counter_rig {
    const struct counter_ops *ops;
    void *object, *handle;
    struct counter_traits traits; /* the object's own, to which it is held */
};
void counter_rig_up(struct counter_rig *r, const struct counter_ops *ops,
                    const struct counter_config *config);
void counter_rig_down(struct counter_rig *r);

/*
 * The sum, which is exact while no operation is under way (C4): where reads lag, this handle
 * and `other`, if it is not NULL, first announce a quiescent state.
 */
int64_t counter_rig_sum(const struct counter_rig *r, void *other);

/* Bounded claps, likewise. */
struct claps_rig {
    const struct claps_ops *ops;
    void *object, *handle;
    struct claps_traits traits; /* the object's own, to which it is held */
};
void claps_rig_up(struct claps_rig *r, const struct claps_ops *ops,
                  const struct claps_config *config);
void claps_rig_down(struct claps_rig *r);

/* Distinct clappers, likewise. */
struct distinct_rig {
    const struct distinct_ops *ops;
    void *object, *handle;
    struct distinct_traits traits; /* the object's own, to which it is held */
};
void distinct_rig_up(struct distinct_rig *r, const struct distinct_ops *ops,
                     const struct distinct_config *config);
void distinct_rig_down(struct distinct_rig *r);

struct map_rig {
    const struct presence_ops *ops;
    void *object, *handle;
    struct presence_traits traits; /* the object's own, to which it is held */
};
void map_rig_up(struct map_rig *r, const struct presence_ops *ops,
                const struct presence_config *config);
void map_rig_down(struct map_rig *r);

/*
 * Whether a sweep that ran alone may have removed so many of `due` entries: all of them, or with
 * PRESENCE_SWEEP_MAY_MISS any number.
 */
bool map_swept(const struct presence_ops *ops, int64_t removed, uint64_t due);

/* entries = inserts - swept - left, at rest. */
bool map_rig_balanced(const struct map_rig *r);
/* The same after threads ran at once: P20 lets a map that stores be off. */
bool map_rig_balanced_after_all(const struct map_rig *r);
void map_rig_assert_balance(const struct map_rig *r);
/*
 * A tenth of so many steps if the map is large: a sweep or a count goes through all places, and a map
 * that has to keep users for long may have millions of them.
 */
int map_rig_steps(const struct map_rig *r, int steps);

#endif
