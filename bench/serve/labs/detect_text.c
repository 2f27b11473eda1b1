/* detect_text.c - the shapes of `contend detect`, its tables, its plots and its file. */
#include "bench/serve/labs/detect.h"

#include <math.h>
#include <string.h>

#include "bench/base/text.h"
#include "bench/report/curves.h"
#include "bench/report/results.h"

static const double second = 1e6; /* in microseconds */

/* ---- shapes ---- */

static void judge_boundary(struct detect_lab *l, const struct detect_boundary *b, const char *name)
{
    if (!b->done) {
        experiment_not_reached(&l->e, name, "false offlines with TTL = 3 beats");
        return;
    }
    /* 4.5 standard deviations of a Poisson count: one seed in 150,000 fails by chance. */
    experiment_shape(&l->e, name, SHAPE_EXACT,
                     fabs(b->count - b->expected_count) <= 4.5 * sqrt(b->expected_count) + 1,
                     "TTL of 3 beats, %s: arithmetic says %.2f false offlines a minute, seen %.2f "
                     "(%.0f in all, %.1f expected).", name, b->expected, b->seen, b->count,
                     b->expected_count);
}

static void judge_jitter(struct detect_lab *l)
{
    const struct detect_boundary *b = l->boundaries;

    if (!b[0].done || !b[1].done || !b[2].done || !b[3].done) {
        experiment_not_reached(&l->e, "jitter_shrinks", "the boundary with jitter");
        return;
    }
    if (b[1].expected_count < 50) {
        experiment_not_reached(&l->e, "jitter_shrinks", "the boundary with jitter: too few users and "
                               "minutes for a ratio, %.1f mistakes expected", b[1].expected_count);
        return;
    }
    double without = b[1].count / fmax(b[0].count, 1), with = b[3].count / fmax(b[2].count, 1);
    experiment_shape(&l->e, "jitter_shrinks", SHAPE_EXACT, with < 2 && with < without / 5,
                     "jitter shrinks the difference: exclusive has %.0f times the mistakes of inclusive "
                     "without jitter and %.2f times with it.", without, with);
}

static void judge_detection_time(struct detect_lab *l)
{
    const double wanted = 2.5; /* the TTL less half an interval: a crash comes at a random instant */
    double seen = l->certain.detection_us / DETECT_INTERVAL_US;

    if (l->certain_done)
        experiment_shape(&l->e, "detection_time", SHAPE_EXACT,
                         fabs(seen - wanted) < 6 * 0.289 / sqrt((double)l->certain.clients),
                         "a crash is noticed after the TTL less half an interval: %.2f intervals "
                         "expected, %.3f seen.", wanted, seen);
    else
        experiment_not_reached(&l->e, "detection_time", "the detection time without loss");
}

/* A higher dial is later and not more often wrong. */
static void judge_curves(struct detect_lab *l)
{
    bool all = true, holds = true;
    const char *where = "";

    for (unsigned n = 0; n < DETECT_NETWORKS; n++)
        for (unsigned i = 0; i < l->count; i++)
            for (unsigned k = 0; k < DETECT_STEPS; k++) {
                const struct detect_point *p = &l->points[n][i][k];
                all = all && p->done;
                if (k == 0 || !p->done || !p[-1].done)
                    continue;
                if (p->q.detection_us < p[-1].q.detection_us || p->q.mistakes > p[-1].q.mistakes) {
                    holds = false;
                    where = l->entries[i]->traits->id.name;
                }
            }
    if (all || !holds)
        experiment_shape(&l->e, "trade", SHAPE_EXACT, holds,
                         "every detector buys fewer mistakes with a later detection, at every step%s%s.",
                         holds ? "" : "; not so: ", where);
    else
        experiment_not_reached(&l->e, "trade", "the curves");
}

static int index_of(const struct detect_lab *l, const char *name)
{
    for (unsigned i = 0; i < l->count; i++)
        if (strcmp(l->entries[i]->traits->id.name, name) == 0)
            return (int)i;
    return -1;
}

/* The packed word rounds to microseconds, and decides as the doubles do. */
static void judge_packing(struct detect_lab *l)
{
    int packed = index_of(l, "phi_packed"), locked = index_of(l, "phi_mutex");
    double worst = 0;

    for (unsigned n = 0; n < DETECT_NETWORKS && packed >= 0 && locked >= 0; n++)
        for (unsigned k = 0; k < DETECT_STEPS; k++) {
            const struct detect_point *a = &l->points[n][packed][k], *b = &l->points[n][locked][k];
            if (!a->done || !b->done) {
                experiment_not_reached(&l->e, "packing", "phi in one word against phi in doubles");
                return;
            }
            double off = fabs((double)a->q.mistakes - (double)b->q.mistakes);
            worst = fmax(worst, off / (20 + (double)b->q.mistakes));
        }
    if (packed >= 0 && locked >= 0)
        experiment_shape(&l->e, "packing", SHAPE_EXACT, worst < 0.05,
                         "phi in one 64-bit word decides as phi in doubles does: mistakes differ by at "
                         "most %.1f %%.", 100 * worst);
}

