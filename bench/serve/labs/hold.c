/* hold.c - the runs of `contend hold`. */
#include "bench/serve/labs/hold.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/base/arguments.h"
#include "bench/base/shortage.h"
#include "bench/serve/labs/http_load.h"
#include "bench/serve/labs/push_crowd.h"
#include "bench/serve/labs/site.h"
#include "bench/serve/labs/wire.h"
#include "bench/stores/servers/folder.h"
#include "locks/parts/platform.h"

enum { SLOW = 50, BOUND = 50, SAVES = 2, PATIENCE_S = 60, PATH = 128 };
#define SECOND UINT64_C(1000000000)

static bool is_over(void *ctx)
{
    return experiment_is_over(ctx);
}

static uint64_t stat_of(const struct site *site, const char *name)
{
    json_t *stats = site_stats(site);
    uint64_t n = site_number(stats, name);

    json_decref(stats);
    return n;
}

/* Starts it, or says why not. */
static int start(struct hold_lab *l, struct site *site, const char *const *options)
{
    int error = site_start(site, options);

    if (error && error != -EINTR)
        snprintf(l->why, sizeof l->why, "%.190s",
                 error == -ENOENT && site->said[0] ? site->said : strerror(-error));
    return error;
}

static struct load_plan plan_of(struct hold_lab *l, const struct site *site, enum load_mix mix)
{
    return (struct load_plan){ .port = site->port, .mix = mix, .users = 90000, .posts = 100,
                               .readers = 10000, .length_ns = l->options->window_ms * 1000000,
                               .seed = l->options->base.seed, .is_over = is_over, .ctx = &l->e };
}

/* ---- against a bare hello ---- */

static int run_speed(struct hold_lab *l)
{
    const struct hello_plan plan = { .window_ns = l->options->window_ms * 1000000,
                                     .seed = l->options->base.seed, .is_over = is_over, .ctx = &l->e };
    int error = hello_compare(&plan, &l->speed);

    snprintf(l->why, sizeof l->why, "%s", l->speed.why);
    return error == -EINTR ? 0 : error;
}

/* ---- a crowd of WebSockets ---- */

static int run_crowd_at(struct hold_lab *l, const struct site *site)
{
    const struct push_crowd_plan plan = { .site = site, .way = PUSH_SOCKET, .count = l->crowd.sockets,
                                          .users = true, .is_over = is_over, .ctx = &l->e };
    struct push_crowd *crowd;
    uint64_t before = site_bytes(site), begun;
    int error = push_crowd_open(&crowd, &plan);

    if (error)
        return error;
    l->crowd.bytes = (double)(site_bytes(site) - before) / (double)l->crowd.sockets;
    l->crowd.held = stat_of(site, "sockets");
    push_crowd_close(crowd);
    begun = contend_clock_ns();
    error = push_crowd_open(&crowd, &plan); /* while the service still finds them gone */
    if (error)
        return error;
    l->crowd.back_ms = (double)(contend_clock_ns() - begun) / 1e6;
    for (uint64_t until = begun + PATIENCE_S * SECOND;
         !error && (l->crowd.came_back = stat_of(site, "sockets")) != l->crowd.sockets &&
         contend_clock_ns() < until && !experiment_is_over(&l->e);)
        error = push_crowd_stay(crowd, SECOND / 50); /* it has yet to find the last of the old ones gone */
    l->crowd.beats = stat_of(site, "beats");
    l->crowd.refused = stat_of(site, "refused");
    push_crowd_close(crowd);
    l->crowd.done = !error && !experiment_is_over(&l->e);
    return error;
}

static int run_crowd(struct hold_lab *l)
{
    /* At the worst all come back before one of them is found gone. */
    static const char *const options[] = { "--connections=50k", "--users=20k", "--readers=100", NULL };
    uint64_t most = site_descriptors();
    struct site site;
    int error = start(l, &site, options);

    if (error)
        return 0;
    l->crowd.sockets = most / 2; /* the service has as many, and may see them twice */
    if (l->crowd.sockets > l->options->sockets)
        l->crowd.sockets = l->options->sockets;
    error = run_crowd_at(l, &site);
    site_stop(&site);
    return error;
}

/* ---- beside clients that are slow ---- */

/* Half of them say nothing, a quarter half a request, and a quarter do not read what they asked for. */
static unsigned come_slowly(const struct site *site, int *fds)
{
    static const char *const says[] = { "", "GET /health HT", "", "GET /claps/stream HTTP/1.1\r\nHost: x\r\n\r\n" };
    unsigned count = 0;

    for (; count < SLOW; count++) {
        const char *text = says[count % 4];
        fds[count] = site_connect(site->port);
        if (fds[count] < 0)
            break;
        wire_send(fds[count], text, strlen(text));
    }
    return count;
}

