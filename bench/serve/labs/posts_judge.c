/* posts_judge.c - the shapes of `contend posts`. */
#include <math.h>

#include "bench/serve/labs/posts.h"

static const char *name_of(const struct posts_lab *l, unsigned i)
{
    return l->entries[i]->traits->id.name;
}

/*
 * What is marked and never purged fills chains and memory; what goes does not.  Memory is asked of most,
 * not of all: where texts wait for a grace period of a library's thread that gets no processor, what has
 * gone is held as well.
 */
static void judge_removals(struct posts_lab *l)
{
    double marked = 0, gone = INFINITY, most = 0;
    const char *culprit = NULL;
    unsigned larger = 0;

    for (unsigned i = 0; i < l->count; i++) {
        const struct posts_removal_run *r = l->removals[i];
        for (int how = 0; how < POSTS_REMOVALS; how++)
            if (!r[how].done) {
                experiment_not_reached(&l->e, "probes", "the three ways to delete");
                return;
            }
        for (int how = POSTS_AT_ONCE; how < POSTS_REMOVALS; how++)
            if (r[POSTS_MARKED].stats.probes < r[how].stats.probes ||
                r[how].stats.deleted > r[POSTS_MARKED].stats.deleted)
                culprit = name_of(l, i);
        marked = fmax(marked, r[POSTS_MARKED].stats.probes);
        gone = fmin(gone, r[POSTS_AT_ONCE].stats.probes);
        double times = (double)r[POSTS_MARKED].stats.bytes / (double)r[POSTS_AT_ONCE].stats.bytes;
        larger += times > 1.5;
        most = fmax(most, times);
    }
    experiment_shape(&l->e, "probes", SHAPE_MEASURED, !culprit && 2 * larger > l->count,
                     "what is marked and not purged lengthens look-ups and keeps memory: up to %.1f "
                     "records passed, and %.1f where posts go at once; %u of %u hold more bytes, up to "
                     "%.1f times as many%s%s.", marked, gone, larger, l->count, most,
                     culprit ? "; not so: " : "",
                     culprit ? culprit : "");
}

static void judge_restores(struct posts_lab *l)
{
    uint64_t restored = 0, lost = 0, refused = 0;

    for (unsigned i = 0; i < l->count; i++) {
        if (!l->restores[i].done) {
            experiment_not_reached(&l->e, "restore", "restores beside a purge");
            return;
        }
        restored += l->restores[i].restored;
        refused += l->restores[i].refused;
        lost += l->restores[i].lost;
    }
    experiment_shape(&l->e, "restore", SHAPE_EXACT, lost == 0 && restored > 0,
                     "a restore that succeeded is never undone by the purge beside it: %.0f of %.0f were "
                     "(the purge came first %.0f times).", (double)lost, (double)restored,
                     (double)refused);
}

/* The most reads a second of that size, inline or by reference. */
static double best_of(const struct posts_lab *l, unsigned mix, unsigned size, int by_reference)
{
    double best = NAN;

    for (unsigned i = 0; i < l->text_count; i++) {
        const struct posts_text_run *r = &l->text_runs[mix][i][size];
        if (r->done && !r->absent && l->texts[i]->traits->by_reference == by_reference)
            best = isnan(best) ? r->reads_per_s : fmax(best, r->reads_per_s);
    }
    return best;
}

/* The size from which on a reference stays ahead; 0: none. */
static size_t crossover_of(const struct posts_lab *l, unsigned mix)
{
    size_t found = 0;

    for (unsigned k = TEXT_SIZES; k-- > 0 && best_of(l, mix, k, 1) > best_of(l, mix, k, 0);)
        found = posts_text_sizes[k];
    return found;
}

static const char *in_words(size_t crossover, char buffer[64])
{
    if (crossover)
        snprintf(buffer, 64, "from %zu bytes on", crossover);
    else
        snprintf(buffer, 64, "at no size up to %zu bytes", posts_text_sizes[TEXT_SIZES - 1]);
    return buffer;
}

static void judge_texts(struct posts_lab *l)
{
    char words[TEXT_MIXES][64];
    uint64_t torn = 0;

    for (unsigned i = 0; i < TEXT_MIXES * l->text_count * TEXT_SIZES; i++) {
        const struct posts_text_run *r = &l->text_runs[i % TEXT_MIXES][i / TEXT_MIXES % l->text_count]
                                                      [i / TEXT_MIXES / l->text_count];
        if (!r->done) {
            experiment_not_reached(&l->e, "crossover", "texts inline and by reference");
            return;
        }
        torn += r->torn;
    }
    experiment_shape(&l->e, "texts_whole", SHAPE_EXACT, torn == 0,
                     "no way to keep a text gives a torn one: %.0f seen.", (double)torn);
    experiment_shape(&l->e, "crossover", SHAPE_MEASURED, crossover_of(l, 0) > 0,
                     "a text by reference is ahead of an inline one %s with %u reads to a write, and %s "
                     "with %u.", in_words(crossover_of(l, 0), words[0]), posts_text_reads[0],
                     in_words(crossover_of(l, 1), words[1]), posts_text_reads[1]);
}

static void judge_dates(struct posts_lab *l)
{
    uint64_t guarded = 0, exhibit = 0, words = 0;

    for (int form = 0; form < DATE_FORMS; form++)
        for (int guard = 0; guard < DATE_GUARDS; guard++) {
            const struct posts_date_run *r = &l->dates[form][guard];
            if (!r->done) {
                experiment_not_reached(&l->e, "dates", "dates in four forms under four guards");
                return;
            }
            if (guard != GUARD_ATOMIC)
                guarded += r->torn;
            else
                *(date_words((enum date_form)form) > 1 ? &exhibit : &words) += r->torn;
        }
    experiment_shape(&l->e, "dates", SHAPE_EXACT, guarded == 0 && words == 0,
                     "a date under a guard, or in one word, is never torn: %.0f and %.0f seen.",
                     (double)guarded, (double)words);
    experiment_shape(&l->e, "torn_exhibit", SHAPE_MEASURED, exhibit > 0,
                     "a date of several words without a guard is: %.0f torn reads, as the last moment "
                     "of one century with the first of the next.", (double)exhibit);
}

void posts_lab_judge(struct posts_lab *l)
{
    judge_removals(l);
    judge_restores(l);
    judge_texts(l);
    judge_dates(l);
}
