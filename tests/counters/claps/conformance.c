/*
 * conformance.c - the sequential contract of bounded claps, B1 to B12, for every entry.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/support/options.h"
#include "tests/support/support.h"

enum { POSTS = 5, READERS = 7 };

static const struct claps_config small = { .posts = POSTS, .readers = READERS };

/* ---- a model, written plainly ---- */

struct model {
    int given[POSTS][READERS];
    bool gone[POSTS];
};

static int64_t model_total(const struct model *m, uint64_t post)
{
    int64_t sum = 0;

    for (unsigned reader = 0; reader < READERS; reader++)
        sum += m->given[post][reader];
    return m->gone[post] ? -ENOENT : sum;
}

static int model_clap(struct model *m, uint64_t post, uint64_t reader, int n)
{
    int left = 50 - m->given[post][reader];

    if (m->gone[post])
        return -ENOENT;
    n = n < left ? n : left;
    m->given[post][reader] += n;
    return n;
}

static int model_unclap(struct model *m, uint64_t post, uint64_t reader, int n)
{
    if (m->gone[post])
        return -ENOENT;
    n = n < m->given[post][reader] ? n : m->given[post][reader];
    m->given[post][reader] -= n;
    return n;
}

static void follow_the_model(const struct claps_ops *ops, const struct claps_config *config,
                             int steps)
{
    static const int amounts[] = { 0, 1, 1, 2, 5, 49, 50, 51, 1000 };
    struct support_random random = { support_seed() };
    struct claps_rig r;
    struct model m = { .gone = { false } };

    claps_rig_up(&r, ops, config);
    for (int i = 0; i < steps; i++) {
        uint64_t post = support_below(&random, POSTS), reader = support_below(&random, READERS);
        int n = amounts[support_below(&random, sizeof amounts / sizeof *amounts)];

        if (support_below(&random, 2))
            assert_int_equal(ops->clap(r.object, r.handle, post, reader, (unsigned)n),
                             model_clap(&m, post, reader, n));
        else
            assert_int_equal(ops->unclap(r.object, r.handle, post, reader, (unsigned)n),
                             model_unclap(&m, post, reader, n));
        assert_int_equal(ops->given(r.object, r.handle, post, reader),
                         m.gone[post] ? -ENOENT : m.given[post][reader]);
        assert_int_equal(ops->total(r.object, r.handle, post), model_total(&m, post));
        if (i % (steps / POSTS + 1) == steps / POSTS) { /* all but one of the posts, at last */
            assert_int_equal(ops->remove(r.object, r.handle, post), model_total(&m, post));
            m.gone[post] = true;
        }
    }
    for (uint64_t post = 0; post < POSTS; post++) /* no post has disturbed another */
        for (uint64_t reader = 0; reader < READERS; reader++)
            assert_int_equal(ops->given(r.object, r.handle, post, reader),
                             m.gone[post] ? -ENOENT : m.given[post][reader]);
    claps_rig_down(&r);
}

/* B1 to B6: a seeded run against the model. */
static void follows_the_model(void **state)
{
    follow_the_model(*state, &small, 10000);
}

static void follow_the_model_with(const void *ops, const struct contend_settings *settings)
{
    struct counting_allocator counting;
    struct claps_config config = { .posts = POSTS, .readers = READERS,
                                   .allocator = &counting.allocator, .settings = *settings };

    counting_allocator_init(&counting);
    follow_the_model(ops, &config, 1000);
    assert_int_equal(counting.bytes, 0);
}

/* B12: every option at its edges. */
static void follows_the_model_under_every_option(void **state)
{
    const struct claps_ops *ops = *state;

    options_at_their_edges(ops->traits->id.options, ops, follow_the_model_with);
}

static int init_claps(const void *table, const struct contend_settings *settings)
{
    const struct claps_ops *ops = table;
    struct counting_allocator counting;
    struct claps_config config = { .allocator = &counting.allocator, .settings = *settings };
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
    const struct claps_ops *ops = *state;

    options_are_refused(ops->traits->id.options, ops, init_claps);
}

/* B2, B3: both neighbours of both bounds. */
static void grants_up_to_the_bound(void **state)
{
    struct claps_rig r;

    claps_rig_up(&r, *state, &small);
    const struct claps_ops *ops = r.ops;
    assert_int_equal(ops->unclap(r.object, r.handle, 0, 0, 1), 0);
    assert_int_equal(ops->clap(r.object, r.handle, 0, 0, 49), 49);
    assert_int_equal(ops->clap(r.object, r.handle, 0, 0, 1), 1);
    assert_int_equal(ops->clap(r.object, r.handle, 0, 0, 1), 0);
    assert_int_equal(ops->given(r.object, r.handle, 0, 0), 50);
    assert_int_equal(ops->clap(r.object, r.handle, 0, 1, UINT32_MAX), 50);
    assert_int_equal(ops->total(r.object, r.handle, 0), 100);
    assert_int_equal(ops->unclap(r.object, r.handle, 0, 0, 49), 49);
    assert_int_equal(ops->unclap(r.object, r.handle, 0, 0, 2), 1);
    assert_int_equal(ops->unclap(r.object, r.handle, 0, 1, UINT32_MAX), 50);
    assert_int_equal(ops->total(r.object, r.handle, 0), 0);
    claps_rig_down(&r);
}

