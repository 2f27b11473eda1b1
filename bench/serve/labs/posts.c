/* posts.c - the runs of `contend posts`. */
#include "bench/serve/labs/posts.h"

#include <string.h>

#include "bench/base/shortage.h"

static void list_entries(struct posts_lab *l)
{
    while (contend_posts_registry[l->count] && l->count < POSTS_ENTRIES) {
        l->entries[l->count] = contend_posts_registry[l->count];
        l->count++;
    }
    while (contend_text_registry[l->text_count] && l->text_count < TEXT_ENTRIES) {
        l->texts[l->text_count] = contend_text_registry[l->text_count];
        l->text_count++;
    }
}

static int run_all(struct posts_lab *l)
{
    unsigned steps = 2 * l->count + l->text_count + DATE_FORMS;
    int error = 0;

    for (unsigned i = 0; i < l->count; i++) {
        experiment_progress(&l->e, i, steps, l->entries[i]->traits->id.name);
        for (int how = 0; how < POSTS_REMOVALS && !error && !experiment_is_over(&l->e); how++)
            error = posts_lab_removal(l, i, (enum posts_removal)how);
    }
    for (unsigned i = 0; i < l->count && !error && !experiment_is_over(&l->e); i++) {
        experiment_progress(&l->e, l->count + i, steps, "restores beside a purge");
        error = posts_lab_restore(l, i);
    }
    for (unsigned i = 0; i < l->text_count; i++) {
        experiment_progress(&l->e, 2 * l->count + i, steps, l->texts[i]->traits->id.name);
        for (unsigned k = 0; k < TEXT_MIXES * TEXT_SIZES && !error && !experiment_is_over(&l->e); k++)
            error = posts_lab_text(l, k / TEXT_SIZES, i, k % TEXT_SIZES);
    }
    for (int form = 0; form < DATE_FORMS; form++) {
        experiment_progress(&l->e, 2 * l->count + l->text_count + (unsigned)form, steps, "dates");
        for (int guard = 0; guard < DATE_GUARDS && !error && !experiment_is_over(&l->e); guard++)
            error = posts_lab_date(l, (enum date_form)form, (enum date_guard)guard);
    }
    return error;
}

int posts_lab_command(const struct posts_lab_options *o)
{
    static struct posts_lab lab;
    struct posts_lab *l = &lab;
    int error;

    memset(l, 0, sizeof *l);
    l->options = o;
    experiment_begin(&l->e, "posts", &o->base);
    list_entries(l);
    error = run_all(l);
    if (error)
        shortage_fail(error);
    posts_lab_judge(l);
    if (experiment_has_figures(&l->e))
        posts_lab_print(l);
    return experiment_end(&l->e, posts_lab_json(l), error != 0);
}
