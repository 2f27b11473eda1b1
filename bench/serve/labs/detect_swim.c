/* detect_swim.c - the runs of SWIM: in its own periods, and over the networks of the curves. */
#include <math.h>

#include "bench/serve/labs/detect.h"

const struct detect_swim_view detect_swim_views[DETECT_SWIM_VIEWS] = {
    { "swim", "suspicion in periods", 's' },
    { "swim_suspect", "helpers", 'S' },
};

/* Adds a run to a quality; the mean of the detection is made when all have been added. */
static void add(struct quality *to, const struct swim_quality *q, const struct swim_result *r)
{
    to->clients++;
    to->mistakes += q->mistakes;
    to->lived_us += r->lived_us;
    to->wrong_us += q->wrong_us;
    to->detection_us += q->detection_us;
    to->detection_worst_us = fmax(to->detection_worst_us, q->detection_worst_us);
}

/* ---- in its own periods ---- */

#define ROUNDS(MEMBERS, HELPERS, CALM, WAIT) .members = MEMBERS, .helpers = HELPERS, .calm = CALM, .wait = WAIT, \
    .together = true, .period_us = DETECT_INTERVAL_US
#define TROUBLE .network = { .loss = 0.05, .pause_chance = 0.01, .pause_us = DETECT_INTERVAL_US }

static const struct {
    const char *what;
    struct swim_config config;
    unsigned runs;
} swims[DETECT_SWIMS] = {
    { "16 members, no loss", { ROUNDS(16, 3, 20, 60) }, 600 },
    { "64 members, no loss", { ROUNDS(64, 3, 20, 60) }, 300 },
    { "256 members, no loss", { ROUNDS(256, 3, 20, 60) }, 30 },
    { "64, loss, direct pings only", { ROUNDS(64, 0, 100, 60), TROUBLE }, 5 },
    { "64, loss, 3 helpers", { ROUNDS(64, 3, 100, 60), TROUBLE }, 5 },
    { "64, loss, 3 helpers, suspicion", { ROUNDS(64, 3, 100, 60), .suspicion = 8, TROUBLE }, 5 },
};

static int run_rounds(struct detect_lab *l, unsigned i)
{
    struct detect_swim *s = &l->swims[i];

    s->what = swims[i].what;
    s->config = swims[i].config;
    for (unsigned k = 0; k < swims[i].runs && !experiment_is_over(&l->e); k++) {
        struct swim_result r;
        s->config.seed = l->options->base.seed + k;
        int error = swim_run(&s->config, &r);
        if (error)
            return error;
        s->runs++;
        s->first += r.first / swims[i].runs;
        s->all += r.all / swims[i].runs;
        s->messages += r.messages / swims[i].runs;
        add(&s->suspected, &r.suspected, &r);
        add(&s->dead, &r.dead, &r);
    }
    s->mistakes = (double)s->dead.mistakes / s->runs / s->config.members / s->config.calm * 1000;
    s->done = s->runs == swims[i].runs;
    return 0;
}

/* ---- over the networks ---- */

/* A client of the curves beats 400 times; a run of SWIM has 992 pairs, of which a suspicion takes in many at once. */
enum { MEMBERS = 32, CALM = 100, WAIT = 400, CLIENTS_OF_A_RUN = 200, RUNS_AT_LEAST = 3 };

static int run_point(struct detect_lab *l, unsigned network, unsigned view, unsigned step)
{
    struct detect_point *p = &l->swim_points[network][view][step];
    struct swim_config config = { .members = MEMBERS, .helpers = 3, .suspicion = 3, .calm = CALM, .wait = WAIT,
                                  .period_us = DETECT_INTERVAL_US, .network = detect_networks[network] };
    uint64_t runs = l->options->clients / CLIENTS_OF_A_RUN;
    double messages = 0;

    runs = runs > RUNS_AT_LEAST ? runs : RUNS_AT_LEAST;
    if (view == DETECT_SWIM_DEAD)
        p->dial = config.suspicion = 0.5 * pow(16, (double)step / (DETECT_STEPS - 1));
    else
        p->dial = config.helpers = step;
    for (uint64_t k = 0; k < runs; k++) {
        struct swim_result r;
        if (experiment_is_over(&l->e))
            return 0;
        config.seed = l->options->base.seed + k;
        int error = swim_run(&config, &r);
        if (error)
            return error;
        add(&p->q, view == DETECT_SWIM_DEAD ? &r.dead : &r.suspected, &r);
        messages += r.messages;
    }
    p->q.detection_us /= (double)runs;
    l->swim_messages[network][view][step] = messages / (double)runs;
    p->done = true;
    return 0;
}

int detect_swim_run(struct detect_lab *l)
{
    int error = 0;

    for (unsigned i = 0; i < DETECT_SWIMS && !error && !experiment_is_over(&l->e); i++)
        error = run_rounds(l, i);
    for (unsigned n = 0; n < DETECT_NETWORKS; n++)
        for (unsigned v = 0; v < DETECT_SWIM_VIEWS; v++)
            for (unsigned k = 0; k < DETECT_STEPS && !error && !experiment_is_over(&l->e); k++)
                error = run_point(l, n, v, k);
    return error;
}
