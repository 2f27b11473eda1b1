/*
 * session.h - the tests of a program, each explored in every way, and what is printed of it.
 *
 * What check_main() and the tool's `contend check textbook/...` have in common.
 */
#ifndef CONTEND_BENCH_CHECK_SESSION_H
#define CONTEND_BENCH_CHECK_SESSION_H

#include "bench/check/check.h"
#include "bench/machine/linkage.h"

struct session {
    uint64_t budget;     /* executions of a test for each way of exploring; 0 = by time alone */
    double seconds;      /* or for each test, with more of everything as time allows; 0 = none */
    double most_seconds; /* with a number of executions: but no more than this for each test; 0 = none */
    uint64_t seed;
    int mode;            /* enum check_mode: this one only; -1 = both */
    unsigned bound;      /* depth first, instead of what is usual; 0 = that */
    unsigned steps;      /* an execution with more steps is too long; 0 = what is usual */
    bool malloc_fails;   /* allocations may fail */
    bool past_races;     /* looks for what data races lead to; if that is nothing, for the races */
    const char *page;    /* file that keeps the first failure as HTML, or NULL */
    const char *command; /* what stands before the options that repeat a failure; "" or "contend check " */
    const char *arguments; /* and what stands behind them, as " -- 3"; or NULL */
    bool (*interrupted)(void); /* or NULL */
    bool paged;          /* set here: the page was written */
};

/*
 * Explores each test of the list, which ends in NULL, and prints what was found.  Returns the
 * exit status: 0 nothing, 1 a failure, 2 a test that cannot be run, 3 one that is too long, 130 interrupted.
 */
int session_run(const struct check_test *const *tests, struct session *session)
    CHECK_PRIVATE(session_run);

/*
 * Repeats the execution of "TEST@MODE@REUSE@CHOICES" and explains it.  The exit status is 1 if it
 * fails, 2 after a message if there is no such test or the text is not of this form.
 */
int session_replay(const struct check_test *const *tests, const char *text, struct session *session)
    CHECK_PRIVATE(session_replay);

/* The ways of exploring, in this order. */
enum { SESSION_WAYS = 5 };
extern const struct check_options session_ways[SESSION_WAYS] CHECK_PRIVATE(session_ways);

/* Shortens the failure, prints its steps and how to repeat it, and keeps it as a page if it is the first. */
void session_failure(struct session *session, const struct check_test *test,
                     const struct check_options *options, struct check_result *result)
    CHECK_PRIVATE(session_failure);

/* Prints what the memory model leaves out, for those who read "nothing found". */
void session_caveat(void) CHECK_PRIVATE(session_caveat);

/*
 * Without a budget of the user's: so many executions for each way, and no more time than a test may take that
 * nobody has asked to be patient with.
 */
void session_budget_default(struct session *session, uint64_t executions) CHECK_PRIVATE(session_budget_default);

/* The seconds of most_seconds that one of so many ways that are left may take; `used`: by the others. */
double session_share(const struct session *session, double used, unsigned ways_left) CHECK_PRIVATE(session_share);

/* "; stopped after 10 s, --budget=60s goes on", if it was. */
void session_print_stopped(bool stopped, double seconds) CHECK_PRIVATE(session_print_stopped);

/* Reads "500" or "10s" into the budget.  False after a message. */
bool session_budget(struct session *session, const char *text) CHECK_PRIVATE(session_budget);

#endif
