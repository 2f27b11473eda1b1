/*
 * conformance.c - the sequential contract, C1 to C10, for every counter.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "locks/parts/platform.h"
#include "tests/support/options.h"
#include "tests/support/support.h"

static int64_t clamp(int64_t x, int64_t low, int64_t high)
{
    return x < low ? low : x > high ? high : x;
}

static void follow_the_model(const struct counter_ops *ops, const struct counter_config *config,
                             int steps)
{
    struct counter_rig r;
    struct support_random random = { support_seed() };
    int64_t model = 0;

    counter_rig_up(&r, ops, config);
    const struct counter_traits *t = &r.traits;
    for (int i = 0; i < steps; i++) {
        int64_t n = (int64_t)support_below(&random, 21) - 10;
        n = clamp(model + n, t->min, t->max) - model;
        assert_int_equal(r.ops->add(r.object, r.handle, n), 0);
        model += n;
        if (i % 7 == 0)
            assert_int_equal(counter_rig_sum(&r, NULL), model);
    }
    assert_int_equal(counter_rig_sum(&r, NULL), model);
    counter_rig_down(&r);
}

/* C1, C2: a seeded run of adds and reads against a plain integer. */
static void follows_the_model(void **state)
{
    follow_the_model(*state, NULL, 20000);
}

static void follow_the_model_with(const void *ops, const struct contend_settings *settings)
{
    struct counting_allocator counting;
    struct counter_config config = { .allocator = &counting.allocator, .settings = *settings };

    counting_allocator_init(&counting);
    follow_the_model(ops, &config, 2000);
    assert_int_equal(counting.bytes, 0);
}

/* C10: every option at its edges. */
static void follows_the_model_under_every_option(void **state)
{
    const struct counter_ops *ops = *state;

    options_at_their_edges(ops->traits->id.options, ops, follow_the_model_with);
}

static int init_counter(const void *table, const struct contend_settings *settings)
{
    const struct counter_ops *ops = table;
    struct counting_allocator counting;
    struct counter_config config = { .allocator = &counting.allocator, .settings = *settings };
    void *object = support_alloc(ops->size);

    counting_allocator_init(&counting);
    int error = ops->init(object, &config);
    if (error == 0)
        assert_int_equal(ops->fini(object), 0);
    assert_int_equal(counting.bytes, 0);
    free(object);
    return error;
}

/* C8, C10: settings that nobody declared. */
static void refuses_unknown_settings(void **state)
{
    const struct counter_ops *ops = *state;

    options_are_refused(ops->traits->id.options, ops, init_counter);
}

enum { CROWD = 40 };

/* C10: every byte comes from the given allocator and goes back, and stats() tells the truth. */
static void accounts_for_its_memory(void **state)
{
    const struct counter_ops *ops = *state;
    struct counting_allocator counting;
    struct counter_config config = { .allocator = &counting.allocator };
    struct counter_stats s;
    void *object = support_alloc(ops->size), *handles[CROWD];

    counting_allocator_init(&counting);
    assert_int_equal(ops->init(object, &config), 0);
    for (unsigned i = 0; i < CROWD; i++) {
        handles[i] = support_alloc(ops->handle_size);
        assert_int_equal(ops->attach(object, handles[i]), 0);
        ops->stats(object, &s);
        assert_int_equal(s.bytes, ops->size + (i + 1) * ops->handle_size + counting.bytes);
    }
    for (unsigned i = 0; i < CROWD; i++) {
        ops->detach(object, handles[i]);
        free(handles[i]);
    }
    assert_int_equal(ops->fini(object), 0);
    assert_int_equal(counting.bytes, 0);
    free(object);
}

