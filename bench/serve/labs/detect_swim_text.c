/* detect_swim_text.c - what SWIM is held to, its table, and its parts of the file. */
#include <math.h>

#include "bench/base/text.h"
#include "bench/report/results.h"
#include "bench/serve/labs/detect.h"

static const double second = 1e6; /* in microseconds */

/* ---- shapes ---- */

static void judge_rounds(struct detect_lab *l)
{
    const struct detect_swim *s = l->swims;
    double wanted[3], worst = 0;

    for (unsigned i = 0; i < DETECT_SWIMS; i++)
        if (!s[i].done) {
            experiment_not_reached(&l->e, "swim", "SWIM");
            return;
        }
    for (unsigned i = 0; i < 3; i++) {
        unsigned others = s[i].config.members - 1;
        double p = 1 - pow(1 - 1.0 / others, others);
        wanted[i] = 1 / p;
        /* The deviation of a geometric variable, of the mean of so many. */
        worst = fmax(worst, fabs(s[i].first - wanted[i]) / (sqrt(1 - p) / p / sqrt(s[i].runs)));
    }
    experiment_shape(&l->e, "swim_first", SHAPE_EXACT, worst < 4.5,
                     "SWIM notices a crash after 1/(1 - 1/e) = 1.58 periods, whatever the number of "
                     "members: %.2f, %.2f and %.2f seen with 16, 64 and 256.", s[0].first, s[1].first,
                     s[2].first);
    experiment_shape(&l->e, "swim_load", SHAPE_EXACT,
                     fabs(s[0].messages - s[2].messages) < 0.05 * s[0].messages,
                     "SWIM's load on a member does not grow with their number: %.2f and %.2f messages a "
                     "period with 16 and 256.", s[0].messages, s[2].messages);
    experiment_shape(&l->e, "swim_suspicion", SHAPE_EXACT,
                     s[3].mistakes > s[4].mistakes && s[4].mistakes > 10 * s[5].mistakes,
                     "helpers and suspicion save live members: %.2f, %.2f and %.3f mistakes a member in "
                     "1,000 periods with neither, with helpers, with both.", s[3].mistakes,
                     s[4].mistakes, s[5].mistakes);
}

/* At the ends of the dial: between two steps a suspicion more or less, which all members come to hold, is chance. */
static void judge_trade(struct detect_lab *l)
{
    bool holds = true;
    uint64_t mistakes[2] = { 0 };
    double detection[2] = { 0 };

    for (unsigned n = 0; n < DETECT_NETWORKS; n++) {
        const struct detect_point *p = l->swim_points[n][DETECT_SWIM_DEAD], *last = &p[DETECT_STEPS - 1];
        if (!p->done || !last->done) {
            experiment_not_reached(&l->e, "swim_trade", "SWIM over the networks");
            return;
        }
        holds = holds && last->q.detection_us > p->q.detection_us && last->q.mistakes <= p->q.mistakes;
        mistakes[0] += p->q.mistakes;
        mistakes[1] += last->q.mistakes;
        detection[0] += p->q.detection_us / second / DETECT_NETWORKS;
        detection[1] += last->q.detection_us / second / DETECT_NETWORKS;
    }
    experiment_shape(&l->e, "swim_trade", SHAPE_EXACT, holds && mistakes[1] < mistakes[0],
                     "SWIM trades as the detectors do: with a suspicion of %g periods a crash is known after %.0f s "
                     "at %.0f mistakes in all, with %g after %.0f s at %.0f.",
                     l->swim_points[0][DETECT_SWIM_DEAD][0].dial, detection[0], (double)mistakes[0],
                     l->swim_points[0][DETECT_SWIM_DEAD][DETECT_STEPS - 1].dial, detection[1],
                     (double)mistakes[1]);
}

void detect_swim_judge(struct detect_lab *l)
{
    judge_rounds(l);
    judge_trade(l);
}

/* ---- text ---- */

void detect_swim_print(const struct detect_lab *l)
{
    printf("SWIM, in its own periods\n\n  %-30s %5s %5s %8s %5s %8s %8s\n", "", "first", "all", "mistakes",
           "each", "accuracy", "messages");
    for (unsigned i = 0; i < DETECT_SWIMS; i++) {
        const struct detect_swim *s = &l->swims[i];
        char all[TEXT_NUMBER], mistakes[TEXT_NUMBER], each[TEXT_NUMBER];
        if (s->done)
            printf("  %-30s %5.2f %5s %8s %5s %8.6f %8.2f\n", s->what, s->first, text_number(s->all, 3, all),
                   text_number(s->mistakes, 3, mistakes),
                   text_number(s->dead.mistakes ? quality_mistake_us(&s->dead) / DETECT_INTERVAL_US : NAN, 3, each),
                   quality_accuracy(&s->dead), s->messages);
    }
    printf("\n");
    text_wrapped(stdout, "first, all: periods until a member suspects the crashed one, and until every one "
                 "counts it as dead.  mistakes: live ones counted as dead, a member in 1,000 periods, by each "
                 "of the others that does.  each: for so many periods.  messages: a member in a period.", 2, EXPERIMENT_WIDTH - 2);
    printf("\n");
    text_wrapped(stdout, "Beside the detectors (swim, swim_suspect) a period is an interval between beats, and a "
                 "mistake is one watcher's about one member, of 32 who all watch each other.  What does not "
                 "compare: a suspicion is passed on, so that mistakes come many at once; a detector's beat goes to "
                 "one watcher, where SWIM's messages serve all; no two clocks are compared, so that drift hardly "
                 "matters; and there is no boundary, nor a look that could be timed.", 2, EXPERIMENT_WIDTH - 2);
    printf("\n");
}

/* ---- the file ---- */

json_t *detect_swim_json(const struct detect_lab *l)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < DETECT_SWIMS; i++) {
        const struct detect_swim *s = &l->swims[i];
        if (s->done)
            json_array_append_new(list, json_pack(
                "{s:s, s:i, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:o, s:o, s:o}", "what", s->what, "members",
                (int)s->config.members, "helpers", (int)s->config.helpers, "suspicion",
                results_number(s->config.suspicion), "loss", results_number(s->config.network.loss),
                "first_periods", results_number(s->first), "all_periods", results_number(s->all),
                "mistakes_per_1000_periods", results_number(s->mistakes), "mistake_periods",
                results_number(quality_mistake_us(&s->dead) / DETECT_INTERVAL_US), "accuracy",
                results_number(quality_accuracy(&s->dead)), "suspected", (json_int_t)s->suspected.mistakes,
                "suspected_periods", results_number(quality_mistake_us(&s->suspected) / DETECT_INTERVAL_US),
                "suspected_accuracy", results_number(quality_accuracy(&s->suspected)), "messages",
                results_number(s->messages)));
    }
    return list;
}

void detect_swim_add_points(const struct detect_lab *l, json_t *points)
{
    for (unsigned n = 0; n < DETECT_NETWORKS; n++)
        for (unsigned v = 0; v < DETECT_SWIM_VIEWS; v++)
            for (unsigned k = 0; k < DETECT_STEPS; k++) {
                const struct detect_point *p = &l->swim_points[n][v][k];
                if (!p->done)
                    continue;
                json_t *j = detect_point_json(detect_networks[n].name, detect_swim_views[v].name, p);
                json_object_set_new(j, "messages", results_number(l->swim_messages[n][v][k]));
                json_array_append_new(points, j);
            }
}
