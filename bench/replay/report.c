/* report.c - the log, the strategies' results on it, and the load that they carry. */
#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/text.h"
#include "bench/replay/feed.h"
#include "bench/replay/replay.h"
#include "bench/report/output.h"
#include "bench/report/plot.h"
#include "bench/report/results.h"

static const double quantiles[] = { 0.5, 0.99, 0.999 };
enum { QUANTILES = sizeof quantiles / sizeof *quantiles, BEYOND = 10, LONGEST_BUDGET_S = 86400 };

static const char *name_of(const struct names *names, uint32_t number, char *buffer, size_t cut)
{
    size_t length;
    const char *text = names_text(names, number, &length);

    return text_printable(buffer, cut, text, length);
}

static void print_top(FILE *out, const struct replay *r)
{
    char name[LOG_CUT_SIZE], count[TEXT_NUMBER];
    size_t shown = r->top_found < r->options.top ? r->top_found : r->options.top;

    if (!shown || !r->facts.posts)
        return;
    fprintf(out, "  Most frequent posts:\n");
    for (size_t i = 0; i < shown; i++)
        fprintf(out, "    %12s  %5.1f %%  %s\n", text_grouped((double)r->top[i].count, count),
                100.0 * (double)r->top[i].count / (double)r->facts.claps,
                name_of(&r->log.posts, r->top[i].number, name, LOG_CUT - 20));
}

/* A sentence, indented, within 80 columns. */
__attribute__((format(printf, 2, 3)))
static void tell(FILE *out, const char *format, ...)
{
    char sentence[512];
    va_list values;

    va_start(values, format);
    vsnprintf(sentence, sizeof sentence, format, values);
    va_end(values);
    text_wrapped(out, sentence, 2, 78);
}

void replay_print_log(FILE *out, const struct replay *r)
{
    const struct log_facts *f = &r->facts;
    char a[PLOT_TIME_SIZE], b[PLOT_TIME_SIZE], n[5][TEXT_NUMBER];
    struct plot plot = {
        .title = "  Users online over time", .unit = "users",
        .values = r->curve.most, .count = r->curve.samples,
        .from_ms = r->curve.from_ms, .to_ms = r->curve.to_ms, .unicode = plot_unicode(),
    };

    fprintf(out, "The log\n\n");
    tell(out, "%s of %s for %s, from %s to %s UTC",
         text_count(f->requests, "request", "requests", n[0]),
         text_count(f->visitors, "visitor", "visitors", n[1]),
         text_count(f->posts, "post", "posts", n[2]),
         plot_time(a, f->first_ms, false), plot_time(b, f->last_ms, false));
    tell(out, "%.3g requests/s on average, %s in the busiest second (%s), %s in the busiest minute",
         f->per_second, text_grouped((double)f->second_requests, n[0]),
         plot_time(a, f->second_ms, false), text_grouped((double)f->minute_requests, n[1]));
    tell(out, "Skew: the top 1 %% of the visitors (%s) make %.0f %% of the requests, the top 1 %% "
              "of the posts (%s) get %.0f %% of the claps",
         text_grouped(f->top_visitors, n[0]), 100 * f->top_visitors_share,
         text_grouped(f->top_posts, n[1]), 100 * f->top_posts_share);
    tell(out, "At most %s online, first at %s; %s came online (%g s after the last request they "
              "are offline)", text_grouped(f->peak_online, n[0]), plot_time(a, f->peak_ms, false),
         text_grouped((double)f->sessions, n[1]), (double)r->options.ttl_ms / 1000);
    tell(out, "%s ran backwards in time%s", text_count(r->log.backwards, "line", "lines", n[0]),
         r->options.as_logged ? " and stay as they were logged" : "; sorted");
    replay_print_reading(out, r);
    if (!f->posts)
        tell(out, "No request has a post: %s; no claps are played", r->log.no_post);
    print_top(out, r);
    fputc('\n', out);
    plot_print(out, &plot);
    if (r->options.scale > 1 || r->options.repeat > 1)
        fputc('\n', out);
    if (r->options.scale > 1 || r->options.repeat > 1)
        tell(out, "Played with %s of each visitor, %s over.",
             text_count(r->options.scale, "clone", "clones", n[0]),
             text_count(r->options.repeat, "time", "times", n[1]));
    fputc('\n', out);
}

