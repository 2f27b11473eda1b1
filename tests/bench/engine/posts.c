/*
 * posts.c - many counters of one strategy: each post gets its own claps, and
 * what would take too much is refused before it is taken.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/engine/posts.h"
#include "locks/parts/platform.h"
#include "tests/support/support.h"

enum { POSTS = 257, THREADS = 3, STEPS = 4000 };

/* All at once: no limit that this machine could set. */
static const struct posts_request generous = { .bytes = UINT64_MAX, .setup_ns = UINT64_MAX };

struct shared {
    struct posts posts;
    uint8_t ops[THREADS][STEPS];
    uint64_t keys[THREADS][STEPS];
    uint64_t failed[THREADS];
};

/* Few posts get many of the claps, so that threads meet. */
static void draw(struct shared *s, uint64_t *expected)
{
    struct support_random r = { support_seed() };

    for (int t = 0; t < THREADS; t++)
        for (int i = 0; i < STEPS; i++) {
            uint64_t post = support_below(&r, 2) ? support_below(&r, POSTS) : support_below(&r, 3);
            bool clap = support_below(&r, 4) != 0;
            s->ops[t][i] = clap ? COUNTER_OP_CLAP : COUNTER_OP_READ;
            s->keys[t][i] = post;
            expected[post] += clap;
        }
}

static void clap_a_lot(struct team *team, unsigned number)
{
    struct shared *s = team->shared;
    uint64_t sink = 0;
    void *handles;

    if (posts_attach(&s->posts, &handles) != 0) {
        s->failed[number] = STEPS;
        return;
    }
    for (int i = 0; i < STEPS; i += STEPS / 8)
        s->failed[number] += s->posts.ops->loops.posts(s->posts.counters, handles,
                                                       &s->ops[number][i], &s->keys[number][i],
                                                       STEPS / 8, &sink);
    posts_detach(&s->posts, handles);
}

/* Each post, not only their sum: a clap for the wrong post is as lost as any. */
static void every_post_gets_its_claps(void **state)
{
    struct shared *s = calloc(1, sizeof *s);
    uint64_t expected[POSTS] = { 0 };
    struct team team = { .body = clap_a_lot, .shared = s };

    assert_non_null(s);
    draw(s, expected);
    assert_int_equal(posts_create(&s->posts, *state, POSTS, THREADS, &generous), 0);
    team_run(&team, THREADS, 0);
    for (int t = 0; t < THREADS; t++)
        assert_int_equal(s->failed[t], 0);
    for (uint64_t i = 0; i < POSTS; i++) {
        int64_t sum = -1;
        assert_int_equal(posts_sum(&s->posts, i, &sum), 0);
        assert_int_equal(sum, expected[i]);
    }
    assert_int_equal(posts_destroy(&s->posts), 0);
    free(s);
}

/* Reads go into the sink, and find what the thread itself has added. */
static void reads_are_those_of_the_post(void **state)
{
    static const uint8_t ops[] = { COUNTER_OP_CLAP, COUNTER_OP_CLAP, COUNTER_OP_READ,
                                   COUNTER_OP_CLAP, COUNTER_OP_READ, COUNTER_OP_READ };
    static const uint64_t posts[] = { 2, 2, 2, 0, 0, 1 };
    struct posts p;
    uint64_t sink = 100;
    void *handles;

    if (((const struct counter_ops *)*state)->traits->unit.staleness_ns)
        skip(); /* a read need not see yet what the thread has added */
    assert_int_equal(posts_create(&p, *state, 3, 1, &generous), 0);
    assert_int_equal(posts_attach(&p, &handles), 0);
    assert_int_equal(p.ops->loops.posts(p.counters, handles, ops, posts, 6, &sink), 0);
    assert_int_equal(sink, 103);
    assert_int_equal(p.ops->read(posts_counter(&p, 2), posts_handle(&p, handles, 2)), 2);
    assert_int_equal(p.ops->loops.claps(p.counters, handles, posts, 4), 0);
    assert_int_equal(p.ops->read(posts_counter(&p, 2), posts_handle(&p, handles, 2)), 5);
    assert_int_equal(p.ops->read(posts_counter(&p, 0), posts_handle(&p, handles, 0)), 2);
    posts_detach(&p, handles);
    assert_int_equal(posts_destroy(&p), 0);
}

