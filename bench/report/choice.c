/* choice.c - tries strategies from the simplest on. */
#include "bench/report/choice.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/arguments.h"
#include "bench/engine/open_loop.h"
#include "bench/judge/knee.h"
#include "bench/judge/needs.h"
#include "bench/judge/promise.h"
#include "bench/judge/simplicity.h"
#include "bench/report/results_read.h"

enum {
    TRY_NS = 250000000,
    TRIES = 3,        /* at a rate; it copes if most of them succeed */
    TAIL = 20,        /* operations beyond the percentile, or it is not judged */
    SEARCH_NS = 100000000,
    BEYOND = 512      /* times the load: the search ends there */
};

static const double disturbed_above = 0.10; /* of the time, as in `contend run` */
static const double more = 1.25; /* so much above the answer's limit is another class */
static const double clearly = 2; /* ... and so much is no accident, where nothing else tells them apart */

struct choosing {
    struct choice_results *r;
    struct open_loop_result *loop;
    struct stage *stage;
    unsigned item;
    enum { CARRY, LIMIT, SURPASS } step;
    double times; /* SURPASS: the limit */
};

static int offer(struct choosing *c, double per_s, uint64_t length_ns)
{
    struct open_loop_plan plan = { .arrivals = ARRIVALS_EXPONENTIAL, .per_s = per_s,
                                   .length_ns = length_ns, .seed = c->r->options->run.seed };
    struct choice_entry *e = &c->r->entries[c->item];

    if (series_is_over(&c->r->series))
        return -EINTR;
    int error = open_loop_run(c->stage, &plan, c->loop);
    if (error)
        return error;
    c->r->offers++;
    c->r->disturbed += c->loop->covariates.run_delay > disturbed_above;
    if (c->loop->copes && per_s > e->copes_per_s)
        e->copes_per_s = per_s;
    return c->loop->copes;
}

/* Whether it copes with a rate in two of three tries: 1, 0, or an error. */
static int copes(void *ctx, double per_s)
{
    struct choosing *c = ctx;
    unsigned yes = 0, no = 0;

    while (yes <= TRIES / 2 && no <= TRIES / 2) {
        int answer = offer(c, per_s, c->step == CARRY ? TRY_NS : SEARCH_NS);
        if (answer < 0)
            return answer;
        yes += answer > 0;
        no += answer == 0;
    }
    return yes > no;
}

/* The lowest p99.9 of a few tries: a disturbed machine only adds to it. */
static int measure_tail(struct choosing *c, double *p999_ns)
{
    *p999_ns = NAN;
    for (unsigned i = 0; i < TRIES; i++) {
        int answer = offer(c, c->r->options->per_s, TRY_NS);
        if (answer < 0)
            return answer;
        if ((double)c->loop->response.count * 0.001 >= TAIL)
            *p999_ns = fmin(isnan(*p999_ns) ? INFINITY : *p999_ns,
                            histogram_quantile(&c->loop->response, 0.999));
    }
    return 0;
}

static int carry(struct choosing *c)
{
    const struct choice_options *o = c->r->options;
    struct choice_entry *e = &c->r->entries[c->item];
    int answer = copes(c, o->per_s * o->headroom);

    if (answer > 0)
        answer = measure_tail(c, &e->p999_ns) == 0 ? 1 : -EINTR;
    if (answer < 0)
        return answer;
    e->state = answer == 0 ? CHOICE_TOO_SLOW
               : o->p999_ns > 0 && e->p999_ns > o->p999_ns ? CHOICE_TOO_LATE : CHOICE_CARRIES;
    return 0;
}

static int find_limit(struct choosing *c)
{
    struct choice_results *r = c->r;
    double from = r->options->per_s * r->options->headroom;
    struct knee_range range = { .first = from, .least = from / 4, .most = from * BEYOND,
                                .halvings = 3 };
    struct knee knee;
    int error = knee_find(&knee, &range, copes, c);

    /* That rate was carried before; that it was not on a second look is the machine's doing. */
    r->limit_per_s = fmax(knee.copes, from);
    r->limit_is_bound = knee.fails == 0;
    return error;
}

static int try_item(void *ctx, unsigned item, struct stage *stage)
{
    struct choosing *c = ctx;

    c->stage = stage;
    c->item = item;
    switch (c->step) {
    case CARRY: return carry(c);
    case LIMIT: return find_limit(c);
    case SURPASS:
        break;
    }
    int answer = copes(c, c->r->limit_per_s * c->times);
    if (answer > 0)
        c->r->next = (int)item;
    return answer < 0 ? answer : 0;
}

/* Whether a measured object fits; its memory is known once the stage has ended. */
static void judge_size(struct choice_results *r, unsigned item, double bytes)
{
    struct choice_entry *e = &r->entries[item];

    e->bytes_per_item = bytes;
    if (e->state == CHOICE_CARRIES && r->options->bytes > 0 && bytes > r->options->bytes)
        e->state = CHOICE_TOO_LARGE;
}

