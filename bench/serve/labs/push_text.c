/* push_text.c - the shapes of `contend push`, its tables, its plot and its file. */
#include <math.h>
#include <string.h>

#include "bench/base/text.h"
#include "bench/report/curves.h"
#include "bench/report/results.h"
#include "bench/serve/labs/push.h"

enum { FEWEST = 0, MOST = PUSH_READERS - 1, SELDOM = 0, ONCE = 1, OFTEN = PUSH_RATES - 1 }; /* in their lists */

/* ---- shapes of fan-out ---- */

static bool has_fanout(const struct push_lab *l)
{
    for (unsigned i = 0; i < l->count; i++)
        for (unsigned k = 0; k < PUSH_READERS; k++)
            if (!l->fanout[i][k].done)
                return false;
    return l->count > 0;
}

static void judge_told(struct push_lab *l)
{
    uint64_t published = 0, lost = 0, wrong = 0;

    for (unsigned i = 0; i < l->count; i++)
        for (unsigned k = 0; k < PUSH_READERS; k++) {
            const struct push_fanout *f = &l->fanout[i][k];
            published += f->published;
            lost += f->lost;
            wrong += f->got + f->lost != f->published;
        }
    experiment_shape(&l->e, "told", SHAPE_EXACT, wrong == 0 && lost > 0,
                     "a reader that stands still holds up nobody and is told what it missed: %.0f of "
                     "%.0f events, and each other one it gets (%.0f counts differ).", (double)lost,
                     (double)published, (double)wrong);
}

static void judge_growth(struct push_lab *l)
{
    double flat = 0, grown = INFINITY, small = INFINITY, large = 0;

    for (unsigned i = 0; i < l->count; i++) {
        const struct push_fanout *few = &l->fanout[i][FEWEST], *many = &l->fanout[i][MOST];
        double growth = many->publish_ns / few->publish_ns;
        if (l->entries[i]->traits->each) {
            grown = fmin(grown, growth);
            large = fmax(large, (double)many->bytes);
        } else {
            flat = fmax(flat, growth);
            small = fmin(small, (double)many->bytes);
        }
    }
    experiment_shape(&l->e, "memory", SHAPE_EXACT, large > 20 * small,
                     "with %.0f readers a queue for each takes %.1f MB, and a ring with their cursors "
                     "%.2f MB.", (double)push_readers[MOST], large / 1e6, small / 1e6);
    experiment_shape(&l->e, "fan_out", SHAPE_MEASURED, flat < 5 && grown > 50,
                     "from 1 reader to %.0f an event costs the writer of a ring %.1f times as much, and of "
                     "queues %.0f times.", (double)push_readers[MOST], flat, grown);
}

/* ---- shapes of the five ways ---- */

static void judge_all_see(struct push_lab *l)
{
    uint64_t runs = 0, missing = 0;

    for (unsigned w = 0; w < PUSH_WAYS; w++)
        for (unsigned s = 0; s < l->sizes; s++)
            for (unsigned r = 0; r < PUSH_RATES; r++) {
                runs += l->runs[w][s][r].done;
                missing += l->runs[w][s][r].missing;
            }
    if (!runs)
        experiment_not_reached(&l->e, "all_see", "whether all subscribers see the last clap");
    else
        experiment_shape(&l->e, "all_see", SHAPE_EXACT, missing == 0,
                         "whichever way, in %.0f runs every subscriber sees the last total (%.0f do not).",
                         (double)runs, (double)missing);
}

static const struct push_run *largest(const struct push_lab *l, enum push_way way, unsigned rate)
{
    return &l->runs[way][l->sizes - 1][rate];
}

static bool all_done(const struct push_lab *l, unsigned rate)
{
    for (unsigned w = 0; w < PUSH_WAYS; w++)
        if (!largest(l, w, rate)->done || isnan(largest(l, w, rate)->p50_ns))
            return false;
    return true;
}

static void judge_delays(struct push_lab *l)
{
    double pushed = 0, polled = INFINITY;

    if (!all_done(l, ONCE)) {
        experiment_not_reached(&l->e, "sooner", "how much sooner pushed claps are seen");
        experiment_not_reached(&l->e, "idle", "what polls cost without news");
        return;
    }
    for (unsigned w = 0; w < PUSH_WAYS; w++)
        if (w == PUSH_POLL || w == PUSH_CONDITIONAL)
            polled = fmin(polled, largest(l, w, ONCE)->p50_ns);
        else
            pushed = fmax(pushed, largest(l, w, ONCE)->p50_ns);
    experiment_shape(&l->e, "sooner", SHAPE_MEASURED, pushed < polled / 2,
                     "at a clap a second %.0f subscribers see it sooner if it is pushed: %.1f ms at p50 against "
                     "%.0f ms by polls.", (double)l->most, pushed / 1e6, polled / 1e6);
    experiment_shape(&l->e, "idle", SHAPE_MEASURED,
                     largest(l, PUSH_SOCKET, ONCE)->bytes < largest(l, PUSH_POLL, ONCE)->bytes / 2,
                     "and polls pay for what has not changed: %.0f bytes a second each, a WebSocket %.0f.",
                     largest(l, PUSH_POLL, ONCE)->bytes, largest(l, PUSH_SOCKET, ONCE)->bytes);
}

