/* replay.c - `contend replay`: reads the log, checks and measures the strategies. */
#include "bench/base/shortage.h"
#include "bench/tool/replay_options.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/base/apart.h"
#include "bench/base/arguments.h"
#include "bench/base/interrupt.h"
#include "bench/base/progress.h"
#include "bench/base/text.h"
#include "bench/measure/budget.h"
#include "bench/replay/feed.h"
#include "bench/report/output.h"
#include "bench/report/results.h"
#include "bench/report/trial.h"
#include "bench/stores/stores.h"
#include "bench/tool/commands.h"
#include "bench/tool/options.h"

/* How far reading is has no place on the bar: what follows it depends on what is read. */
static void show_reading(struct progress *g, const struct log_progress *p)
{
    char line[320], total[32] = "";

    if (p->total)
        snprintf(total, sizeof total, " of %.0f", (double)p->total / 1e6);
    snprintf(line, sizeof line, "reading %.0f%s MB, %.2f million lines: %s", (double)p->done / 1e6,
             total, (double)p->lines / 1e6, p->file);
    progress_note(g, line);
}

/* What reading needs to know meanwhile. */
struct reading {
    struct progress progress;
    struct replay *r;
};

/* A budget that was asked for is half for what follows: a log may have no end. */
static bool is_too_long(const struct run_options *o)
{
    return o->budget_given && budget_left(o) < o->budget_s / 2.0;
}

static int on_progress(void *ctx, const struct log_progress *p)
{
    struct reading *reading = ctx;

    show_reading(&reading->progress, p);
    reading->r->cut_short = is_too_long(&reading->r->options.run);
    return reading->r->cut_short || interrupt_came();
}

/* A few readable lines among many unreadable ones are no result. */
static void say_unreadable(const struct log *log)
{
    const struct log_complaint *c = &log->complaints[0];

    for (size_t i = 0; i < log->file_count; i++)
        if (log->files[i].damage[0]) { /* this is why, and not the format */
            replay_say("%s; %" PRIu64 " of %" PRIu64 " lines could not be read: what is left is no "
                       "result", log->files[i].damage, log->unreadable, log->lines);
            return;
        }
    replay_say("%s (%s:%" PRIu64 "), and so it is with %" PRIu64 " of %" PRIu64 " lines: what is left "
               "is no result.  Line %" PRIu64 " is '%s'.  Name the format: --format, --columns or "
               "--rules", c->reason, c->file, c->line, log->unreadable, log->lines, c->line, c->text);
}

/* Whether the log may have no end, as that of `tail -f | contend replay -`. */
static bool reads_live(const struct replay_options *o)
{
    struct stat st;
    const char *last = o->files[o->file_count - 1];

    return strcmp(last, "-") == 0 && fstat(STDIN_FILENO, &st) == 0 && !S_ISREG(st.st_mode);
}

/* Reads and, unless the log's own order is wanted, sorts.  0, or an error after a message. */
static int read_log(struct replay *r)
{
    struct reading reading = { .r = r };
    struct log_options options = {
        .parse = r->options.parse, .strict = r->options.strict, .progress = on_progress,
        .context = &reading,
    };
    int error;

    progress_begin(&reading.progress, r->options.run.quiet, 0);
    interrupt_catch();
    error = log_read(&r->log, r->options.files, r->options.file_count, &options);
    r->cut_short = r->cut_short && r->log.stopped && !interrupt_came();
    r->interrupted = (r->log.stopped && !r->cut_short) || interrupt_came();
    r->stopped = r->cut_short || (r->interrupted && r->log.count && reads_live(&r->options));
    r->interrupted = r->interrupted && !r->stopped;
    interrupt_release();
    progress_end(&reading.progress);
    if (!error && r->cut_short && !r->log.count)
        return replay_say("no request was read in half of --budget=%us; a longer one may reach "
                          "the first", r->options.run.budget_s);
    if (!error && r->log.unreadable > r->log.count) {
        error = -ENODATA;
        say_unreadable(&r->log);
    } else if (error) {
        replay_say("%s", r->log.message);
    }
    bool fatal = r->log.count == 0 || r->options.strict || error == -EINVAL || error == -ENODATA;
    if (error && fatal)
        return error;
    if (error) /* out of memory or of names: the part read so far is played */
        replay_say("going on with what was read");
    return r->log.count ? 0 : -ENODATA;
}

