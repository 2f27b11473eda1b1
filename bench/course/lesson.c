/* lesson.c - tries, and what may be concluded from them. */
#include "bench/course/lesson.h"

#include <errno.h>
#include <math.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/text.h"

enum { TRIES = 3 };

/* From here on others take so much of the machine that a measured shape proves nothing. */
static const double most_others = 0.05;

const char *lesson_word(enum lesson_outcome outcome)
{
    static const char *const words[] = { "shown", "not shown here", "FAILED", "interrupted" };

    return words[outcome];
}

static unsigned processors(void)
{
    cpu_set_t allowed;

    return sched_getaffinity(0, sizeof allowed, &allowed) == 0 ? (unsigned)CPU_COUNT(&allowed) : 1;
}

const char *lesson_figures(const struct claim_seen *seen, char *buffer, size_t size)
{
    char left[TEXT_NUMBER], right[TEXT_NUMBER];

    buffer[0] = '\0';
    if (!isnan(seen->left))
        snprintf(buffer, size, "%s against %s",
                 fabs(seen->left) < 1e5 ? text_number(seen->left, 3, left) : text_about(seen->left, left),
                 fabs(seen->right) < 1e5 ? text_number(seen->right, 3, right)
                                         : text_about(seen->right, right));
    return buffer;
}

/* Looks for all claims: the first that does not hold, or NULL; its letters if all hold. */
static const struct claim *look(struct lesson *l)
{
    struct shape_result result = { l->attempt.status, l->attempt.output, l->attempt.figures };
    const struct claim *missing = NULL;
    size_t letters = 0;

    for (unsigned i = 0; i < l->shape.count; i++) {
        const struct claim *c = &l->shape.claims[i];
        shape_look(c, &result, &l->seen[i]);
        bool holds = l->seen[i].verdict == CLAIM_HOLDS;
        if (c->answer && holds && letters + 1 < sizeof l->answers)
            l->answers[letters++] = c->answer;
        if (!c->answer && !holds && !missing)
            missing = c;
    }
    l->answers[letters] = '\0';
    return missing;
}

/* Whether what a command says depends on the machine and its load: all but the checker and the lists. */
static bool measures(const char *command)
{
    return strncmp(command, "contend check ", 14) != 0 && strncmp(command, "contend list ", 13) != 0;
}

/* Whether `contend WHAT NAME` succeeds: "help" of a command, "list" of a strategy. */
static bool exists(const char *what, const char *name)
{
    char line[SHAPE_TEXT];
    struct attempt t;
    struct attempt_request q = { .command = line, .more = "", .silent = true, .limit_s = 10 };

    snprintf(line, sizeof line, "contend %s %.*s", what, (int)strcspn(name, " "), name);
    bool there = attempt_run(&t, &q) == 0 && t.status == 0;
    attempt_free(&t);
    return there;
}

/* Why the last try decides nothing; NULL: it does. */
static const char *does_not_count(const struct lesson *l, char *why, size_t size)
{
    const struct attempt *t = &l->attempt;

    if (t->late)
        snprintf(why, size, "noise: it took too long, more than %.0f s", t->seconds);
    else if (measures(l->command->text) && t->others > most_others)
        snprintf(why, size, "noise: others used %.0f %% of the machine meanwhile", 100 * t->others);
    else
        return NULL;
    return why;
}

/* Whether a command came to the end of its budget before it was through. */
static bool was_cut_short(const json_t *figures)
{
    const json_t *run = json_object_get(figures, "run");

    return json_is_true(json_object_get(figures, "out_of_budget")) ||
           json_is_true(json_object_get(run, "out_of_budget"));
}

static bool compares(const struct claim *c)
{
    return c->kind == CLAIM_MORE || c->kind == CLAIM_LESS;
}

/*
 * A try without the shape: what it means, and whether another one is of use.  A try that was disturbed
 * is made again only where there is time for it.
 */
