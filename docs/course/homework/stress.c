/* stress.c - short rounds on real threads: each must be explained by some order of its calls. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "judge.h"

enum { SCENARIOS = sizeof scenarios / sizeof *scenarios, ROUNDS = 200000 };

static struct object object;
static const struct scenario *now;
static struct history of_thread[JUDGE_THREADS + 2];
static pthread_barrier_t begin, end;
static atomic_bool over;

/*
 * Of two stamps the later one is greater, and the thread that drew it sees what the other had written.
 * A clock would not do: it can be read while a store still waits in its buffer, so that a right answer
 * looks too old.
 */
static unsigned long stamp(void)
{
    static atomic_ulong drawn;

    atomic_thread_fence(memory_order_seq_cst);
    unsigned long number = atomic_fetch_add(&drawn, 1);
    atomic_thread_fence(memory_order_seq_cst);
    return number;
}

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void make_calls(const struct step *steps, unsigned list)
{
    struct history *h = &of_thread[list];

    h->count = 0;
    for (unsigned i = 0; i < JUDGE_STEPS && steps[i].op; i++) {
        struct call *c = &h->calls[h->count++];
        *c = (struct call){ .op = steps[i].op, .thread = list, .argument = steps[i].argument };
        c->called = stamp();
        c->result = object_apply(&object, c->op, c->argument);
        c->returned = stamp();
    }
}

static void *worker(void *number)
{
    unsigned thread = (unsigned)(size_t)number;

    for (;;) {
        pthread_barrier_wait(&begin);
        if (atomic_load(&over))
            return NULL;
        make_calls(now->threads[thread], 1 + thread);
        pthread_barrier_wait(&end);
    }
}

/* One round; whether its results can be explained. */
static bool try_round(const struct scenario *s)
{
    struct history all = { .count = 0 };

    now = s;
    memset(of_thread, 0, sizeof of_thread);
    if (object_init(&object) != 0) {
        puts("verdict: FAILED: the object cannot be made");
        return false;
    }
    make_calls(s->before, 0);
    pthread_barrier_wait(&begin);
    pthread_barrier_wait(&end);
    make_calls(s->after, JUDGE_THREADS + 1);
    for (unsigned list = 0; list < JUDGE_THREADS + 2; list++)
        for (unsigned i = 0; i < of_thread[list].count; i++)
            all.calls[all.count++] = of_thread[list].calls[i];
    object_fini(&object);
    if (history_is_explained(&all))
        return true;
    puts("no order of these calls explains their answers:");
    history_print(&all, stdout);
    puts("verdict: FAILED: a wrong answer");
    return false;
}

int main(int argc, char **argv)
{
    double seconds = argc > 1 ? atof(argv[1]) : 1;
    double begun = now_s();
    unsigned long rounds = 0;
    pthread_t threads[JUDGE_THREADS];
    bool right = true;

    pthread_barrier_init(&begin, NULL, JUDGE_THREADS + 1);
    pthread_barrier_init(&end, NULL, JUDGE_THREADS + 1);
    for (size_t i = 0; i < JUDGE_THREADS; i++)
        if (pthread_create(&threads[i], NULL, worker, (void *)i) != 0)
            return 2;
    for (; right && rounds < ROUNDS && now_s() - begun < seconds; rounds++)
        right = try_round(&scenarios[rounds % SCENARIOS]);
    atomic_store(&over, true);
    pthread_barrier_wait(&begin);
    for (size_t i = 0; i < JUDGE_THREADS; i++)
        pthread_join(threads[i], NULL);
    if (right)
        printf("%lu rounds\nverdict: nothing found\n", rounds);
    return !right;
}
