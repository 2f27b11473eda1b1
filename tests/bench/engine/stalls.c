/*
 * stalls.c - a crew whose leader interferes: workers that are parked at any instruction,
 * requests to stop, and schedules that the workers wait for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>

#include "bench/engine/crew.h"

enum { WORKERS = 3 };

/* Longer than any test: it ends by being released. */
static const uint64_t forever_ns = UINT64_MAX;

/* What the workers share: how far each has come, and a lock. */
struct shared {
    _Atomic uint64_t turns[WORKERS];
    uint64_t worst_ns[WORKERS];
    _Atomic bool held, let_go;
};

static struct crew *made(struct shared *s)
{
    struct crew_plan plan = { .roles = { { .count = WORKERS } }, .shared = s };
    struct crew *c;

    assert_int_equal(sched_getaffinity(0, sizeof plan.allowed, &plan.allowed), 0);
    assert_int_equal(crew_make(&c, &plan), 0);
    return c;
}

/* A service: until it is asked to stop. */
static int turn(struct crew_worker *me)
{
    struct shared *s = me->shared;

    while (crew_goes_on(me, contend_clock_ns())) {
        atomic_fetch_add(&s->turns[me->number], 1);
        sched_yield();
    }
    return 0;
}

static const struct crew_phase turning = { .work = { turn } };

static int return_at_once(struct crew_worker *me)
{
    (void)me;
    return 0;
}

static const struct crew_phase returning = { .work = { return_at_once } };

/* Waits until a worker has come further than it was. */
static void await_progress(struct shared *s, unsigned worker)
{
    uint64_t before = atomic_load(&s->turns[worker]);

    while (atomic_load(&s->turns[worker]) < before + 3)
        sched_yield();
}

static void a_service_goes_on_until_it_is_asked_to_stop(void **state)
{
    struct shared s = { .held = false };
    struct crew *c = made(&s);

    (void)state;
    for (unsigned i = 0; i < 20; i++) {
        assert_int_equal(crew_start(c, &turning), 0);
        for (unsigned w = 0; w < WORKERS; w++)
            await_progress(&s, w);
        crew_ask_stop(c);
        assert_int_equal(crew_finish(c, NULL), 0);
        uint64_t reached = atomic_load(&s.turns[0]);
        /* The request holds for the next phase, too. */
        assert_int_equal(crew_perform(c, &turning, NULL), 0);
        assert_int_equal(atomic_load(&s.turns[0]), reached);
        crew_take_back_stop(c);
    }
    crew_end(c);
}

static void the_end_ends_a_phase(void **state)
{
    struct shared s = { .held = false };

    (void)state;
    for (unsigned parked = 0; parked < 2; parked++) {
        struct crew *c = made(&s);
        crew_start(c, &turning);
        await_progress(&s, 0);
        if (parked)
            assert_int_equal(crew_park(c, 0, forever_ns), 0);
        crew_end(c);
    }
}

static void an_interrupt_stops_every_crew(void **state)
{
    struct shared s = { .held = false };
    struct crew *one = made(&s), *other = made(&s);

    (void)state;
    interrupt_catch();
    crew_start(one, &turning);
    crew_start(other, &turning);
    raise(SIGINT);
    assert_int_equal(crew_finish(one, NULL), 0);
    assert_int_equal(crew_finish(other, NULL), 0);
    interrupt_release();
    interrupt_catch(); /* forgets it */
    interrupt_release();
    crew_end(one);
    crew_end(other);
}

static _Atomic unsigned own_interrupts;

static void own_handler(int signal)
{
    (void)signal;
    atomic_fetch_add(&own_interrupts, 1);
}

/* However often it is caught, and released, the program's own handler comes back. */
static void a_handler_outlives_two_catches(void **state)
{
    const int signals[] = { SIGINT, SIGTERM };
    struct sigaction before, mine = { .sa_handler = own_handler };

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        sigaction(signals[i], &mine, &before);
        interrupt_catch();
        interrupt_catch();
        raise(signals[i]);
        assert_true(interrupt_came());
        interrupt_catch();
        assert_false(interrupt_came());
        assert_int_equal(atomic_load(&own_interrupts), i);
        interrupt_release();
        interrupt_release();
        raise(signals[i]);
        assert_int_equal(atomic_load(&own_interrupts), i + 1);
        assert_false(interrupt_came());
        sigaction(signals[i], &before, NULL);
    }
}

static void a_parked_worker_stands_still_and_the_others_go_on(void **state)
{
    struct shared s = { .held = false };
    struct crew *c = made(&s);

    (void)state;
    crew_start(c, &turning);
    for (unsigned i = 0; i < 50; i++) {
        await_progress(&s, 1);
        assert_int_equal(crew_park(c, 1, forever_ns), 0);
        assert_int_equal(crew_park(c, 1, forever_ns), -EBUSY);
        uint64_t reached = atomic_load(&s.turns[1]);
        await_progress(&s, 0);
        await_progress(&s, 2);
        assert_int_equal(atomic_load(&s.turns[1]), reached);
        crew_release(c, 1);
        await_progress(&s, 1);
    }
    crew_ask_stop(c);
    crew_finish(c, NULL);
    crew_end(c);
}

static void a_parked_worker_goes_on_when_its_time_is_over(void **state)
{
    struct shared s = { .held = false };
    struct crew *c = made(&s);

    (void)state;
    crew_start(c, &turning);
    for (unsigned i = 0; i < 20; i++) {
        uint64_t before = contend_clock_ns();
        await_progress(&s, 1);
        assert_int_equal(crew_park(c, 1, 2000000), 0);
        await_progress(&s, 1);
        assert_true(contend_clock_ns() - before >= 2000000);
    }
    crew_ask_stop(c);
    crew_finish(c, NULL);
    crew_end(c);
}