/* C2: at both bounds, one step further is refused and changes nothing. */
static void refuses_beyond_its_bounds(void **state)
{
    struct counter_rig r;

    counter_rig_up(&r, *state, NULL);
    const struct counter_traits *t = &r.traits;
    if (t->min > -COUNTER_LIMIT) {
        int64_t low = t->min;
        assert_int_equal(r.ops->add(r.object, r.handle, low), 0);
        assert_int_equal(r.ops->add(r.object, r.handle, -1), -EOVERFLOW);
        assert_int_equal(r.ops->add(r.object, r.handle, -1000), -EOVERFLOW);
        assert_int_equal(r.ops->add(r.object, r.handle, INT64_MIN), -EOVERFLOW);
        assert_int_equal(counter_rig_sum(&r, NULL), low);
        assert_int_equal(r.ops->add(r.object, r.handle, 3), 0);
        assert_int_equal(r.ops->add(r.object, r.handle, -4), -EOVERFLOW);
        assert_int_equal(counter_rig_sum(&r, NULL), low + 3);
    }
    if (t->max < COUNTER_LIMIT) {
        int64_t now = counter_rig_sum(&r, NULL);
        assert_int_equal(r.ops->add(r.object, r.handle, t->max - now + 1), -EOVERFLOW);
        assert_int_equal(r.ops->add(r.object, r.handle, INT64_MAX), -EOVERFLOW);
        assert_int_equal(counter_rig_sum(&r, NULL), now);
    } else if (!(t->features & COUNTER_COSTS_ABS_N) && t->unit.kind != COUNTER_APPROXIMATE) {
        assert_int_equal(r.ops->add(r.object, r.handle, -counter_rig_sum(&r, NULL)), 0);
        assert_int_equal(r.ops->add(r.object, r.handle, t->max), 0);
        assert_int_equal(counter_rig_sum(&r, NULL), t->max);
        assert_int_equal(r.ops->add(r.object, r.handle, -t->max), 0);
        assert_int_equal(r.ops->add(r.object, r.handle, t->min), 0);
        assert_int_equal(counter_rig_sum(&r, NULL), t->min);
    }
    counter_rig_down(&r);
}

/* C5: add_get is either there or says that it is not. */
static void add_get_as_declared(void **state)
{
    struct counter_rig r;
    int64_t sum = -77;

    counter_rig_up(&r, *state, NULL);
    int result = r.ops->add_get(r.object, r.handle, 5, &sum);
    if (r.traits.features & COUNTER_ADD_GET) {
        assert_int_equal(result, 0);
        assert_int_equal(sum, 5);
        assert_int_equal(r.ops->add_get(r.object, r.handle, -2, &sum), 0);
        assert_int_equal(sum, 3);
        assert_int_equal(counter_rig_sum(&r, NULL), 3);
    } else {
        assert_int_equal(result, -ENOTSUP);
        assert_int_equal(sum, -77);
        assert_int_equal(counter_rig_sum(&r, NULL), 0);
    }
    counter_rig_down(&r);
}

struct exits {
    const struct counter_ops *ops;
    void *object;
};

static void clap_and_exit(struct team *team, unsigned number)
{
    struct exits *e = team->shared;
    void *handle = support_alloc(e->ops->handle_size);

    if (e->ops->attach(e->object, handle) != 0)
        abort();
    for (unsigned i = 0; i <= number; i++)
        e->ops->add(e->object, handle, 3);
    e->ops->detach(e->object, handle);
    memset(handle, 0x5a, e->ops->handle_size); /* no call may read it any more */
    free(handle);
}

/* C4, C6: the claps of threads that came and went are all there. */
static void keeps_claps_of_exited_threads(void **state)
{
    struct counter_rig r;

    if (((const struct counter_ops *)*state)->traits->id.flags & CONTEND_EXHIBIT)
        return; /* its threads would race; the duels and the race test have it */
    counter_rig_up(&r, *state, NULL);
    struct exits e = { r.ops, r.object };
    struct team team = { .body = clap_and_exit, .shared = &e };
    for (int round = 0; round < 3; round++)
        team_run(&team, 12, 0); /* more than any first table holds */
    assert_int_equal(counter_rig_sum(&r, NULL), 3 * 3 * (12 * 13 / 2));
    counter_rig_down(&r);
}

