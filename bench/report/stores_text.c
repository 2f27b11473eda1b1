/* stores_text.c - the tables of `contend run --stores`, and the sentence at their end. */
#include <math.h>
#include <string.h>

#include "bench/base/text.h"
#include "bench/judge/simplicity.h"
#include "bench/report/latency.h"
#include "bench/report/stores_figures.h"
#include "bench/stores/pool.h"

enum { WIDTH = 80, NAME = 18, SENTENCE = 1200, ITEMS = OPTION_STRATEGIES + OPTION_VARIANTS + 64 };

static const struct series_item *item_at(const struct stores_results *r, unsigned i)
{
    return &r->series.items[i];
}

/* The items of a cell, the fastest first and floors last; returns how many there are. */
static unsigned sort_cell(const struct stores_results *r, const struct plan_cell *cell,
                          unsigned of_cell[ITEMS])
{
    unsigned count = 0;

    for (unsigned i = 0; i < r->series.count && count < ITEMS; i++) {
        bool floor = contestant_identity(item_at(r, i)->who)->flags & CONTEND_FLOOR;
        unsigned at = count;
        if (item_at(r, i)->cell != cell)
            continue;
        for (; !floor && at > 0; at--) {
            unsigned other = of_cell[at - 1];
            double a = r->figures[i].per_s, b = r->figures[other].per_s;
            if (!(contestant_identity(item_at(r, other)->who)->flags & CONTEND_FLOOR) &&
                !(a > b || isnan(b)))
                break;
            of_cell[at] = other;
        }
        of_cell[at] = i;
        count++;
    }
    return count;
}

/* A search that was not brought to its end has found a bound. */
static const char *copes(const struct stores_figures *f, bool done, char buffer[TEXT_NUMBER + 2])
{
    char number[TEXT_NUMBER];
    bool whole = done && !f->coarse;

    if (f->knee.copes > 0)
        snprintf(buffer, TEXT_NUMBER + 2, "%s%s", whole && f->knee.fails > 0 ? "" : ">",
                 text_number(f->knee.copes / LATENCY_MU, 2, number));
    else if (f->knee.fails > 0 && !whole)
        snprintf(buffer, TEXT_NUMBER + 2, "<%s", text_number(f->knee.fails / LATENCY_MU, 2, number));
    else
        return f->knee.fails > 0 ? "none" : "-";
    return buffer;
}

static void print_speed(FILE *out, const struct stores_results *r, unsigned i)
{
    const struct stores_figures *f = &r->figures[i];
    char mu[TEXT_NUMBER + 2], rate[TEXT_NUMBER], each[TEXT_NUMBER], text[3][TEXT_NUMBER];
    double threads = item_at(r, i)->cell->cell.threads;

    fprintf(out, " %9s %8s %7s  %7s %7s %7s\n", text_about(f->per_s, rate),
            text_duration(1e9 * threads / f->per_s, each),
            copes(f, item_at(r, i)->done, mu), text_duration(f->p50, text[0]),
            text_duration(f->p99, text[1]), text_duration(f->p999, text[2]));
}

/* A store that lost something: what, in the place of the percentiles that nobody wants. */
static void print_entry(FILE *out, const struct stores_results *r, unsigned i)
{
    const struct series_item *item = item_at(r, i);
    bool exhibit = contestant_identity(item->who)->flags & CONTEND_EXHIBIT;
    char rate[TEXT_NUMBER];

    series_print_name(out, item->who, NAME);
    if (exhibit && item->error) {
        fprintf(out, " %9s CAUGHT: %s\n", text_about(r->figures[i].per_s, rate), item->why);
        return;
    }
    if (series_print_reason(out, item))
        return;
    print_speed(out, r, i);
}

static void print_costs(FILE *out, const struct stores_results *r, const unsigned *of_cell,
                        unsigned count)
{
    char text[5][TEXT_NUMBER];

    fprintf(out, "\n  of an operation    round trips   bytes  client CPU  server CPU  B/item  says\n");
    for (unsigned k = 0; k < count; k++) {
        const struct stores_figures *f = &r->figures[of_cell[k]];
        if (!f->store || isnan(f->per_s))
            continue;
        series_print_name(out, item_at(r, of_cell[k])->who, NAME);
        fprintf(out, " %11s %7s %11s %11s %7s  %s\n", text_number(f->round_trips, 3, text[0]),
                text_number(f->bytes, 3, text[1]), text_duration(f->client_cpu_ns, text[2]),
                f->server_cpu_ns > 0 ? text_duration(f->server_cpu_ns, text[3]) : "-",
                text_number(f->held_per_item, 3, text[4]), f->store->system->name);
    }
}

/* The simplest that carries the rate: in the process, or of the stores; -1: none does. */
static int simplest(const struct stores_results *r, const unsigned *of_cell, unsigned count,
                    double per_s, bool stores)
{
    int best = -1;

    for (unsigned k = 0; k < count; k++) {
        unsigned i = of_cell[k];
        if (!stores_carries(r, i, per_s) || !r->figures[i].store == stores)
            continue;
        unsigned effort = stores ? r->figures[i].store->system->effort
                                 : simplicity_rank(item_at(r, i)->who);
        unsigned least = best < 0 ? UINT32_MAX
                         : stores ? r->figures[best].store->system->effort
                                  : simplicity_rank(item_at(r, (unsigned)best)->who);
        /* Of those that ask for as little, the first in teaching order. */
        if (effort < least || (effort == least && i < (unsigned)best))
            best = (int)i;
    }
    return best;
}

static const char *name_at(const struct stores_results *r, unsigned i, char name[CONTESTANT_NAME])
{
    return contestant_name(item_at(r, i)->who, name, CONTESTANT_NAME);
}

