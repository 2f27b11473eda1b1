/* cost.c - see cost.h. */
#include "bench/check/cost.h"

#include "bench/check/budget.h"

/* Programs that are exhausted need some hundreds for each execution. */
enum { AT_LEAST = 2000000, EACH = 5000, LOOK_AT_TIME = 1 << 20 };

uint64_t cost_so_far;

static uint64_t most, looked; /* of cost_so_far: the limit (0 = none), and the last look at the time */
static bool too_high;

void cost_begin(uint64_t executions)
{
    looked = cost_so_far;
    most = executions ? cost_so_far + AT_LEAST + executions * EACH : 0;
    too_high = false;
}

bool cost_is_too_high(void)
{
    too_high |= most && cost_so_far > most;
    if (cost_so_far - looked > LOOK_AT_TIME) {
        looked = cost_so_far;
        too_high |= budget_ends_it();
    }
    return too_high;
}

bool cost_was_too_high(void)
{
    return too_high;
}
