/*
 * rseq.c - additions in restartable sequences, on real threads: what is interrupted adds nothing.
 *
 * The sequences of this program are compiled with a delay inside, so that threads that move,
 * preempt and signal each other interrupt many of them.
 */
#if defined(__x86_64__)
#define CONTEND_RSEQ_DELAY                                                                    \
    "movl $100, %%ecx\n"                                                                      \
    "6:\n\t"                                                                                  \
    "pause\n\t"                                                                               \
    "decl %%ecx\n\t"                                                                          \
    "jnz 6b\n\t"
#elif defined(__aarch64__)
#define CONTEND_RSEQ_DELAY                                                                    \
    "mov w11, #2000\n"                                                                        \
    "6:\n\t"                                                                                  \
    "subs w11, w11, #1\n\t"                                                                   \
    "b.ne 6b\n\t"
#endif

#include "locks/parts/rseq.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/support.h"

#ifdef CONTEND_RSEQ
enum { THREADS = 4, HOP_EVERY = 16, LEAST = 20, PATIENCE_S = 20, SIGNAL_PAUSE_US = 50 };

struct crossing {
    struct contend_rseq_word *words;
    uint32_t count;
    cpu_set_t allowed;
    bool armed; /* the kernel knows the areas that the threads name */
    pthread_t threads[THREADS];
    _Atomic unsigned arrived, left;
    _Atomic int64_t added, interrupted, in_handlers;
    uint64_t end;
};

static struct crossing crossing;

static void begin(bool armed)
{
    memset(&crossing, 0, sizeof crossing);
    crossing.count = contend_cpus_possible();
    crossing.words = support_alloc(crossing.count * sizeof *crossing.words);
    for (uint32_t i = 0; i < crossing.count; i++) {
        atomic_init(&crossing.words[i].own, 0);
        atomic_init(&crossing.words[i].beside, 0);
    }
    crossing.armed = armed;
    crossing.end = contend_clock_ns() + PATIENCE_S * UINT64_C(1000000000);
    assert_int_equal(sched_getaffinity(0, sizeof crossing.allowed, &crossing.allowed), 0);
}

static int64_t sum_of_words(void)
{
    int64_t sum = 0;

    for (uint32_t i = 0; i < crossing.count; i++)
        sum += atomic_load(&crossing.words[i].own);
    return sum;
}

static void end(void)
{
    free(crossing.words);
    crossing.words = NULL;
}

static void add_one(struct rseq *area)
{
    int result = contend_rseq_add(area, crossing.words, crossing.count, 1);

    if (result == 0)
        atomic_fetch_add_explicit(&crossing.added, 1, memory_order_relaxed);
    else if (result == -EAGAIN)
        atomic_fetch_add_explicit(&crossing.interrupted, 1, memory_order_relaxed);
    else
        abort();
}

/* A handler runs a sequence of its own, maybe inside that of its thread. */
static void add_in_the_handler(int number)
{
    (void)number;
    add_one(contend_rseq_area());
    atomic_fetch_add_explicit(&crossing.in_handlers, 1, memory_order_relaxed);
}

static bool seen_enough(void)
{
    if (contend_clock_ns() > crossing.end)
        return true;
    return crossing.armed ? atomic_load(&crossing.interrupted) >= LEAST &&
                                atomic_load(&crossing.in_handlers) >= LEAST
                          : sum_of_words() < atomic_load(&crossing.added) - THREADS;
}

static void disturb_the_others(void)
{
    const struct timespec pause = { 0, SIGNAL_PAUSE_US * 1000 };

    while (!seen_enough()) {
        for (unsigned i = 1; crossing.armed && i < THREADS; i++)
            pthread_kill(crossing.threads[i], SIGUSR1);
        nanosleep(&pause, NULL);
    }
}

static void cross(struct team *team, unsigned number)
{
    /* An area that the kernel has never heard of, and which always names the same processor. */
    _Alignas(32) struct rseq unknown = { 0 };
    struct rseq *area = crossing.armed ? contend_rseq_area() : &unknown;

    (void)team;
    crossing.threads[number] = pthread_self();
    atomic_fetch_add(&crossing.arrived, 1);
    while (atomic_load(&crossing.arrived) < THREADS)
        sched_yield();
    if (number == 0)
        disturb_the_others();
    for (unsigned i = 0; number != 0 && !seen_enough(); i++) {
        if (i % HOP_EVERY == 0)
            contend_pin_thread(&crossing.allowed, number + i / HOP_EVERY);
        add_one(area);
    }
    /* Nobody leaves before the last signal has been sent. */
    atomic_fetch_add(&crossing.left, 1);
    while (atomic_load(&crossing.left) < THREADS)
        sched_yield();
}

