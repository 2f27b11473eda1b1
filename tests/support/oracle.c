/* oracle.c - least and greatest feasible prefix sums, by bisection and sparse tables. */
#include "tests/support/oracle.h"

#include <stdbool.h>
#include <stdlib.h>

/*
 * The adds of one thread as prefix sums, with the least and the greatest of any
 * range of prefixes in constant time (a sparse table: rows of ranges of 2^k).
 */
struct prefixes {
    size_t count; /* of adds; there are count + 1 prefixes */
    uint64_t *begin, *end;
    int64_t **least, **greatest; /* [k][i] = over prefixes i .. i + 2^k - 1 */
    int64_t *claps; /* what the adds above 0 of each prefix make */
    size_t rows;
};

static void prefixes_free(struct prefixes *p)
{
    for (size_t k = 0; p->least && k < p->rows; k++)
        free(p->least[k]);
    for (size_t k = 0; p->greatest && k < p->rows; k++)
        free(p->greatest[k]);
    free(p->least);
    free(p->greatest);
    free(p->claps);
    free(p->begin);
    free(p->end);
}

static bool prefixes_make(struct prefixes *p, const struct record *r)
{
    size_t all = 1;

    *p = (struct prefixes){ .rows = 1 };
    for (size_t i = 0; i < r->count; i++)
        all += !r->events[i].is_read;
    while ((size_t)1 << p->rows <= all)
        p->rows++;
    p->begin = malloc(all * sizeof *p->begin);
    p->end = malloc(all * sizeof *p->end);
    p->claps = malloc(all * sizeof *p->claps);
    p->least = calloc(p->rows, sizeof *p->least);
    p->greatest = calloc(p->rows, sizeof *p->greatest);
    for (size_t k = 0; p->least && p->greatest && k < p->rows; k++) {
        p->least[k] = malloc(all * sizeof **p->least);
        p->greatest[k] = malloc(all * sizeof **p->greatest);
        if (!p->least[k] || !p->greatest[k])
            return false;
    }
    if (!p->begin || !p->end || !p->claps || !p->least || !p->greatest)
        return false;
    p->least[0][0] = p->greatest[0][0] = p->claps[0] = 0;
    for (size_t i = 0; i < r->count; i++) {
        const struct event *e = &r->events[i];
        if (e->is_read)
            continue;
        p->begin[p->count] = e->begin;
        p->end[p->count] = e->end;
        p->count++;
        p->least[0][p->count] = p->greatest[0][p->count] = p->least[0][p->count - 1] + e->n;
        p->claps[p->count] = p->claps[p->count - 1] + (e->n > 0 ? e->n : 0);
    }
    for (size_t k = 1; k < p->rows; k++)
        for (size_t i = 0, half = (size_t)1 << (k - 1); i + 2 * half <= all; i++) {
            int64_t a = p->least[k - 1][i], b = p->least[k - 1][i + half];
            p->least[k][i] = a < b ? a : b;
            a = p->greatest[k - 1][i], b = p->greatest[k - 1][i + half];
            p->greatest[k][i] = a > b ? a : b;
        }
    return true;
}

/* How many of the sorted stamps are below `limit`, or at it as well. */
static size_t count_up_to(const uint64_t *stamps, size_t count, uint64_t limit, bool inclusive)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (stamps[middle] < limit || (inclusive && stamps[middle] == limit))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct bounds {
    int64_t least, greatest;
};

/* Of one thread's adds those before `first` are in, and those from `last` on are out. */
static struct bounds of_prefixes(const struct prefixes *p, size_t first, size_t last)
{
    size_t k = 0;

    while ((size_t)2 << k <= last - first + 1)
        k++;
    size_t second = last + 1 - ((size_t)1 << k);
    int64_t a = p->least[k][first], b = p->least[k][second];
    int64_t x = p->greatest[k][first], y = p->greatest[k][second];
    return (struct bounds){ a < b ? a : b, x > y ? x : y };
}

static struct bounds of_parts(const struct prefixes *p, size_t first, size_t last)
{
    int64_t sum = p->least[0][first], claps = p->claps[last] - p->claps[first];

    return (struct bounds){ p->least[0][last] - claps, sum + claps };
}

/* What a read over [a, b] may return. */
static struct bounds bounds_of(const struct prefixes *threads, size_t count, enum oracle_sum kind,
                               uint64_t a, uint64_t b)
{
    struct bounds all = { 0, 0 };

    for (size_t t = 0; t < count; t++) {
        const struct prefixes *p = &threads[t];
        size_t first = count_up_to(p->end, p->count, a, false); /* certainly in */
        size_t last = count_up_to(p->begin, p->count, b, true); /* possibly in */
        struct bounds one = kind == ORACLE_PARTS ? of_parts(p, first, last)
                                                 : of_prefixes(p, first, last);
        all.least += one.least;
        all.greatest += one.greatest;
    }
    return all;
}

struct oracle_verdict oracle_judge(const struct record *threads, size_t count,
                                   enum oracle_sum kind, int64_t error)
{
    struct oracle_verdict v = { 0, 0, 0, 0, 0 };
    struct prefixes *p = calloc(count, sizeof *p);
    bool made = p != NULL;

    for (size_t t = 0; made && t < count; t++)
        made = prefixes_make(&p[t], &threads[t]);
    for (size_t t = 0; made && t < count; t++)
        for (size_t i = 0; i < threads[t].count; i++) {
            const struct event *e = &threads[t].events[i];
            if (!e->is_read)
                continue;
            struct bounds may = bounds_of(p, count, kind, e->begin, e->end);
            v.reads++;
            if (e->n >= may.least - error && e->n <= may.greatest + error)
                continue;
            if (v.impossible++ == 0) {
                v.value = e->n;
                v.least = may.least;
                v.greatest = may.greatest;
            }
        }
    for (size_t t = 0; p && t < count; t++)
        prefixes_free(&p[t]);
    free(p);
    if (!made)
        v.impossible = SIZE_MAX;
    return v;
}
