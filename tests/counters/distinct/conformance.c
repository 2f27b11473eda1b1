/*
 * conformance.c - the sequential contract of distinct clappers, U1 to U9, for every entry.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/options.h"
#include "tests/support/support.h"

enum { READERS = 1000 };

static const struct distinct_config small = { .readers = READERS, .seed = 7 };

static int64_t count(const struct distinct_rig *r)
{
    return r->ops->count(r->object, r->handle);
}

static void insert(const struct distinct_rig *r, uint64_t reader)
{
    assert_int_equal(r->ops->insert(r->object, r->handle, reader), 0);
}

/* U1 to U3: seeded readers, some of them again and again, against an array of flags. */
static void follow_the_model(const struct distinct_ops *ops, const struct distinct_config *config)
{
    struct support_random random = { support_seed() };
    bool model[READERS] = { false };
    struct distinct_rig r;
    int64_t size = 0;

    distinct_rig_up(&r, ops, config);
    assert_int_equal(count(&r), 0);
    for (int i = 0; i < 2000; i++) {
        uint64_t reader = support_below(&random, 1 + support_below(&random, READERS));
        insert(&r, reader);
        size += !model[reader];
        model[reader] = true;
        if (i % 50 == 0)
            assert_true(distinct_size_fits(&r.traits, size, count(&r)));
    }
    assert_true(distinct_size_fits(&r.traits, size, count(&r)));
    distinct_rig_down(&r);
}

static void follows_the_model(void **state)
{
    follow_the_model(*state, &small);
}

static void follow_the_model_with(const void *ops, const struct contend_settings *settings)
{
    struct counting_allocator counting;
    struct distinct_config config = { .readers = READERS, .allocator = &counting.allocator,
                                      .settings = *settings };

    counting_allocator_init(&counting);
    follow_the_model(ops, &config);
    assert_int_equal(counting.bytes, 0);
}

/* U9: every option at its edges. */
static void follows_the_model_under_every_option(void **state)
{
    const struct distinct_ops *ops = *state;

    options_at_their_edges(ops->traits->id.options, ops, follow_the_model_with);
}

static int init_distinct(const void *table, const struct contend_settings *settings)
{
    const struct distinct_ops *ops = table;
    struct counting_allocator counting;
    struct distinct_config config = { .allocator = &counting.allocator, .settings = *settings };
    void *object = support_alloc(ops->size);

    counting_allocator_init(&counting);
    int error = ops->init(object, &config);
    if (error == 0)
        assert_int_equal(ops->fini(object), 0);
    assert_int_equal(counting.bytes, 0);
    free(object);
    return error;
}

static void refuses_unknown_settings(void **state)
{
    const struct distinct_ops *ops = *state;

    options_are_refused(ops->traits->id.options, ops, init_distinct);
}

/* U2: few readers, who come again and again: an estimate is right of them as well. */
static void counts_a_reader_once(void **state)
{
    struct distinct_rig r;

    distinct_rig_up(&r, *state, &small);
    for (int64_t i = 0; i < 5; i++) {
        for (int again = 0; again < 100; again++)
            insert(&r, (uint64_t)i * 31);
        assert_int_equal(count(&r), r.traits.id.flags & CONTEND_FLOOR ? 0 : i + 1);
    }
    distinct_rig_down(&r);
}

/* U4: forwards, and backwards with repetitions and by merges: the same number. */
static void order_does_not_matter(void **state)
{
    struct distinct_rig once, other, parts[2];

    distinct_rig_up(&once, *state, &small);
    distinct_rig_up(&other, *state, &small);
    for (int i = 0; i < 2; i++)
        distinct_rig_up(&parts[i], *state, &small);
    for (uint64_t reader = 0; reader < READERS; reader++)
        insert(&once, reader);
    for (uint64_t reader = READERS; reader-- > 0;) {
        insert(&parts[reader % 3 != 0], reader);
        insert(&parts[reader % 5 != 0], reader);
    }
    for (int i = 0; i < 6; i++)
        assert_int_equal(other.ops->merge(other.object, other.handle, parts[i % 2].object), 0);
    assert_int_equal(count(&once), count(&other));
    for (int i = 0; i < 2; i++)
        distinct_rig_down(&parts[i]);
    distinct_rig_down(&other);
    distinct_rig_down(&once);
}