/* The way that bytes grow with time, and the one by which they grow with claps. */
static void judge_seldom(struct push_lab *l)
{
    const struct push_run *poll = largest(l, PUSH_POLL, SELDOM), *socket = largest(l, PUSH_SOCKET, SELDOM);

    if (l->options->seldom_ms == 0)
        return;
    if (!poll->done || !socket->done)
        experiment_not_reached(&l->e, "seldom", "what a clap in ten seconds costs");
    else
        experiment_shape(&l->e, "seldom", SHAPE_MEASURED, socket->bytes < poll->bytes / 10,
                         "at %g claps a second hardly anything is pushed: %.1f bytes a second over a WebSocket, "
                         "%.0f by polls.", push_rates[SELDOM], socket->bytes, poll->bytes);
}

static void judge_busy(struct push_lab *l)
{
    if (!all_done(l, OFTEN))
        experiment_not_reached(&l->e, "busy", "what %.0f claps a second cost", push_rates[OFTEN]);
    else
        experiment_shape(&l->e, "busy", SHAPE_MEASURED,
                         largest(l, PUSH_POLL, OFTEN)->bytes < largest(l, PUSH_SOCKET, OFTEN)->bytes,
                         "at %.0f claps a second it is the other way round: a poll brings all of them at once, "
                         "%.0f bytes a second against %.0f.", push_rates[OFTEN],
                         largest(l, PUSH_POLL, OFTEN)->bytes, largest(l, PUSH_SOCKET, OFTEN)->bytes);
}

void push_lab_judge(struct push_lab *l)
{
    if (has_fanout(l)) {
        judge_told(l);
        judge_growth(l);
    } else {
        experiment_not_reached(&l->e, "told", "what a reader that stands still is told");
        experiment_not_reached(&l->e, "memory", "what readers take");
        experiment_not_reached(&l->e, "fan_out", "what an event costs its writer");
    }
    judge_all_see(l);
    judge_delays(l);
    judge_busy(l);
    judge_seldom(l);
}

/* ---- text ---- */

static void print_fanout(const struct push_lab *l)
{
    printf("Fan-out, without a socket\n\n  %-8s  %8s  %12s  %10s  %10s\n", "", "readers", "an event",
           "a read", "KB");
    for (unsigned i = 0; i < l->count; i++)
        for (unsigned k = 0; k < PUSH_READERS; k++) {
            const struct push_fanout *f = &l->fanout[i][k];
            char readers[TEXT_NUMBER], publish[TEXT_NUMBER], read[TEXT_NUMBER], kb[TEXT_NUMBER];
            if (f->done)
                printf("  %-8s  %8s  %12s  %10s  %10s\n", l->entries[i]->traits->id.name,
                       text_grouped((double)push_readers[k], readers),
                       text_duration(f->publish_ns, publish), text_duration(f->read_ns, read),
                       text_grouped((double)f->bytes / 1000, kb));
        }
    printf("\n");
}

static void print_crowd(const struct push_lab *l, unsigned size)
{
    char count[TEXT_NUMBER];

    printf("%s subscribers\n\n  %-11s  %8s  %6s  %8s  %8s  %6s  %9s\n",
           text_grouped((double)l->size[size], count), "", "claps/s", "given", "p50", "p99", "cpu",
           "bytes/s");
    for (unsigned w = 0; w < PUSH_WAYS; w++)
        for (unsigned r = 0; r < PUSH_RATES; r++) {
            const struct push_run *run = &l->runs[w][size][r];
            char p50[TEXT_NUMBER], p99[TEXT_NUMBER], bytes[TEXT_NUMBER], claps[TEXT_NUMBER];
            if (run->done && !isnan(run->p50_ns))
                printf("  %-11s  %8g  %6s  %8s  %8s  %6.3f  %9s\n", push_way_names[w], push_rates[r],
                       text_grouped((double)run->claps, claps), text_duration(run->p50_ns, p50),
                       text_duration(run->p99_ns, p99), run->cpu, text_grouped(run->bytes, bytes));
        }
    printf("\n");
}

