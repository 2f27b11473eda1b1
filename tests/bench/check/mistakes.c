/* mistakes.c - mistakes of newcomers to the checker; a macro chooses one. */
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check/check.h"

static _Atomic int *count;
static char text[16];
#ifdef SORTS
static int numbers[] = { 3, 1, 2 };

static int compare(const void *one, const void *other)
{
    return *(const int *)one - *(const int *)other;
}
#elif defined(SCANS)
static int numbers[1];
#elif defined(WRITES_A_FILE) || defined(READS_A_FILE) || defined(SAYS)
#include <stdio.h>

/* A stream that takes everything, and has a line for everybody. */
static FILE *nowhere(void)
{
    static const char *const path = "/dev/null";
    FILE *f = fopen(path, "w");

    setvbuf(f, NULL, _IONBF, 0);
    return f;
}

static FILE *somewhere(void)
{
    static char line[] = "a line\n";

    return fmemopen(line, sizeof line, "r");
}
#endif

static void setup(void *unused)
{
    (void)unused;
#ifdef EXITS_IN_SETUP
    exit(0);
#endif
#ifdef FAILS_WATCHED
    raise(SIGVTALRM); /* the watch finds each setup at the same place */
#endif
#ifdef ALIGNS
    void *block = NULL;
    check_that(posix_memalign(&block, 4, 4) == EINVAL && posix_memalign(&block, 48, 4) == EINVAL);
    check_that(posix_memalign(&block, 64, sizeof *count) == 0 && (uintptr_t)block % 64 == 0);
    count = block;
#else
    count = malloc(sizeof *count);
#endif
    atomic_init(count, 0);
#ifdef MAKES_MUCH
    for (int i = 0; i < 500000; i++)
        atomic_init(count, i);
#endif
#ifdef FAILS_IN_SETUP
    atomic_init(count + 1, 0);
#endif
}

#ifdef RECURSES
static int deep(int n)
{
    volatile char frame[1000];

    frame[n % 1000] = 0;
    return n ? deep(n - 1) + frame[0] : 0;
}
#endif

#ifdef LEAVES_A_LOCAL
static int *_Atomic lent;

/* The first thread lends a variable to the second one, which uses it at any time. */
static void lend_a_local(void)
{
    int own = 5, *found = atomic_load(&lent);

    if (found) {
        check_that(*found == 5);
        atomic_fetch_add(count, 1);
        return;
    }
    if (check_self() != 1)
        return;
    atomic_store(&lent, &own);
}
#elif defined(LENDS_A_LOCAL)
static int *_Atomic lent;
static _Atomic int used;

static __attribute__((noinline)) void lend(void)
{
    int own = 5;

    atomic_store(&lent, &own);
}

/* Its frame lies where that of lend() has been. */
static __attribute__((noinline)) void go_on(void)
{
    volatile char frame[1000];

    frame[0] = 0;
    while (!atomic_load(&used))
        sched_yield();
}

static void lend_a_local(void)
{
    if (check_self() == 1) {
        lend();
        atomic_fetch_add(count, 1);
        go_on();
        return;
    }
    while (!atomic_load(count))
        sched_yield();
    atomic_fetch_add(count, *atomic_load(&lent));
    atomic_store(&used, 1);
}
#endif

#ifdef STORES_IN_ASSEMBLY
static __attribute__((noinline)) void store_in_assembly(void)
{
    static int stored;

    __asm__ volatile("movl $1, %0" : "=m"(stored));
}
#endif