/* Where each of the stores stops that does not carry the rate. */
static size_t add_stops(const struct stores_results *r, const unsigned *of_cell, unsigned count,
                        char *sentence, size_t used)
{
    char name[CONTESTANT_NAME], mu[TEXT_NUMBER + 2];
    bool first = true;

    for (unsigned k = 0; k < count && used < SENTENCE; k++) {
        unsigned i = of_cell[k];
        double most = r->figures[i].knee.copes;
        if (!r->figures[i].store || !stores_may_be_taken(r, i) || most >= r->options->rate ||
            (most <= 0 && r->figures[i].knee.fails <= 0))
            continue;
        used += (size_t)snprintf(sentence + used, SENTENCE - used, "%s%s%s %s Mu",
                                 first ? "  It is too much for " : ", ", name_at(r, i, name),
                                 first ? ", which stops coping at" : " at",
                                 copes(&r->figures[i], item_at(r, i)->done, mu));
        first = false;
    }
    if (!first && used < SENTENCE)
        used += (size_t)snprintf(sentence + used, SENTENCE - used, ".");
    return used;
}

/* By Little's law, for the store that is fastest one operation at a time. */
static void add_connections(const struct stores_results *r, const unsigned *of_cell, unsigned count,
                            char *sentence, size_t used)
{
    char name[CONTESTANT_NAME], each[TEXT_NUMBER], many[TEXT_NUMBER];

    for (unsigned k = 0; k < count && used < SENTENCE; k++) {
        unsigned i = of_cell[k];
        const struct stores_figures *f = &r->figures[i];
        if (!f->store || !stores_may_be_taken(r, i) || !(f->per_s > 0) || !(f->sent > 0))
            continue;
        double held_s = item_at(r, i)->cell->cell.threads / f->per_s;
        double in_use = pool_in_use(r->options->rate, held_s);
        snprintf(sentence + used, SENTENCE - used,
                 "  By Little's law that load keeps %s connections busy at %s an operation (%s).",
                 in_use < 1 ? "less than 1 of the" : text_about(ceil(in_use), many),
                 text_duration(held_s * 1e9, each), name_at(r, i, name));
        return;
    }
}

static void conclude(FILE *out, const struct stores_results *r, const unsigned *of_cell,
                     unsigned count)
{
    double rate = r->options->rate;
    int own = simplest(r, of_cell, count, rate, false), store = simplest(r, of_cell, count, rate, true);
    char name[CONTESTANT_NAME], mu[TEXT_NUMBER], debts[SIMPLICITY_WORDS], sentence[SENTENCE];
    size_t used = (size_t)snprintf(sentence, sizeof sentence, "%s Mu: ",
                                   text_number(rate / LATENCY_MU, 3, mu));

    if (own >= 0)
        used += (size_t)snprintf(sentence + used, sizeof sentence - used,
                                 "in the process %s carries it, which %s; ", name_at(r, (unsigned)own, name),
                                 simplicity_words(item_at(r, (unsigned)own)->who, debts));
    else
        used += (size_t)snprintf(sentence + used, sizeof sentence - used,
                                 "nothing that was measured in the process carries it; ");
    if (store >= 0)
        used += (size_t)snprintf(sentence + used, sizeof sentence - used,
                                 "of the stores the simplest that does is %s, which asks for %s.",
                                 name_at(r, (unsigned)store, name),
                                 r->figures[store].store->system->asks);
    else
        used += (size_t)snprintf(sentence + used, sizeof sentence - used,
                                 "none of the stores does.");
    used = add_stops(r, of_cell, count, sentence, used);
    add_connections(r, of_cell, count, sentence, used);
    fputc('\n', out);
    text_wrapped(out, sentence, 2, WIDTH - 4);
}

static void print_cell(FILE *out, const struct stores_results *r, const struct plan_cell *cell)
{
    unsigned of_cell[ITEMS];
    unsigned count = sort_cell(r, cell, of_cell);
    char name[PLAN_NAME];

    fprintf(out, "%s\n\n", plan_cell_name(&cell->cell, name));
    fprintf(out, "                         as fast as it can   copes   from due to done, at half that\n"
                 "  %-*s %9s %8s %7s  %7s %7s %7s\n", NAME, "strategy", "ops/s", "each", "with Mu",
            "p50", "p99", "p99.9");
    for (unsigned i = 0; i < count; i++)
        print_entry(out, r, of_cell[i]);
    print_costs(out, r, of_cell, count);
    stores_print_pools(out, r, of_cell, count);
    stores_print_decision(out, r, cell);
    conclude(out, r, of_cell, count);
    fputc('\n', out);
}

static void print_troubles(FILE *out, const struct stores_results *r)
{
    for (unsigned i = 0; i < r->series.count; i++)
        if (r->figures[i].trouble[0]) {
            char sentence[320];
            snprintf(sentence, sizeof sentence, "The first complaint of %s", r->figures[i].trouble);
            text_wrapped(out, sentence, 2, WIDTH - 4);
        }
}

void stores_print(FILE *out, const struct stores_results *r)
{
    for (unsigned i = 0; i < r->series.plan->count; i++)
        print_cell(out, r, &r->series.plan->cells[i]);
    print_troubles(out, r);
    text_wrapped(out, "1 Mu is 100,000 operations a second: a million users who beat every ten "
                      "seconds.  Each: a thread's time for one operation.  Copes: less than half a "
                      "percent was left over when the time was up; > and < where the search ended "
                      "before it was narrowed down.  A dash: too few operations, or nothing that "
                      "the store tells.", 2, WIDTH - 4);
    text_wrapped(out, "Client and servers share this machine's processors, so that a server on "
                      "another machine would carry more, and every round trip would take longer.", 2,
                 WIDTH - 4);
    series_print_end(out, &r->series);
}
