/*
 * crew.c - crews of workers: what each does in a phase, when it begins and ends, and
 * what is left when a thread cannot be made.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <semaphore.h>

#include "bench/engine/crew.h"
#include "tests/support/failing_heap.h"
#include "tests/support/failing_threads.h"

enum { READERS, WRITERS, SWEEPER, HOGS, MOST = 16 };

/* What the workers of a test share. */
struct notes {
    struct {
        unsigned visits, role, rank, cpus;
        bool in_place;
        uint64_t start_ns, deadline_ns, first_ns, last_ns;
    } of[MOST];
    cpu_set_t allowed;
    _Atomic unsigned sum;
};

static cpu_set_t allowed_cpus(void)
{
    cpu_set_t set;

    assert_int_equal(sched_getaffinity(0, sizeof set, &set), 0);
    return set;
}

static struct crew_plan plan_of(struct notes *notes)
{
    struct crew_plan plan = {
        .roles = {
            [READERS] = { .count = 3 },
            [WRITERS] = { .count = 2, .cpu = 3 },
            [SWEEPER] = { .count = 1, .cpu = CREW_ANYWHERE, .beside = true },
        },
        .allowed = allowed_cpus(),
        .shared = notes,
    };

    notes->allowed = plan.allowed;
    return plan;
}

static struct crew *made(const struct crew_plan *plan)
{
    struct crew *c;

    assert_int_equal(crew_make(&c, plan), 0);
    return c;
}

/* The processor that a worker of a role should be on: the index-th of those allowed. */
static bool stands_on(const cpu_set_t *allowed, unsigned index)
{
    cpu_set_t mine;

    index %= (unsigned)CPU_COUNT(allowed);
    sched_getaffinity(0, sizeof mine, &mine);
    for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, allowed) && index-- == 0)
            return CPU_COUNT(&mine) == 1 && CPU_ISSET(cpu, &mine);
    return false;
}

static int note(struct crew_worker *me)
{
    struct notes *n = me->shared;
    cpu_set_t mine;

    n->of[me->number].visits++;
    n->of[me->number].role = me->role;
    n->of[me->number].rank = me->rank;
    n->of[me->number].in_place = me->role == SWEEPER
        ? sched_getaffinity(0, sizeof mine, &mine) == 0 && CPU_EQUAL(&mine, &n->allowed)
        : stands_on(&n->allowed, (me->role == WRITERS ? 3 : 0) + me->rank);
    return 0;
}

static void workers_have_numbers_and_places(void **state)
{
    static const unsigned roles[] = { READERS, READERS, READERS, WRITERS, WRITERS, SWEEPER };
    static const unsigned ranks[] = { 0, 1, 2, 0, 1, 0 };
    struct notes n = { .of = { { 0 } } };
    struct crew_plan plan = plan_of(&n);
    struct crew_phase phase = { .work = { note, note, note } };
    struct crew *c = made(&plan);

    (void)state;
    assert_int_equal(crew_size(c), 6);
    assert_int_equal(crew_perform(c, &phase, NULL), 0);
    for (unsigned i = 0; i < 6; i++) {
        assert_int_equal(n.of[i].visits, 1);
        assert_int_equal(n.of[i].role, roles[i]);
        assert_int_equal(n.of[i].rank, ranks[i]);
        assert_true(n.of[i].in_place);
        assert_int_equal(crew_worker_at(c, i)->number, i);
    }
    crew_end(c);
}

/* A leader that is pinned itself passes that on to no worker. */
static void a_pinned_leader_pins_nobody(void **state)
{
    struct notes n = { .of = { { 0 } } };
    struct crew_plan plan = plan_of(&n);
    struct crew_phase phase = { .work = { note, note, note } };

    (void)state;
    contend_pin_thread(&plan.allowed, 0);
    struct crew *c = made(&plan);
    crew_perform(c, &phase, NULL);
    crew_end(c);
    sched_setaffinity(0, sizeof plan.allowed, &plan.allowed);
    for (unsigned i = 0; i < 6; i++)
        assert_true(n.of[i].in_place);
}