/* C6: one thread, three counters, two of the same kind. */
static void serves_several_counters_per_thread(void **state)
{
    struct counter_rig a, b, c;

    counter_rig_up(&a, *state, NULL);
    counter_rig_up(&b, *state, NULL);
    counter_rig_up(&c, contend_counter_registry[2], NULL);
    for (int i = 0; i < 100; i++) {
        a.ops->add(a.object, a.handle, 1);
        b.ops->add(b.object, b.handle, 2);
        c.ops->add(c.object, c.handle, 3);
    }
    assert_int_equal(counter_rig_sum(&a, NULL), 100);
    assert_int_equal(counter_rig_sum(&b, NULL), 200);
    assert_int_equal(counter_rig_sum(&c, NULL), 300);
    counter_rig_down(&a);
    assert_int_equal(counter_rig_sum(&b, NULL), 200);
    counter_rig_down(&c);
    counter_rig_down(&b);
}

/* C6: fini is refused while a thread is attached, and the counter lives on. */
static void refuses_fini_while_attached(void **state)
{
    struct counter_rig r;

    counter_rig_up(&r, *state, NULL);
    r.ops->add(r.object, r.handle, 9);
    assert_int_equal(r.ops->fini(r.object), -EBUSY);
    assert_int_equal(counter_rig_sum(&r, NULL), 9);
    counter_rig_down(&r);
}

/* One thread may hold several handles of one counter. */
static void adds_up_several_handles(void **state)
{
    struct counter_rig r;
    void *second;

    counter_rig_up(&r, *state, NULL);
    second = support_alloc(r.ops->handle_size);
    assert_int_equal(r.ops->attach(r.object, second), 0);
    r.ops->add(r.object, r.handle, 4);
    r.ops->add(r.object, second, 5);
    assert_int_equal(counter_rig_sum(&r, second), 9);
    r.ops->detach(r.object, second);
    free(second);
    assert_int_equal(counter_rig_sum(&r, NULL), 9);
    counter_rig_down(&r);
}

/* C1: only the sum is bound: what one handle adds and another takes away may pile up. */
static void sums_up_parts_beyond_its_bounds(void **state)
{
    struct counter_rig r;
    void *second;

    counter_rig_up(&r, *state, NULL);
    const struct counter_traits *t = &r.traits;
    if (t->features & COUNTER_COSTS_ABS_N || t->unit.kind == COUNTER_APPROXIMATE) {
        /* So much would take for ever, or be rounded. */
        counter_rig_down(&r);
        return;
    }
    second = support_alloc(r.ops->handle_size);
    assert_int_equal(r.ops->attach(r.object, second), 0);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(r.ops->add(r.object, r.handle, t->max), 0);
        assert_int_equal(counter_rig_sum(&r, second), t->max);
        assert_int_equal(r.ops->add(r.object, second, -t->max), 0);
        assert_int_equal(counter_rig_sum(&r, second), 0);
    }
    assert_int_equal(r.ops->add(r.object, r.handle, 3), 0);
    r.ops->detach(r.object, second);
    assert_int_equal(counter_rig_sum(&r, NULL), 3);
    assert_int_equal(r.ops->attach(r.object, second), 0);
    for (int i = 0; i < 2; i++) { /* and once more, beside the claps of one that has left */
        assert_int_equal(r.ops->add(r.object, r.handle, t->max - 3), 0);
        assert_int_equal(r.ops->add(r.object, second, 3 - t->max), 0);
    }
    r.ops->detach(r.object, second);
    free(second);
    assert_int_equal(counter_rig_sum(&r, NULL), 3);
    counter_rig_down(&r);
}