/* The facts need the events sorted by time; the play may need the log's order. */
static int find_facts(struct replay *r)
{
    size_t bytes = r->log.count * sizeof *r->log.events;
    struct log_event *as_logged = r->options.as_logged ? malloc(bytes) : NULL;
    int error = r->options.as_logged && !as_logged ? -ENOMEM : 0;

    if (as_logged)
        memcpy(as_logged, r->log.events, bytes);
    if (!error)
        error = log_sort(&r->log);
    if (!error)
        error = log_facts(&r->log, r->options.ttl_ms, &r->facts);
    if (!error)
        error = log_curve_sample(&r->log, r->options.ttl_ms, REPLAY_CURVE, &r->curve);
    if (!error)
        error = log_top(&r->log, LOG_POSTS, REPLAY_TOP, r->top, &r->top_found);
    if (!error && as_logged)
        memcpy(r->log.events, as_logged, bytes);
    free(as_logged);
    return error;
}

/* A cell for each family that the log feeds and each number of threads. */
static int make_plan(struct replay *r)
{
    const struct run_options *o = &r->options.run;
    unsigned all = (unsigned)CPU_COUNT(&r->allowed);
    unsigned cpus = all < WINDOW_MAX_THREADS ? all : WINDOW_MAX_THREADS, standard[2] = { 1, cpus };
    const unsigned *threads = o->thread_count ? o->threads : standard;
    unsigned count = o->thread_count ? o->thread_count : cpus > 1 ? 2 : 1, cells = 0;
    struct cell list[FAMILY_COUNT * OPTION_LIST];

    for (const struct replay_feed *f = replay_feeds; f->workload; f++)
        for (unsigned t = 0; t < count; t++) {
            bool posts = f->workload->keys == KEYS_POSTS;
            if (posts && r->facts.claps == 0 && o->object == f->workload->family)
                return arguments_error("no request has a post: %s", r->log.no_post);
            if (posts && r->facts.claps == 0)
                continue;
            list[cells++] = (struct cell){
                .workload = f->workload, .threads = threads[t], .skew = SKEW_LOGGED,
                .users = posts ? 1 : r->facts.visitors * r->options.scale,
                .posts = posts ? r->facts.posts : 0,
            };
        }
    return plan_of_cells(&r->plan, o, list, cells);
}

static void introduce(FILE *out, void *ctx)
{
    replay_print_surveys(out, ctx);
}

static void conclude(FILE *out, const struct cell_verdict *cells, unsigned count, void *ctx)
{
    replay_print_capacity(out, ctx, cells, count);
}

/* Without complete blocks there is no interval that could lack anything. */
static bool caveats(FILE *out, bool blocks, void *ctx)
{
    const struct replay *r = ctx;
    char sentence[LAUNCH_CAVEAT];
    bool shared = launcher_shared(&r->launcher, sentence) && blocks;

    if (shared && out)
        text_wrapped(out, sentence, 2, 78);
    return replay_caveats(out, r) || shared;
}

static json_t *describe(void *ctx)
{
    const struct replay *r = ctx;
    json_t *all = replay_json(r);

    if (all && r->launcher.plan)
        json_object_set_new(all, "launches", results_launches(&r->launcher));
    return all;
}

/* With a pace there is nothing to compare: the surveys are the result. */
static int measure(struct replay *r)
{
    struct run_options *o = &r->options.run;
    struct plan nothing = { 0 };
    const struct window_engine inner = { .run = replay_window, .ctx = r };
    struct trial_kind kind = {
        .engine = inner,
        .introduce = introduce, .conclude = conclude, .caveats = caveats,
        .describe = describe, .member = "replay",
        .interrupted = r->interrupted, .ctx = r,
    };
    bool paced = r->options.speed > 0 || r->interrupted;

    if (!o->window_ms)
        o->window_ms = replay_window_ms(r);
    plan_guess(&r->plan, o);
    if (!paced) {
        launcher_begin(&r->launcher, &r->plan, &inner, NULL);
        replay_prepare(r);
        kind.engine = r->launcher.engine;
    }
    int status = trial_run(paced ? &nothing : &r->plan, o, &kind);
    if (!paced)
        launcher_end(&r->launcher);
    if (r->interrupted)
        return 130;
    return status == 0 && (replay_any_failure(r) || replay_lost_too_much(r)) ? 1 : status;
}

