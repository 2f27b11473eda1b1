/* pareto_because.c - what keeps a strategy from being beaten, in words. */
#include <stdio.h>

#include "bench/judge/pareto.h"

/* What a row may have ahead of one that is as fast. */
enum edge { EDGE_SIMPLER, EDGE_SMALLER, EDGE_PROMISES, EDGES };

static const char *const words[EDGES + 1] = { "simpler than", "smaller than", "promises more than",
                                              "level with" };

static bool has_edge(enum edge edge, const struct pareto_row *row, const struct pareto_row *over)
{
    switch (edge) {
    case EDGE_SIMPLER: return row->debts < over->debts;
    case EDGE_SMALLER: return pareto_smaller(row, over);
    case EDGE_PROMISES: return row->promises & ~over->promises;
    case EDGES: break;
    }
    return true;
}

/* The one that is said of a rival: the first that it has. */
static enum edge edge_over(const struct pareto_row *row, const struct pareto_row *over)
{
    enum edge edge = EDGE_SIMPLER;

    while (edge < EDGES && !has_edge(edge, row, over))
        edge++;
    return edge;
}

/* The rows that are as fast, a bit each. */
static uint64_t rivals_of(const struct pareto *p, unsigned row)
{
    uint64_t set = 0;

    for (unsigned i = 0; i < p->count && i < 64; i++)
        if (i != row && pareto_as_fast(&p->rows[i], &p->rows[row]))
            set |= UINT64_C(1) << i;
    return set;
}

/* "smaller than rcu, per_cpu", of the rivals in that set. */
static int put_rivals(const struct pareto *p, uint64_t set, enum edge edge, char *at, size_t size)
{
    char name[CONTESTANT_NAME];
    int n = snprintf(at, size, "%s", words[edge]);

    for (unsigned i = 0; i < p->count && i < 64; i++)
        if (set & UINT64_C(1) << i && (size_t)n + CONTESTANT_NAME < size)
            n += snprintf(at + n, size - (size_t)n, "%s %s", set & ((UINT64_C(1) << i) - 1) ? "," : "",
                          contestant_name(p->rows[i].who, name, sizeof name));
    return n;
}

const char *pareto_because(const struct pareto *p, unsigned row, char buffer[PARETO_WORDS])
{
    uint64_t rivals = rivals_of(p, row), over[EDGES + 1] = { 0 }, by_first[EDGES + 1] = { 0 };
    int n = 0;

    snprintf(buffer, PARETO_WORDS, "the fastest");
    if (rivals == 0)
        return buffer;
    for (unsigned i = 0; i < p->count && i < 64; i++) {
        if (!(rivals & UINT64_C(1) << i))
            continue;
        for (enum edge edge = EDGE_SIMPLER; edge < EDGES; edge++)
            over[edge] |= has_edge(edge, &p->rows[row], &p->rows[i]) ? UINT64_C(1) << i : 0;
        by_first[edge_over(&p->rows[row], &p->rows[i])] |= UINT64_C(1) << i;
    }
    for (enum edge edge = EDGE_SIMPLER; edge < EDGES && (rivals & (rivals - 1)); edge++)
        if (over[edge] == rivals) {
            snprintf(buffer, PARETO_WORDS, "%s all that are as fast", words[edge]);
            return buffer;
        }
    for (enum edge edge = EDGE_SIMPLER; edge <= EDGES; edge++) {
        if (by_first[edge] == 0 || (size_t)n + CONTESTANT_NAME + 32 > PARETO_WORDS)
            continue;
        n += snprintf(buffer + n, (size_t)(PARETO_WORDS - n), n ? "; " : "");
        n += put_rivals(p, by_first[edge], edge, buffer + n, (size_t)(PARETO_WORDS - n));
    }
    return buffer;
}
