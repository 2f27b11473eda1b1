/*
 * check.h - checks a small concurrent program under every schedule that it can try.
 *
 * A test is a setup, up to six threads and a final check.  Each execution runs the
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

/* One flag without the other checks something else than what was meant. */
#if defined(__SANITIZE_THREAD__)
#define CHECK_INSTRUMENTED
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define CHECK_INSTRUMENTED
#endif
#endif
#if defined(CHECK_INSTRUMENTED) && !defined(CONTEND_BENCH_MACHINE_REDIRECT_H)
#error "code under test is compiled with -include machine/redirect.h too (installed: check/redirect.h)"
#elif !defined(CHECK_INSTRUMENTED) && defined(CONTEND_BENCH_MACHINE_REDIRECT_H)
#error "code under test is compiled with -fsanitize=thread too"
#endif

enum { CHECK_MAX_THREADS = 6 };

struct check_test {
    const char *name;
    void (*setup)(void *context);                 /* or NULL */
    void (*threads[CHECK_MAX_THREADS])(void *context); /* NULL after the last */
    void (*body)(void *context, unsigned thread); /* or one function for all threads ... */
    unsigned thread_count;                        /* ... and their number */
    void (*finally)(void *context);               /* or NULL */
    void *context;
    bool semaphores_balance; /* who destroys one must find the value that it was made with */
};

enum check_mode { CHECK_SC, CHECK_WEAK };
enum check_strategy { CHECK_RANDOM, CHECK_PCT, CHECK_DEPTH_FIRST, CHECK_REPLAY };
enum check_reuse { CHECK_QUARANTINE, CHECK_LIFO };

struct check_options {
    enum check_mode mode;
    enum check_strategy strategy;
    enum check_reuse reuse;    /* of freed memory: never, or the last freed first (ABA) */
    uint64_t executions;       /* at most; 0 = no limit (depth first ends by itself) */
    double seconds;            /* at most; 0 = no limit */
    uint64_t seed;
    unsigned bound;            /* depth first: switches and stale reads that are not forced; 0 = 2 */
    unsigned depth;            /* PCT: bugs of this depth; 0 = 3 */
    unsigned steps;            /* an execution longer than this has failed; 0 = 20,000 */
    const char *choices;       /* replay: what check_result.choices said */
    bool keep_leaks;           /* do not judge what was not freed */
    unsigned freeze_thread;    /* 1 ...: this thread stops for ever ... */
    unsigned freeze_after;     /* ... after so many of its steps; it is alone, the others ready, */
    unsigned freeze_alone;     /* ... for the first so many, at most freeze_after */
    unsigned starve_thread;    /* 1 ...: makes a step only when others have ended ... */
    unsigned starve_meal;      /* ... so many operations, 0 = 1; and it has starved ... */
    unsigned starve_after;     /* ... when an operation has not ended after so many steps */
    bool (*interrupted)(void); /* asked now and then, or NULL */
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
    CHECK_STARVED    /* it went on and on while the others finished one operation after another */
};

enum { CHECK_TEXT = 2048, CHECK_CHOICES = 4096 };

struct check_result {
    enum check_verdict verdict;
    char text[CHECK_TEXT];       /* the verdict in a sentence */
    char choices[CHECK_CHOICES]; /* replays the failing execution */
    uint64_t executions, steps;  /* steps of all executions together */
    uint64_t failing;            /* the number of the failing execution, from 1 */
    double seconds;
    bool complete;               /* depth first: everything within the bound was tried */
    uint64_t fingerprint;        /* of the last execution's choices and events */
    unsigned frozen_steps;       /* freeze: how many steps the thread took; fewer than asked = ended */
};

/* Explores until something fails or the limits are reached. */
struct check_result check_run(const struct check_test *test, const struct check_options *options);

/* Shortens result->choices as far as the same verdict remains. */
void check_minimise(const struct check_test *test, const struct check_options *options,
                    struct check_result *result);

/* Runs the choices once more and prints what each thread did, in columns. */
void check_explain(const struct check_test *test, const struct check_options *options,
                   const struct check_result *result, FILE *out);

/* What a page says besides the steps and the verdict. */
struct check_page {
    const char *title;
    struct {
        const char *name, *value;
    } facts[8];
    unsigned fact_count;
    const char *replay;  /* the command */
    const char *comment; /* on the algorithm, or NULL */
};

/* The same as check_explain() as a page of HTML that needs no other file. */
void check_page(const struct check_test *test, const struct check_options *options,
                const struct check_result *result, const struct check_page *page, FILE *out);

/* "data race", "use after free" ... */
const char *check_verdict_name(enum check_verdict verdict);

/* Ready-made main(): options on the command line, progress, explanation, exit status. */
int check_main(const struct check_test *const *tests, int argc, char **argv);

/* ---- for the code of a test ---- */

/* Ends the execution with CHECK_ASSERTION. */
#define check_that(condition)                                                                 \
    ((condition) ? (void)0 : check_failed(__FILE__, __LINE__, #condition))
_Noreturn void check_failed(const char *file, int line, const char *condition);
_Noreturn __attribute__((format(printf, 1, 2))) void check_fail(const char *format, ...);

/* The number of the running thread: 1 ... in threads, 0 in setup and finally. */
unsigned check_self(void);

/*
 * Marks one operation for the explanation, and stamps its begin and end on a
 * common axis: *begin is set at its first step, *end now.
 */
void check_operation_begin(const char *text, uint64_t *begin);
void check_operation_end(const char *text, uint64_t *begin, uint64_t *end);

/*
 * The running thread's own time, and whether what `thread` did until its `then` happens
 * before what the running thread does next.
 */
uint32_t check_now(void);
bool check_knows(unsigned thread, uint32_t then);

/*
 * What follows, up to this thread's next operation, is explained in one line with
 * this text, but for steps that the verdict is about.
 */
void check_aside(const char *text);

/*
 * In explanations this block of check_allocate() is called so.  `type` is the name of
 * its struct, or NULL; the unit that `code` was compiled in knows its fields.
 */
void check_name(const void *block, const char *name, const char *type, void (*code)(void));

/* Whether this execution is run once more to be explained, and then how many steps it has made. */
bool check_explaining(void);
unsigned check_step(void);

/* Returns when every thread of the test has called it as often. */
void check_meet(void);

/*
 * Progress runs: this thread is ready to be measured; it has done what must be possible;
 * and whether it shall do so again, since another one is being starved.
 */
void check_ready(void);
void check_done(void);
bool check_again(void);

/* Whether this is a run in which threads do the same again and again. */
bool check_repeats(void);

/* Whether this execution was made before, and its choices are given. */
bool check_replays(void);

/* From now on the running thread must not wait for another, until it says so. */
void check_never_waits(bool now);

/* Memory of the execution, for tests whose own code is not redirected. */
void *check_allocate(size_t size);
void check_deallocate(void *block);

#endif
