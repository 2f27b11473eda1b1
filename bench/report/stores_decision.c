/* stores_decision.c - the stores side by side, by what decides between them. */
#include <math.h>

#include "bench/base/text.h"
#include "bench/report/latency.h"
#include "bench/report/stores_figures.h"

enum { COLUMNS = 4, LABEL = 13, CELL = 15, WORD = TEXT_NUMBER };

struct column {
    const struct store_system *system;
    unsigned item; /* of its entries the one that copes with most */
};

/* A column for each system that one decides between, in the order of the plan. */
static unsigned choose(const struct stores_results *r, const struct plan_cell *cell,
                       struct column columns[COLUMNS])
{
    unsigned count = 0;

    for (unsigned i = 0; i < r->series.count; i++) {
        const struct stores_figures *f = &r->figures[i];
        unsigned at = 0;
        if (r->series.items[i].cell != cell || !f->store || !f->store->system->set_up ||
            !stores_may_be_taken(r, i) || !(f->per_s > 0))
            continue;
        while (at < count && columns[at].system != f->store->system)
            at++;
        if (at == count && count < COLUMNS)
            columns[count++] = (struct column){ f->store->system, i };
        else if (at < count && f->knee.copes > r->figures[columns[at].item].knee.copes)
            columns[at].item = i;
    }
    return count;
}

typedef const char *word_of(const struct stores_results *r, const struct column *c, char text[WORD]);

static const char *entry(const struct stores_results *r, const struct column *c, char text[WORD])
{
    snprintf(text, WORD, "%s", contestant_identity(r->series.items[c->item].who)->name);
    return text;
}

static const char *copes(const struct stores_results *r, const struct column *c, char text[WORD])
{
    double most = r->figures[c->item].knee.copes;

    return most > 0 ? text_number(most / LATENCY_MU, 2, text) : "-";
}

static const char *p50(const struct stores_results *r, const struct column *c, char text[WORD])
{
    return text_duration(r->figures[c->item].p50, text);
}

static const char *p99(const struct stores_results *r, const struct column *c, char text[WORD])
{
    return text_duration(r->figures[c->item].p99, text);
}

static const char *trips(const struct stores_results *r, const struct column *c, char text[WORD])
{
    return text_number(r->figures[c->item].round_trips, 3, text);
}

static const char *units(const struct stores_results *r, const struct column *c, char text[WORD])
{
    double units = r->figures[c->item].units;

    return units > 0 ? text_number(units, 3, text) : "-";
}

static const char *bytes(const struct stores_results *r, const struct column *c, char text[WORD])
{
    return text_number(r->figures[c->item].held_per_item, 3, text);
}

static const char *set_up(const struct stores_results *r, const struct column *c, char text[WORD])
{
    (void)r, (void)text;
    return c->system->set_up ? c->system->set_up : "-";
}

static const char *lock_in(const struct stores_results *r, const struct column *c, char text[WORD])
{
    (void)r, (void)text;
    return c->system->lock_in ? c->system->lock_in : "-";
}

static const char *keeps(const struct stores_results *r, const struct column *c, char text[WORD])
{
    (void)r, (void)text;
    return c->system->keeps ? c->system->keeps : "-";
}

static const struct {
    const char *label;
    word_of *word;
} lines[] = {
    { "", entry },           { "copes, Mu", copes }, { "p50", p50 },           { "p99", p99 },
    { "commands", trips },   { "units", units },     { "B/user", bytes },      { "to set up", set_up },
    { "locked in to", lock_in }, { "after a crash", keeps },
};

void stores_print_decision(FILE *out, const struct stores_results *r, const struct plan_cell *cell)
{
    struct column columns[COLUMNS];
    char text[WORD];
    const struct workload *w = cell->cell.workload;
    /* Of what a heartbeat costs: where all do nothing else, one at a time. */
    bool asked = w->keys == KEYS_USERS && w->write_percent == 100 && w->batch == 0;
    unsigned count = asked ? choose(r, cell, columns) : 0;

    if (count < 2)
        return;
    fprintf(out, "\n  %-*s", LABEL, "side by side");
    for (unsigned c = 0; c < count; c++)
        fprintf(out, " %*s", CELL, columns[c].system->name);
    fputc('\n', out);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        fprintf(out, "  %-*s", LABEL, lines[i].label);
        for (unsigned c = 0; c < count; c++)
            fprintf(out, " %*s", CELL, lines[i].word(r, &columns[c], text));
        fputc('\n', out);
    }
}
