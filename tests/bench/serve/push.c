/*
 * push.c - every way to fan out is held to its contract, by one thread and among several.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "bench/serve/push/push.h"

enum { SLOTS = 16, EVENTS = 60000, READERS = 3 };

struct made {
    const struct push_ops *ops;
    void *push;
    void *handles[READERS];
};

static struct made make(const struct push_ops *ops, uint64_t slots)
{
    const struct push_config config = { .slots = slots, .readers = READERS };
    struct made m = { .ops = ops, .push = contend_alloc(CONTEND_CACHE_LINE, ops->size) };

    assert_non_null(m.push);
    assert_int_equal(ops->init(m.push, &config), 0);
    for (int i = 0; i < READERS; i++)
        m.handles[i] = contend_alloc(CONTEND_CACHE_LINE, ops->handle_size);
    return m;
}

static void discard(struct made *m)
{
    m->ops->fini(m->push);
    for (int i = 0; i < READERS; i++)
        free(m->handles[i]);
    free(m->push);
}

static void publish(const struct made *m, uint64_t n)
{
    m->ops->publish(m->push, &(struct push_event){ 3 * n, n, ~n });
}

#define EACH(OPS) \
    for (const struct push_ops *const *OPS = contend_push_registry; *OPS; OPS++)

static void a_reader_gets_each_event_once_and_in_order(void **state)
{
    struct push_event e = { 0, 0, 0 };
    uint64_t lost = 0;

    (void)state;
    EACH(ops) {
        struct made m = make(*ops, SLOTS);
        publish(&m, 99); /* before the reader came: not for it */
        assert_int_equal(m.ops->attach(m.push, m.handles[0]), 0);
        assert_int_equal(m.ops->read(m.push, m.handles[0], &e, &lost), 0);
        for (int round = 0; round < 3; round++) {
            for (uint64_t n = 0; n < SLOTS; n++)
                publish(&m, n);
            for (uint64_t n = 0; n < SLOTS; n++) {
                assert_int_equal(m.ops->read(m.push, m.handles[0], &e, &lost), 1);
                assert_true(e.kind == 3 * n && e.key == n && e.at_ns == ~n);
            }
            assert_int_equal(m.ops->read(m.push, m.handles[0], &e, &lost), 0);
        }
        assert_int_equal(lost, 0);
        m.ops->detach(m.push, m.handles[0]);
        discard(&m);
    }
}

static void a_slow_reader_is_told_what_it_missed_and_delays_nobody(void **state)
{
    enum { ALL = 3 * SLOTS + 5 };
    struct push_event e = { 0, 0, 0 };

    (void)state;
    EACH(ops) {
        struct made m = make(*ops, SLOTS);
        uint64_t slow = 0, quick = 0, got = 0;
        size_t bytes = m.ops->bytes(m.push);
        assert_int_equal(m.ops->attach(m.push, m.handles[0]), 0);
        assert_int_equal(m.ops->attach(m.push, m.handles[1]), 0);
        for (uint64_t n = 0; n < ALL; n++) {
            publish(&m, n);
            assert_int_equal(m.ops->read(m.push, m.handles[1], &e, &quick), 1);
            assert_int_equal(e.key, n);
        }
        assert_int_equal(m.ops->read(m.push, m.handles[0], &e, &slow), 1);
        assert_int_equal(e.key, m.ops->traits->keeps_oldest ? 0 : ALL - SLOTS);
        for (got = 1; m.ops->read(m.push, m.handles[0], &e, &slow); got++)
            ;
        assert_int_equal(got, SLOTS);
        assert_int_equal(slow, ALL - SLOTS);
        assert_int_equal(quick, 0);
        publish(&m, ALL); /* it goes on from there */
        assert_int_equal(m.ops->read(m.push, m.handles[0], &e, &slow), 1);
        assert_true(e.key == ALL && slow == ALL - SLOTS);
        assert_int_equal(m.ops->bytes(m.push), bytes);
        m.ops->detach(m.push, m.handles[0]);
        m.ops->detach(m.push, m.handles[1]);
        discard(&m);
    }
}