static bool conclude(struct lesson *l, const struct claim *missing, bool quick)
{
    const struct claim_seen *seen = &l->seen[missing - l->shape.claims];
    char figures[2 * TEXT_NUMBER + 16];

    if (l->attempt.status == 2 && !exists("help", l->command->text + strlen("contend "))) {
        l->outcome = LESSON_NOT_HERE;
        snprintf(l->why, sizeof l->why, "this build has no such command: %.200s", l->command->text);
        return false;
    }
    if (does_not_count(l, l->why, sizeof l->why)) {
        l->outcome = LESSON_NOT_HERE;
        return !l->attempt.late && !quick;
    }
    l->outcome = LESSON_FAILED;
    /* A command that ran and could not tell says so by 0, or by 1 if it expected more of itself. */
    bool untold = seen->verdict == CLAIM_UNKNOWN &&
                  (l->attempt.status == 0 || (l->attempt.status == 1 && l->attempt.figures));
    if (!compares(missing) && was_cut_short(l->attempt.figures)) {
        l->outcome = LESSON_NOT_HERE;
        snprintf(l->why, sizeof l->why, "the budget ended before it could tell");
    } else if (seen->disturbed || untold) {
        l->outcome = LESSON_NOT_HERE;
        snprintf(l->why, sizeof l->why, "%s", seen->disturbed ? "noise: its blocks were disturbed"
                 : seen->why);
    } else if (seen->verdict == CLAIM_UNKNOWN) {
        snprintf(l->why, sizeof l->why, "%s, exit status %d", seen->why, l->attempt.status);
    } else {
        lesson_figures(seen, figures, sizeof figures);
        snprintf(l->why, sizeof l->why, "it is not so: %s%s%s", missing->text, figures[0] ? ": " : "",
                 figures);
    }
    return measures(l->command->text);
}

/* What all tries miss: three short windows each do not tell a wrong claim from a machine that differs. */
static void conclude_missing(struct lesson *l, const struct claim *missing, bool quick)
{
    char figures[2 * TEXT_NUMBER + 16];

    if (!quick || !compares(missing))
        return;
    l->outcome = LESSON_NOT_HERE;
    snprintf(l->why, sizeof l->why, "not in its short form, which --whole would decide: %s: %s", missing->text,
             lesson_figures(&l->seen[missing - l->shape.claims], figures, sizeof figures));
}

/* Tries until the shape is there, or until no further try is of use. */
static int try_on(struct lesson *l, const struct lesson_request *q)
{
    struct attempt_request run = {
        .command = l->command->text, .more = q->quick ? l->shape.quick : "",
        .figures = l->shape.measures, .silent = q->silent, .show = q->show, .limit_s = q->limit_s,
    };
    const struct claim *missing = NULL;
    unsigned counted = 0;

    for (l->tries = 0; l->tries < TRIES;) {
        if (l->tries > 0 && q->again)
            q->again(q->ctx, l->why);
        attempt_free(&l->attempt);
        int error = attempt_run(&l->attempt, &run);
        if (error)
            return error;
        l->tries++;
        l->seconds += l->attempt.seconds;
        missing = look(l);
        if (l->attempt.interrupted) {
            l->outcome = LESSON_INTERRUPTED;
            return 0;
        }
        if (!missing) {
            l->outcome = counted == 0 ? LESSON_SHOWN : LESSON_NOT_HERE;
            if (counted > 0)
                snprintf(l->why, sizeof l->why, "noise: the tries disagree, %u of %u without it",
                         counted, l->tries);
            return 0;
        }
        if (!conclude(l, missing, q->quick))
            return 0;
        counted += l->outcome == LESSON_FAILED;
    }
    if (counted < TRIES && l->outcome == LESSON_FAILED)
        l->outcome = LESSON_NOT_HERE; /* too few tries that count */
    if (l->outcome == LESSON_FAILED)
        conclude_missing(l, missing, q->quick);
    return 0;
}

int lesson_run(struct lesson *l, const struct page_block *expect, const struct lesson_request *q)
{
    *l = (struct lesson){ .command = expect - 1, .expect = expect };
    int error = shape_parse(&l->shape, expect->text, l->why, sizeof l->why);

    if (error)
        return error;
    if (processors() < l->shape.processors) {
        l->outcome = LESSON_NOT_HERE;
        snprintf(l->why, sizeof l->why, "%u processors are needed, there %s %u", l->shape.processors,
                 processors() == 1 ? "is" : "are", processors());
        return 0;
    }
    if (l->shape.strategy[0] && !exists("list", l->shape.strategy)) {
        l->outcome = LESSON_NOT_HERE;
        snprintf(l->why, sizeof l->why, "this build has no %s", l->shape.strategy);
        return 0;
    }
    return try_on(l, q);
}

void lesson_free(struct lesson *l)
{
    attempt_free(&l->attempt);
}