static void try_one(struct choosing *c, unsigned item)
{
    struct choice_results *r = c->r;
    double bytes = series_run_one(&r->series, item, try_item, c);

    if (r->series.items[item].error || r->series.items[item].skipped)
        r->entries[item].state = CHOICE_FAILED;
    else if (c->step == CARRY)
        judge_size(r, item, bytes);
}

/* Whether a comes before b: by rank, by what is promised, and in the order of the list. */
static bool comes_first(const struct choice_results *r, unsigned a, unsigned b)
{
    const struct contestant *x = r->series.items[a].who, *y = r->series.items[b].who;

    if (r->entries[a].rank != r->entries[b].rank)
        return r->entries[a].rank < r->entries[b].rank;
    if (promise_weakness(x) != promise_weakness(y))
        return promise_weakness(x) < promise_weakness(y);
    if (promise_hindrance(x) != promise_hindrance(y))
        return promise_hindrance(x) < promise_hindrance(y);
    return a < b;
}

static int sort_order(struct choice_results *r)
{
    r->order = calloc(r->series.count, sizeof *r->order);
    if (!r->order)
        return -ENOMEM;
    for (unsigned i = 0; i < r->series.count; i++) {
        unsigned at = i;
        for (; at > 0 && comes_first(r, i, r->order[at - 1]); at--)
            r->order[at] = r->order[at - 1];
        r->order[at] = i;
    }
    return 0;
}

static void judge_needs(struct choice_results *r)
{
    for (unsigned i = 0; i < r->series.count; i++) {
        const struct contestant *who = r->series.items[i].who;
        struct choice_entry *e = &r->entries[i];
        *e = (struct choice_entry){ .rank = simplicity_rank(who), .p999_ns = NAN,
                                    .bytes_per_item = NAN };
        e->unmet = needs_unmet(r->options->needs, who);
        if (e->unmet)
            e->state = CHOICE_EXCLUDED;
        else if (r->options->stale_ms >= 0 && promise_stale_ms(who) > r->options->stale_ms)
            e->state = CHOICE_TOO_STALE;
    }
}

static bool may_be_taken(const struct choice_results *r, unsigned item)
{
    return !(contestant_identity(r->series.items[item].who)->flags & (CONTEND_FLOOR | CONTEND_EXHIBIT));
}

/* The answer, and the one behind it. */
static void find_answer(struct choosing *c)
{
    struct choice_results *r = c->r;

    for (unsigned at = 0; at < r->series.count && r->runner_up < 0 && !series_is_over(&r->series); at++) {
        unsigned item = r->order[at];
        if (r->entries[item].state != CHOICE_NOT_TRIED || !may_be_taken(r, item))
            continue;
        try_one(c, item);
        if (r->entries[item].state == CHOICE_CARRIES)
            *(r->answer < 0 ? &r->answer : &r->runner_up) = (int)item;
    }
}

/* The simplest that copes beyond the answer's limit. */
static void find_next(struct choosing *c)
{
    struct choice_results *r = c->r;

    for (unsigned at = 0; at < r->series.count && r->next < 0 && !r->limit_is_bound; at++) {
        unsigned item = r->order[at];
        bool candidate = r->entries[item].state == CHOICE_CARRIES || r->entries[item].state == CHOICE_NOT_TRIED;
        if (candidate && (int)item != r->answer && r->limit_per_s > 0 && !series_is_over(&r->series) &&
            may_be_taken(r, item))
            try_one(c, item);
    }
}

static bool is_as_simple(const struct choice_results *r)
{
    return r->next >= 0 && r->entries[r->next].rank == r->entries[r->answer].rank;
}

/* What is as simple and carries clearly more is the answer, and the answer the runner-up. */
static void give_way(struct choice_results *r)
{
    r->runner_up = r->answer;
    r->answer = r->next;
    r->next = -1;
    r->gave_way = true;
}

/* Of what has not been tried at the load itself: whether it meets the bounds there. */
static bool holds_there(struct choosing *c, unsigned item)
{
    struct choice_entry *e = &c->r->entries[item];

    c->step = CARRY;
    if (e->state == CHOICE_NOT_TRIED)
        try_one(c, item);
    return e->state == CHOICE_CARRIES;
}

static bool surpasses_clearly(struct choosing *c)
{
    int next = c->r->next;

    c->r->next = -1;
    c->times = clearly;
    c->step = SURPASS;
    try_one(c, (unsigned)next);
    bool does = c->r->next == next;
    c->r->next = next;
    return does;
}