/*
 * A quantile is known from ten values beyond it: p50 from 20 operations, p99 from 1,000
 * and p99.9 from 10,000.  With fewer it would depend on a single one of them: NAN.
 */
static double known_quantile(const struct histogram *h, double q)
{
    return (double)h->count * (1 - q) >= BEYOND - 1e-6 ? histogram_quantile(h, q) : (double)NAN;
}

static double greatest(const struct histogram *h)
{
    return h->count ? (double)h->max : (double)NAN;
}

/* Paced: how much of the whole play there was time for, 0 .. 1. */
static double played(const struct replay_survey *s)
{
    return s->operations ? (double)s->latency.count / (double)s->operations : 0;
}

static bool is_wrong(const struct replay_survey *s)
{
    return s->error == -EILSEQ;
}

static void print_survey(FILE *out, const struct replay *r, const struct replay_survey *s)
{
    const struct contend_identity *id = contestant_identity(&s->who);
    char name[CONTESTANT_NAME], figure[4][TEXT_NUMBER], why[REPLAY_WHY + 16];

    contestant_name(&s->who, name, sizeof name);
    if (s->error || s->skipped) {
        snprintf(why, sizeof why, "%s: %s", is_wrong(s) ? "WRONG" : s->error ? "failed" : "skipped",
                 s->why);
        text_labelled(out, name, why, 27, 80);
        return;
    }
    fprintf(out, "  %-24s ", name);
    if (id->flags & CONTEND_FLOOR)
        fprintf(out, "%9s", "floor");
    else
        fprintf(out, "%9u", s->instants);
    for (int i = 0; i < QUANTILES; i++)
        fprintf(out, " %10s", text_number(known_quantile(&s->latency, quantiles[i]), 3, figure[i]));
    fprintf(out, " %10s", text_number(greatest(&s->latency), 3, figure[3]));
    if (r->options.speed > 0)
        fprintf(out, " %8" PRIu64 " %12s %6s%%", s->late,
                text_grouped((double)s->latency.count, figure[0]),
                text_number(100 * played(s), 2, figure[1]));
    fputs(s->threads < r->surveys[0].threads ? "\n    (by one thread)\n" : "\n", out);
}

/* Paced: how long the whole log takes, and what would play all of it. */
static void print_pace(FILE *out, const struct replay *r)
{
    char text[4][TEXT_NUMBER], sentence[512];
    double speed = r->options.speed, budget = r->options.run.budget_s, longest = 0, least = 1;

    for (unsigned i = 0; i < r->survey_count; i++) {
        const struct replay_survey *s = &r->surveys[i];
        if (!s->done || s->error || s->skipped)
            continue;
        longest = fmax(longest, s->whole_seconds / speed);
        least = fmin(least, played(s));
    }
    int used = snprintf(sentence, sizeof sentence, "At %gx the whole log takes %s s for each "
                        "strategy", speed, text_number(longest, 3, text[0]));
    double wanted = ceil(longest * r->survey_count + 1);
    if (least < 1 && wanted <= LONGEST_BUDGET_S)
        used += snprintf(sentence + used, sizeof sentence - (size_t)used,
                         "; the budget gave each %s s.  --budget=%.0f would play all of it",
                         text_number(budget / r->survey_count, 3, text[1]), wanted);
    else if (least < 1)
        used += snprintf(sentence + used, sizeof sentence - (size_t)used,
                         "; the budget gave each %s s.  --speed=%sx would play all of it",
                         text_number(budget / r->survey_count, 3, text[1]),
                         text_number(ceil(1.05 * speed * wanted / budget), 1, text[2]));
    snprintf(sentence + used, sizeof sentence - (size_t)used,
             ".  A percentile with fewer than ten operations beyond it is left out");
    text_wrapped(out, sentence, 2, 78);
    fputc('\n', out);
}