/* B6: deletion is for ever, and for one post. */
static void removes_for_ever(void **state)
{
    struct claps_rig r;

    claps_rig_up(&r, *state, &small);
    const struct claps_ops *ops = r.ops;
    ops->clap(r.object, r.handle, 1, 2, 7);
    ops->clap(r.object, r.handle, 1, 3, 8);
    ops->clap(r.object, r.handle, 2, 2, 9);
    assert_int_equal(ops->remove(r.object, r.handle, 1), 15);
    assert_int_equal(ops->remove(r.object, r.handle, 1), -ENOENT);
    assert_int_equal(ops->clap(r.object, r.handle, 1, 2, 1), -ENOENT);
    assert_int_equal(ops->clap(r.object, r.handle, 1, 2, 0), -ENOENT);
    assert_int_equal(ops->unclap(r.object, r.handle, 1, 2, 1), -ENOENT);
    assert_int_equal(ops->given(r.object, r.handle, 1, 2), -ENOENT);
    assert_int_equal(ops->total(r.object, r.handle, 1), -ENOENT);
    assert_int_equal(ops->total(r.object, r.handle, 2), 9);
    assert_int_equal(ops->remove(r.object, r.handle, 0), 0);
    claps_rig_down(&r);
}

/* B9: nobody is there. */
static void refuses_unknown_ids(void **state)
{
    const uint64_t far[] = { 0, 1, UINT64_MAX - READERS };
    struct claps_rig r;

    claps_rig_up(&r, *state, &small);
    const struct claps_ops *ops = r.ops;
    for (unsigned i = 0; i < 3; i++) {
        uint64_t post = POSTS + far[i], reader = READERS + far[i];
        assert_int_equal(ops->clap(r.object, r.handle, post, 0, 1), -ERANGE);
        assert_int_equal(ops->clap(r.object, r.handle, 0, reader, 1), -ERANGE);
        assert_int_equal(ops->unclap(r.object, r.handle, post, 0, 1), -ERANGE);
        assert_int_equal(ops->unclap(r.object, r.handle, 0, reader, 1), -ERANGE);
        assert_int_equal(ops->given(r.object, r.handle, post, 0), -ERANGE);
        assert_int_equal(ops->given(r.object, r.handle, 0, reader), -ERANGE);
        assert_int_equal(ops->total(r.object, r.handle, post), -ERANGE);
        assert_int_equal(ops->remove(r.object, r.handle, post), -ERANGE);
    }
    for (uint64_t post = 0; post < POSTS; post++)
        assert_int_equal(ops->total(r.object, r.handle, post), 0);
    claps_rig_down(&r);
}

/*
 * B11: more than any memory holds, of posts or of readers alone, and the number of readers that
 * the traits declare.  What there was memory for is given back.
 */
static void refuses_what_does_not_fit(void **state)
{
    const struct claps_ops *ops = *state;
    struct counting_allocator counting;
    struct claps_config config = { .posts = UINT64_MAX / 2, .readers = 4,
                                   .allocator = &counting.allocator };
    uint64_t most = ops->traits->max_readers;
    void *object = support_alloc(ops->size);

    counting_allocator_init(&counting);
    assert_int_equal(ops->init(object, &config), -ENOMEM);
    config.posts = 3;
    config.readers = UINT64_MAX / 2;
    assert_int_equal(ops->init(object, &config), most < config.readers ? -ERANGE : -ENOMEM);
    assert_int_equal(counting.bytes, 0);
    if (most < UINT64_MAX) {
        config = (struct claps_config){ .posts = 1, .readers = most + 1 };
        assert_int_equal(ops->init(object, &config), -ERANGE);
        config.readers = most;
        assert_int_equal(ops->init(object, &config), 0);
        assert_int_equal(ops->fini(object), 0);
    }
    free(object);
}

enum { CROWD = 40 };

/* B12: every byte comes from the given allocator and goes back, and stats() tells the truth. */
static void accounts_for_its_memory(void **state)
{
    const struct claps_ops *ops = *state;
    struct counting_allocator counting;
    struct claps_config config = { .posts = POSTS, .readers = READERS,
                                   .allocator = &counting.allocator };
    struct claps_stats s;
    void *object = support_alloc(ops->size), *handles[CROWD];

    counting_allocator_init(&counting);
    assert_int_equal(ops->init(object, &config), 0);
    for (unsigned i = 0; i < CROWD; i++) {
        handles[i] = support_alloc(ops->handle_size);
        assert_int_equal(ops->attach(object, handles[i]), 0);
        ops->stats(object, &s);
        assert_int_equal(s.attached, i + 1);
        assert_int_equal(s.bytes, ops->size + (i + 1) * ops->handle_size + counting.bytes);
    }
    for (unsigned i = 0; i < CROWD; i++) {
        ops->clap(object, handles[i], i % POSTS, i % READERS, 1);
        ops->detach(object, handles[i]);
        free(handles[i]);
    }
    assert_int_equal(ops->fini(object), 0);
    assert_int_equal(counting.bytes, 0);
    free(object);
}