static int run_slow(struct hold_lab *l)
{
    static const char *const options[] = { "--presence=packed", "--claps=cas", "--counter=striped",
                                           "--workers=1", "--post-count=101", "--samples=100", NULL };
    struct load_result *r = calloc(1, sizeof *r);
    struct site site;
    int fds[SLOW], error = r ? start(l, &site, options) : -ENOMEM;

    if (error) {
        free(r);
        return error == -ENOMEM ? error : 0;
    }
    struct load_plan plan = plan_of(l, &site, LOAD_SERVICE);
    plan.per_s = l->slow.rate = 1000;
    error = load_run(&plan, r);
    l->slow.p99_ns = histogram_quantile(&r->response, 0.99);
    unsigned count = come_slowly(&site, fds);
    if (!error)
        error = load_run(&plan, r);
    l->slow.p99_beside_ns = histogram_quantile(&r->response, 0.99);
    l->slow.asked = r->asked;
    l->slow.answered = r->answered;
    l->slow.failed = r->failed;
    for (unsigned i = 0; i < count; i++)
        close(fds[i]);
    site_stop(&site);
    free(r);
    l->slow.done = !error && count == SLOW && !experiment_is_over(&l->e);
    return error;
}

/* ---- kill -9 ---- */

/* One clap after another, until two saves more have been made, and a while after; *saved is what came before. */
static int clap_through_saves(struct hold_lab *l, const struct site *site, uint64_t since)
{
    uint64_t until = contend_clock_ns() + PATIENCE_S * SECOND, seen = since;
    char body[64];

    while (seen < since + SAVES && contend_clock_ns() < until && !experiment_is_over(&l->e)) {
        int status = 0;
        snprintf(body, sizeof body, "{\"reader\":%llu,\"claps\":1}",
                 (unsigned long long)(l->kill.given / BOUND));
        free(site_ask(site->port, "POST", "/posts/1/claps", body, &status));
        if (status != 200)
            return -EPROTO;
        l->kill.given++;
        if (l->kill.given % 20 == 0) {
            seen = stat_of(site, "saves");
            /* The save that comes after the next one begins after all that came until now. */
            if (seen == since)
                l->kill.saved = l->kill.given;
        }
    }
    return seen < since + SAVES ? -ETIMEDOUT : 0;
}

static int run_kill(struct hold_lab *l)
{
    char state[PATH];
    const char *const options[] = { state, "--save=1", "--post-count=2", "--samples=1", "--readers=20k", NULL };
    struct server_folder folder;
    struct site site;
    char *text;
    int error = server_folder_make(&folder, NULL);

    if (error)
        return error;
    snprintf(state, sizeof state, "--state=%s/state", folder.path);
    error = start(l, &site, options);
    if (!error) {
        error = clap_through_saves(l, &site, stat_of(&site, "saves"));
        site_kill(&site);
    }
    if (!error && !experiment_is_over(&l->e))
        error = start(l, &site, options);
    if (!error && site.pid) {
        text = site_ask(site.port, "GET", "/posts/1/claps", NULL, NULL);
        json_t *total = text ? json_loads(text, 0, NULL) : NULL;
        l->kill.restored = site_number(total, "total");
        l->kill.done = total != NULL;
        json_decref(total);
        free(text);
        site_stop(&site);
    }
    server_folder_remove(&folder);
    return l->why[0] || experiment_is_over(&l->e) ? 0 : error;
}

int hold_lab_command(const struct hold_options *o)
{
    static const struct {
        const char *name;
        int (*run)(struct hold_lab *l);
    } steps[] = { { "hello", run_speed }, { "crowd", run_crowd }, { "slow clients", run_slow },
                  { "kill -9", run_kill } };
    enum { STEPS = sizeof steps / sizeof *steps };
    static struct hold_lab lab;
    struct hold_lab *l = &lab;
    int error = 0;

    memset(l, 0, sizeof *l);
    l->options = o;
    experiment_begin(&l->e, "hold", &o->base);
    for (unsigned i = 0; i < STEPS && !error && !l->why[0] && !experiment_is_over(&l->e); i++) {
        experiment_progress(&l->e, i, STEPS, steps[i].name);
        error = steps[i].run(l);
    }
    bool failed = l->why[0] && !site_left_out(l->why);
    shortage_note(error);
    if (error && !shortage_came())
        arguments_error("the service could not be asked: %s", strerror(-error));
    else if (failed && !shortage_came())
        arguments_error("the service could not be started: %s", l->why);
    hold_lab_judge(l);
    if (experiment_has_figures(&l->e))
        hold_lab_print(l);
    return experiment_end(&l->e, hold_lab_json(l), error || failed);
}
