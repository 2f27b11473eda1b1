/*
 * test_loads.c - the loads of load.h are judged: each must reject a strategy that is
 * broken in one place, and say how.
 */
#include <pthread.h>
#include <string.h>

#include "tests/support/load.h"
#include "tests/support/support.h"

static const struct presence_ops *good_map;
static const struct counter_ops *good_counter;
static const struct lock_ops *good_lock;
static _Atomic uint64_t calls;

static bool every(uint64_t n)
{
    return atomic_fetch_add(&calls, 1) % n == n - 1;
}

enum { PATIENCE = 40 }; /* slices of time; what is broken shows in the first, as a rule */

static const double slice = 0.1; /* s */

static void must_be_found(const struct finding *f, const char *sentence)
{
    if (!atomic_load(&f->wrong) || !strstr(f->text, sentence))
        fail_msg("\"%s\" and not \"%s\"", f->text, sentence);
}

/* ---- locks ---- */

/* Sections of a broken lock race, which is the point; ThreadSanitizer would end the program. */
static void races(void)
{
    if (!TESTS_UNDER_TSAN)
        return;
    print_message("# skipped: ThreadSanitizer would see the race first\n");
    skip();
}

static int enter_all(void *lock, void *handle)
{
    (void)lock, (void)handle;
    return 0;
}

static void leave_all(void *lock, void *handle)
{
    (void)lock, (void)handle;
}

static int execute_at_once(void *lock, void *handle, void (*fn)(void *ctx), void *ctx)
{
    (void)lock, (void)handle;
    fn(ctx);
    return 0;
}

static void lock_that_lets_all_in(void **state)
{
    struct lock_ops broken = *contend_lock_find("mutex");
    struct load load = { .seed = support_seed(), .threads = 3, .seconds = slice };
    struct finding f = { .wrong = false };

    (void)state;
    races();
    broken.acquire = broken.acquire_shared = enter_all;
    broken.release = broken.release_shared = leave_all;
    broken.execute = execute_at_once; /* the mutex's own would meet one that was tried and kept */
    for (int i = 0; i < PATIENCE && !atomic_load(&f.wrong); i++)
        lock_sections(&broken, &load, &f);
    must_be_found(&f, "");
}

static int enter_as_a_reader(void *lock, void *handle)
{
    return good_lock->acquire_shared(lock, handle);
}

static void leave_as_a_reader(void *lock, void *handle)
{
    good_lock->release_shared(lock, handle);
}

static void writers_that_share(void **state)
{
    good_lock = contend_lock_find("rwlock");
    struct lock_ops broken = *good_lock;
    struct load load = { .seed = support_seed(), .threads = 3, .seconds = slice };
    struct finding f = { .wrong = false };

    (void)state;
    races();
    broken.acquire = enter_as_a_reader;
    broken.release = leave_as_a_reader;
    for (int i = 0; i < PATIENCE && !atomic_load(&f.wrong); i++)
        lock_sections(&broken, &load, &f);
    must_be_found(&f, "");
}

/* ---- counters ---- */

typedef void (*counter_load)(const struct counter_ops *, enum mix, const struct load *,
                             struct finding *);

static void counter_must_be_found(const struct counter_ops *broken, counter_load load_with,
                                  const char *sentence)
{
    struct load load = { .seed = support_seed(), .threads = 3, .seconds = slice };
    struct finding f = { .wrong = false };

    for (int i = 0; i < PATIENCE && !atomic_load(&f.wrong); i++)
        load_with(broken, MIX_UNDO, &load, &f);
    must_be_found(&f, sentence);
}

static int add_most(void *counter, void *handle, int64_t n)
{
    return every(997) ? 0 : good_counter->add(counter, handle, n);
}

static int64_t read_old(void *counter, void *handle)
{
    static _Thread_local int64_t last;
    int64_t sum = good_counter->read(counter, handle);

    return every(11) ? last : (last = sum);
}

static void counters_that_forget(void **state)
{
    (void)state;
    good_counter = contend_counter_find("faa");
    struct counter_ops forgets = *good_counter, lags = *good_counter;
    forgets.add = add_most;
    lags.read = read_old;
    counter_must_be_found(&forgets, counter_history, "");
    counter_must_be_found(&forgets, counter_rounds, "no order");
    counter_must_be_found(&lags, counter_history, "");
    counter_must_be_found(&lags, counter_rounds, "no order");
}

/* A counter whose own reads are linearizable, whatever its strategy promises for all. */
static void own_traits(void *counter, struct counter_traits *out)
{
    (void)counter;
    *out = *good_counter->traits;
}

static void counters_that_break_a_promise_of_their_own(void **state)
{
    (void)state;
    good_counter = contend_counter_find("faa");
    struct counter_ops lags = *good_counter;
    struct counter_traits weak = *lags.traits;
    weak.unit.kind = weak.batch.kind = weak.undo.kind = COUNTER_UNSPECIFIED;
    lags.traits = &weak;
    lags.traits_of = own_traits;
    lags.read = read_old;
    counter_must_be_found(&lags, counter_history, "");
    counter_must_be_found(&lags, counter_rounds, "no order");
}

