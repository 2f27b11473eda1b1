/* schedule.c - arrivals of three kinds. */
#include "bench/engine/schedule.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "bench/base/random.h"

/* One more instant; grows the array by doubling. */
static int put(struct schedule *s, size_t *room, uint64_t at_ns)
{
    if (s->count == *room) {
        size_t more = *room ? 2 * *room : 1024;
        uint64_t *grown = realloc(s->at_ns, more * sizeof *grown);
        if (!grown)
            return -ENOMEM;
        s->at_ns = grown;
        *room = more;
    }
    s->at_ns[s->count++] = at_ns;
    return 0;
}

int schedule_draw(struct schedule *s, enum arrivals kind, double per_s, uint64_t length_ns,
                  unsigned workers, uint64_t seed)
{
    double gap = 1e9 / per_s, at = 0, length = (double)length_ns;
    unsigned at_once = kind == ARRIVALS_BURSTS ? SCHEDULE_BURST / workers + 1 : 1;
    struct random r = random_seeded(seed, 0);
    size_t room = 0;
    int error = 0;

    *s = (struct schedule){ NULL, 0 };
    if (kind == ARRIVALS_UNIFORM)
        at = gap * random_unit(&r); /* so that the workers' clocks are not in step */
    if (kind == ARRIVALS_EXPONENTIAL)
        at = -gap * log1p(-random_unit(&r));
    while (at < length && !error) {
        for (unsigned i = 0; i < at_once && !error; i++)
            error = put(s, &room, (uint64_t)at);
        at += kind == ARRIVALS_EXPONENTIAL ? -gap * log1p(-random_unit(&r)) : gap * at_once;
    }
    if (error)
        schedule_free(s);
    return error;
}

void schedule_free(struct schedule *s)
{
    free(s->at_ns);
    *s = (struct schedule){ NULL, 0 };
}

const char *arrivals_name(enum arrivals kind)
{
    static const char *const names[ARRIVALS_COUNT] = { "exponential", "uniform", "bursts" };

    return names[kind];
}
