/* hello.c - see hello.h. */
#include "bench/serve/labs/hello.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/text.h"
#include "bench/report/results.h"
#include "bench/serve/labs/site.h"

enum { FIRST, SECOND, SIDES, POSTS = 100 };
static const double promised = 0.7;

/* Answered requests, and the seconds that they took, of each turn. */
struct turns {
    double per_s[SIDES][HELLO_PAIRS], answered[SIDES], seconds[SIDES];
};

/* What is compared: two command lines, and whether the first is that of a bare hello. */
struct pair_of {
    const char *const *options[SIDES];
    bool bare;
};

static int take_turn(const struct hello_plan *p, const struct pair_of *o, const struct site *site, unsigned side,
                     unsigned pair, struct turns *t, struct hello_result *out)
{
    struct load_result *r = calloc(1, sizeof *r);
    const struct load_plan plan = {
        .port = site->port, .mix = o->bare && side == FIRST ? LOAD_HELLO : LOAD_SERVICE, .users = 90000,
        .posts = POSTS, .readers = 10000, .length_ns = p->window_ns / HELLO_PAIRS,
        .seed = p->seed + pair, .is_over = p->is_over, .ctx = p->ctx,
    };
    int error = r ? load_run(&plan, r) : -ENOMEM;

    if (!error && r->seconds > 0) {
        t->per_s[side][pair] = (double)r->answered / r->seconds;
        t->answered[side] += (double)r->answered;
        t->seconds[side] += r->seconds;
    }
    if (!error) {
        out->asked += r->asked;
        out->answered += r->answered;
        out->failed += r->failed;
    }
    free(r);
    return error;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static int take_turns(const struct hello_plan *p, const struct pair_of *o, const struct site *sites,
                      struct hello_result *out)
{
    struct turns t = { .answered = { 0 } };
    double ratios[HELLO_PAIRS];
    int error = 0;

    for (unsigned pair = 0; pair < HELLO_PAIRS && !error; pair++) {
        for (unsigned i = 0; i < SIDES && !error; i++) {
            unsigned side = (pair + i) % SIDES; /* each is first as often as the other, about */
            error = take_turn(p, o, &sites[side], side, pair, &t, out);
        }
        ratios[pair] = t.per_s[SECOND][pair] / t.per_s[FIRST][pair];
    }
    if (error || p->is_over(p->ctx))
        return error;
    qsort(ratios, HELLO_PAIRS, sizeof *ratios, by_size);
    out->ratio = ratios[HELLO_PAIRS / 2];
    out->low = ratios[0];
    out->high = ratios[HELLO_PAIRS - 1];
    out->hello_per_s = t.answered[FIRST] / t.seconds[FIRST];
    out->service_per_s = t.answered[SECOND] / t.seconds[SECOND];
    out->done = out->ratio > 0;
    return 0;
}

static int compare(const struct hello_plan *plan, const struct pair_of *o, struct hello_result *out)
{
    struct site sites[SIDES];
    int error = 0;

    memset(out, 0, sizeof *out);
    memset(sites, 0, sizeof sites);
    for (unsigned side = 0; side < SIDES && !error; side++) {
        error = site_start(&sites[side], o->options[side]);
        if (error && error != -EINTR)
            snprintf(out->why, sizeof out->why, "%.190s",
                     error == -ENOENT && sites[side].said[0] ? sites[side].said : strerror(-error));
    }
    if (!error)
        error = take_turns(plan, o, sites, out);
    for (unsigned side = 0; side < SIDES; side++)
        site_stop(&sites[side]);
    return out->why[0] ? 0 : error;
}

int hello_compare(const struct hello_plan *plan, struct hello_result *out)
{
    static const char *const hello[] = { "--hello", NULL };
    static const char *const service[] = { "--presence=packed", "--claps=cas", "--counter=striped", "--users=100k",
                                           "--post-count=101", "--samples=100", NULL };

    return compare(plan, &(struct pair_of){ { hello, service }, true }, out);
}

int hello_compare_services(const struct hello_plan *plan, const char *const *first, const char *const *second,
                           struct hello_result *out)
{
    return compare(plan, &(struct pair_of){ { first, second }, false }, out);
}

void hello_judge(struct experiment *e, const struct hello_result *r)
{
    if (!r->done)
        experiment_not_reached(e, "hello", "the service against a bare \"hello\"");
    else
        experiment_shape(e, "hello", SHAPE_MEASURED, r->ratio >= promised && r->failed == 0,
                         "the service answers at least %.1f of the requests of a bare \"hello\" on the same "
                         "library: %.2f, the median of %d pairs.", promised, r->ratio, HELLO_PAIRS);
}

void hello_print(const struct hello_result *r)
{
    char service[TEXT_NUMBER], hello[TEXT_NUMBER];

    if (r->done)
        printf("  requests a second                %10s, bare hello %s: %.2f of it\n",
               text_about(r->service_per_s, service), text_about(r->hello_per_s, hello), r->ratio);
}

json_t *hello_json(const struct hello_result *r)
{
    return json_pack("{s:o, s:o, s:o, s:i}", "hello_per_s", results_number(r->hello_per_s), "service_per_s",
                     results_number(r->service_per_s), "ratio", results_number(r->ratio), "pairs",
                     HELLO_PAIRS);
}