/* Two of three stand still, and nothing but the end of the third can release them. */
static void the_end_of_the_others_releases_the_parked(void **state)
{
    struct shared s = { .held = false };
    struct crew *c = made(&s);

    (void)state;
    for (unsigned i = 0; i < 20; i++) {
        crew_start(c, &turning);
        await_progress(&s, 0);
        assert_int_equal(crew_park(c, 0, forever_ns), 0);
        assert_int_equal(crew_park(c, 2, forever_ns), 0);
        crew_ask_stop(c);
        assert_int_equal(crew_finish(c, NULL), 0);
        crew_take_back_stop(c);
    }
    crew_end(c);
}

/* A worker that rests or has done its part is not stopped; a late signal stops no later phase. */
static void only_a_worker_at_work_is_parked(void **state)
{
    struct shared s = { .held = false };
    struct crew *c = made(&s);
    unsigned parked = 0;

    (void)state;
    assert_int_equal(crew_park(c, 0, forever_ns), -ESRCH);
    for (unsigned i = 0; i < 500; i++) {
        crew_start(c, &returning);
        int error = crew_park(c, i % WORKERS, forever_ns);
        assert_true(error == 0 || error == -ESRCH);
        parked += error == 0;
        assert_int_equal(crew_finish(c, NULL), 0);
        assert_int_equal(crew_park(c, 0, forever_ns), -ESRCH);
    }
    print_message("# parked %u of 500 that hardly worked\n", parked);
    crew_end(c);
}

/* Worker 0 holds the lock until it is told to let go; the others do without. */
static int hold(struct crew_worker *me)
{
    struct shared *s = me->shared;

    if (me->number != 0)
        return turn(me);
    atomic_store(&s->held, true);
    while (!atomic_load(&s->let_go))
        sched_yield();
    atomic_store(&s->held, false);
    return 0;
}

static const struct crew_phase holding = { .work = { hold } };

static void a_parked_worker_keeps_what_it_holds(void **state)
{
    struct shared s = { .held = false };
    struct crew *c = made(&s);

    (void)state;
    crew_start(c, &holding);
    while (!atomic_load(&s.held))
        sched_yield();
    assert_int_equal(crew_park(c, 0, forever_ns), 0);
    atomic_store(&s.let_go, true);
    await_progress(&s, 1);
    await_progress(&s, 2);
    assert_true(atomic_load(&s.held));
    crew_release(c, 0);
    while (atomic_load(&s.held))
        sched_yield();
    crew_ask_stop(c);
    crew_finish(c, NULL);
    crew_end(c);
}

enum { GAP_NS = 300000, STALL_NS = 30000000 };

/* An operation that takes no time, at every instant of a schedule: an open loop. */
static int keep_to_schedule(struct crew_worker *me)
{
    struct shared *s = me->shared;
    uint64_t now;

    crew_await_start(me);
    for (uint64_t due = me->start_ns; due < me->deadline_ns; due += GAP_NS) {
        now = crew_await(me, due);
        if (now < due)
            break;
        if (now - due > s->worst_ns[me->number])
            s->worst_ns[me->number] = now - due;
        atomic_fetch_add(&s->turns[me->number], 1);
    }
    me->stint.last_ns = crew_await(me, UINT64_MAX); /* ends with the phase */
    return 0;
}

static const struct crew_phase scheduled = { .work = { keep_to_schedule } };

/* Latency counts from when an operation was due, so that a stall shows in all that it held up. */
static void a_schedule_shows_a_stall(void **state)
{
    struct shared s = { .held = false };
    struct crew *c = made(&s);

    (void)state;
    crew_start(c, &scheduled);
    await_progress(&s, 1);
    assert_int_equal(crew_park(c, 1, STALL_NS), 0);
    await_progress(&s, 1);
    crew_ask_stop(c);
    assert_int_equal(crew_finish(c, NULL), 0);
    assert_true(s.worst_ns[1] >= STALL_NS - GAP_NS);
    crew_end(c);
}

/* All that was due before the deadline is done, however late, and nothing else. */
static void a_schedule_ends_at_the_deadline(void **state)
{
    struct shared s = { .held = false };
    struct crew_phase phase = scheduled;
    struct crew *c = made(&s);

    (void)state;
    phase.length_ns = 2 * GAP_NS + GAP_NS / 2;
    assert_int_equal(crew_perform(c, &phase, NULL), 0);
    for (unsigned w = 0; w < WORKERS; w++) {
        assert_int_equal(atomic_load(&s.turns[w]), 3);
        assert_true(crew_worker_at(c, w)->stint.last_ns >= crew_deadline_ns(c));
    }
    crew_end(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_service_goes_on_until_it_is_asked_to_stop),
        cmocka_unit_test(the_end_ends_a_phase),
        cmocka_unit_test(an_interrupt_stops_every_crew),
        cmocka_unit_test(a_handler_outlives_two_catches),
        cmocka_unit_test(a_parked_worker_stands_still_and_the_others_go_on),
        cmocka_unit_test(a_parked_worker_goes_on_when_its_time_is_over),
        cmocka_unit_test(the_end_of_the_others_releases_the_parked),
        cmocka_unit_test(only_a_worker_at_work_is_parked),
        cmocka_unit_test(a_parked_worker_keeps_what_it_holds),
        cmocka_unit_test(a_schedule_shows_a_stall),
        cmocka_unit_test(a_schedule_ends_at_the_deadline),
    };

    return cmocka_run_group_tests_name("stalls", tests, NULL, NULL);
}
