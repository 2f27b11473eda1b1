/* stores_pools.c - pools of several sizes beside what Little's law predicts for them. */
#include <math.h>
#include <string.h>

#include "bench/base/text.h"
#include "bench/report/latency.h"
#include "bench/report/stores_figures.h"
#include "bench/stores/pool.h"

enum { SIZES = 32, SENTENCE = 300 };

/* The sizes of one entry's pools, the smallest first. */
struct curve_of_pools {
    unsigned count, items[SIZES];
};

static const struct contestant *who_at(const struct stores_results *r, unsigned item)
{
    return r->series.items[item].who;
}

/* How many connections this item's pool has; -1: it is none, or has no figures. */
static int64_t size_of(const struct stores_results *r, unsigned item)
{
    const struct variant *v = who_at(r, item)->variant;

    return r->figures[item].store && v && strcmp(v->setting.name, "size") == 0 &&
                   stores_may_be_taken(r, item) && r->figures[item].per_s > 0
               ? v->setting.value : -1;
}

static void take_sizes(const struct stores_results *r, const unsigned *of_cell, unsigned count,
                       const void *ops, struct curve_of_pools *c)
{
    c->count = 0;
    for (unsigned k = 0; k < count && c->count < SIZES; k++) {
        int64_t size = who_at(r, of_cell[k])->ops == ops ? size_of(r, of_cell[k]) : -1;
        unsigned at = c->count;
        if (size < 0)
            continue;
        for (; at > 0 && size_of(r, c->items[at - 1]) > size; at--)
            c->items[at] = c->items[at - 1];
        c->items[at] = of_cell[k];
        c->count++;
    }
}

/* Seconds that an operation holds its connection where nobody else is in its way; NAN: not known. */
static double held_s(const struct stores_results *r, const struct curve_of_pools *c)
{
    for (unsigned i = 0; i < c->count; i++) {
        int64_t size = size_of(r, c->items[i]);
        if (size > 0)
            return (double)size / r->figures[c->items[i]].per_s;
    }
    return NAN;
}

static void print_curve(FILE *out, const struct stores_results *r, const struct curve_of_pools *c)
{
    const struct series_item *first = &r->series.items[c->items[0]];
    double held = held_s(r, c), threads = first->cell->cell.threads, rate = r->options->rate;
    char name[TEXT_NUMBER], text[3][TEXT_NUMBER], sentence[SENTENCE];

    fprintf(out, "\n  %s, pools for %.0f threads\n  %12s  %10s  %10s  %8s\n",
            contestant_identity(first->who)->name, threads, "connections", "ops/s", "by Little", "in use");
    for (unsigned i = 0; i < c->count; i++) {
        double size = (double)size_of(r, c->items[i]), per_s = r->figures[c->items[i]].per_s;
        double by_little = size > 0 ? fmin(size, threads) / held : NAN;
        fprintf(out, "  %12s  %10s  %10s  %8s\n", size > 0 ? text_grouped(size, name) : "none",
                text_about(per_s, text[0]), text_about(by_little, text[1]),
                text_number(size > 0 ? pool_in_use(per_s, held) : NAN, 2, text[2]));
    }
    if (isnan(held))
        return;
    snprintf(sentence, sizeof sentence,
             "By Little's law N connections carry N times what the smallest pool does, at %s an operation, "
             "and %s Mu keep %s of them in use.  Less than that is time waited in the server, or for a "
             "processor.", text_duration(held * 1e9, text[0]), text_number(rate / LATENCY_MU, 3, text[1]),
             text_grouped(ceil(pool_in_use(rate, held)), text[2]));
    text_wrapped(out, sentence, 2, 76);
}

void stores_print_pools(FILE *out, const struct stores_results *r, const unsigned *of_cell, unsigned count)
{
    struct curve_of_pools c;

    for (unsigned k = 0; k < count; k++) {
        bool again = false;
        for (unsigned before = 0; before < k; before++)
            again = again || (who_at(r, of_cell[before])->ops == who_at(r, of_cell[k])->ops);
        if (again)
            continue;
        take_sizes(r, of_cell, count, who_at(r, of_cell[k])->ops, &c);
        if (c.count > 1)
            print_curve(out, r, &c);
    }
}