/* The runs of a crowd that the budget, or Ctrl-C, left out: which ways, at which rate. */
static void print_left_out(const struct push_lab *l, unsigned size)
{
    bool seldom = size == l->sizes - 1 && l->options->seldom_ms;

    for (unsigned r = seldom ? SELDOM : ONCE; r < PUSH_RATES; r++) {
        char text[EXPERIMENT_TEXT];
        unsigned left = 0, n = (unsigned)snprintf(text, sizeof text,
                                                  "No time was left for %llu subscribers at %g claps a second by",
                                                  (unsigned long long)l->size[size], push_rates[r]);
        for (unsigned w = 0; w < PUSH_WAYS; w++)
            if (!l->runs[w][size][r].done)
                n += (unsigned)snprintf(text + n, sizeof text - n, "%s %s", left++ ? "," : "",
                                        push_way_names[w]);
        if (left)
            text_wrapped(stdout, text, 2, EXPERIMENT_WIDTH - 2);
    }
}

static void print_plot(const struct push_lab *l)
{
    static const char marks[] = "pclsw";
    double x[PUSH_WAYS][PUSH_RATES], y[PUSH_WAYS][PUSH_RATES];
    struct curve list[PUSH_WAYS];

    for (unsigned w = 0; w < PUSH_WAYS; w++) {
        for (unsigned r = 0; r < PUSH_RATES; r++) {
            const struct push_run *run = largest(l, w, r);
            x[w][r] = run->done ? run->cpu : NAN;
            y[w][r] = run->done ? run->p50_ns / 1e6 : NAN;
        }
        list[w] = (struct curve){ push_way_names[w], marks[w], x[w], y[w], PUSH_RATES };
    }
    const struct curves plot = { .title = "How late, and what it costs: the largest crowd",
                                 .x_name = "processors of the service", .y_name = "p50 of the delay, ms",
                                 .log_x = true, .log_y = true, .list = list, .count = PUSH_WAYS };
    curves_print(stdout, &plot);
    printf("\n");
}

void push_lab_print(const struct push_lab *l)
{
    char text[EXPERIMENT_TEXT];

    print_fanout(l);
    if (l->why[0]) {
        snprintf(text, sizeof text, "The five ways are left out: %s", l->why);
        text_wrapped(stdout, text, 2, EXPERIMENT_WIDTH - 2);
        printf("\n");
        return;
    }
    for (unsigned s = 0; s < l->sizes; s++)
        print_crowd(l, s);
    for (unsigned s = 0; s < l->sizes; s++)
        print_left_out(l, s);
    snprintf(text, sizeof text,
             "p50, p99: from a clap until a subscriber has read it, from the first of those that it had not seen. "
             "cpu: processors of the service.  bytes/s: to and from each subscriber.  Polls are %llu ms "
             "apart.%s", (unsigned long long)l->options->poll_ms,
             l->most < l->options->subscribers
                 ? "  The crowd is smaller than was asked for: this process may have no more files open."
                 : "");
    text_wrapped(stdout, text, 2, EXPERIMENT_WIDTH - 2);
    printf("\n");
    print_plot(l);
}

/* ---- the file ---- */

static json_t *ways_json(const struct push_lab *l)
{
    json_t *runs = json_array();

    for (unsigned w = 0; w < PUSH_WAYS; w++)
        for (unsigned s = 0; s < l->sizes; s++)
            for (unsigned r = 0; r < PUSH_RATES; r++) {
                const struct push_run *run = &l->runs[w][s][r];
                if (run->done)
                    json_array_append_new(runs, json_pack(
                        "{s:s, s:I, s:f, s:I, s:I, s:o, s:o, s:o, s:o, s:I}", "way", push_way_names[w],
                        "subscribers", (json_int_t)l->size[s], "claps_per_s", push_rates[r], "claps",
                        (json_int_t)run->claps, "missing", (json_int_t)run->missing, "p50_ns",
                        results_number(run->p50_ns), "p99_ns", results_number(run->p99_ns), "processors",
                        results_number(run->cpu), "bytes_per_s", results_number(run->bytes), "messages",
                        (json_int_t)run->messages));
            }
    return runs;
}

json_t *push_lab_json(const struct push_lab *l)
{
    json_t *fanout = json_array();

    for (unsigned i = 0; i < l->count; i++)
        for (unsigned k = 0; k < PUSH_READERS; k++) {
            const struct push_fanout *f = &l->fanout[i][k];
            if (f->done)
                json_array_append_new(fanout, json_pack(
                    "{s:s, s:I, s:o, s:o, s:I, s:I, s:I, s:I}", "push", l->entries[i]->traits->id.name,
                    "readers", (json_int_t)push_readers[k], "publish_ns", results_number(f->publish_ns),
                    "read_ns", results_number(f->read_ns), "bytes", (json_int_t)f->bytes, "published",
                    (json_int_t)f->published, "got", (json_int_t)f->got, "lost", (json_int_t)f->lost));
        }
    return json_pack("{s:I, s:I, s:I, s:s, s:o, s:o}", "window_ms", (json_int_t)l->options->window_ms,
                     "poll_ms", (json_int_t)l->options->poll_ms, "subscribers", (json_int_t)l->most,
                     "left_out", l->why, "runs", ways_json(l), "fanout", fanout);
}
