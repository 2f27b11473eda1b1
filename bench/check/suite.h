/*
 * suite.h - explores one strategy with all scenarios, in every way of exploring.
 *
 * Every scenario is explored in several ways: exhaustively within a bound, at
 * random, by priorities; with sequentially consistent and with weak memory; with
 * freed memory reused.  The first failure ends it.
 */
#ifndef CONTEND_BENCH_CHECK_SUITE_H
#define CONTEND_BENCH_CHECK_SUITE_H

#include "bench/check/scenario.h"

struct suite_options {
    uint64_t seed;
    uint64_t executions;  /* for each scenario and way of exploring, in the first round; 0 = 200 */
    unsigned generated;   /* number of random scenarios besides the written ones */
    double seconds;       /* > 0: further rounds, with more of everything, until then */
    const char *scenario; /* explore only this one; or NULL */
    int mode;             /* enum check_mode: this one only; -1 = both */
    bool past_races;      /* looks for what data races lead to; if that is nothing, for the races */
    bool (*interrupted)(void);
    void (*progress)(void *context, const struct subject *subject, const char *scenario);
    void *context;
};

struct suite_failure {
    struct subject subject;
    struct scenario scenario;
    struct check_options options; /* of the run that failed */
    struct check_result result;
};

struct suite_result {
    uint64_t executions, steps;
    unsigned scenarios;
    unsigned explored, exhausted; /* scenarios, in each manner; nothing is left to try, mode sc */
    unsigned complete; /* explorations that tried everything within their bound */
    double seconds;
    bool failed, interrupted;
    bool only_races; /* past_races: nothing but the race that is the failure */
    uint64_t races;  /* that were passed over */
    struct suite_failure failure;
};

struct suite_result suite_check(const struct subject *subject, const struct suite_options *options);

/* Prints the failure, shortened, in columns, with its verdict and the command that replays it. */
void suite_explain(struct suite_failure *failure, FILE *out);

/*
 * The same as a page of HTML, once it has been explained; `comment` on the algorithm is
 * optional.  There must be choices to replay.
 */
void suite_page(struct suite_failure *failure, const char *comment, FILE *out);

/*
 * "counters/faa@o2@a1+r@weak@quarantine@3:1": written by print, read by parse.  What was set
 * stands behind the name: "counters/striped[stripes=4]@o2@...".
 */
void suite_replay_print(const struct suite_failure *failure, char *text, size_t size);
bool suite_replay_parse(struct suite_failure *failure, const char *text, char *why, size_t size);

/*
 * Calls fn for each entry of the copy whose name is `name`, "counters/NAME" or, with
 * NULL, any; floors and exhibits only when they are named.  Returns how many.
 */
unsigned suite_subjects(const struct check_copy *copy, const char *name,
                        void (*fn)(void *context, const struct subject *subject), void *context);

/* The same for each exhibit, which the checker must catch. */
unsigned suite_exhibits(const struct check_copy *copy,
                        void (*fn)(void *context, const struct subject *subject), void *context);

/*
 * Prints for each atomic access of the strategy the weakest order with which all written scenarios
 * pass; returns how many are weaker than what the code asks for.
 */
unsigned suite_orders(const struct subject *subject, const struct suite_options *options, FILE *out);

/* ---- progress ---- */

struct progress_verdict {
    char operation[32];
    unsigned declared; /* enum contend_progress, without modifiers */
    bool blocks;       /* a stopped thread held it up */
    bool starves;      /* it does not block, but others can keep it busy */
    unsigned stops;    /* places at which a thread was stopped */
    bool wrong;        /* the observation contradicts the declaration, or something failed */
    char text[CHECK_TEXT + 64]; /* "is declared ..., but ..." */
    bool has_steps;             /* `failure` is the execution that shows it */
    struct suite_failure failure;
};

enum { PROGRESS_MOST = 8 };

/*
 * For each operation one thread is stopped after each of its steps, and one is starved.
 * Returns the number of verdicts.
 */
unsigned progress_observe(const struct subject *subject,
                          struct progress_verdict verdicts[PROGRESS_MOST]);

/* The scenario as the test of a progress run: one stripe, and results are not judged. */
struct check_test suite_progress_test(const struct subject *subject, struct scenario *scenario);

/* The test that the failure, or its replay string, is of. */
struct check_test suite_test_of(struct suite_failure *failure);

/* Prints the steps of the execution, shortened, and its replay string, if there is one: has_steps. */
void progress_explain(struct progress_verdict *verdict, FILE *out);

#endif
