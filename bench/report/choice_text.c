/* choice_text.c - the answer first, then what decided. */
#include <math.h>

#include "bench/base/text.h"
#include "bench/judge/needs.h"
#include "bench/judge/promise.h"
#include "bench/judge/simplicity.h"
#include "bench/report/choice.h"
#include "bench/report/latency.h"
#include "bench/report/results.h"

enum { WIDTH = 80, SENTENCE = 900 };

static const char *name_of(const struct choice_results *r, unsigned item, char name[CONTESTANT_NAME])
{
    return contestant_name(r->series.items[item].who, name, CONTESTANT_NAME);
}

static const char *mu(double per_s, char text[TEXT_NUMBER])
{
    return text_number(per_s / LATENCY_MU, 3, text);
}

static void print_question(FILE *out, const struct choice_results *r)
{
    const struct choice_options *o = r->options;
    char cell[PLAN_NAME], load[TEXT_NUMBER], grouped[TEXT_NUMBER], text[SENTENCE];

    snprintf(text, sizeof text, "%s at %s Mu, %s operations a second, with headroom for %g times "
             "that.", plan_cell_name(&r->series.plan->cells[0].cell, cell), mu(o->per_s, load),
             text_grouped(o->per_s, grouped), o->headroom);
    text_wrapped(out, text, 0, WIDTH);
    fputs("(1 Mu: a million users who beat every ten seconds.)\n", out);
    if (o->from) {
        snprintf(text, sizeof text, "The figures are those of %s: rates at full speed, which say what a "
                 "strategy can carry and not how late it is.", o->from);
        text_wrapped(out, text_tame(text), 0, WIDTH);
    }
    fputc('\n', out);
}

static void print_answer(FILE *out, const struct choice_results *r)
{
    unsigned item = (unsigned)r->answer;
    const struct contestant *who = r->series.items[item].who;
    const struct choice_entry *e = &r->entries[item];
    char name[CONTESTANT_NAME], words[SIMPLICITY_WORDS], limit[TEXT_NUMBER], up_to[TEXT_NUMBER];
    char progress[PROMISE_WORDS], guarantee[PROMISE_WORDS], limits[PROMISE_WORDS], text[SENTENCE];

    fprintf(out, "Take %s.\n", name_of(r, item, name));
    snprintf(text, sizeof text, "It is the simplest that carries the load: it %s.  It is %s, %s%s.",
             simplicity_words(who, words), promise_progress(who, progress),
             promise_guarantee(who, guarantee), promise_limits(who, limits));
    text_wrapped(out, text, 2, WIDTH - 2);
    if (!isnan(e->p999_ns))
        fprintf(out, "  p99.9 at the load: %s us from due to done.\n",
                text_number(e->p999_ns / 1000, 2, limit));
    if (!isnan(e->bytes_per_item))
        fprintf(out, "  Memory: %s bytes each.\n", text_number(e->bytes_per_item, 3, limit));
    if (r->limit_per_s <= 0)
        return;
    snprintf(text, sizeof text, "It %s %s%s Mu %s, so with that headroom it is the answer up to %s Mu.",
             r->options->from ? "made" : "copes with", r->limit_is_bound ? "more than " : "",
             mu(r->limit_per_s, limit), r->options->from ? "there" : "here",
             mu(r->limit_per_s / r->options->headroom, up_to));
    text_wrapped(out, text, 2, WIDTH - 2);
    if (r->next >= 0) {
        const struct contestant *next = r->series.items[r->next].who;
        double per_s = r->entries[r->next].copes_per_s / r->options->headroom;
        snprintf(text, sizeof text, "Beyond that: %s, which %s; up to %s Mu%s.",
                 name_of(r, (unsigned)r->next, name), simplicity_words(next, words), mu(per_s, up_to),
                 r->options->from ? "" : " at least");
        text_wrapped(out, text, 2, WIDTH - 2);
    } else if (!r->limit_is_bound && !r->series.interrupted && !r->series.out_of_budget) {
        text_wrapped(out, r->options->from
                     ? "None of the others made a quarter more."
                     : "None of the others copes with a quarter more: beyond that the harness, or "
                       "the machine, is the limit; `contend run` can tell them apart.", 2, WIDTH - 2);
    }
}

/* Of the answer and a runner-up that is as simple: why it is the answer. */
static const char *advantage(const struct choice_results *r)
{
    const struct choice_entry *answer = &r->entries[r->answer], *other = &r->entries[r->runner_up];
    const struct contestant *x = r->series.items[r->answer].who, *y = r->series.items[r->runner_up].who;

    /* Where rates are measured here, a runner-up is asked for the load alone, unless it was the answer. */
    if (r->gave_way || (r->options->from && answer->copes_per_s >= 2 * other->copes_per_s))
        return " carries more";
    if (promise_weakness(x) < promise_weakness(y))
        return promise_stronger(x->family);
    return promise_hindrance(x) < promise_hindrance(y) ? "'s progress is stronger" : " comes first in the list";
}

