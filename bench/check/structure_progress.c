/*
 * structure_progress.c - which operations of a structure can be held up, and which kept busy.
 *
 * As for strategies (progress.c): one thread calls every operation once and is stopped after its
 * k-th step, for every k; two others must be able to finish.  What does not block may still be
 * repeated without end while others disturb it, unless it is wait-free.
 */
#include <string.h>
#include <time.h>

#include "bench/check/replays.h"
#include "bench/check/structures.h"

enum { MOST_STOPS = 400, SCHEDULES = 4, AMONG = 4, SCHEDULES_AMONG = 64,
       NAME = PLAN_TEXT + 128 };

static const char *const words[] = {
    [CHECK_WAIT_FREE] = "wait-free", [CHECK_LOCK_FREE] = "lock-free", [CHECK_BLOCKING] = "blocking",
};

struct observed {
    const struct session *session;
    double until; /* of the clock; 0 = as long as it takes */
    bool stopped, unfinished; /* stopped: everywhere */
    struct plan plan;
    struct check_options options; /* of the run that decided */
    struct check_result result;
    bool blocks, starves, wrong; /* wrong: fails in another way */
    uint64_t races; /* of all runs, where these are passed over */
};

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* What passes only as far as the time went says nothing. */
static void run(struct observed *ob, const struct check_options *o)
{
    static const double least = 0.001;
    char name[NAME];
    double left = ob->until - now_s();

    snprintf(name, sizeof name, "%s", ob->plan.structure->name);
    struct check_test test = plan_test(&ob->plan, name);
    ob->options = *o;
    ob->options.past_races = ob->session->past_races;
    ob->options.interrupted = ob->session->interrupted;
    ob->options.seconds = ob->until == 0 ? 0 : left > least ? left : least;
    ob->result = check_run(&test, &ob->options);
    ob->races += ob->result.races;
    ob->unfinished |= ob->result.verdict == CHECK_PASSED &&
                      (ob->result.out_of_time || (ob->options.interrupted && ob->options.interrupted()));
}

static void every_operation(struct plan_part *p, const struct check_structure *s)
{
    for (p->count = 0; p->count < plan_kinds(s); p->count++)
        p->calls[p->count] = (struct call){ p->count, s->operations[p->count].least };
}

/* The first operation fills: it is done twice before. */
static struct plan plan_of(const struct check_structure *s)
{
    struct plan p = { .structure = s, .progress = true, .before = { .count = 2 } };

    p.before.calls[0] = (struct call){ 0, s->operations[0].least };
    p.before.calls[1] = (struct call){ 0, s->operations[0].most };
    return p;
}

static bool stopped_after(struct observed *ob, unsigned k, unsigned among)
{
    struct check_options o = { .strategy = CHECK_RANDOM, .seed = k + 1,
                               .executions = among ? SCHEDULES_AMONG : SCHEDULES };

    replay_stops(&o, 1, k, k - among);
    run(ob, &o);
    enum check_verdict v = ob->result.verdict;
    ob->blocks = v == CHECK_BLOCKED || v == CHECK_TOO_LONG;
    ob->wrong = v != CHECK_PASSED && !ob->blocks;
    return v == CHECK_PASSED && ob->result.frozen_steps > k && !ob->unfinished;
}

/* Stops the first thread after each of its steps, the last of them also made beside others. */
static void stop_everywhere(struct observed *ob, const struct check_structure *s, unsigned operation)
{
    struct call c = { operation, s->operations[operation].least };

    ob->plan = plan_of(s);
    ob->plan.thread_count = 3;
    every_operation(&ob->plan.threads[0], s);
    for (unsigned t = 1; t < 3; t++)
        ob->plan.threads[t] = (struct plan_part){ .calls = { c }, .count = 1 };
    for (unsigned k = 0; k < MOST_STOPS; k++)
        if (!stopped_after(ob, k, 0) ||
            (k >= AMONG && !stopped_after(ob, k, AMONG) && (ob->blocks || ob->wrong || ob->unfinished)))
            return;
}

/* ---- starved ---- */

/* The steps that the operation makes while nobody disturbs it. */
static unsigned steps_alone(struct observed *ob, const struct check_structure *s, struct call c)
{
    struct check_options o = { .strategy = CHECK_RANDOM, .seed = 1, .executions = 1 };

    replay_stops(&o, 1, MOST_STOPS, MOST_STOPS);
    ob->plan = plan_of(s);
    ob->plan.thread_count = 2;
    ob->plan.threads[0] = ob->plan.threads[1] = (struct plan_part){ .calls = { c }, .count = 1 };
    run(ob, &o);
    return ob->result.frozen_steps;
}

/* Between two steps of the call another thread makes so many of those of `others`, one after the other. */
struct disturbance {
    struct plan_part others;
    unsigned meal;
};

static enum check_verdict disturb(struct observed *ob, struct call c, const struct disturbance *d, unsigned after)
{
    struct check_options o = { .strategy = CHECK_RANDOM, .seed = 1, .executions = SCHEDULES };

    replay_starves(&o, 1, d->meal);
    o.starve_after = after;
    ob->plan = plan_of(ob->plan.structure);
    ob->plan.thread_count = 2;
    ob->plan.threads[0] = (struct plan_part){ .calls = { c }, .count = 1 };
    ob->plan.threads[1] = d->others;
    run(ob, &o);
    return ob->result.verdict;
}