/* Counters that hold 0 to 3, by their own traits. */
static void three_at_most(void *counter, struct counter_traits *out)
{
    own_traits(counter, out);
    out->min = 0;
    out->max = 3;
}

/* The check and the write that another's write may come between. */
static int check_then_add(void *counter, void *handle, int64_t n)
{
    int64_t sum = good_counter->read(counter, handle) + n;

    return sum < 0 || sum > 3 ? -EOVERFLOW : good_counter->add(counter, handle, n);
}

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

static int add_or_refuse(void *counter, void *handle, int64_t n)
{
    pthread_mutex_lock(&one_at_a_time);
    int error = check_then_add(counter, handle, n);
    pthread_mutex_unlock(&one_at_a_time);
    return error;
}

static int refuse_some(void *counter, void *handle, int64_t n)
{
    return every(97) ? -EOVERFLOW : add_or_refuse(counter, handle, n);
}

static void counters_that_break_a_bound(void **state)
{
    struct load load = { .seed = support_seed(), .threads = 3, .seconds = slice };
    struct finding f = { .wrong = false };

    (void)state;
    good_counter = contend_counter_find("faa");
    struct counter_ops right = *good_counter;
    right.traits_of = three_at_most;
    right.add = add_or_refuse;
    struct counter_ops passes = right, refuses = right;
    passes.add = check_then_add;
    refuses.add = refuse_some;
    counter_must_be_found(&passes, counter_rounds, "no order");
    counter_must_be_found(&refuses, counter_rounds, "no order");
    counter_rounds(&right, MIX_UNDO, &load, &f);
    assert_false(atomic_load(&f.wrong));
}

/* ---- maps ---- */

static int beat_most(void *map, void *handle, uint64_t user, uint64_t now)
{
    return every(97) ? good_map->is_online(map, handle, user, now) ? PRESENCE_REFRESHED
                                                                   : PRESENCE_CAME_ONLINE
                     : good_map->heartbeat(map, handle, user, now);
}

static int64_t sweep_too_early(void *map, void *handle, uint64_t now, uint64_t budget,
                               bool *complete)
{
    return good_map->sweep(map, handle, now + 15000, budget, complete);
}

static int online_until_just_before(void *map, void *handle, uint64_t user, uint64_t now)
{
    return good_map->is_online(map, handle, user, now + 5000);
}

static int leave_nobody(void *map, void *handle, uint64_t user, uint64_t now)
{
    return every(7) ? 1 : good_map->leave(map, handle, user, now);
}

struct narrow {
    presence_visit fn;
    void *ctx;
};

static int pass_over_some(void *context, uint64_t user, uint64_t last_seen)
{
    struct narrow *n = context;

    return every(97) ? 0 : n->fn(n->ctx, user, last_seen);
}

static int walk_past_some(void *map, void *handle, uint64_t now, presence_visit fn, void *ctx)
{
    struct narrow n = { fn, ctx };

    return good_map->for_each_online(map, handle, now, pass_over_some, &n);
}

static int64_t count_one_more(void *map, void *handle, uint64_t now)
{
    return good_map->count_online(map, handle, now) + 70;
}

static void map_must_be_found(const struct presence_ops *broken, bool rounds, const char *sentence)
{
    struct load load = { .seed = support_seed(), .threads = 3, .seconds = slice };
    struct finding f = { .wrong = false };

    for (int i = 0; i < PATIENCE && !atomic_load(&f.wrong); i++)
        if (rounds)
            map_rounds(broken, &load, &f);
        else
            map_owners(broken, &load, &f);
    must_be_found(&f, sentence);
}

static void maps_that_forget(void **state)
{
    (void)state;
    good_map = contend_presence_find("mutex");
    struct presence_ops beats = *good_map, sweeps = *good_map, looks = *good_map,
                        leaves = *good_map, walks = *good_map, counts = *good_map;
    beats.heartbeat = beat_most;
    sweeps.sweep = sweep_too_early;
    looks.is_online = online_until_just_before;
    leaves.leave = leave_nobody;
    walks.for_each_online = walk_past_some;
    counts.count_online = count_one_more;
    const struct presence_ops *all[] = { &beats, &sweeps, &looks, &leaves, &walks };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        map_must_be_found(all[i], false, "");
        map_must_be_found(all[i], true, "no order of one user's");
    }
    map_must_be_found(&counts, false, "count_online"); /* rounds do not count */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lock_that_lets_all_in),
        cmocka_unit_test(writers_that_share),
        cmocka_unit_test(counters_that_forget),
        cmocka_unit_test(counters_that_break_a_promise_of_their_own),
        cmocka_unit_test(counters_that_break_a_bound),
        cmocka_unit_test(maps_that_forget),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