static int add_own_number(struct crew_worker *me)
{
    struct notes *n = me->shared;
    unsigned *own = me->self;

    *own += me->rank + 1;
    atomic_fetch_add(&n->sum, 100 * me->role + me->rank);
    return 0;
}

/* Phases follow each other many times; each sees what the last one left. */
static void roles_without_a_function_rest(void **state)
{
    struct notes n = { .of = { { 0 } } };
    struct crew_plan plan = plan_of(&n);
    struct crew_phase writers = { .work = { [WRITERS] = add_own_number } };
    struct crew_phase two_readers = { .work = { add_own_number, add_own_number }, .most = 2 };
    struct crew *c = made(&plan);
    unsigned own[6] = { 0 };

    (void)state;
    for (unsigned i = 0; i < 6; i++)
        crew_worker_at(c, i)->self = &own[i];
    for (unsigned i = 1; i <= 500; i++) {
        assert_int_equal(crew_perform(c, &writers, NULL), 0);
        assert_int_equal(atomic_load(&n.sum), 202 * i - 1);
        assert_int_equal(crew_perform(c, &two_readers, NULL), 0);
        assert_int_equal(atomic_load(&n.sum), 202 * i);
    }
    crew_end(c);
    for (unsigned i = 0; i < 6; i++)
        assert_int_equal(own[i], ((unsigned[]){ 500, 1000, 0, 500, 1000, 0 })[i]);
}

/* An operation that takes no time, until the deadline. */
static int work_until_deadline(struct crew_worker *me)
{
    struct notes *n = me->shared;
    uint64_t now = crew_await_start(me);

    for (; crew_goes_on(me, now); now = contend_clock_ns())
        me->stint.ops++;
    me->stint.last_ns = now;
    n->of[me->number].start_ns = me->start_ns;
    n->of[me->number].deadline_ns = me->deadline_ns;
    n->of[me->number].first_ns = me->stint.first_ns;
    n->of[me->number].last_ns = now;
    return 0;
}

static void all_share_a_start_and_a_deadline(void **state)
{
    struct notes n = { .of = { { 0 } } };
    struct crew_plan plan = plan_of(&n);
    struct crew_phase phase = {
        .work = { work_until_deadline, work_until_deadline }, .length_ns = 3000000,
    };
    struct crew *c = made(&plan);

    (void)state;
    assert_int_equal(crew_perform(c, &phase, NULL), 0);
    for (unsigned i = 0; i < 5; i++) {
        assert_int_equal(n.of[i].start_ns, crew_start_ns(c));
        assert_int_equal(n.of[i].deadline_ns, crew_start_ns(c) + 3000000);
        assert_true(n.of[i].first_ns >= n.of[i].start_ns);
        assert_true(n.of[i].last_ns >= n.of[i].deadline_ns);
    }
    crew_end(c);
}

/* Starts and stops by a plan: workers at 0 % and 30 %, until 100 % and 120 %. */
static int stamp_as_planned(struct crew_worker *me)
{
    uint64_t length = me->deadline_ns - me->start_ns;

    me->stint.first_ns = me->start_ns + me->rank * length * 3 / 10;
    me->stint.last_ns = me->deadline_ns + me->rank * length * 2 / 10;
    me->stint.ops = 1;
    return 0;
}

static int stamp_far_out(struct crew_worker *me)
{
    me->stint.first_ns = 1;
    me->stint.last_ns = me->deadline_ns * 2;
    return 0;
}