/* Within 10 % of what the traits say, for posts and for handles. */
static void bytes_are_those_of_the_traits(void **state)
{
    const struct counter_ops *ops = *state;
    struct posts p;
    void *handles;

    assert_int_equal(posts_create(&p, ops, 100, 1, &generous), 0);
    double idle = 100 * ((double)ops->traits->bytes +
                         (double)ops->traits->bytes_per_cpu * (double)contend_cpus_possible());
    double busy = idle + 100 * (double)ops->traits->bytes_per_thread;
    assert_true((double)posts_bytes(&p) >= 0.9 * idle && (double)posts_bytes(&p) <= 1.1 * idle);
    assert_int_equal(posts_attach(&p, &handles), 0);
    assert_true((double)posts_bytes(&p) >= 0.9 * busy && (double)posts_bytes(&p) <= 1.1 * busy);
    posts_detach(&p, handles);
    assert_int_equal(posts_destroy(&p), 0);
}

static void refuses_too_much_memory(void **state)
{
    const struct counter_ops *ops = *state;
    size_t handle = ops->traits->bytes_per_thread > ops->handle_size ? ops->traits->bytes_per_thread
                                                                      : ops->handle_size;
    struct posts_request limits = { .bytes = 1000 * (ops->traits->bytes + 2 * handle) };
    struct posts p;

    assert_int_equal(posts_create(&p, ops, 1001, 2, &limits), -E2BIG);
    assert_non_null(strstr(p.why, "1001 posts"));
    assert_int_equal(posts_create(&p, ops, 1000, 3, &limits), -E2BIG);
    /* A thread for each takes too long to make, and they keep the processors busy meanwhile. */
    limits.setup_ns = ops->traits->id.flags & CONTEND_RUNS_THREAD ? 1000000 : 0;
    int error = posts_create(&p, ops, 1000, 2, &limits);
    if (error == 0)
        assert_int_equal(posts_destroy(&p), 0);
    else
        assert_true(error == -ETIME && ops->traits->id.flags & CONTEND_RUNS_THREAD);
    assert_int_equal(posts_create(&p, ops, UINT64_C(1) << 60, 1, NULL), -E2BIG);
    assert_non_null(strstr(p.why, "available"));
}

/* A nanosecond is too short for anything: refused while making, and while attaching. */
static void refuses_a_long_set_up(void **state)
{
    const struct counter_ops *ops = *state;
    struct posts_request limits = { .bytes = UINT64_MAX, .setup_ns = 1 };
    uint64_t few = ops->traits->id.flags & CONTEND_RUNS_THREAD ? 80 : 500;
    char attaching[64];
    struct posts p;
    void *handles, *before;

    snprintf(attaching, sizeof attaching, "attaching to %d posts", (int)few);
    assert_int_equal(posts_create(&p, ops, 5000, 1, &limits), -ETIME);
    assert_non_null(strstr(p.why, "making 5000 posts"));
    assert_int_equal(posts_create(&p, ops, few, 2, &generous), 0);
    assert_int_equal(posts_attach(&p, &before), 0);
    p.setup_ns = 1;
    assert_int_equal(posts_attach(&p, &handles), -ETIME);
    assert_non_null(strstr(p.why, attaching));
    assert_null(handles);
    p.setup_ns = UINT64_MAX; /* a thread that comes later need not try */
    assert_int_equal(posts_attach(&p, &handles), -ETIME);
    assert_int_equal(posts_destroy(&p), -EBUSY);
    posts_detach(&p, before);
    assert_int_equal(posts_destroy(&p), 0);
}

int main(void)
{
    static const struct check checks[] = {
        { "every post gets its claps", every_post_gets_its_claps },
        { "reads are those of the post", reads_are_those_of_the_post },
        { "bytes are those of the traits", bytes_are_those_of_the_traits },
        { "refuses too much memory", refuses_too_much_memory },
        { "refuses a long set-up", refuses_a_long_set_up },
    };

    return support_run_counters("posts", checks, sizeof checks / sizeof *checks, CONTEND_EXHIBIT);
}
