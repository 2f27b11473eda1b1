/* posts_print.c - the tables of `contend posts`, its plot and its file. */
#include <math.h>

#include "bench/base/text.h"
#include "bench/report/curves.h"
#include "bench/report/results.h"
#include "bench/serve/labs/posts.h"

static void print_removals(const struct posts_lab *l)
{
    printf("Deleting: 2 threads, 75 %% reads, 25 %% a post deleted and another made\n\n");
    printf("  %-14s  %-10s  %7s  %8s  %6s  %7s  %8s\n", "posts", "deleted", "Mops/s", "p99 read",
           "probes", "deleted", "KB");
    for (unsigned i = 0; i < l->count; i++)
        for (int how = 0; how < POSTS_REMOVALS; how++) {
            const struct posts_removal_run *r = &l->removals[i][how];
            char rate[TEXT_NUMBER], p99[TEXT_NUMBER], deleted[TEXT_NUMBER], bytes[TEXT_NUMBER];
            if (r->done)
                printf("  %-14s  %-10s  %7s  %8s  %6.2f  %7s  %8s\n", l->entries[i]->traits->id.name,
                       posts_removal_names[how], text_number(r->ops_per_s / 1e6, 3, rate),
                       text_duration(r->p99_ns, p99), r->stats.probes,
                       text_grouped((double)r->stats.deleted, deleted),
                       text_grouped((double)r->stats.bytes / 1000, bytes));
        }
    printf("\n");
    text_wrapped(stdout, "probes: records that a look-up of a live post passes, at the end.  deleted, KB: "
                 "posts that are marked, and bytes held then.", 2, EXPERIMENT_WIDTH - 2);
    printf("\nRestores beside a purge\n\n  %-14s  %12s  %12s  %6s\n", "posts", "restored", "purged first",
           "lost");
    for (unsigned i = 0; i < l->count; i++)
        if (l->restores[i].done)
            printf("  %-14s  %12.0f  %12.0f  %6.0f\n", l->entries[i]->traits->id.name,
                   (double)l->restores[i].restored, (double)l->restores[i].refused,
                   (double)l->restores[i].lost);
    printf("\n");
}

static void print_mix(const struct posts_lab *l, unsigned mix)
{
    static const char marks[] = "smrpehbqtuvw";
    double x[TEXT_SIZES], y[TEXT_ENTRIES][TEXT_SIZES];
    struct curve list[TEXT_ENTRIES];
    char title[80];

    snprintf(title, sizeof title, "Inline or by reference, %u reads to a write, 2 threads",
             posts_text_reads[mix]);
    printf("%s: million reads a second\n\n  %-15s", title, "bytes");
    for (unsigned k = 0; k < TEXT_SIZES; k++)
        printf(" %5zu", posts_text_sizes[k]);
    printf("\n");
    for (unsigned i = 0; i < l->text_count; i++) {
        printf("  %-15s", l->texts[i]->traits->id.name);
        for (unsigned k = 0; k < TEXT_SIZES; k++) {
            const struct posts_text_run *r = &l->text_runs[mix][i][k];
            x[k] = (double)posts_text_sizes[k];
            y[i][k] = r->done && !r->absent ? r->reads_per_s : NAN;
            if (isnan(y[i][k]))
                printf("     -");
            else
                printf(" %5.*f", y[i][k] >= 1e8 ? 0 : y[i][k] >= 1e7 ? 1 : 2, y[i][k] / 1e6);
        }
        printf("\n");
        list[i] = (struct curve){ l->texts[i]->traits->id.name, marks[i], x, y[i], TEXT_SIZES };
    }
    printf("\n");
    const struct curves plot = { .title = title, .x_name = "bytes", .y_name = "reads a second",
                                 .log_x = true, .log_y = true, .list = list, .count = l->text_count };
    curves_print(stdout, &plot);
    printf("\n");
}