/* Skew and overrun are those of the workers; neither a sweeper's nor a hog's. */
static void covariates_are_those_of_the_workers(void **state)
{
    struct notes n = { .of = { { 0 } } };
    struct crew_plan plan = {
        .roles = {
            [READERS] = { .count = 2 },
            [SWEEPER] = { .count = 1, .cpu = CREW_ANYWHERE, .beside = true },
            [HOGS] = { .count = 9, .beside = true },
        },
        .allowed = allowed_cpus(),
        .shared = &n,
    };
    struct crew_phase phase = {
        .work = { [READERS] = stamp_as_planned, [SWEEPER] = stamp_far_out, [HOGS] = stamp_far_out },
        .length_ns = 2000000,
        .measured = true,
    };
    struct covariates out = { .line_ns = 7, .placement = PLACEMENT_FAR };
    struct crew *c = made(&plan);

    (void)state;
    assert_int_equal(crew_perform(c, &phase, &out), 0);
    assert_true(fabs(out.start_skew - 0.3) < 1e-6);
    assert_true(fabs(out.overrun - 0.2) < 1e-6);
    assert_true(isnan(out.run_delay) || out.run_delay >= 0);
    assert_true(isnan(out.steal) || (out.steal >= 0 && out.steal <= 1));
    assert_true(out.line_ns == 7 && out.placement == PLACEMENT_FAR); /* not the crew's */

    /* Those that rest in a phase leave nothing of the last one. */
    phase.most = 1;
    assert_int_equal(crew_perform(c, &phase, &out), 0);
    assert_true(out.start_skew == 0 && out.overrun == 0);
    assert_int_equal(crew_worker_at(c, 1)->stint.ops, 0);
    crew_end(c);
}