static void run_crossing(void)
{
    struct sigaction action = { .sa_handler = add_in_the_handler }, before;
    struct team team = { .body = cross };

    assert_int_equal(sigaction(SIGUSR1, &action, &before), 0);
    team_run(&team, THREADS, 0);
    assert_int_equal(sigaction(SIGUSR1, &before, NULL), 0);
}

/* Interrupted by other threads, by moves and by signals: each add counts once or not at all. */
static void loses_nothing(void **state)
{
    (void)state;
    if (!contend_rseq_area()) {
        print_message("# skipped: no restartable sequences are registered here\n");
        skip();
    }
    begin(true);
    run_crossing();
    print_message("# %lld added, %lld interrupted, %lld handlers\n", (long long)crossing.added,
                  (long long)crossing.interrupted, (long long)crossing.in_handlers);
    assert_int_equal(sum_of_words(), crossing.added);
    assert_true(crossing.interrupted >= LEAST && crossing.in_handlers >= LEAST);
    end();
}

/* The same sequences where nobody interrupts them: the test above could see a loss. */
static void loses_where_the_kernel_does_not_look(void **state)
{
    (void)state;
    begin(false);
    if (CPU_COUNT(&crossing.allowed) < 2) {
        print_message("# skipped: one processor does not disturb itself\n");
        end();
        skip();
    }
    run_crossing();
    bool lost = sum_of_words() < crossing.added;
    end();
    if (!lost && getenv("CONTEND_SANITIZED")) {
        print_message("# skipped: nothing was disturbed, as with a sanitizer on a busy machine\n");
        skip();
    }
    assert_true(lost);
}

static void adds_to_the_processor_s_word(void **state)
{
    (void)state;
    if (!contend_rseq_area()) {
        print_message("# skipped: no restartable sequences are registered here\n");
        skip();
    }
    begin(true);
    for (unsigned i = 0; i < (unsigned)CPU_COUNT(&crossing.allowed); i++) {
        int cpu = contend_pin_thread(&crossing.allowed, i), result;
        assert_in_range(cpu, 0, crossing.count - 1);
        int64_t sum = sum_of_words(), own = atomic_load(&crossing.words[cpu].own);
        do
            result = contend_rseq_add(contend_rseq_area(), crossing.words, crossing.count, -7);
        while (result == -EAGAIN);
        assert_int_equal(result, 0);
        assert_int_equal(atomic_load(&crossing.words[cpu].own), own - 7);
        assert_int_equal(sum_of_words(), sum - 7);
    }
    assert_int_equal(sched_setaffinity(0, sizeof crossing.allowed, &crossing.allowed), 0);
    end();
}

/* Straight through, with an area of the test's own: also where no kernel knows of sequences. */
static void does_what_the_area_says(void **state)
{
    _Alignas(32) struct rseq area = { .cpu_id = 1 };
    struct contend_rseq_word words[3];

    (void)state;
    for (int i = 0; i < 3; i++) {
        atomic_init(&words[i].own, 100);
        atomic_init(&words[i].beside, 100);
    }
    assert_int_equal(contend_rseq_add(&area, words, 3, INT64_C(1) << 40), 0);
    assert_int_equal(contend_rseq_add(&area, words, 2, -5), 0);
    assert_int_equal(contend_rseq_add(&area, words, 1, 1), -ERANGE); /* there is no second word */
    area.cpu_id = (uint32_t)-1; /* not registered */
    assert_int_equal(contend_rseq_add(&area, words, UINT32_MAX - 1, 1), -ERANGE);
    area.cpu_id = 2;
    assert_int_equal(contend_rseq_add(&area, words, 3, 1), 0);
    assert_int_equal(atomic_load(&words[0].own), 100);
    assert_int_equal(atomic_load(&words[1].own), 95 + (INT64_C(1) << 40));
    assert_int_equal(atomic_load(&words[2].own), 101);
    for (int i = 0; i < 3; i++)
        assert_int_equal(atomic_load(&words[i].beside), 100);
}

#else
static void there_are_none(void **state)
{
    (void)state;
    assert_null(contend_rseq_area());
}
#endif

int main(void)
{
    const struct CMUnitTest cases[] = {
#ifdef CONTEND_RSEQ
        cmocka_unit_test(does_what_the_area_says),
        cmocka_unit_test(adds_to_the_processor_s_word),
        cmocka_unit_test(loses_nothing),
        cmocka_unit_test(loses_where_the_kernel_does_not_look),
#else
        cmocka_unit_test(there_are_none),
#endif
    };

    return cmocka_run_group_tests_name("restartable sequences", cases, NULL, NULL) != 0;
}