/* The loops that benchmarks call do what the operations do. */
static void loops_agree_with_operations(void **state)
{
    static const int8_t tape[] = { 1, 1, 0, 1, 5, 0, 1, 0 };
    struct counter_rig r;
    uint64_t sink = 0;

    counter_rig_up(&r, *state, NULL);
    assert_int_equal(r.ops->loops.add(r.object, r.handle, 1000), 0);
    assert_int_equal(counter_rig_sum(&r, NULL), 1000);
    assert_int_equal(r.ops->loops.mixed(r.object, r.handle, tape, sizeof tape, &sink), 0);
    assert_int_equal(counter_rig_sum(&r, NULL), 1009);
    if (r.traits.unit.staleness_ns == 0) /* else a read need not see yet what the thread has added */
        assert_int_equal(sink, 1002 + 1008 + 1009);
    assert_int_equal(r.ops->loops.add(r.object, r.handle, 0), 0);
    assert_int_equal(counter_rig_sum(&r, NULL), 1009);
    counter_rig_down(&r);
}

/* Traits: memory within 10 %, names that are there. */
static void traits_are_true(void **state)
{
    const struct counter_ops *ops = *state;
    const struct counter_traits *t = ops->traits;
    struct counter_stats s;
    struct counter_rig r;

    assert_true(t->id.name && t->id.name[0] && t->id.title && t->id.title[0]);
    assert_true(t->id.reference && t->id.reference[0]);
    assert_true(t->min <= 0 && t->max > 0);
    counter_rig_up(&r, ops, NULL);
    ops->stats(r.object, &s);
    assert_int_equal(s.attached, 1);
    double said = (double)(t->bytes + t->bytes_per_thread +
                           t->bytes_per_cpu * contend_cpus_possible());
    assert_true((double)s.bytes <= 1.1 * said && (double)s.bytes >= 0.9 * said);
    assert_true(t->bytes_per_thread >= ops->handle_size);
    counter_rig_down(&r);
    for (size_t i = 0; contend_counter_registry[i]; i++)
        if (contend_counter_registry[i] != ops)
            assert_string_not_equal(contend_counter_registry[i]->traits->id.name, t->id.name);
}

/* C9: announcements change nothing and need not be asked for. */
static void announcements_are_harmless(void **state)
{
    struct counter_rig r;

    counter_rig_up(&r, *state, NULL);
    r.ops->add(r.object, r.handle, 2);
    r.ops->quiescent(r.object, r.handle);
    r.ops->offline(r.object, r.handle);
    r.ops->online(r.object, r.handle);
    assert_int_equal(counter_rig_sum(&r, NULL), 2);
    counter_rig_down(&r);
}

/* Unusual configurations. */
static void honours_its_configuration(void **state)
{
    const struct counter_ops *ops = *state;
    struct counter_config many = { .threads = 100, .seed = 4 };
    struct counter_rig r;

    counter_rig_up(&r, ops, &many);
    r.ops->add(r.object, r.handle, 2);
    assert_int_equal(counter_rig_sum(&r, NULL), 2);
    counter_rig_down(&r);
}

int main(void)
{
    static const struct check checks[] = {
        { "follows the model", follows_the_model },
        { "follows the model under every option", follows_the_model_under_every_option },
        { "refuses unknown settings", refuses_unknown_settings },
        { "accounts for its memory", accounts_for_its_memory },
        { "refuses beyond its bounds", refuses_beyond_its_bounds },
        { "add_get as declared", add_get_as_declared },
        { "keeps claps of exited threads", keeps_claps_of_exited_threads },
        { "serves several counters per thread", serves_several_counters_per_thread },
        { "refuses fini while attached", refuses_fini_while_attached },
        { "adds up several handles", adds_up_several_handles },
        { "sums up parts beyond its bounds", sums_up_parts_beyond_its_bounds },
        { "loops agree with operations", loops_agree_with_operations },
        { "traits are true", traits_are_true },
        { "announcements are harmless", announcements_are_harmless },
        { "honours its configuration", honours_its_configuration },
    };

    return support_run_counters("counter conformance", checks, sizeof checks / sizeof *checks, 0);
}
