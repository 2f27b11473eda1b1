/* knee.c - doubling, then halving. */
#include "bench/judge/knee.h"

#include <math.h>

/* Tries a rate, a second time if it fails, and keeps the answer. */
static int probe(struct knee *k, double rate, knee_try *tries, void *ctx)
{
    int answer = tries(ctx, rate);

    if (answer == 0)
        answer = tries(ctx, rate);
    if (answer > 0)
        k->copes = rate;
    else if (answer == 0)
        k->fails = rate;
    return answer;
}

int knee_find(struct knee *out, const struct knee_range *range, knee_try *tries, void *ctx)
{
    double rate = range->first;
    int answer;

    *out = (struct knee){ 0, 0 };
    for (;;) {
        answer = probe(out, rate, tries, ctx);
        if (answer < 0)
            return answer;
        if (answer == 0 && out->copes == 0 && rate > range->least)
            rate = fmax(rate / 4, range->least);
        else if (answer > 0 && out->fails == 0 && rate < range->most)
            rate = fmin(rate * 2, range->most);
        else
            break;
    }
    for (unsigned i = 0; i < range->halvings && out->copes > 0 && out->fails > 0; i++) {
        answer = probe(out, sqrt(out->copes * out->fails), tries, ctx);
        if (answer < 0)
            return answer;
    }
    return 0;
}
