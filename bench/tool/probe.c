/* probe.c - see probe.h. */
#include "bench/tool/probe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/arguments.h"
#include "locks/parts/platform.h"

int probe_option(struct run_options *o, int option, const char *value)
{
    switch (option) {
    case PROBE_WORKLOAD: return options_list(o, "workload", value, options_add_workload);
    case PROBE_USERS: return options_list(o, "users", value, options_add_users);
    default: return options_shared(o, option, value);
    }
}

int probe_parse(const char *command, int argc, char **argv, const struct option *list,
                struct run_options *run, probe_one *one, void *ctx)
{
    int option, error = 0;

    arguments_of(command);
    options_defaults(run);
    run->budget_s = PROBE_BUDGET_S;
    optind = 1;
    while (!error && (option = arguments_next(argc, argv, "qh", list)) != -1)
        error = one(ctx, option, optarg);
    for (; !error && optind < argc; optind++)
        error = options_add_strategy(run, "", argv[optind]);
    return error;
}

int probe_parts(const char *text, int (*one)(void *ctx, const char *part), void *ctx)
{
    char *copy = strdup(text), *rest = copy, *part;
    int error = copy ? 0 : -ENOMEM;

    while (!error && (part = strsep(&rest, ",")))
        error = one(ctx, part);
    free(copy);
    return error;
}

static int add_cells(struct probe_cells *c, const struct run_options *o, const struct workload *w,
                     unsigned usual_threads)
{
    static const uint64_t usual_users = 100000;
    const uint64_t *users = o->user_count ? o->users : &usual_users;
    unsigned sizes = w->keys == KEYS_USERS && o->user_count ? o->user_count : 1;
    bool posts = w->keys == KEYS_POSTS;
    const unsigned *threads = o->thread_count ? o->threads : &usual_threads;

    for (unsigned s = 0; s < sizes; s++)
        for (unsigned t = 0; t < (o->thread_count ? o->thread_count : 1); t++) {
            if (c->count == PROBE_CELLS)
                return arguments_error("more than %d cells", PROBE_CELLS);
            c->list[c->count++] = (struct cell){
                .workload = w, .threads = threads[t],
                .users = w->keys == KEYS_USERS ? users[s] : 1,
                .posts = posts ? (o->post_count ? o->posts[0] : 1000000) : w->keys == KEYS_USERS ? 0 : 1,
                .skew = o->skew_given ? o->skew : posts ? SKEW_ZIPF : SKEW_UNIFORM,
                .batch = w->batch ? o->batch : 0,
            };
        }
    return 0;
}

int probe_cells(struct probe_cells *c, const struct run_options *o, unsigned threads)
{
    unsigned usual = threads ? threads : contend_cpu_count() > 1 ? 2 : 1;
    int error = 0;

    for (unsigned i = 0; i < o->workload_count && !error; i++)
        error = add_cells(c, o, o->workloads[i], usual);
    for (const struct family *const *f = families; *f && !o->workload_count && !error; f++) {
        const struct workload *w = workload_standards(*f)->workload;
        if (w && (o->families & family_bit(*f)))
            error = add_cells(c, o, w, usual);
    }
    return error;
}