static void choose(struct choosing *c)
{
    struct choice_results *r = c->r;

    find_answer(c);
    while (r->answer >= 0 && !series_is_over(&r->series)) {
        c->step = LIMIT;
        try_one(c, (unsigned)r->answer);
        do {
            r->next = -1;
            c->times = more;
            c->step = SURPASS;
            find_next(c);
        } while (r->next >= 0 && !holds_there(c, (unsigned)r->next) && !series_is_over(&r->series));
        if (!is_as_simple(r) || !surpasses_clearly(c))
            return;
        give_way(r);
    }
}

/* Excludes by needs and sorts.  0, or an error after a message. */
static int begin(struct choice_results *r, const struct plan *plan, const struct choice_options *o)
{
    *r = (struct choice_results){ .options = o, .answer = -1, .runner_up = -1, .next = -1 };
    if (series_begin(&r->series, plan, &o->run) != 0)
        return -ENOMEM;
    r->entries = calloc(r->series.count, sizeof *r->entries);
    if (r->entries)
        judge_needs(r);
    if (r->entries && sort_order(r) == 0)
        return 0;
    return arguments_error("%s", strerror(ENOMEM));
}

static int end(struct choice_results *r, bool ready)
{
    if (ready)
        choice_print(stdout, r);
    int status = series_end(&r->series, ready && r->options->run.json ? choice_json(r) : NULL,
                            !ready || r->answer < 0);
    free(r->entries);
    free(r->order);
    return status;
}

int choice_run(const struct plan *plan, const struct choice_options *o)
{
    struct choice_results r;
    struct choosing c = { .r = &r, .step = CARRY };
    bool ready = begin(&r, plan, o) == 0;

    c.loop = malloc(sizeof *c.loop);
    if (ready && c.loop) {
        series_start(&r.series);
        choose(&c);
        series_stop(&r.series);
    }
    else if (ready)
        arguments_error("%s", strerror(ENOMEM));
    int status = end(&r, ready && c.loop);
    free(c.loop);
    return status;
}

/* ---- from a file ---- */

/* What the file says of an item. */
static void read_standing(struct choice_results *r, unsigned item, const json_t *strategies)
{
    struct series_item *what = &r->series.items[item];
    struct choice_entry *e = &r->entries[item];
    const json_t *standing = NULL, *one;
    char name[CONTESTANT_NAME];
    size_t i;

    contestant_name(what->who, name, sizeof name);
    json_array_foreach(strategies, i, one)
        if (strcmp(results_text(one, "strategy"), name) == 0)
            standing = one;
    const char *why = results_text(standing, "why");
    double rate = json_number_value(json_object_get(standing, "ops_per_s"));
    e->copes_per_s = rate; /* also of one that is left out, to say what its need costs */
    if (e->state != CHOICE_NOT_TRIED)
        return;
    what->begun = what->done = true;
    what->skipped = why[0] != '\0'; /* whatever it was there, it is no failure of this command */
    snprintf(what->why, sizeof what->why, "%s", why);
    e->state = why[0]                                           ? CHOICE_FAILED
               : rate <= 0                                      ? CHOICE_ABSENT
               : rate < r->options->per_s * r->options->headroom ? CHOICE_TOO_SLOW
                                                                : CHOICE_CARRIES;
    judge_size(r, item, json_number_value(json_object_get(standing, "bytes_per_item")));
}

/* The first strategy from the simplest on, but the answer, that carries at least `per_s`; or -1. */
static int first_that_carries(const struct choice_results *r, double per_s)
{
    for (unsigned at = 0; at < r->series.count; at++) {
        unsigned item = r->order[at];
        if ((int)item != r->answer && r->entries[item].state == CHOICE_CARRIES &&
            r->entries[item].copes_per_s >= per_s && may_be_taken(r, item))
            return (int)item;
    }
    return -1;
}

int choice_from(const struct plan *plan, const struct choice_options *o, const json_t *cell)
{
    struct choice_results r;
    bool ready = begin(&r, plan, o) == 0;

    for (unsigned i = 0; ready && i < r.series.count; i++)
        read_standing(&r, i, json_object_get(cell, "strategies"));
    if (json_is_true(json_object_get(cell, "noisy")))
        r.unranked = "more than 30 % of its blocks were disturbed";
    else if (json_is_false(json_object_get(cell, "ranked")))
        r.unranked = "its reference differs too much from itself";
    r.answer = ready ? first_that_carries(&r, 0) : -1;
    if (r.answer >= 0) {
        r.runner_up = first_that_carries(&r, 0);
        for (;;) {
            r.limit_per_s = r.entries[r.answer].copes_per_s;
            r.next = first_that_carries(&r, r.limit_per_s * more);
            if (!is_as_simple(&r) || r.entries[r.next].copes_per_s < r.limit_per_s * clearly)
                break;
            give_way(&r);
        }
    }
    return end(&r, ready);
}