static void print_runner_up(FILE *out, const struct choice_results *r)
{
    char name[CONTESTANT_NAME], words[SIMPLICITY_WORDS], text[SENTENCE], why[CONTESTANT_NAME + 80] = "";

    if (r->runner_up < 0)
        return;
    const struct contestant *who = r->series.items[r->runner_up].who;
    if (r->entries[r->answer].rank == r->entries[r->runner_up].rank)
        snprintf(why, sizeof why, "  It is as simple; %s%s.", name_of(r, (unsigned)r->answer, name), advantage(r));
    snprintf(text, sizeof text, "Runner-up: %s, which %s.%s", name_of(r, (unsigned)r->runner_up, name),
             simplicity_words(who, words), why);
    text_wrapped(out, text, 0, WIDTH);
}

/* The names in one state and with one reason, as a sentence; nothing if there are none. */
static void print_group(FILE *out, const struct choice_results *r, enum choice_state state,
                        unsigned unmet, const char *why)
{
    char text[SENTENCE] = "", name[CONTESTANT_NAME];
    size_t used = 0;

    for (unsigned i = 0; i < r->series.count && used + CONTESTANT_NAME < sizeof text; i++) {
        const struct choice_entry *e = &r->entries[r->order[i]];
        unsigned flags = contestant_identity(r->series.items[r->order[i]].who)->flags;
        if (e->state != state || e->unmet != unmet || flags & CONTEND_FLOOR)
            continue;
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", used ? ", " : "",
                                 name_of(r, r->order[i], name));
    }
    if (used == 0)
        return;
    fprintf(out, "  %s:\n", why);
    text_wrapped(out, text, 4, WIDTH - 4);
}

/* "grow and reuse", "grow, reuse and ids64". */
static const char *need_names(unsigned needs, char text[SENTENCE])
{
    size_t used = 0;

    text[0] = '\0';
    for (unsigned i = 0; i < NEED_COUNT; i++) {
        if (!(needs & 1u << i))
            continue;
        needs &= ~(1u << i);
        used += (size_t)snprintf(text + used, SENTENCE - used, "%s%s", need_word(i),
                                 !needs ? "" : needs & (needs - 1) ? ", " : " and ");
    }
    return text;
}

/* Those that needs leave out, together where the same needs do. */
static void print_left_out(FILE *out, const struct choice_results *r)
{
    char names[SENTENCE], why[SENTENCE + 160];

    for (unsigned i = 0; i < r->series.count; i++) {
        unsigned unmet = r->entries[r->order[i]].unmet;
        bool said = unmet == 0;
        for (unsigned k = 0; k < i && !said; k++)
            said = r->entries[r->order[k]].unmet == unmet;
        if (said)
            continue;
        bool one = (unmet & (unmet - 1)) == 0;
        snprintf(why, sizeof why, "left out by %s%s%s", need_names(unmet, names), one ? ": " : "",
                 one ? need_lacks((enum need)unmet) : "");
        print_group(out, r, CHOICE_EXCLUDED, unmet, why);
    }
}

static void print_others(FILE *out, const struct choice_results *r)
{
    fputs("\nThe others\n", out);
    print_left_out(out, r);
    print_group(out, r, CHOICE_TOO_STALE, NEED_NONE, "answers later than the bound");
    print_group(out, r, CHOICE_ABSENT, NEED_NONE, "not in the file, or without a rate");
    print_group(out, r, CHOICE_TOO_SLOW, NEED_NONE, "did not cope with load and headroom");
    print_group(out, r, CHOICE_TOO_LATE, NEED_NONE, "p99.9 above the bound");
    print_group(out, r, CHOICE_TOO_LARGE, NEED_NONE, "more memory than the bound");
    for (unsigned i = 0; i < r->series.count; i++) {
        char name[CONTESTANT_NAME];
        if (r->entries[i].state != CHOICE_FAILED)
            continue;
        fprintf(out, "  %s:", name_of(r, i, name));
        series_print_reason(out, &r->series.items[i]);
    }
    print_group(out, r, CHOICE_CARRIES, NEED_NONE, "carry the load, from the simplest on");
    print_group(out, r, CHOICE_NOT_TRIED, NEED_NONE,
                r->answer < 0 ? "not tried at this load: the run ended before"
                                       : "not tried at this load, as simpler ones carry it");
}

/* Of those in a state the one that carries most, as far as its rate is known; or -1. */
static int most_of(const struct choice_results *r, enum choice_state state, bool one_need)
{
    int most = -1;

    for (unsigned i = 0; i < r->series.count; i++) {
        const struct choice_entry *e = &r->entries[i];
        unsigned flags = contestant_identity(r->series.items[i].who)->flags;
        if (e->state == state && !(flags & (CONTEND_FLOOR | CONTEND_EXHIBIT)) && e->copes_per_s > 0 &&
            !(one_need && e->unmet & (e->unmet - 1)) && (most < 0 || e->copes_per_s > r->entries[most].copes_per_s))
            most = (int)i;
    }
    return most;
}

/* Needs that nobody meets, whatever the load. */
static unsigned met_by_none(const struct choice_results *r)
{
    unsigned unmet = r->options->needs;

    for (unsigned i = 0; i < r->series.count; i++)
        if (!(contestant_identity(r->series.items[i].who)->flags & (CONTEND_FLOOR | CONTEND_EXHIBIT)))
            unmet &= r->entries[i].unmet;
    return unmet;
}

