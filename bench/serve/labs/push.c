/* push.c - the runs of `contend push`. */
#include "bench/serve/labs/push.h"

#include <errno.h>
#include <string.h>

#include "bench/base/arguments.h"
#include "bench/base/shortage.h"
#include "bench/stores/servers/process.h"

enum { SPARE = 200, EMPTY_S = 10, LOOK_MS = 5, ONCE = 1 }; /* descriptors for anything else; a clap a second */

const double push_rates[PUSH_RATES] = { 0.1, 1, 30, 1000 };

static bool is_over(void *ctx)
{
    return experiment_is_over(ctx);
}

/* Until the service has noticed that the last crowd is gone, which would cost it time later. */
static void wait_until_empty(struct push_lab *l, const struct site *site)
{
    uint64_t until = contend_clock_ns() + EMPTY_S * UINT64_C(1000000000), open = 1;

    while (open && contend_clock_ns() < until && !experiment_is_over(&l->e)) {
        json_t *stats = site_stats(site);
        open = site_number(stats, "streams") + site_number(stats, "sockets") +
               site_number(stats, "waiting");
        json_decref(stats);
        process_nap(LOOK_MS);
    }
}

/* At the rates from `first` up to `end`, so long each. */
static int run_crowd(struct push_lab *l, const struct site *site, enum push_way way, unsigned size,
                     unsigned first, unsigned end, uint64_t window_ms)
{
    const struct push_crowd_plan plan = { .site = site, .way = way, .count = l->size[size],
                                          .poll_ns = l->options->poll_ms * 1000000,
                                          .is_over = is_over, .ctx = &l->e };
    struct push_crowd *crowd;
    int error = push_crowd_open(&crowd, &plan);

    for (unsigned r = first; r < end && !error && !experiment_is_over(&l->e); r++)
        error = push_crowd_run(crowd, push_rates[r], window_ms * 1000000, &l->runs[way][size][r]);
    push_crowd_close(crowd);
    wait_until_empty(l, site);
    return error;
}

static int run_ways(struct push_lab *l, unsigned steps)
{
    static const char *const options[] = { "--users=1000", "--post-count=2", "--samples=1", "--readers=20k", NULL };
    struct site site;
    int error = site_start(&site, options);

    if (error) {
        if (error != -EINTR)
            snprintf(l->why, sizeof l->why, "%.190s",
                     error == -ENOENT && site.said[0] ? site.said : strerror(-error));
        return 0;
    }
    for (unsigned size = 0; size < l->sizes && !error; size++)
        for (unsigned way = 0; way < PUSH_WAYS && !error && !experiment_is_over(&l->e); way++) {
            experiment_progress(&l->e, size * PUSH_WAYS + way, steps, push_way_names[way]);
            error = run_crowd(l, &site, way, size, ONCE, PUSH_RATES, l->options->window_ms);
        }
    /* The lowest rate takes longest, so it comes last, and only once. */
    for (unsigned way = 0; way < PUSH_WAYS && l->options->seldom_ms && !error && !experiment_is_over(&l->e); way++) {
        experiment_progress(&l->e, l->sizes * PUSH_WAYS + way, steps, push_way_names[way]);
        error = run_crowd(l, &site, way, l->sizes - 1, 0, ONCE, l->options->seldom_ms);
    }
    site_stop(&site);
    return error;
}

/* Crowds of 10, 100 and so on, up to what is wanted and what can be had. */
static void choose_sizes(struct push_lab *l)
{
    uint64_t limit = site_descriptors();

    l->most = limit > SPARE + 10 ? limit - SPARE : 10;
    if (l->most > l->options->subscribers)
        l->most = l->options->subscribers;
    for (uint64_t n = 10; l->sizes < PUSH_SIZES - 1 && n < l->most; n *= 10)
        l->size[l->sizes++] = n;
    l->size[l->sizes++] = l->most;
}

int push_lab_command(const struct push_lab_options *o)
{
    static struct push_lab lab;
    struct push_lab *l = &lab;
    unsigned steps;
    int error = 0;

    memset(l, 0, sizeof *l);
    l->options = o;
    experiment_begin(&l->e, "push", &o->base);
    choose_sizes(l);
    steps = (l->sizes + (o->seldom_ms > 0)) * PUSH_WAYS + 1;
    while (contend_push_registry[l->count] && l->count < PUSH_ENTRIES) {
        l->entries[l->count] = contend_push_registry[l->count];
        l->count++;
    }
    experiment_progress(&l->e, 0, steps, "fan-out");
    for (unsigned i = 0; i < l->count; i++)
        for (unsigned k = 0; k < PUSH_READERS && !error && !experiment_is_over(&l->e); k++)
            error = push_lab_fanout(l, i, k);
    if (!error && !experiment_is_over(&l->e))
        error = run_ways(l, steps);
    bool failed = l->why[0] && !site_left_out(l->why);
    if (error)
        shortage_fail(error);
    else if (failed && !shortage_came())
        arguments_error("the service could not be started: %s", l->why);
    push_lab_judge(l);
    if (experiment_has_figures(&l->e))
        push_lab_print(l);
    return experiment_end(&l->e, push_lab_json(l), error || failed);
}