static void judge_cost(struct detect_lab *l)
{
    int packed = index_of(l, "phi_packed"), locked = index_of(l, "phi_mutex");

    if (packed < 0 || locked < 0 || !l->costs[packed].done || !l->costs[locked].done) {
        experiment_not_reached(&l->e, "cost", "what a look costs beside beats");
        return;
    }
    double a = l->costs[packed].beside_ns, b = l->costs[locked].beside_ns;
    experiment_shape(&l->e, "cost", SHAPE_MEASURED, a < b,
                     "beside a thread that beats, a look at the packed word takes less than one under a "
                     "mutex: %.1f ns and %.1f ns.", a, b);
}

void detect_lab_judge(struct detect_lab *l)
{
    judge_boundary(l, &l->boundaries[0], "inclusive");
    judge_boundary(l, &l->boundaries[1], "exclusive");
    judge_jitter(l);
    judge_detection_time(l);
    judge_curves(l);
    judge_packing(l);
    judge_cost(l);
    detect_swim_judge(l);
}

/* ---- text ---- */

static void print_boundaries(const struct detect_lab *l)
{
    char users[TEXT_NUMBER];

    printf("False offlines a minute: %s users, TTL of 3 beats, 1 %% lost\n\n",
           text_grouped((double)l->options->users, users));
    printf("  boundary   jitter  arithmetic      seen  mistakes counted\n");
    for (unsigned i = 0; i < 4; i++) {
        const struct detect_boundary *b = &l->boundaries[i];
        char expected[TEXT_NUMBER], seen[TEXT_NUMBER];
        if (b->done)
            printf("  %-9s  %6s  %10s  %8s  %16.0f\n", b->beats == 3 ? "inclusive" : "exclusive",
                   b->jitter ? "0.5 s" : "none", text_number(b->expected, 3, expected),
                   text_number(b->seen, 3, seen), b->count);
    }
    printf("\n");
}

/* Whether the curve is that of an entry before it, so that only one of them is drawn. */
static bool is_drawn_already(const struct detect_lab *l, unsigned n, unsigned entry)
{
    for (unsigned i = 0; i < entry; i++) {
        bool same = true;
        for (unsigned k = 0; k < DETECT_STEPS; k++) {
            const struct quality *a = &l->points[n][i][k].q, *b = &l->points[n][entry][k].q;
            same = same && fabs(a->detection_us - b->detection_us) < 0.001 * a->detection_us &&
                   fabs((double)a->mistakes - (double)b->mistakes) <= 0.02 * (double)a->mistakes;
        }
        if (same)
            return true;
    }
    return false;
}

static void put_point(const struct detect_point *p, double *x, double *y)
{
    *x = p->done ? p->q.detection_us / second : NAN;
    *y = p->done ? 60 * quality_mistakes_per_minute(&p->q) : NAN;
}

static void print_network(const struct detect_lab *l, unsigned n)
{
    enum { ALL = DETECT_ENTRIES + DETECT_SWIM_VIEWS };
    static const char marks[] = "ixcpqrtuvwyz"; /* SWIM's are s and S */
    const struct beats_network *net = &detect_networks[n];
    double x[ALL][DETECT_STEPS], y[ALL][DETECT_STEPS];
    struct curve list[ALL];
    char title[200];
    unsigned drawn = 0;

    snprintf(title, sizeof title, "%s: loss %g %%, jitter %g s, pauses %g %% of %g s, drift %g %%",
             net->name, 100 * net->loss, net->jitter_us / second, 100 * net->pause_chance,
             net->pause_us / second, net->drift_ppm / 1e4);
    for (unsigned i = 0; i < l->count; i++) {
        for (unsigned k = 0; k < DETECT_STEPS; k++)
            put_point(&l->points[n][i][k], &x[i][k], &y[i][k]);
        if (!is_drawn_already(l, n, i))
            list[drawn++] = (struct curve){ l->entries[i]->traits->id.name, marks[i], x[i], y[i],
                                            DETECT_STEPS };
    }
    unsigned left_out = l->count - drawn;
    for (unsigned v = 0; v < DETECT_SWIM_VIEWS; v++) {
        double *xs = x[DETECT_ENTRIES + v], *ys = y[DETECT_ENTRIES + v];
        for (unsigned k = 0; k < DETECT_STEPS; k++)
            put_point(&l->swim_points[n][v][k], &xs[k], &ys[k]);
        if (drawn < CURVES_MOST)
            list[drawn++] = (struct curve){ detect_swim_views[v].name, detect_swim_views[v].mark, xs, ys,
                                            DETECT_STEPS };
    }
    const struct curves plot = { .title = title, .x_name = "detection time, s",
                                 .y_name = "mistakes an hour for each client", .log_y = true,
                                 .list = list, .count = drawn };
    curves_print(stdout, &plot);
    if (left_out)
        printf("  (the others are drawn on one of these)\n");
    printf("\n");
}