/* What comes nearest: by its load, or by the needs that it lacks. */
static void print_nearest(FILE *out, const struct choice_results *r)
{
    char text[2 * SENTENCE], name[CONTESTANT_NAME], load[TEXT_NUMBER], names[SENTENCE];
    unsigned nobody = met_by_none(r);
    int slow = most_of(r, CHOICE_TOO_SLOW, false), one = most_of(r, CHOICE_EXCLUDED, true);
    double headroom = r->options->headroom;

    if (nobody) {
        snprintf(text, sizeof text, "Nothing here meets %s.", need_names(nobody, names));
        text_wrapped(out, text, 2, WIDTH - 2);
    }
    if (slow >= 0) {
        snprintf(text, sizeof text, "The most of those that meet the needs: %s, %s Mu with that headroom.",
                 name_of(r, (unsigned)slow, name), mu(r->entries[slow].copes_per_s / headroom, load));
        text_wrapped(out, text, 2, WIDTH - 2);
    }
    if (one >= 0 && (slow < 0 || r->entries[one].copes_per_s > r->entries[slow].copes_per_s)) {
        snprintf(text, sizeof text, "Without the need %s: %s, %s Mu.", need_names(r->entries[one].unmet, names),
                 name_of(r, (unsigned)one, name), mu(r->entries[one].copes_per_s / headroom, load));
        text_wrapped(out, text, 2, WIDTH - 2);
    }
}

/* Before the answer: what makes it less than one. */
static void print_doubts(FILE *out, const struct choice_results *r)
{
    char noisy[SENTENCE];

    if (r->unranked) {
        snprintf(noisy, sizeof noisy, "NO MORE THAN A HINT: the cell ranks nothing, as %s.", r->unranked);
        text_wrapped(out, noisy, 0, WIDTH);
    }
    if (10 * r->disturbed > 3 * r->offers) {
        snprintf(noisy, sizeof noisy, "NOISY: in %u of %u tries a worker waited for its processor for more than a "
                 "tenth of the time.  On an idle machine more strategies carry more.", r->disturbed, r->offers);
        text_wrapped(out, noisy, 0, WIDTH);
    }
}

void choice_print(FILE *out, const struct choice_results *r)
{
    print_question(out, r);
    print_doubts(out, r);
    if (r->answer >= 0) {
        print_answer(out, r);
        print_runner_up(out, r);
    } else if (r->series.interrupted || r->series.out_of_budget) {
        fputs("No answer yet.\n", out);
    } else {
        fputs("None of them carries this load and meets these needs.\n", out);
        print_nearest(out, r);
    }
    print_others(out, r);
    series_print_end(out, &r->series);
}

/* "its capacity is fixed; it needs a library" */
static const char *lacking(unsigned needs, char text[SENTENCE])
{
    size_t used = 0;

    for (unsigned i = 0; i < NEED_COUNT; i++)
        if (needs & 1u << i)
            used += (size_t)snprintf(text + used, SENTENCE - used, "%s%s", used ? "; " : "",
                                     need_lacks((enum need)(1u << i)));
    return text;
}

json_t *choice_json(const struct choice_results *r)
{
    static const char *const states[] = { "not_tried", "excluded", "too_slow", "too_late",
                                          "too_large", "too_stale", "absent", "failed", "carries" };
    json_t *o = series_json(&r->series, "contend.pick"), *list = json_array();
    const int picked[] = { r->answer, r->runner_up, r->next };
    static const char *const roles[] = { "pick", "runner_up", "next" };
    char name[CONTESTANT_NAME], lacks[SENTENCE];

    for (unsigned i = 0; i < 3; i++)
        json_object_set_new(o, roles[i], picked[i] < 0 ? json_null()
                            : json_string(name_of(r, (unsigned)picked[i], name)));
    json_object_set_new(o, "from", r->options->from ? json_string(r->options->from) : json_null());
    json_object_set_new(o, "per_s", json_real(r->options->per_s));
    json_object_set_new(o, "headroom", json_real(r->options->headroom));
    json_object_set_new(o, "limit_per_s", r->limit_per_s > 0 ? json_real(r->limit_per_s)
                                                             : json_null());
    for (unsigned i = 0; i < r->series.count; i++) {
        const struct choice_entry *e = &r->entries[r->order[i]];
        json_t *one = series_item_json(&r->series.items[r->order[i]]);
        json_object_set_new(one, "state", json_string(states[e->state]));
        json_object_set_new(one, "lacks", e->unmet ? json_string(lacking(e->unmet, lacks)) : json_null());
        json_object_set_new(one, "debts", json_integer(e->rank));
        json_object_set_new(one, "p999_ns", results_number(e->p999_ns));
        json_object_set_new(one, "bytes_per_item", results_number(e->bytes_per_item));
        json_object_set_new(one, "copes_per_s", json_real(e->copes_per_s));
        json_array_append_new(list, one);
    }
    json_object_set_new(o, "strategies", list);
    return o;
}