static void print_dates(const struct posts_lab *l)
{
    printf("A date, read beside a thread that writes it\n\n  %-11s  %5s", "", "bytes");
    for (int guard = 0; guard < DATE_GUARDS; guard++)
        printf("  %8s ns", date_guard_names[guard]);
    printf("  torn\n");
    for (int form = 0; form < DATE_FORMS; form++) {
        uint64_t torn = 0;
        printf("  %-11s  %5u", date_form_name((enum date_form)form), date_words((enum date_form)form) * 8);
        for (int guard = 0; guard < DATE_GUARDS; guard++) {
            const struct posts_date_run *r = &l->dates[form][guard];
            char ns[TEXT_NUMBER];
            printf("  %11s", text_number(r->done ? r->read_ns : NAN, 3, ns));
            torn += r->torn;
        }
        printf("  %.0f\n", (double)torn);
    }
    printf("\n");
    text_wrapped(stdout, "torn: reads of a date that nobody wrote, all of them with atomic words and no guard, "
                 "which is the exhibit: two words are not one.", 2, EXPERIMENT_WIDTH - 2);
    printf("\n");
}

void posts_lab_print(const struct posts_lab *l)
{
    print_removals(l);
    for (unsigned mix = 0; mix < TEXT_MIXES; mix++)
        print_mix(l, mix);
    print_dates(l);
}

/* ---- the file ---- */

static json_t *removals_json(const struct posts_lab *l)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < l->count; i++)
        for (int how = 0; how < POSTS_REMOVALS; how++) {
            const struct posts_removal_run *r = &l->removals[i][how];
            if (!r->done)
                continue;
            json_array_append_new(list, json_pack(
                "{s:s, s:s, s:o, s:o, s:o, s:I, s:I, s:I, s:I}", "posts", l->entries[i]->traits->id.name,
                "removal", posts_removal_names[how], "ops_per_s", results_number(r->ops_per_s),
                "read_p99_ns", results_number(r->p99_ns), "probes", results_number(r->stats.probes),
                "probes_most", (json_int_t)r->stats.probes_most, "live", (json_int_t)r->stats.live,
                "deleted", (json_int_t)r->stats.deleted, "bytes", (json_int_t)r->stats.bytes));
        }
    return list;
}

static json_t *restores_json(const struct posts_lab *l)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < l->count; i++)
        if (l->restores[i].done)
            json_array_append_new(list, json_pack("{s:s, s:I, s:I, s:I}", "posts",
                                                  l->entries[i]->traits->id.name, "restored",
                                                  (json_int_t)l->restores[i].restored, "refused",
                                                  (json_int_t)l->restores[i].refused, "lost",
                                                  (json_int_t)l->restores[i].lost));
    return list;
}

static json_t *texts_json(const struct posts_lab *l)
{
    json_t *list = json_array();

    for (unsigned mix = 0; mix < TEXT_MIXES; mix++)
        for (unsigned i = 0; i < l->text_count; i++)
            for (unsigned k = 0; k < TEXT_SIZES; k++) {
                const struct posts_text_run *r = &l->text_runs[mix][i][k];
                if (r->done && !r->absent)
                    json_array_append_new(list, json_pack(
                        "{s:s, s:I, s:i, s:b, s:o, s:I}", "text", l->texts[i]->traits->id.name, "bytes",
                        (json_int_t)posts_text_sizes[k], "reads_to_a_write", (int)posts_text_reads[mix],
                        "by_reference", l->texts[i]->traits->by_reference, "reads_per_s",
                        results_number(r->reads_per_s), "torn", (json_int_t)r->torn));
            }
    return list;
}

static json_t *dates_json(const struct posts_lab *l)
{
    json_t *list = json_array();

    for (int form = 0; form < DATE_FORMS; form++)
        for (int guard = 0; guard < DATE_GUARDS; guard++) {
            const struct posts_date_run *r = &l->dates[form][guard];
            if (r->done)
                json_array_append_new(list, json_pack(
                    "{s:s, s:s, s:i, s:o, s:I, s:I}", "form", date_form_name((enum date_form)form),
                    "guard", date_guard_names[guard], "bytes", (int)date_words((enum date_form)form) * 8,
                    "read_ns", results_number(r->read_ns), "reads", (json_int_t)r->reads, "torn",
                    (json_int_t)r->torn));
        }
    return list;
}

json_t *posts_lab_json(const struct posts_lab *l)
{
    return json_pack("{s:I, s:o, s:o, s:o, s:o}", "window_ms", (json_int_t)l->options->window_ms,
                     "removals", removals_json(l), "restores", restores_json(l), "texts", texts_json(l),
                     "dates", dates_json(l));
}
