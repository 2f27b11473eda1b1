/* apart.c - a call in a copy: what it returns, what it writes, how it ends, and when there is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "bench/base/apart.h"
#include "bench/base/interrupt.h"

struct note {
    pid_t process;
    int of_the_copy;
};

static int take_note(void *ctx)
{
    struct note *n = ctx;

    n->process = getpid();
    n->of_the_copy++;
    return 7;
}

static void needs_a_copy(void)
{
    if (!apart_is_alone()) {
        print_message("# skipped: a sanitizer has a thread here\n");
        skip();
    }
}

static void a_copy_answers_through_what_both_have(void **state)
{
    struct note *shared = apart_memory(sizeof *shared), own = { 0, 0 };
    char why[APART_WHY] = "";
    int result = 0;

    (void)state;
    needs_a_copy();
    assert_non_null(shared);
    assert_true(shared->process == 0 && shared->of_the_copy == 0);
    assert_int_equal(apart_call(take_note, shared, &result, why), 0);
    assert_int_equal(result, 7);
    assert_true(shared->process != 0 && shared->process != getpid() && shared->of_the_copy == 1);
    assert_int_equal(apart_call(take_note, &own, &result, why), 0);
    assert_int_equal(own.of_the_copy, 0);
    apart_free(shared, sizeof *shared);
}

static int crash(void *ctx)
{
    (void)ctx;
    raise(SIGKILL);
    return 0;
}

static void a_crash_is_said(void **state)
{
    char why[APART_WHY] = "";
    int result = 0;

    (void)state;
    needs_a_copy();
    assert_int_equal(apart_call(crash, NULL, &result, why), -ECHILD);
    assert_non_null(strstr(why, "signal 9"));
}

/* Asks its parent for what a terminal would do, and waits until it is passed on. */
static int wait_for_the_interrupt(void *ctx)
{
    enum { PATIENCE = 100 };

    (void)ctx;
    kill(getppid(), SIGINT);
    for (int i = 0; i < PATIENCE && !interrupt_came(); i++)
        usleep(100000);
    return interrupt_came() ? 3 : 4;
}

static void an_interrupt_is_passed_on(void **state)
{
    char why[APART_WHY] = "";
    int result = 0;

    (void)state;
    needs_a_copy();
    interrupt_catch();
    assert_int_equal(apart_call(wait_for_the_interrupt, NULL, &result, why), 0);
    interrupt_release();
    assert_int_equal(result, 3);
}

static void *rest(void *ctx)
{
    pthread_mutex_t *until = ctx;

    pthread_mutex_lock(until);
    pthread_mutex_unlock(until);
    return NULL;
}

static void beside_a_thread_there_is_none(void **state)
{
    pthread_mutex_t until = PTHREAD_MUTEX_INITIALIZER;
    struct note own = { 0, 0 };
    char why[APART_WHY] = "";
    pthread_t thread;
    int result = 0;

    (void)state;
    pthread_mutex_lock(&until);
    assert_int_equal(pthread_create(&thread, NULL, rest, &until), 0);
    assert_int_equal(apart_call(take_note, &own, &result, why), -EDEADLK);
    assert_true(own.of_the_copy == 0 && result == 0);
    pthread_mutex_unlock(&until);
    pthread_join(thread, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_answers_through_what_both_have),
        cmocka_unit_test(a_crash_is_said),
        cmocka_unit_test(an_interrupt_is_passed_on),
        cmocka_unit_test(beside_a_thread_there_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