/* U5: the union; the other one stays; and those that do not fit are refused and change nothing. */
static void merges_to_the_union(void **state)
{
    const struct distinct_ops *ops = *state;
    const struct distinct_config larger = { .readers = 2 * READERS, .seed = 7 },
                                 seeded = { .readers = READERS, .seed = 8 };
    struct distinct_rig a, b, c, d;

    distinct_rig_up(&a, ops, &small);
    distinct_rig_up(&b, ops, &small);
    distinct_rig_up(&c, ops, &larger);
    distinct_rig_up(&d, ops, &seeded);
    for (uint64_t reader = 0; reader < 600; reader++)
        insert(&a, reader);
    for (uint64_t reader = 400; reader < 700; reader++)
        insert(&b, reader);
    int64_t of_b = count(&b);
    assert_int_equal(ops->merge(a.object, a.handle, b.object), 0);
    assert_int_equal(count(&b), of_b);
    assert_true(distinct_size_fits(&a.traits, 700, count(&a)));
    int64_t both = count(&a);
    assert_int_equal(ops->merge(a.object, a.handle, b.object), 0);
    assert_int_equal(count(&a), both);
    int64_t result = ops->merge(d.object, d.handle, a.object); /* where there is a hash */
    assert_true(result == 0 ? count(&d) == both : result == -EINVAL && count(&d) == 0);
    result = ops->merge(c.object, c.handle, a.object);
    assert_true(result == 0 ? count(&c) == both : result == -EINVAL && count(&c) == 0);
    distinct_rig_down(&d);
    distinct_rig_down(&c);
    distinct_rig_down(&b);
    distinct_rig_down(&a);
}

/* U5: of options that differ. */
static void refuses_to_merge_other_options(void **state)
{
    const struct distinct_ops *ops = *state;
    const struct contend_option *o = ops->traits->id.options;
    struct distinct_rig a, b;

    for (; o && o->name; o++) {
        const struct contend_setting least = { o->name, o->least }, most = { o->name, o->greatest };
        const struct distinct_config one = { .settings = { &least, 1, 0, 0 } },
                                     two = { .settings = { &most, 1, 0, 0 } };
        distinct_rig_up(&a, ops, &one);
        distinct_rig_up(&b, ops, &two);
        assert_int_equal(ops->merge(a.object, a.handle, b.object), -EINVAL);
        assert_int_equal(ops->merge(b.object, b.handle, a.object), -EINVAL);
        distinct_rig_down(&b);
        distinct_rig_down(&a);
    }
}

/* U6: both neighbours of the bound, and ids of 64 bits. */
static void takes_the_readers_that_it_declares(void **state)
{
    static const uint64_t far[] = { READERS, READERS + 1, UINT64_MAX - 1, UINT64_MAX };
    struct distinct_rig r;

    distinct_rig_up(&r, *state, &small);
    bool dense = r.traits.features & DISTINCT_DENSE, floor = r.traits.id.flags & CONTEND_FLOOR;
    insert(&r, READERS - 1);
    for (int i = 0; i < 4; i++)
        assert_int_equal(r.ops->insert(r.object, r.handle, far[i]), dense ? -ERANGE : 0);
    assert_int_equal(count(&r), floor ? 0 : dense ? 1 : 5);
    distinct_rig_down(&r);
}

/* U8: more readers than any memory holds, where memory goes by them. */
static void refuses_what_does_not_fit(void **state)
{
    const struct distinct_ops *ops = *state;
    const struct distinct_config config = { .readers = UINT64_MAX };
    void *object = support_alloc(ops->size);
    int error = ops->init(object, &config);

    assert_int_equal(error, ops->traits->features & DISTINCT_DENSE ? -ENOMEM : 0);
    if (error == 0)
        assert_int_equal(ops->fini(object), 0);
    free(object);
}

enum { CROWD = 40 };

/* U9: every byte comes from the given allocator and goes back, and stats() tells the truth. */
static void accounts_for_its_memory(void **state)
{
    const struct distinct_ops *ops = *state;
    struct counting_allocator counting;
    const struct distinct_config config = { .readers = READERS, .allocator = &counting.allocator };
    struct distinct_stats s;
    void *object = support_alloc(ops->size), *handles[CROWD];

    counting_allocator_init(&counting);
    assert_int_equal(ops->init(object, &config), 0);
    for (unsigned i = 0; i < CROWD; i++) {
        assert_int_equal(ops->attach(object, handles[i] = support_alloc(ops->handle_size)), 0);
        ops->stats(object, &s);
        assert_int_equal(s.attached, i + 1);
        assert_int_equal(s.bytes, ops->size + (i + 1) * ops->handle_size + counting.bytes);
    }
    assert_int_equal(ops->fini(object), -EBUSY);
    for (unsigned i = 0; i < CROWD; i++) {
        ops->insert(object, handles[i], i);
        ops->detach(object, handles[i]);
        memset(handles[i], 0x5a, ops->handle_size); /* no call may read it any more */
        free(handles[i]);
    }
    assert_int_equal(ops->fini(object), 0);
    assert_int_equal(counting.bytes, 0);
    free(object);
}