static void thread(void *unused)
{
    (void)unused;
#if defined(EXITS)
    exit(0);
#elif defined(RECURSES)
    deep(1000);
#elif defined(ABORTS)
    abort();
#elif defined(RUNS_ON)
    for (;;)
        ;
#elif defined(DEREFERENCES)
    int *nowhere = atomic_fetch_add(count, 1) ? NULL : malloc(sizeof *nowhere);
    *nowhere = 1;
    free(nowhere);
#elif defined(DIVIDES)
    volatile int none = atomic_fetch_add(count, 1);
    none = 7 / (none - 1);
#elif defined(ASSERTS)
    assert(atomic_fetch_add(count, 1) == 0);
#elif defined(BLOCKS)
    int ends[2];
    char byte;
    if (pipe(ends) == 0)
        atomic_fetch_add(count, (int)read(ends[0], &byte, 1));
#elif defined(ASSEMBLES)
    static int added;
    __asm__ volatile("lock; addl $1, %0" : "+m"(added));
    atomic_fetch_add(count, 1);
#elif defined(SWAPS_IN_ASSEMBLY)
    static int swapped;
    int own = 1;
    __asm__ volatile("xchg %0, %1" : "+r"(own), "+m"(swapped));
    atomic_fetch_add(count, 1);
#elif defined(STORES_IN_ASSEMBLY)
    store_in_assembly();
    atomic_fetch_add(count, 1);
#elif defined(PAUSES_IN_ASSEMBLY)
    if (atomic_fetch_add(count, 1) == 0)
        while (atomic_load(count) < 2)
            __asm__ volatile("pause");
#elif defined(LEAVES_A_LOCAL) || defined(LENDS_A_LOCAL)
    lend_a_local();
#elif defined(COPIES)
    strcpy(text, "hello");
    atomic_fetch_add(count, 1);
#elif defined(PRINTS)
    snprintf(text, sizeof text, "%d", atomic_fetch_add(count, 1));
#elif defined(SORTS)
    qsort(numbers, 3, sizeof *numbers, compare);
    check_that(numbers[0] == 1 && numbers[1] == 2 && numbers[2] == 3);
    atomic_fetch_add(count, 1);
#elif defined(SCANS)
    char word[8];
    check_that(sscanf("x 7 claps", "%*s %d %7[a-z]", &numbers[0], word) == 2);
    check_that(strcmp(word, "claps") == 0);
    atomic_fetch_add(count, 1);
#elif defined(READS_WHAT_IS_SCANNED)
    if (atomic_fetch_add(count, 1) == 0)
        text[0] = '7';
    else
        sscanf(text, "%*d");
#elif defined(WRITES_A_FILE)
    if (atomic_fetch_add(count, 1) == 0)
        text[0] = 'x';
    else
        fwrite(text, 1, sizeof text, nowhere());
#elif defined(READS_A_FILE)
    fgets(text, sizeof text, somewhere());
    atomic_fetch_add(count, 1);
#elif defined(SAYS)
    if (atomic_fetch_add(count, 1) == 0)
        text[0] = 'x';
    else
        fprintf(nowhere(), "%d %s", 1, text);
#elif defined(COMPARES)
    if (atomic_fetch_add(count, 1) == 0)
        text[0] = 'x';
    else
        check_that(memcmp(text, "y", (size_t)atomic_load(count) / 2) != 0); /* of one byte, which no compiler knows */
#elif defined(FREES_WHAT_THE_LIBRARY_MADE)
    char *made = NULL;
    check_that(asprintf(&made, "%s %d", "claps", atomic_fetch_add(count, 1)) == 7);
    free(made);
    made = strdup("clap");
    check_that(strlen(made) == 4);
    free(made);
    free(getcwd(NULL, 0));
#elif defined(FREES_A_STATIC)
    free(text + atomic_fetch_add(count, 0));
#elif defined(LARGE_FRAME)
    volatile char frame[300000];
    frame[0] = 1;
#elif defined(WAITS_ELSEWHERE)
    pthread_cancel(pthread_self());
    pthread_kill(pthread_self(), 0);
    sem_open("/place", 0);
#elif defined(FAILS_WATCHED) || defined(FAILS_AFTER_NOTHING)
    memset(NULL, 0, 0); /* nothing is touched */
    check_that(atomic_fetch_add(count, 1) == 0);
#elif defined(IDLES)
    (void)count;
#elif defined(SPINS)
    while (!atomic_load(count))
        ;
#elif defined(COUNTS_ITS_TURNS)
    static unsigned turns;
    while (!atomic_load(count))
        turns++;
#else
    atomic_fetch_add(count, 1);
#endif
}

#ifdef MANY_THREADS
static void body(void *unused, unsigned number)
{
    (void)number;
    thread(unused);
}
#endif

static void finally(void *unused)
{
    (void)unused;
    free((void *)count);
}

int main(int argc, char **argv)
{
    static const struct check_test mistake = { .name = "mistake@home", .setup = setup,
#ifdef MANY_THREADS
                                               .body = body, .thread_count = 15,
#elif !defined(NO_THREADS)
                                               .threads = { thread, thread },
#endif
                                               .finally = finally };
    static const struct check_test *const tests[] = { &mistake, NULL };

    return check_main(tests, argc, argv);
}
