/* wait_text.c - the shapes of `contend wait`, its tables, its plot and its file. */
#include <math.h>
#include <string.h>

#include "bench/base/text.h"
#include "bench/report/curves.h"
#include "bench/report/results.h"
#include "bench/serve/labs/wait.h"

enum { LONGEST = WAIT_INTERVALS - 1 };

static const char *name_of(const struct wait_lab *l, unsigned i)
{
    return l->entries[i]->traits->id.name;
}

/* ---- shapes ---- */

static void judge_lost(struct wait_lab *l)
{
    uint64_t announced = 0, lost = 0;

    for (unsigned i = 0; i < l->count; i++)
        for (unsigned k = 0; k < WAIT_INTERVALS; k++) {
            const struct wait_run *r = &l->runs[i][k];
            if (!r->done) {
                experiment_not_reached(&l->e, "nothing_lost", "whether every announcement is seen");
                return;
            }
            announced += r->announced;
            lost += r->announced != r->seen;
        }
    experiment_shape(&l->e, "nothing_lost", SHAPE_EXACT, lost == 0,
                     "no wake-up is lost: after %.0f announcements every waiter is where its announcer "
                     "is (%.0f are not).", (double)announced, (double)lost);
}

enum { KEPT_PERCENT = 10 }; /* of its time a waiter may be kept from its processor */

/*
 * Those that sleep, and those that do not, at the longest interval.  On a busy machine one that stays
 * awake is ready to run, but others run: it would burn as much, and sees its news only in its turn.
 */
static void judge_burning(struct wait_lab *l)
{
    double awake = INFINITY, asleep = 0, awake_ns = INFINITY, asleep_ns = INFINITY, kept = 0;

    for (unsigned i = 0; i < l->count; i++) {
        const struct wait_run *r = &l->runs[i][LONGEST];
        if (!r->done || isnan(r->cpu)) {
            experiment_not_reached(&l->e, "burning", "what waiters burn");
            return;
        }
        if (l->entries[i]->traits->sleeps) {
            asleep = fmax(asleep, r->cpu);
            asleep_ns = fmin(asleep_ns, r->p50_ns);
        } else {
            awake = fmin(awake, isnan(r->ready) ? r->cpu : r->ready);
            kept = fmax(kept, isnan(r->ready) ? 0 : r->ready - r->cpu);
            awake_ns = fmin(awake_ns, r->p50_ns);
        }
    }
    experiment_shape(&l->e, "burning", SHAPE_MEASURED, awake > 3 * asleep,
                     "with news every 10 ms a waiter that stays awake burns a processor, or would if it "
                     "had one, and one that sleeps hardly anything: at least %.2f and at most %.3f "
                     "processors.", awake, asleep);
    if (kept * 100 > KEPT_PERCENT)
        experiment_not_reached(&l->e, "latency", "whether it is sooner there for it: other programs had "
                               "its processor for %.0f %% of the time", kept * 100);
    else
        experiment_shape(&l->e, "latency", SHAPE_MEASURED, awake_ns < asleep_ns,
                         "and is sooner there for it: %.1f us and %.1f us at p50.", awake_ns / 1000,
                         asleep_ns / 1000);
}

static int index_of(const struct wait_lab *l, const char *name)
{
    for (unsigned i = 0; i < l->count; i++)
        if (strcmp(name_of(l, i), name) == 0)
            return (int)i;
    return -1;
}

static void judge_announcing(struct wait_lab *l)
{
    int park = index_of(l, "park"), event = index_of(l, "eventcount");

    if (park < 0 || event < 0 || isnan(l->alone_ns[park]) || isnan(l->alone_ns[event]))
        experiment_not_reached(&l->e, "announcing", "an announcement with nobody waiting");
    else
        experiment_shape(&l->e, "announcing", SHAPE_MEASURED,
                         l->alone_ns[event] < l->alone_ns[park] / 2,
                         "an eventcount spares the announcer the system call when nobody sleeps: %.0f ns "
                         "and %.0f ns.", l->alone_ns[event], l->alone_ns[park]);
}