/* Traits: memory within 10 %, for many readers. */
static void traits_are_true(void **state)
{
    const struct claps_ops *ops = *state;
    const struct claps_traits *t = ops->traits;
    const struct claps_config config = { .posts = 3, .readers = 1000 };
    struct claps_stats s;
    struct claps_rig r;

    assert_true(t->id.name && t->id.name[0] && t->id.title && t->id.title[0]);
    assert_true(t->id.reference && t->id.reference[0]);
    claps_rig_up(&r, ops, &config);
    ops->stats(r.object, &s);
    assert_int_equal(s.attached, 1);
    double said = (double)(t->bytes + t->bytes_per_thread + 3 * t->bytes_per_post +
                           3000 * t->bytes_per_reader);
    assert_true((double)s.bytes <= 1.1 * said && (double)s.bytes >= 0.9 * said);
    assert_true(t->bytes_per_thread >= ops->handle_size);
    claps_rig_down(&r);
    for (size_t i = 0; contend_claps_registry[i]; i++)
        if (contend_claps_registry[i] != ops)
            assert_string_not_equal(contend_claps_registry[i]->traits->id.name, t->id.name);
}

/* B10: one thread, two objects, two handles of one; fini is refused, and the object lives on. */
static void serves_several_handles(void **state)
{
    struct claps_rig a, b;
    void *second;

    claps_rig_up(&a, *state, &small);
    claps_rig_up(&b, *state, &small);
    second = support_alloc(a.ops->handle_size);
    assert_int_equal(a.ops->attach(a.object, second), 0);
    assert_int_equal(a.ops->clap(a.object, second, 0, 0, 30), 30);
    assert_int_equal(b.ops->clap(b.object, b.handle, 0, 0, 1), 1);
    assert_int_equal(a.ops->clap(a.object, a.handle, 0, 0, 30), 20);
    a.ops->detach(a.object, second);
    memset(second, 0x5a, a.ops->handle_size); /* no call may read it any more */
    free(second);
    assert_int_equal(a.ops->fini(a.object), -EBUSY);
    assert_int_equal(a.ops->total(a.object, a.handle, 0), 50);
    assert_int_equal(b.ops->total(b.object, b.handle, 0), 1);
    claps_rig_down(&a);
    claps_rig_down(&b);
}

/* The loop that benchmarks call does what the operations do. */
static void loop_agrees_with_operations(void **state)
{
    /* Reader 3 claps twice and takes one back; reader 5 has none to take back. */
    static const uint8_t ops_of[] = { CLAPS_OP_CLAP, CLAPS_OP_CLAP, CLAPS_OP_CLAP, CLAPS_OP_UNCLAP,
                                      CLAPS_OP_UNCLAP, CLAPS_OP_TOTAL, CLAPS_OP_CLAP, CLAPS_OP_TOTAL };
    static const uint64_t readers[] = { 3, 4, 3, 3, 5, 3, 6, 0 };
    struct claps_outcome out = { 0, 0, 0, 0 };
    struct claps_rig r;

    claps_rig_up(&r, *state, &small);
    r.ops->loops.tape(r.object, r.handle, 2, ops_of, readers, sizeof ops_of, &out);
    assert_int_equal(out.granted, 4);
    assert_int_equal(out.returned, 1);
    assert_int_equal(out.failed, 0);
    assert_int_equal(out.sink, 2 + 3);
    assert_int_equal(r.ops->given(r.object, r.handle, 2, 4), 1);
    assert_int_equal(r.ops->given(r.object, r.handle, 2, 3), 1);
    r.ops->remove(r.object, r.handle, 2);
    r.ops->loops.tape(r.object, r.handle, 2, ops_of, readers, sizeof ops_of, &out);
    assert_int_equal(out.failed, sizeof ops_of);
    assert_int_equal(out.granted, 4);
    claps_rig_down(&r);
}

int main(void)
{
    static const struct check checks[] = {
        { "follows the model", follows_the_model },
        { "follows the model under every option", follows_the_model_under_every_option },
        { "refuses unknown settings", refuses_unknown_settings },
        { "grants up to the bound", grants_up_to_the_bound },
        { "removes for ever", removes_for_ever },
        { "refuses unknown ids", refuses_unknown_ids },
        { "refuses what does not fit", refuses_what_does_not_fit },
        { "accounts for its memory", accounts_for_its_memory },
        { "traits are true", traits_are_true },
        { "serves several handles", serves_several_handles },
        { "loop agrees with operations", loop_agrees_with_operations },
    };

    return support_run_claps("claps conformance", checks, sizeof checks / sizeof *checks, 0);
}