/* The same calls as in the last run, one after the other: whether they fail also then. */
static bool fails_undisturbed(const struct observed *ob)
{
    static struct observed calm; /* large */
    struct check_options o = { .strategy = CHECK_REPLAY, .choices = "-", .keep_leaks = true,
                               .steps = 1000 * STARVING_STEPS };

    calm = *ob;
    calm.plan.rounds = plan_rounds();
    run(&calm, &o);
    return calm.result.verdict != CHECK_PASSED;
}

/*
 * Whether a call fails because it was disturbed, as it never does alone.  What the others repeat so often may also
 * be more than the structure can hold, or than an execution can.
 */
static bool fails_by_it(const struct observed *ob, enum check_verdict v)
{
    return v != CHECK_PASSED && v != CHECK_STARVED && v != CHECK_TOO_LONG && !fails_undisturbed(ob);
}

/*
 * If the call was many times its own length when the structure could hold no more, it has starved before
 * that.
 */
static void starve_by(struct observed *ob, struct call c, const struct disturbance *d, unsigned alone)
{
    enum { TIMES = 4 };
    enum check_verdict v = CHECK_PASSED;
    unsigned after = STARVING_STEPS;

    do {
        v = disturb(ob, c, d, after);
        ob->wrong = fails_by_it(ob, v);
    } while (v != CHECK_PASSED && v != CHECK_STARVED && !ob->wrong && !ob->unfinished && (after /= 2) >= TIMES * alone);
    ob->starves = v == CHECK_STARVED;
}

static bool is_decided(const struct observed *ob)
{
    return ob->starves || ob->wrong || ob->unfinished;
}

/*
 * By each operation alone, by all of them between two steps, and by one after the other.  The last alone
 * would not do: an attempt of as many steps as there are operations meets the one that spoils it at the
 * same of its steps each time, which may be a harmless one.
 */
static void starve(struct observed *ob, const struct check_structure *s, unsigned operation)
{
    struct call c = { operation, s->operations[operation].least };
    unsigned kinds = plan_kinds(s), alone = steps_alone(ob, s, c);
    struct disturbance d = { .others = { .count = 1 }, .meal = 1 };

    for (unsigned i = 0; i < kinds && !is_decided(ob); i++) {
        d.others.calls[0] = (struct call){ i, s->operations[i].least };
        starve_by(ob, c, &d, alone);
    }
    every_operation(&d.others, s);
    for (d.meal = kinds; d.meal > 0 && !is_decided(ob); d.meal = d.meal > 1 ? 1 : 0)
        starve_by(ob, c, &d, alone);
    ob->wrong = ob->result.verdict != CHECK_PASSED && !ob->starves;
    ob->unfinished &= !ob->starves && !ob->wrong;
}

static void explain(struct observed *ob)
{
    char name[NAME], text[PLAN_TEXT], how[CHECK_CHOICES + 64];

    plan_print(&ob->plan, text);
    snprintf(name, sizeof name, "%s:%s", ob->plan.structure->name, text);
    struct check_test test = plan_test(&ob->plan, name);
    if (!ob->result.choices[0])
        return;
    check_minimise(&test, &ob->options, &ob->result);
    putchar('\n');
    check_explain(&test, &ob->options, &ob->result, stdout);
    replay_print(&ob->options, ob->result.choices, how, sizeof how);
    printf("\nreplay with: --replay '%s@%s'\n\n", name, how);
}

static bool judge(struct observed *ob, const struct check_operation *o)
{
    enum check_progress seen = ob->blocks ? CHECK_BLOCKING : ob->starves ? CHECK_LOCK_FREE : CHECK_WAIT_FREE;
    bool declared = o->progress != CHECK_PROGRESS_UNDECLARED;

    if (ob->unfinished) {
        printf("  %-12s not finished: %s so far\n", o->name,
               ob->stopped ? "cannot be held up, and was not kept busy by others" : "was not held up");
        return true;
    }
    if (ob->wrong) {
        printf("  %-12s FAILED: %s, while %s\n", o->name, check_verdict_name(ob->result.verdict),
               ob->options.starve_thread ? "others keep it busy" : "one thread is held up");
    } else if (declared && seen > o->progress) {
        printf("  %-12s FAILED: is declared %s, but is %s\n", o->name, words[o->progress], words[seen]);
    } else {
        printf("  %-12s %s%s%s\n", o->name, seen == CHECK_WAIT_FREE ? "not held up, nor kept busy by others: "
                                                                     : "",
               words[seen], !declared ? "" : seen == o->progress ? ", as declared" : ": more than declared");
        return true;
    }
    explain(ob);
    return false;
}

bool structure_progress(const struct check_structure *s, const struct session *session, double used,
                        uint64_t *races)
{
    static struct observed ob; /* large */
    double most = session->seconds > 0 ? session->seconds : session->most_seconds;
    double begun = now_s(), end = most > 0 ? begun - used + most : 0;
    unsigned kinds = plan_kinds(s);
    bool holds = true, unfinished = false;

    for (unsigned i = 0; i < kinds; i++) {
        double now = now_s();
        memset(&ob, 0, sizeof ob);
        ob.session = session;
        ob.until = most > 0 ? now + (end - now) / (kinds - i) : 0;
        stop_everywhere(&ob, s, i);
        ob.stopped = !ob.unfinished;
        if (!ob.blocks && !ob.wrong && ob.stopped)
            starve(&ob, s, i);
        holds &= judge(&ob, &s->operations[i]);
        *races += ob.races;
        unfinished |= ob.unfinished;
    }
    if (unfinished && !(session->interrupted && session->interrupted()))
        printf("  stopped after %.0f s, --budget=60s goes on\n", used + now_s() - begun);
    return holds;
}