void wait_lab_judge(struct wait_lab *l)
{
    judge_lost(l);
    judge_burning(l);
    judge_announcing(l);
}

/* ---- text ---- */

static void print_table(const struct wait_lab *l)
{
    printf("A waiter, and news at intervals\n\n  %-10s  %9s  %10s  %9s  %9s  %9s\n", "waiter", "every us",
           "processors", "p50", "p99", "announce");
    for (unsigned i = 0; i < l->count; i++)
        for (unsigned k = 0; k < WAIT_INTERVALS; k++) {
            const struct wait_run *r = &l->runs[i][k];
            char p50[TEXT_NUMBER], p99[TEXT_NUMBER], announce[TEXT_NUMBER], every[TEXT_NUMBER];
            if (r->done)
                printf("  %-10s  %9s  %10.3f  %9s  %9s  %9s\n", name_of(l, i),
                       text_grouped((double)wait_intervals_us[k], every), r->cpu,
                       text_duration(r->p50_ns, p50), text_duration(r->p99_ns, p99),
                       text_duration(r->announce_ns, announce));
        }
    printf("\n  an announcement with nobody waiting\n");
    for (unsigned i = 0; i < l->count; i++) {
        char ns[TEXT_NUMBER];
        printf("  %-10s  %9s\n", name_of(l, i), text_duration(l->alone_ns[i], ns));
    }
    printf("\n");
    text_wrapped(stdout, "processors: what the waiter uses.  p50, p99: from an announcement until the waiter "
                 "has seen it; one that was overtaken counts in full.  announce: what it took the "
                 "announcer.", 2, EXPERIMENT_WIDTH - 2);
    printf("\n");
}

void wait_lab_print(const struct wait_lab *l)
{
    static const char marks[] = "sypeqrtu";
    double x[WAIT_ENTRIES][WAIT_INTERVALS], y[WAIT_ENTRIES][WAIT_INTERVALS];
    struct curve list[WAIT_ENTRIES];

    print_table(l);
    for (unsigned i = 0; i < l->count; i++) {
        for (unsigned k = 0; k < WAIT_INTERVALS; k++) {
            const struct wait_run *r = &l->runs[i][k];
            x[i][k] = r->done ? r->cpu : NAN;
            y[i][k] = r->done ? r->p50_ns / 1000 : NAN;
        }
        list[i] = (struct curve){ name_of(l, i), marks[i], x[i], y[i], WAIT_INTERVALS };
    }
    const struct curves plot = { .title = "What is burnt, and what it buys", .x_name = "processors",
                                 .y_name = "p50 of the wake-up, us", .log_x = true, .log_y = true,
                                 .list = list, .count = l->count };
    curves_print(stdout, &plot);
    printf("\n");
}

/* ---- the file ---- */

json_t *wait_lab_json(const struct wait_lab *l)
{
    json_t *runs = json_array(), *alone = json_array();

    for (unsigned i = 0; i < l->count; i++) {
        json_array_append_new(alone, json_pack("{s:s, s:o}", "waiter", name_of(l, i), "announce_ns",
                                               results_number(l->alone_ns[i])));
        for (unsigned k = 0; k < WAIT_INTERVALS; k++) {
            const struct wait_run *r = &l->runs[i][k];
            if (!r->done)
                continue;
            json_array_append_new(runs, json_pack(
                "{s:s, s:I, s:o, s:o, s:o, s:o, s:I, s:I}", "waiter", name_of(l, i), "interval_us",
                (json_int_t)wait_intervals_us[k], "processors", results_number(r->cpu), "p50_ns",
                results_number(r->p50_ns), "p99_ns", results_number(r->p99_ns), "announce_ns",
                results_number(r->announce_ns), "announced", (json_int_t)r->announced, "seen",
                (json_int_t)r->seen));
        }
    }
    return json_pack("{s:I, s:o, s:o}", "window_ms", (json_int_t)l->options->window_ms, "runs", runs,
                     "alone", alone);
}