/* Says if a large load, or the time, made the comparisons fewer than was asked for. */
static void print_instants(FILE *out, const struct replay *r)
{
    char users[TEXT_NUMBER], sentence[256];
    bool fewer = false;

    for (unsigned i = 0; i < r->survey_count; i++) {
        const struct replay_survey *s = &r->surveys[i];
        bool floor = contestant_identity(&s->who)->flags & CONTEND_FLOOR;
        fewer |= s->done && !s->error && !s->skipped && !floor &&
                 s->instants + r->options.repeat <= r->options.instants;
    }
    if (!fewer)
        return;
    snprintf(sentence, sizeof sentence, "Compared at fewer than the %u instants asked for: each "
             "asks for all %s (--scale=%" PRIu64 "), and a check ends after ten seconds.",
             r->options.instants,
             text_count(r->facts.visitors * r->options.scale, "user", "users", users),
             r->options.scale);
    text_wrapped(out, sentence, 2, 78);
    fputc('\n', out);
}

void replay_print_surveys(FILE *out, const struct replay *r)
{
    bool paced = r->options.speed > 0;
    const struct family *family = NULL;
    char text[TEXT_NUMBER];

    if (r->survey_count == 0)
        return; /* interrupted before */
    fprintf(out, paced ? "Agreement with the model, and latency at %gx the log's pace\n"
                         "(from when an operation was due)\n"
                       : "Agreement with the model, and the latency of one operation in eight\n"
                         "(the clock's included)\n", r->options.speed);
    for (unsigned i = 0; i < r->survey_count; i++) {
        const struct replay_survey *s = &r->surveys[i];
        if (!s->done)
            continue;
        if (s->who.family != family)
            fprintf(out, "\n  %-24s %9s %10s %10s %10s %10s%s\n",
                    replay_feed_of(s->who.family)->events, "instants", "p50 ns",
                    "p99 ns", "p99.9 ns", "max ns", paced ? "   > 1 ms   operations  of all" : "");
        family = s->who.family;
        print_survey(out, r, s);
    }
    fprintf(out, "\n  with %s\n\n",
            text_count(r->surveys[0].threads, "thread", "threads", text));
    print_instants(out, r);
    if (paced)
        print_pace(out, r);
}

/* The strategy to name in a cell: the pick, or else the reference. */
static const struct standing *carrier(const struct cell_verdict *v)
{
    if (v->pick >= 0)
        return &v->standings[v->pick];
    for (unsigned k = 0; k < v->count; k++)
        if (v->standings[k].verdict == VERDICT_REFERENCE)
            return &v->standings[k];
    return NULL;
}

/* The sentence of one cell; false if no strategy has a rate. */
static bool print_carrier(FILE *out, const struct replay *r, const struct cell_verdict *v)
{
    char name[CONTESTANT_NAME], n[4][TEXT_NUMBER], sentence[512];
    const struct plan_cell *cell = v->cell->plan;
    const struct standing *s = carrier(v);
    char events[32];

    snprintf(events, sizeof events, "%s", replay_feed_of(cell->cell.workload->family)->events);
    events[0] = (char)toupper((unsigned char)events[0]);
    if (!s || isnan(s->ops_per_s))
        return false;
    snprintf(sentence, sizeof sentence,
             "%s of %s%s on %s: %s million a second; the busiest second of about %s such servers, "
             "or the average of about %s",
             events,
             contestant_name(&cell->contestants[s->contestant], name, sizeof name),
             v->pick < 0 ? " (the reference, as there is no pick)" : "",
             text_count(cell->cell.threads, "thread", "threads", n[0]),
             text_about(s->ops_per_s / 1e6, n[1]),
             /* A log within one second has one figure for both. */
             text_about(s->ops_per_s / (double)r->facts.second_requests, n[2]),
             text_about(s->ops_per_s / r->facts.per_second, n[3]));
    text_wrapped(out, sentence, 2, 78);
    return true;
}

void replay_print_capacity(FILE *out, const struct replay *r, const struct cell_verdict *cells,
                           unsigned count)
{
    bool any = false;

    fprintf(out, "How far it carries\n\n");
    for (unsigned i = 0; i < count; i++)
        any |= print_carrier(out, r, &cells[i]);
    fputs(any ? "\n" : "  Not known: nothing was measured undisturbed.\n\n", out);
}