static void sizes_and_readers_have_bounds(void **state)
{
    static const uint64_t wrong[] = { 0, 3, 24, UINT64_C(1) << 33 };

    (void)state;
    EACH(ops) {
        struct made m = make(*ops, 1);
        void *push = contend_alloc(CONTEND_CACHE_LINE, (*ops)->size);
        void *extra = contend_alloc(CONTEND_CACHE_LINE, (*ops)->handle_size);
        struct push_event e = { 0, 0, 0 };
        uint64_t lost = 0;
        for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
            const struct push_config config = { .slots = wrong[i], .readers = 1 };
            assert_int_equal((*ops)->init(push, &config), -EINVAL);
        }
        for (int i = 0; i < READERS; i++)
            assert_int_equal(m.ops->attach(m.push, m.handles[i]), 0);
        assert_int_equal(m.ops->attach(m.push, extra), m.ops->traits->each ? -EAGAIN : 0);
        if (!m.ops->traits->each)
            m.ops->detach(m.push, extra);
        publish(&m, 5);
        m.ops->detach(m.push, m.handles[1]); /* with an event that nobody took */
        assert_int_equal(m.ops->attach(m.push, m.handles[1]), 0);
        assert_int_equal(m.ops->read(m.push, m.handles[1], &e, &lost), 0);
        publish(&m, 6);
        assert_int_equal(m.ops->read(m.push, m.handles[1], &e, &lost), 1);
        assert_true(e.key == 6 && lost == 0);
        for (int i = 0; i < READERS; i++)
            m.ops->detach(m.push, m.handles[i]);
        discard(&m);
        free(extra);
        free(push);
    }
}

struct reading {
    const struct made *made;
    int number;
    uint64_t got, lost, wrong;
};

/* Takes all there is, until the last event: in order, and each whole. */
static void *read_all(void *arg)
{
    struct reading *r = arg;
    const struct made *m = r->made;
    struct push_event e = { .key = 0 };

    while (r->got + r->lost < EVENTS) {
        if (m->ops->read(m->push, m->handles[r->number], &e, &r->lost)) {
            r->wrong += e.key != r->got + r->lost || e.kind != 3 * e.key || e.at_ns != ~e.key;
            r->got++;
        } else {
            sched_yield();
        }
    }
    return NULL;
}

static void beside_a_writer_no_event_is_torn_or_lost_in_silence(void **state)
{
    (void)state;
    EACH(ops) {
        struct reading readings[READERS];
        pthread_t threads[READERS];
#ifdef __SANITIZE_THREAD__
        if ((*ops)->traits->id.flags & CONTEND_TSAN_UNSOUND)
            continue;
#endif
        struct made m = make(*ops, SLOTS);
        memset(readings, 0, sizeof readings);
        for (int i = 0; i < READERS; i++) {
            readings[i].made = &m;
            readings[i].number = i;
            assert_int_equal(m.ops->attach(m.push, m.handles[i]), 0);
            assert_int_equal(pthread_create(&threads[i], NULL, read_all, &readings[i]), 0);
        }
        for (uint64_t n = 0; n < EVENTS; n++) {
            publish(&m, n);
            if (n % 64 == 0)
                sched_yield();
        }
        for (int i = 0; i < READERS; i++) {
            pthread_join(threads[i], NULL);
            assert_int_equal(readings[i].wrong, 0);
            assert_int_equal(readings[i].got + readings[i].lost, EVENTS);
            m.ops->detach(m.push, m.handles[i]);
        }
        discard(&m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reader_gets_each_event_once_and_in_order),
        cmocka_unit_test(a_slow_reader_is_told_what_it_missed_and_delays_nobody),
        cmocka_unit_test(sizes_and_readers_have_bounds),
        cmocka_unit_test(beside_a_writer_no_event_is_torn_or_lost_in_silence),
    };

    return cmocka_run_group_tests_name("push", tests, NULL, NULL);
}