static void traits_are_true_with(const void *table, const struct contend_settings *settings)
{
    const struct distinct_ops *ops = table;
    const struct distinct_config config = { .settings = *settings };
    struct distinct_stats s;
    struct distinct_rig r;

    distinct_rig_up(&r, ops, &config);
    ops->stats(r.object, &s);
    double said = (double)(r.traits.bytes + r.traits.bytes_per_thread);
    assert_true((double)s.bytes <= 1.1 * said && (double)s.bytes >= 0.9 * said);
    assert_true(r.traits.bytes_per_thread >= ops->handle_size);
    distinct_rig_down(&r);
}

/* Traits: memory within 10 %, names that are there. */
static void traits_are_true(void **state)
{
    const struct distinct_ops *ops = *state;
    const struct contend_settings none = { NULL, 0, 0, 0 };

    assert_true(ops->traits->id.name[0] && ops->traits->id.title[0] && ops->traits->id.reference[0]);
    traits_are_true_with(ops, &none);
    options_at_their_edges(ops->traits->id.options, ops, traits_are_true_with);
}

/* The loop that benchmarks call does what the operations do. */
static void loop_agrees_with_operations(void **state)
{
    static const uint8_t ops_of[] = { DISTINCT_OP_INSERT, DISTINCT_OP_COUNT, DISTINCT_OP_INSERT,
                                      DISTINCT_OP_INSERT, DISTINCT_OP_COUNT, DISTINCT_OP_INSERT };
    static const uint64_t readers[] = { 3, 3, 4, 3, 0, READERS };
    struct distinct_rig r;
    uint64_t sink = 0;

    distinct_rig_up(&r, *state, &small);
    bool dense = r.traits.features & DISTINCT_DENSE, floor = r.traits.id.flags & CONTEND_FLOOR;
    assert_int_equal(r.ops->loops.tape(r.object, r.handle, ops_of, readers, sizeof ops_of, &sink),
                     dense ? 1 : 0);
    assert_int_equal(sink, floor ? 0 : 1 + 2);
    assert_int_equal(count(&r), floor ? 0 : dense ? 2 : 3);
    distinct_rig_down(&r);
}

/*
 * The declared error and confidence, over sketches with seeds of their own, which are fixed: the share
 * outside may exceed 1 - confidence by four standard deviations of that share, and the mean may
 * differ from the truth by four of the mean's.
 */
enum { SKETCHES = 300 };

static void judge_error(const struct distinct_ops *ops, int64_t size)
{
    struct support_random random = { 4711 }; /* seeds that differ in a few bits permute the readers */
    double sum = 0, squares = 0, allowed = 0;
    unsigned outside = 0;

    for (int i = 0; i < SKETCHES; i++) {
        const struct distinct_config config = { .seed = support_random(&random) };
        struct distinct_rig r;
        distinct_rig_up(&r, ops, &config);
        for (uint64_t reader = 0; reader < (uint64_t)size; reader++)
            insert(&r, reader);
        double off = (double)(count(&r) - size), error = r.traits.relative_error * (double)size;
        outside += fabs(off) > fmax(error, 1);
        allowed = 1 - r.traits.confidence;
        sum += off;
        squares += off * off;
        distinct_rig_down(&r);
    }
    double mean = sum / SKETCHES, deviation = sqrt(squares / SKETCHES - mean * mean);
    print_message("# %s: %lld readers: bias %.3f %%, standard error %.3f %%, %u of %d outside\n",
                  ops->traits->id.name, (long long)size, 100 * mean / (double)size,
                  100 * deviation / (double)size, outside, SKETCHES);
    assert_true(outside / (double)SKETCHES <=
                allowed + 4 * sqrt(allowed * (1 - allowed) / SKETCHES));
    /* And half a reader, which is what rounding may come to. */
    assert_true(fabs(mean) <= 4 * deviation / sqrt(SKETCHES) + 0.5);
}

static void keeps_its_error_and_confidence(void **state)
{
    static const int64_t sizes[] = { 3, 15, 60, 1000, 5000, 12000, 50000 };
    const struct distinct_ops *ops = *state;

    if (ops->traits->counts == DISTINCT_APPROXIMATE)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
            judge_error(ops, sizes[i]);
}

int main(void)
{
    static const struct check checks[] = {
        { "follows the model", follows_the_model },
        { "follows the model under every option", follows_the_model_under_every_option },
        { "refuses unknown settings", refuses_unknown_settings },
        { "counts a reader once", counts_a_reader_once },
        { "order does not matter", order_does_not_matter },
        { "merges to the union", merges_to_the_union },
        { "refuses to merge other options", refuses_to_merge_other_options },
        { "takes the readers that it declares", takes_the_readers_that_it_declares },
        { "refuses what does not fit", refuses_what_does_not_fit },
        { "accounts for its memory", accounts_for_its_memory },
        { "traits are true", traits_are_true },
        { "loop agrees with operations", loop_agrees_with_operations },
        { "keeps its error and confidence", keeps_its_error_and_confidence },
    };

    return support_run_distinct("distinct conformance", checks, sizeof checks / sizeof *checks, 0);
}