static void print_point(const char *network, const char *detector, const struct detect_point *p)
{
    char each[TEXT_NUMBER], rate[TEXT_NUMBER];

    if (p->done)
        printf("  %-8s  %-13s  %5.2f  %5.1f s  %10s  %7s s  %.6f\n", network, detector, p->dial,
               p->q.detection_us / second, text_number(60 * quality_mistakes_per_minute(&p->q), 3, rate),
               text_number(p->q.mistakes ? quality_mistake_us(&p->q) / second : NAN, 3, each),
               quality_accuracy(&p->q));
}

/* At the dial in the middle of each. */
static void print_middle(const struct detect_lab *l)
{
    printf("At the middle of each dial\n\n  %-8s  %-13s  %5s  %7s  %10s  %9s  %8s\n", "network",
           "detector", "dial", "detects", "mistakes/h", "each", "accuracy");
    for (unsigned n = 0; n < DETECT_NETWORKS; n++)
        for (unsigned i = 0; i < l->count + DETECT_SWIM_VIEWS; i++)
            if (i < l->count)
                print_point(detect_networks[n].name, l->entries[i]->traits->id.name,
                            &l->points[n][i][DETECT_STEPS / 2]);
            else
                print_point(detect_networks[n].name, detect_swim_views[i - l->count].name,
                            &l->swim_points[n][i - l->count][DETECT_STEPS / 2]);
    printf("\n");
    text_wrapped(stdout, "detects: from a crash to the suspicion that stays, on average.  each: how long a "
                 "mistake lasts.  accuracy: the chance that a look at a live client finds it online.  swim: dead, by "
                 "periods of suspicion; swim_suspect: suspected, by helpers.",
                 2, EXPERIMENT_WIDTH - 2);
    printf("\n");
}

static void print_costs(const struct detect_lab *l)
{
    printf("What a look costs\n\n  %-13s  %6s  %9s  %12s  %8s\n", "detector", "bytes", "ns alone",
           "beside beats", "a beat");
    for (unsigned i = 0; i < l->count; i++) {
        char cells[3][TEXT_NUMBER];
        if (l->costs[i].done)
            printf("  %-13s  %6zu  %9s  %12s  %8s\n", l->entries[i]->traits->id.name,
                   l->entries[i]->size, text_number(l->costs[i].alone_ns, 3, cells[0]),
                   text_number(l->costs[i].beside_ns, 3, cells[1]),
                   text_number(l->costs[i].heard_ns, 3, cells[2]));
    }
    printf("\n");
}

void detect_lab_print(const struct detect_lab *l)
{
    print_boundaries(l);
    for (unsigned n = 0; n < DETECT_NETWORKS; n++)
        print_network(l, n);
    print_middle(l);
    print_costs(l);
    detect_swim_print(l);
}

/* ---- the file ---- */

static json_t *boundaries_json(const struct detect_lab *l)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < 4; i++) {
        const struct detect_boundary *b = &l->boundaries[i];
        if (b->done)
            json_array_append_new(list, json_pack("{s:s, s:b, s:o, s:o, s:o}", "boundary",
                                                  b->beats == 3 ? "inclusive" : "exclusive", "jitter",
                                                  b->jitter, "expected_per_minute",
                                                  results_number(b->expected), "seen_per_minute",
                                                  results_number(b->seen), "mistakes",
                                                  results_number(b->count)));
    }
    return list;
}

json_t *detect_point_json(const char *network, const char *detector, const struct detect_point *p)
{
    return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "network", network, "detector", detector,
                     "dial", results_number(p->dial), "detection_s", results_number(p->q.detection_us / second),
                     "detection_worst_s", results_number(p->q.detection_worst_us / second),
                     "mistakes_per_hour", results_number(60 * quality_mistakes_per_minute(&p->q)), "mistake_s",
                     results_number(quality_mistake_us(&p->q) / second), "accuracy",
                     results_number(quality_accuracy(&p->q)));
}

static json_t *points_json(const struct detect_lab *l)
{
    json_t *list = json_array();

    for (unsigned n = 0; n < DETECT_NETWORKS; n++)
        for (unsigned i = 0; i < l->count; i++)
            for (unsigned k = 0; k < DETECT_STEPS; k++) {
                const struct detect_point *p = &l->points[n][i][k];
                if (p->done)
                    json_array_append_new(list, detect_point_json(detect_networks[n].name,
                                                                  l->entries[i]->traits->id.name, p));
            }
    detect_swim_add_points(l, list);
    return list;
}

static json_t *costs_json(const struct detect_lab *l)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < l->count; i++)
        if (l->costs[i].done)
            json_array_append_new(list, json_pack(
                "{s:s, s:I, s:o, s:o, s:o}", "detector", l->entries[i]->traits->id.name, "bytes",
                (json_int_t)l->entries[i]->size, "alone_ns", results_number(l->costs[i].alone_ns),
                "beside_ns", results_number(l->costs[i].beside_ns), "heard_ns",
                results_number(l->costs[i].heard_ns)));
    return list;
}

json_t *detect_lab_json(const struct detect_lab *l)
{
    return json_pack("{s:I, s:I, s:o, s:o, s:o, s:o}", "users", (json_int_t)l->options->users, "minutes",
                     (json_int_t)l->options->minutes, "boundaries", boundaries_json(l), "points",
                     points_json(l), "costs", costs_json(l), "swim", detect_swim_json(l));
}
