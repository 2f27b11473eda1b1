/*
 * check.h - checks a small concurrent program under every schedule that it can try.
 *
 * A test is a setup, up to fourteen threads and a final check.  Each execution runs the
 * setup, then the threads under a scheduler that decides every switch and, in weak
 * mode, which of the allowed values each load returns; then the final check.
 * A data race, a use after free, a leak, a thread that waits for ever or a false
 * check_that() ends the execution with a verdict, and the choices that led there
 * are a string that replays it.
 *
 * The code under test is compiled with -fsanitize=thread and -include redirect.h
 * and linked without that option: see docs/checker.md.
 */
#ifndef CONTEND_BENCH_CHECK_CHECK_H
#define CONTEND_BENCH_CHECK_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* One flag without the other would not check the intended program; redirect.h looks for this one. */
#if defined(__SANITIZE_THREAD__)
#define CHECK_INSTRUMENTED
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define CHECK_INSTRUMENTED
#endif
#endif
#if defined(CHECK_INSTRUMENTED) && !defined(CONTEND_BENCH_MACHINE_REDIRECT_H)
#error "code under test is compiled with -include machine/redirect.h too (installed: check/redirect.h)"
#endif

#ifdef __cplusplus
#define CHECK_NORETURN [[noreturn]]
extern "C" {
#else
#define CHECK_NORETURN _Noreturn
#endif

enum { CHECK_MAX_THREADS = 14 };

struct check_test {
    const char *name;
    void (*setup)(void *context);                 /* or NULL */
    void (*threads[CHECK_MAX_THREADS])(void *context); /* NULL after the last */
    void (*body)(void *context, unsigned thread); /* or one function for all threads, */
    unsigned thread_count;                        /* and the number of threads */
    void (*finally)(void *context);               /* or NULL */
    const char *exists; /* of a litmus test: the outcome that is asked for; or NULL */
    void (*ended)(void *context); /* after each execution, whatever became of it; or NULL */
    void *context;
    bool keeps_statics; /* an execution finds in them what the last one left: to count over all */
    bool is_program; /* its thread is a main(): exit(0) ends an execution well */
    bool semaphores_balance; /* sem_destroy() fails unless the value equals the initial value, and a
                                thread posts only a semaphore that it has waited for and not posted */
};

enum check_mode { CHECK_SC, CHECK_WEAK };
/* CHECK_REDUCED: all schedules, but for the order of steps that do not meet; CHECK_SC only. */
enum check_strategy { CHECK_RANDOM, CHECK_PCT, CHECK_DEPTH_FIRST, CHECK_REPLAY, CHECK_REDUCED };
enum check_reuse { CHECK_QUARANTINE, CHECK_LIFO };

struct check_options {
    enum check_mode mode;
    enum check_strategy strategy;
    enum check_reuse reuse;    /* freed memory is not reused, or the last freed block first (ABA) */
    uint64_t executions;       /* limit; 0 = none (depth-first search ends by itself) */
    double seconds;            /* limit; 0 = none */
    uint64_t seed;
    unsigned bound;            /* depth first: most unforced switches and stale reads; 0 = 2 */
    bool shallow;              /* depth first: stay within the bound.  Without this, if there is a
                                  limit, CHECK_SC begins with CHECK_REDUCED, for half of the
                                  executions; and the bound is raised until a limit is reached */
    unsigned depth;            /* PCT: finds bugs of this depth; 0 = 3 */
    unsigned steps;            /* an execution with more steps fails; 0 = 20,000 */
    const char *choices;       /* replay: check_result.choices of the run to be repeated */
    bool keep_leaks;           /* blocks that were not freed are no failure */
    bool malloc_fails;         /* an allocation by the threads may return NULL */
    bool past_races;           /* a data race is counted, and the execution goes on to show what it does */
    unsigned freeze_thread;    /* number of the thread that is stopped for ever; 0 = none */
    unsigned freeze_after;     /* it is stopped after this many of its steps */
    unsigned freeze_alone;     /* it runs alone for this many steps, at most freeze_after */
    unsigned starve_thread;    /* number of the thread that is starved; 0 = none */
    unsigned starve_meal;      /* operations of others between two of its steps; 0 = 1 */
    unsigned starve_after;     /* steps after which its operation counts as starved */
    bool (*interrupted)(void); /* called now and then: whether to end early; or NULL */
};

enum check_verdict {
    CHECK_PASSED = 0,
    CHECK_RACE,
    CHECK_USE_AFTER_FREE,
    CHECK_OUT_OF_BOUNDS,
    CHECK_BAD_FREE,
    CHECK_UNINITIALISED,
    CHECK_LEAK,
    CHECK_DEADLOCK,
    CHECK_LIVELOCK,
    CHECK_TOO_LONG,
    CHECK_MISUSE,    /* of a lock, a semaphore or RCU */
    CHECK_ASSERTION, /* check_that() */
    CHECK_BLOCKED,   /* the others could not finish while one thread was frozen */
    CHECK_STARVED,   /* an operation did not end while the others finished theirs */
    CHECK_CRASH      /* a signal, such as SIGSEGV, that ends a program; check_main() only */
};

enum { CHECK_TEXT = 2048, CHECK_CHOICES = 4096 };

struct check_result {
    enum check_verdict verdict;
    char text[CHECK_TEXT];       /* explains the verdict in a sentence */
    char choices[CHECK_CHOICES]; /* replays the failing execution */
    uint64_t executions, steps;  /* steps of all executions together */
    uint64_t failing;            /* the number of the failing execution, from 1 */
    double seconds;
    bool complete;               /* depth first: the search covered everything within a bound, */
    unsigned covered;            /* this one, */
    bool exhaustive;             /* and no choice was left out (also CHECK_REDUCED) */
    uint64_t given_up;           /* CHECK_REDUCED: executions that turned out to be like others, or
                                    the last one, if the search has cost too much */
    bool out_of_time;            /* options->seconds have ended it */
    bool begun_anew;             /* CHECK_REDUCED: a thread did in one execution what it did not in another */
    uint64_t fingerprint;        /* of the last execution's choices and events */
    unsigned frozen_steps;       /* steps of the frozen thread; fewer than asked for: it ended */
    uint64_t races;              /* past_races: accesses that raced, of all executions */
    char race[CHECK_TEXT];       /* the first of them in a sentence, or "" */
};

/* Explores until something fails or the limits are reached. */
struct check_result check_run(const struct check_test *test, const struct check_options *options);

/* Shortens result->choices as far as the same verdict remains. */
void check_minimise(const struct check_test *test, const struct check_options *options,
                    struct check_result *result);

/* Replays result->choices and prints the steps of each thread in a column of its own. */
void check_explain(const struct check_test *test, const struct check_options *options,
                   const struct check_result *result, FILE *out);

/* The parts of a page besides the steps and the verdict. */
struct check_page {
    const char *title;
    struct {
        const char *name, *value;
    } facts[8];
    unsigned fact_count;
    const char *replay;  /* the command */
    const char *comment; /* an explanation of the algorithm, or NULL */
};

/* The same as check_explain() as a page of HTML that needs no other file. */
void check_page(const struct check_test *test, const struct check_options *options,
                const struct check_result *result, const struct check_page *page, FILE *out);

/*
 * Prints for each atomic access of the test and each fence the weakest memory order with which
 * no execution was seen to fail, all of them together; returns how many are weaker than what
 * the code asks for.  options->executions is for each way of exploring and each order tried.
 */
unsigned check_orders(const struct check_test *test, const struct check_options *options, FILE *out);

/* The same for several tests together: whether all pass with the orders that are being tried. */
struct check_orders_question {
    const char *name;
    bool (*survives)(void *context);
    void *context;
    bool (*interrupted)(void); /* whether to end early: what is left is printed as not tried; or NULL */
};
unsigned check_orders_of(const struct check_orders_question *question, FILE *out);

/* "data race", "use after free" ... */
const char *check_verdict_name(enum check_verdict verdict);

/* Ready-made main(): options on the command line, progress, explanation, exit status. */
int check_main(const struct check_test *const *tests, int argc, char **argv);

/* ---- for the code of a test ---- */

/* Ends the execution with CHECK_ASSERTION. */
#define check_that(condition)                                                                 \
    ((condition) ? (void)0 : check_failed(__FILE__, __LINE__, #condition))
CHECK_NORETURN void check_failed(const char *file, int line, const char *condition);
CHECK_NORETURN __attribute__((format(printf, 1, 2))) void check_fail(const char *format, ...);

/*
 * For `finally` of a litmus test: this execution has ended so, as in "a=0; b=1;".  When nothing was
 * found, check_main() prints how often each outcome came, as herd and litmus do.
 */
__attribute__((format(printf, 1, 2))) void check_outcome(const char *format, ...);

/* The number of the running thread: 1 ... in threads, 0 in setup and finally. */
unsigned check_self(void);

/*
 * Marks one operation for the explanation, and stamps its begin and end on a
 * common axis: *begin is set at its first step, *end now.
 */
void check_operation_begin(const char *text, uint64_t *begin);
void check_operation_end(const char *text, uint64_t *begin, uint64_t *end);

/*
 * The running thread's own logical time; and whether everything that `thread` did up to
 * its time `then` happens before the running thread's next step.
 */
uint32_t check_now(void);
bool check_knows(unsigned thread, uint32_t then);

/*
 * The steps of this thread up to its next operation are printed as one line with this
 * text, except the steps involved in the verdict.
 */
void check_aside(const char *text);

/*
 * Gives a block of check_allocate() a name in explanations.  `type` is the name of its
 * struct, or NULL; its fields are looked up in the unit that `code` was compiled in.
 */
void check_name(const void *block, const char *name, const char *type, void (*code)(void));

/* Whether this execution is a replay for an explanation; and, in such a one, its steps so far. */
bool check_explaining(void);
unsigned check_step(void);

/* A barrier: returns when every thread of the test has called it equally often. */
void check_meet(void);

/*
 * For progress runs.  check_ready(): the operations to be judged begin.  check_done(): this
 * thread has finished them.  check_again(): it repeats them, since another thread is starved.
 */
void check_ready(void);
void check_done(void);
bool check_again(void);

/* Whether this is a run in which threads repeat their operations (starve_thread). */
bool check_repeats(void);

/* Whether this execution was made before, and its choices are given. */
bool check_replays(void);

/* Whether other threads may run beside the calling one: then what it does next is scheduled. */
bool check_is_accompanied(void);

/* From now on the running thread must not wait for another, until it says so. */
void check_never_waits(bool now);

/* Memory of the execution, for tests whose own code is not redirected. */
void *check_allocate(size_t size);
void check_deallocate(void *block);

#ifdef __cplusplus
}
#endif

#endif