static json_t *survey_json(const struct replay_survey *s)
{
    char name[CONTESTANT_NAME];

    return json_pack(
        "{s:s, s:s, s:i, s:s, s:s?, s:i, s:I, s:o, s:o, s:o, s:o, s:I, s:I, s:f, s:I, s:f}",
        "object", s->who.family->name, "strategy", contestant_name(&s->who, name, sizeof name),
        "threads", (int)s->threads, "state", !s->done ? "not reached" : is_wrong(s) ? "wrong"
                                  : s->error ? "failed" : s->skipped ? "skipped" : "agrees", "why",
        s->why[0] ? s->why : NULL, "instants", (int)s->instants, "bytes", (json_int_t)s->bytes,
        "p50_ns", results_number(known_quantile(&s->latency, quantiles[0])), "p99_ns",
        results_number(known_quantile(&s->latency, quantiles[1])), "p999_ns",
        results_number(known_quantile(&s->latency, quantiles[2])), "max_ns",
        results_number(greatest(&s->latency)), "operations",
        (json_int_t)s->latency.count, "late", (json_int_t)s->late, "log_seconds", s->seconds,
        "whole_operations", (json_int_t)s->operations, "whole_log_seconds", s->whole_seconds);
}

/* A name with bytes that are not UTF-8 is shown as a terminal would see it. */
static json_t *top_json(const struct replay *r)
{
    json_t *list = json_array();
    char name[LOG_CUT_SIZE];

    for (size_t i = 0; i < r->top_found && i < r->options.top; i++)
        json_array_append_new(
            list, json_pack("{s:s, s:I}", "post",
                            name_of(&r->log.posts, r->top[i].number, name, LOG_CUT), "claps",
                            (json_int_t)r->top[i].count));
    return list;
}

static json_t *facts_json(const struct replay *r)
{
    const struct log_facts *f = &r->facts;
    json_t *facts = json_pack(
        "{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:f, s:I, s:I, s:I, s:I, s:f, s:f, s:I, s:I, "
        "s:I}",
        "lines", (json_int_t)r->log.lines, "unreadable", (json_int_t)r->log.unreadable, "backwards",
        (json_int_t)r->log.backwards, "requests", (json_int_t)f->requests, "visitors",
        (json_int_t)f->visitors, "posts", (json_int_t)f->posts, "first_ms", (json_int_t)f->first_ms,
        "last_ms", (json_int_t)f->last_ms, "per_second", f->per_second, "busiest_second_ms",
        (json_int_t)f->second_ms, "busiest_second", (json_int_t)f->second_requests,
        "busiest_minute_ms", (json_int_t)f->minute_ms, "busiest_minute",
        (json_int_t)f->minute_requests, "top_visitors_share", f->top_visitors_share,
        "top_posts_share", f->top_posts_share, "peak_online", (json_int_t)f->peak_online,
        "peak_ms", (json_int_t)f->peak_ms, "sessions", (json_int_t)f->sessions);
    json_object_set_new(facts, "stopped", json_boolean(r->stopped));
    json_object_set_new(facts, "files", replay_files_json(r));
    return facts;
}

json_t *replay_json(const struct replay *r)
{
    json_t *curve = json_array(), *surveys = json_array();

    for (size_t i = 0; i < r->curve.samples; i++)
        json_array_append_new(
            curve, json_pack("[I, I]", (json_int_t)log_curve_instant(&r->curve, i),
                             (json_int_t)r->curve.online[i]));
    for (unsigned i = 0; i < r->survey_count; i++)
        json_array_append_new(surveys, survey_json(&r->surveys[i]));
    return json_pack("{s:o, s:I, s:I, s:f, s:I, s:b, s:o, s:o, s:o}", "log", facts_json(r), "scale",
                     (json_int_t)r->options.scale, "repeat", (json_int_t)r->options.repeat, "speed",
                     r->options.speed, "ttl_ms", (json_int_t)r->options.ttl_ms, "as_logged",
                     (int)r->options.as_logged, "top_posts", top_json(r), "surveys", surveys,
                     "curve", curve);
}

int replay_write_curve(const struct replay *r)
{
    char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);

    if (f)
        fputs("time_ms,online\n", f);
    for (size_t i = 0; f && i < r->curve.samples; i++)
        fprintf(f, "%" PRIu64 ",%" PRIu32 "\n", log_curve_instant(&r->curve, i),
                r->curve.online[i]);
    bool whole = f && fclose(f) == 0;
    int error = output_save("curve", r->options.curve, whole ? text : NULL);
    free(text);
    return error;
}
