/*
 * thread_number.c - threads that come and go: no two share a number, and numbers stay small.
 */
#include <pthread.h>
#include <stdlib.h>

#include "locks/parts/thread_number.h"
#include "tests/support/support.h"

struct hall {
    struct thread_numbers numbers;
    unsigned limit;
    int64_t slots[THREAD_NUMBERS_MAX]; /* plain: a number's owner alone may touch its slot */
    _Atomic int64_t visits, turned_away, wrong;
    _Atomic int greatest;
};

static void note_greatest(struct hall *h, int number)
{
    int most = atomic_load(&h->greatest);

    while (number > most && !atomic_compare_exchange_weak(&h->greatest, &most, number))
        ;
}

static void come_and_go(struct team *team, unsigned thread)
{
    struct hall *h = team->shared;

    (void)thread;
    while (!team_stopped(team)) {
        int number = thread_numbers_enter(&h->numbers, h->limit);
        if (number < 0) {
            atomic_fetch_add(&h->turned_away, 1);
            continue;
        }
        note_greatest(h, number);
        if (++h->slots[number] % 2 == 0) /* another thread is in our slot */
            atomic_fetch_add(&h->wrong, 1);
        for (volatile int i = 0; i < 20; i++)
            ;
        ++h->slots[number];
        atomic_fetch_add(&h->visits, 1);
        thread_numbers_leave(&h->numbers, number);
    }
}

static void visit(struct hall *h, unsigned threads, unsigned limit)
{
    struct team team = { .body = come_and_go, .shared = h };

    *h = (struct hall){ .limit = limit };
    thread_numbers_init(&h->numbers);
    team_run(&team, threads, support_ms(100));
    assert_int_equal(atomic_load(&h->wrong), 0);
    assert_true(atomic_load(&h->visits) > 0);
    assert_int_equal(thread_numbers_count(&h->numbers), 0);
    assert_true((unsigned)atomic_load(&h->greatest) < limit);
    for (unsigned i = 0; i < THREAD_NUMBERS_MAX; i++)
        assert_true(h->slots[i] % 2 == 0);
}

static struct hall hall;

/* More numbers than threads: none is refused, and the numbers stay near that of threads. */
static void numbers_have_one_owner(void **state)
{
    (void)state;
    visit(&hall, 4, 1000);
    assert_int_equal(atomic_load(&hall.turned_away), 0);
    assert_true(atomic_load(&hall.greatest) < 16);
}

/* Fewer numbers than threads, and a limit inside a word. */
static void full_is_said(void **state)
{
    (void)state;
    visit(&hall, 6, 3);
}

/* While no thread leaves, the numbers are 0, 1, 2 ...; one that was given back comes first. */
static void numbers_are_dense(void **state)
{
    static struct thread_numbers numbers;

    (void)state;
    thread_numbers_init(&numbers);
    for (int i = 0; i < 130; i++)
        assert_int_equal(thread_numbers_enter(&numbers, 130), i);
    assert_int_equal(thread_numbers_enter(&numbers, 130), -EAGAIN);
    assert_int_equal(thread_numbers_count(&numbers), 130);
    thread_numbers_leave(&numbers, 129);
    thread_numbers_leave(&numbers, 64);
    thread_numbers_leave(&numbers, 5);
    assert_int_equal(thread_numbers_count(&numbers), 127);
    assert_int_equal(thread_numbers_enter(&numbers, 130), 5);
    assert_int_equal(thread_numbers_enter(&numbers, 130), 64);
    assert_int_equal(thread_numbers_enter(&numbers, 129), -EAGAIN);
    assert_int_equal(thread_numbers_enter(&numbers, THREAD_NUMBERS_MAX), 129);
    for (int i = 130; i < THREAD_NUMBERS_MAX; i++)
        assert_int_equal(thread_numbers_enter(&numbers, THREAD_NUMBERS_MAX), i);
    assert_int_equal(thread_numbers_enter(&numbers, THREAD_NUMBERS_MAX), -EAGAIN);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(numbers_have_one_owner),
        cmocka_unit_test(full_is_said),
        cmocka_unit_test(numbers_are_dense),
    };

    return cmocka_run_group_tests_name("thread numbers", cases, NULL, NULL) != 0;
}
