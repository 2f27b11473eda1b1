/*
 * progress.c - the progress oracle: one thread stops for ever; can the others go on?
 *
 * For each operation one thread calls everything that the object offers, and is stopped
 * after its k-th step, for every k until it ends by itself.  Two other threads must then
 * finish the operation; if they cannot, the operation is blocking.  The stopped thread ran
 * alone until then, or in a second series the others ran beside its last four steps, since
 * some locks are taken only after a lost race.
 *
 * An operation that does not block may still be repeated without end while others disturb
 * it, unless it is wait-free.  So before each of its steps another thread changes what it
 * may have read, and each of its operations must end within STARVING_STEPS steps.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "bench/base/words.h"
#include "bench/check/replays.h"
#include "bench/check/scenario_family.h"
#include "bench/check/suite.h"

enum { MOST_STOPS = 400, SCHEDULES = 4, AMONG = 4, SCHEDULES_AMONG = 128 };

static unsigned declared(const struct subject *s, const struct scenario_trial *t)
{
    const char *traits = scenario_family_of(s->family)->traits(s->ops);
    unsigned progress;

    memcpy(&progress, traits + t->trait, sizeof progress);
    return progress & CONTEND_PROGRESS_CLASS;
}

static bool held_up(enum check_verdict v)
{
    return v == CHECK_BLOCKED || v == CHECK_TOO_LONG;
}

/* Records what is wrong, in a sentence about the operation. */
__attribute__((format(printf, 2, 3))) static void refuse(struct progress_verdict *v,
                                                         const char *what, ...)
{
    va_list arguments;
    int used = snprintf(v->text, sizeof v->text, "is declared %s, but ", words_progress(v->declared));

    v->wrong = true;
    va_start(arguments, what);
    vsnprintf(v->text + used, sizeof v->text - (size_t)used, what, arguments);
    va_end(arguments);
}

static void keep_steps(struct progress_verdict *v, const struct subject *s, const struct scenario *p,
                       const struct check_options *o, const struct check_result *r)
{
    v->has_steps = r->choices[0];
    v->failure = (struct suite_failure){ *s, *p, *o, *r };
}

static bool make_test(const struct subject *s, struct scenario *p, const char *text,
                      struct check_test *test, struct progress_verdict *v)
{
    char why[CHECK_TEXT];

    if (!scenario_parse(p, s->family, text, why, sizeof why)) {
        refuse(v, "%s", why);
        return false;
    }
    *test = suite_progress_test(s, p);
    return true;
}

/* One operation under observation. */
struct observed {
    const struct subject *subject;
    struct scenario scenario;
    struct check_test test;
};

/* Stops after step k, the last `among` of them beside others; false if the thread ended before. */
static bool stop_among(const struct observed *ob, unsigned k, unsigned among,
                       struct progress_verdict *v)
{
    struct check_options o = { .strategy = CHECK_RANDOM, .seed = k,
                               .executions = among ? SCHEDULES_AMONG : SCHEDULES };

    replay_stops(&o, 1, k, k - among);
    struct check_result r = check_run(&ob->test, &o);

    if (r.verdict == CHECK_PASSED)
        return r.frozen_steps > k && k < MOST_STOPS;
    v->blocks = held_up(r.verdict);
    if (!v->blocks || v->declared != CONTEND_BLOCKING) {
        refuse(v, "after step %u: %s", k, r.text);
        keep_steps(v, ob->subject, &ob->scenario, &o, &r);
    }
    return false; /* one stop is enough: it blocks, or something is wrong */
}

static bool stop_at(const struct observed *ob, unsigned k, struct progress_verdict *v)
{
    if (!stop_among(ob, k, 0, v))
        return false;
    return k < AMONG || stop_among(ob, k, AMONG, v) || !(v->blocks || v->wrong);
}

static void stop_everywhere(const struct subject *s, const struct scenario_trial *t,
                            struct progress_verdict *v)
{
    char text[SCENARIO_TEXT];
    struct observed ob = { .subject = s };

    snprintf(text, sizeof text, "%s+%s+%s", scenario_family_of(s->family)->everything, t->text,
             t->text);
    if (!make_test(s, &ob.scenario, text, &ob.test, v))
        return;
    while (stop_at(&ob, v->stops, v))
        v->stops++;
    /* An object's own thread is not stopped here, and it may be all that others wait for. */
    bool alone = !(subject_identity(s)->flags & CONTEND_RUNS_THREAD);
    if (v->declared == CONTEND_BLOCKING && alone && !v->blocks && !v->wrong)
        refuse(v, "nothing that another thread did held it up");
}

static void starve(const struct subject *s, const struct scenario_trial *t, const struct scenario_disturbance *d,
                   struct progress_verdict *v)
{
    struct check_options o = { .strategy = CHECK_RANDOM, .seed = 1, .executions = SCHEDULES };
    char text[SCENARIO_TEXT];
    struct scenario p;
    struct check_test test;

    replay_starves(&o, 1, d->meal);
    snprintf(text, sizeof text, "%s%s%s+%s", d->comes_and_goes ? "~" : "", scenario_family_of(s->family)->before, t->text, d->text);
    if (!make_test(s, &p, text, &test, v))
        return;
    struct check_result r = check_run(&test, &o);
    v->starves |= r.verdict == CHECK_STARVED;
    if (r.verdict != CHECK_PASSED && !(v->starves && v->declared != CONTEND_WAIT_FREE)) {
        refuse(v, "in %s%s: %s", text,
               d->comes_and_goes ? ", where the other thread detaches and attaches" : "", r.text);
        keep_steps(v, s, &p, &o, &r);
    }
}

static void observe(const struct subject *s, const struct scenario_trial *t, struct progress_verdict *v)
{
    *v = (struct progress_verdict){ .declared = declared(s, t) };
    snprintf(v->operation, sizeof v->operation, "%s", t->operation);
    stop_everywhere(s, t, v);
    const struct scenario_disturbance *d = scenario_family_of(s->family)->disturbances;
    for (; d->text && !v->wrong && v->declared != CONTEND_BLOCKING; d++)
        starve(s, t, d, v);
}

struct check_test suite_progress_test(const struct subject *s, struct scenario *p)
{
    p->one_stripe = true; /* so that threads meet */
    return scenario_test(s, p, true);
}

void progress_explain(struct progress_verdict *v, FILE *out)
{
    struct suite_failure *f = &v->failure;

    if (!v->has_steps)
        return;
    struct check_test test = suite_progress_test(&f->subject, &f->scenario);
    char replay[CHECK_CHOICES + 512];

    check_minimise(&test, &f->options, &f->result);
    fprintf(out, "\nscenario %s; thread 1 %s:\n\n", f->scenario.text,
            f->options.freeze_thread ? "is stopped" : "is starved");
    check_explain(&test, &f->options, &f->result, out);
    suite_replay_print(f, replay, sizeof replay);
    fprintf(out, "\nreplay with: contend check --replay '%s'\n\n", replay);
}

unsigned progress_observe(const struct subject *s, struct progress_verdict verdicts[PROGRESS_MOST])
{
    const struct scenario_trial *trials = scenario_family_of(s->family)->trials;
    unsigned count = 0;

    if (!trials)
        return 0;
    for (; trials[count].operation && count < PROGRESS_MOST; count++)
        observe(s, &trials[count], &verdicts[count]);
    return count;
}
