/* budget.c - see budget.h. */
#include "bench/check/budget.h"

#include <time.h>

/* To look at the clock costs as much as a short execution does. */
enum { MOST_BETWEEN = 64 };
static const double soon = 0.005, late = 0.02;

static struct {
    const struct check_options *options;
    struct check_result *result;
    double begun, looked;
    uint64_t next;    /* after so many executions the clock is looked at, */
    unsigned between; /* and then after so many more */
} budget;

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void budget_begin(const struct check_options *options, struct check_result *result)
{
    budget.options = options;
    budget.result = result;
    budget.begun = budget.looked = now_s();
    budget.next = budget.between = 1;
}

double budget_seconds(void)
{
    return now_s() - budget.begun;
}

bool budget_ends_it(void)
{
    const struct check_options *o = budget.options;

    if (o->interrupted && o->interrupted())
        return true;
    if (o->seconds <= 0 || budget_seconds() < o->seconds)
        return false;
    budget.result->out_of_time = true;
    return true;
}

bool budget_spent(void)
{
    const struct check_options *o = budget.options;

    if (o->executions && budget.result->executions >= o->executions)
        return true;
    if (budget.result->executions < budget.next)
        return false;
    double now = now_s();
    if (now - budget.looked < soon && budget.between < MOST_BETWEEN)
        budget.between *= 2;
    else if (now - budget.looked > late && budget.between > 1)
        budget.between /= 2;
    budget.looked = now;
    budget.next += budget.between;
    return budget_ends_it();
}