/* Whether the load can be made so large and so often.  0, or an error after a message. */
static int check_load(struct replay *r)
{
    struct replay_load *load;
    int error = replay_load_make(&load, &r->log, 1, r->options.scale);

    if (error == -EOVERFLOW)
        arguments_error("--scale=%" PRIu64 " makes more users than a map may have",
                        r->options.scale);
    else if (error)
        shortage_fail(error);
    else if (r->options.repeat > load->passes) {
        error = arguments_error("--repeat=%" PRIu64 ": this log can be played %" PRIu64 " times at "
                                "most, or it would take 60 years and more", r->options.repeat,
                                load->passes);
    }
    if (!error)
        r->loads[0] = load;
    else if (error == -EINVAL)
        replay_load_free(load);
    return error;
}

/* What is to come: reading is over, and how long checks take is not known before. */
static void announce(const struct run_options *o)
{
    char sentence[160];

    snprintf(sentence, sizeof sentence, "Next: every strategy is checked and measured, in %.0f s at "
             "most in all.  Ctrl-C ends it early and keeps what was measured.", budget_left(o));
    text_wrapped(stdout, sentence, 0, 80);
    putchar('\n');
    fflush(stdout);
}

static int play(struct replay *r)
{
    int error = make_plan(r);

    if (!error)
        error = check_load(r);
    if (error)
        return error == -ENOMEM ? 1 : 2;
    announce(&r->options.run);
    interrupt_catch();
    error = replay_survey_all(r);
    interrupt_release();
    if (error) {
        shortage_fail(error);
        return 1;
    }
    return measure(r);
}

static int run(struct replay *r)
{
    int error = read_log(r);

    if (!r->options.run.budget_given) /* the default is for what comes after */
        r->options.run.begun_ns = contend_clock_ns();
    if (error)
        return r->interrupted ? 130 : 1;
    error = find_facts(r);
    if (error) {
        shortage_fail(error);
        return 1;
    }
    if (r->interrupted)
        printf("Interrupted: this is what was read so far.\n\n");
    if (r->stopped && !r->cut_short) /* else the caveats say it */
        printf("Stopped reading: what was read so far is played; Ctrl-C again ends it.\n\n");
    replay_print_log(stdout, r);
    fflush(stdout);
    bool unsaved = r->options.curve && replay_write_curve(r) != 0;
    int status = r->interrupted ? measure(r) : play(r); /* interrupted: only the facts are saved */
    return status == 0 && unsaved ? 1 : status;
}

static int try_outputs(const struct replay_options *o)
{
    const char *rules[] = { o->parse.rules };
    int error = options_try_outputs(&o->run, o->curve, o->files, o->file_count);

    return error || !o->parse.rules ? error : options_try_outputs(&o->run, o->curve, rules, 1);
}

int command_replay(int argc, char **argv)
{
    struct replay *r = calloc(1, sizeof *r);
    int error, status;

    if (!r) {
        shortage_fail(-ENOMEM);
        return 1;
    }
    log_init(&r->log);
    if (sched_getaffinity(0, sizeof r->allowed, &r->allowed) != 0)
        CPU_SET(0, &r->allowed);
    error = replay_options_parse(&r->options, argc, argv);
    if (error == 0)
        error = try_outputs(&r->options);
    status = error == 0 ? run(r) : error > 0 ? 0 : error == -EINVAL ? 2 : 1;
    for (unsigned i = 0; i < REPLAY_LOADS; i++)
        replay_load_free(r->loads[i]);
    replay_model_free(&r->model);
    plan_free(&r->plan);
    log_curve_free(&r->curve);
    replay_options_free(&r->options);
    stores_end();
    log_free(&r->log);
    apart_free(r->surveys, r->surveys_size);
    free(r);
    return status;
}