/* Busy for a while of its own processor time, however long that takes. */
static void burn(uint64_t ns)
{
    struct timespec t;
    uint64_t begin = 0, now;

    do {
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
        now = (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
        begin = begin ? begin : now;
    } while (now - begin < ns);
}

enum { BURN_NS = 60000000 };

static int burn_a_while(struct crew_worker *me)
{
    (void)me;
    burn(BURN_NS);
    return 0;
}

/* Stands for an object that has a thread of its own, and works in it. */
struct object {
    sem_t begin, end;
};

static void *burn_outside(void *arg)
{
    struct object *o = arg;

    sem_wait(&o->begin);
    burn(BURN_NS);
    sem_post(&o->end);
    return NULL;
}

static int have_it_burnt(struct crew_worker *me)
{
    struct object *o = me->shared;

    sem_post(&o->begin);
    sem_wait(&o->end);
    return 0;
}

/* The kernel may be late by a tick with threads that are running: the bounds are wide. */
static void processor_time_outside_of_the_crew_is_told_apart(void **state)
{
    struct object object;
    struct crew_plan plan = {
        .roles = { { .count = 1 }, { .count = 2 } }, .allowed = allowed_cpus(), .shared = &object,
    };
    struct crew_phase outside = { .work = { have_it_burnt }, .measured = true };
    struct crew_phase inside = { .work = { burn_a_while, burn_a_while }, .measured = true };
    struct covariates unused = { 0 };
    pthread_t thread;

    (void)state;
    sem_init(&object.begin, 0, 0);
    sem_init(&object.end, 0, 0);
    assert_int_equal(pthread_create(&thread, NULL, burn_outside, &object), 0);
    struct crew *c = made(&plan);
    assert_int_equal(crew_perform(c, &outside, &unused), 0);
    assert_in_range(crew_outside_cpu_ns(c), BURN_NS - BURN_NS / 4, 2 * BURN_NS);
    assert_in_range(crew_worker_at(c, 0)->stint.cpu_ns, 1, BURN_NS / 2);
    assert_int_equal(crew_start(c, &inside), 0);
    burn(BURN_NS); /* the leader's own */
    assert_int_equal(crew_finish(c, &unused), 0);
    assert_in_range(crew_outside_cpu_ns(c), 0, BURN_NS / 2);
    for (unsigned i = 0; i < 3; i++)
        assert_in_range(crew_worker_at(c, i)->stint.cpu_ns, BURN_NS, 2 * BURN_NS);
    crew_end(c);
    pthread_join(thread, NULL);
    sem_destroy(&object.begin);
    sem_destroy(&object.end);
}

static int fail_by_number(struct crew_worker *me)
{
    return me->number < 2 ? 0 : -(int)me->number;
}

/* All get through the phase; then the error of the first is told, and the crew is as good as new. */
static void an_error_ends_the_phase_only(void **state)
{
    struct notes n = { .of = { { 0 } } };
    struct crew_plan plan = plan_of(&n);
    struct crew_phase bad = { .work = { fail_by_number, fail_by_number, fail_by_number } };
    struct crew_phase good = { .work = { note, note, note } };
    struct crew *c = made(&plan);

    (void)state;
    assert_int_equal(crew_perform(c, &bad, NULL), -2);
    assert_int_equal(crew_perform(c, &good, NULL), 0);
    for (unsigned i = 0; i < 6; i++)
        assert_int_equal(n.of[i].visits, 1);
    crew_end(c);
}

static void a_thread_that_cannot_be_made_ends_all(void **state)
{
    struct notes n = { .of = { { 0 } } };
    struct crew_plan plan = plan_of(&n);
    unsigned before = threads_counted();
    struct crew *c = (struct crew *)&n;

    (void)state;
    for (int k = 0; k < 6; k++) {
        threads_fail_after(k);
        assert_int_equal(crew_make(&c, &plan), -EAGAIN);
        threads_fail_after(-1);
        assert_null(c);
        threads_come_to(before);
    }
}

static void a_crew_without_memory_is_none(void **state)
{
    struct notes n = { .of = { { 0 } } };
    struct crew_plan plan = plan_of(&n);
    unsigned failures = 0;
    struct crew *c;

    (void)state;
    for (heap_fails_after(0); crew_make(&c, &plan) != 0; heap_fails_after((int)failures)) {
        assert_true(heap_failed());
        assert_null(c);
        failures++;
    }
    assert_false(heap_failed());
    assert_true(failures > 0);
    crew_end(c);
}

static void a_crew_without_workers_or_processors_is_none(void **state)
{
    struct notes n = { .of = { { 0 } } };
    struct crew_plan nobody = { .allowed = allowed_cpus() }, nowhere = plan_of(&n);
    unsigned before = threads_counted();
    struct crew *c;

    (void)state;
    CPU_ZERO(&nowhere.allowed);
    assert_int_equal(crew_make(&c, &nobody), -EINVAL);
    assert_int_equal(crew_make(&c, &nowhere), -EINVAL);
    threads_come_to(before);
}

/* Meets the workers of the other crew half-way, so that both must be at work at once. */
static int meet(struct crew_worker *me)
{
    pthread_barrier_t *both = me->shared;

    pthread_barrier_wait(both);
    return -(int)me->number - 1;
}

static void two_crews_work_at_once(void **state)
{
    pthread_barrier_t both;
    struct crew_plan plan = {
        .roles = { { .count = 2 } }, .allowed = allowed_cpus(), .shared = &both,
    };
    struct crew_phase phase = { .work = { meet }, .measured = true };
    struct covariates out = { 0 };

    (void)state;
    pthread_barrier_init(&both, NULL, 4);
    struct crew *one = made(&plan), *other = made(&plan);
    for (unsigned i = 0; i < 100; i++) {
        assert_int_equal(crew_start(one, &phase), 0);
        assert_int_equal(crew_start(other, &phase), 0);
        assert_int_equal(crew_start(one, &phase), -EBUSY);
        assert_int_equal(crew_finish(other, &out), -1);
        assert_int_equal(crew_finish(one, &out), -1);
    }
    crew_ask_stop(one);
    assert_false(atomic_load(crew_worker_at(other, 0)->stop));
    crew_end(one);
    phase.work[0] = fail_by_number; /* not the first two */
    assert_int_equal(crew_perform(other, &phase, &out), 0);
    crew_end(other);
    pthread_barrier_destroy(&both);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(workers_have_numbers_and_places),
        cmocka_unit_test(a_pinned_leader_pins_nobody),
        cmocka_unit_test(roles_without_a_function_rest),
        cmocka_unit_test(all_share_a_start_and_a_deadline),
        cmocka_unit_test(covariates_are_those_of_the_workers),
        cmocka_unit_test(processor_time_outside_of_the_crew_is_told_apart),
        cmocka_unit_test(an_error_ends_the_phase_only),
        cmocka_unit_test(a_thread_that_cannot_be_made_ends_all),
        cmocka_unit_test(a_crew_without_memory_is_none),
        cmocka_unit_test(a_crew_without_workers_or_processors_is_none),
        cmocka_unit_test(two_crews_work_at_once),
    };

    return cmocka_run_group_tests_name("crew", tests, NULL, NULL);
}
