/* session.c - see session.h. */
#include "bench/check/session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench/check/alive.h"
#include "bench/check/covered.h"
#include "bench/check/outcomes.h"
#include "bench/check/replays.h"
#include "bench/check/state.h"
#include "bench/check/too_long.h"

/* Depth first: the most unforced switches, and in weak mode stale reads. */
const struct check_options session_ways[SESSION_WAYS] = {
    { .mode = CHECK_SC, .strategy = CHECK_DEPTH_FIRST, .bound = 2 },
    { .mode = CHECK_WEAK, .strategy = CHECK_RANDOM },
    { .mode = CHECK_SC, .strategy = CHECK_PCT },
    { .mode = CHECK_SC, .strategy = CHECK_RANDOM, .reuse = CHECK_LIFO },
    { .mode = CHECK_WEAK, .strategy = CHECK_DEPTH_FIRST, .bound = 3 },
};
enum { FIRST_ROUND = 1000 };

static const char *memory_of(const struct check_options *o)
{
    return o->mode == CHECK_WEAK ? "weak" : "sequentially consistent";
}

/* ---- pages ---- */

static void make_page(const struct check_test *t, const struct check_options *o,
                      const struct check_result *r, const char *replay, FILE *out)
{
    char title[512];
    struct check_page page = {
        .title = title, .replay = replay, .fact_count = 3,
        .facts = { { "test", t->name }, { "memory", memory_of(o) },
                   { "freed memory", o->reuse == CHECK_LIFO ? "reused at once" : "kept" } },
    };

    snprintf(title, sizeof title, "%s: %s", t->name, check_verdict_name(r->verdict));
    check_page(t, o, r, &page, out);
}

/* All of the page or none; whether it was written. */
static bool save_page(const char *path, const char *text, size_t size)
{
    FILE *f = fopen(path, "we");
    bool whole = f && fwrite(text, 1, size, f) == size;

    if (f)
        whole &= fclose(f) == 0;
    if (!whole) {
        fprintf(stderr, "--page=%s: could not be written: %s\n", path, strerror(errno));
        if (f)
            remove(path);
    }
    return whole;
}

static void keep_page(struct session *s, const struct check_test *t, const struct check_options *o,
                      const struct check_result *r, const char *replay)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = s->page && !s->paged ? open_memstream(&text, &size) : NULL;

    if (!out)
        return;
    make_page(t, o, r, replay, out);
    if (fclose(out) == 0)
        s->paged = save_page(s->page, text, size);
    free(text);
    if (s->paged)
        printf("\nThe page is %s\n", s->page);
}

/* ---- failures ---- */

static void replay_command(const struct session *s, const struct check_test *t,
                           const struct check_options *o, const char *choices, char *text, size_t size)
{
    char how[CHECK_CHOICES + 32];

    replay_print(o, choices, how, sizeof how);
    snprintf(text, size, "%s--replay '%s@%s'%s", s->command, t->name, how, s->arguments ? s->arguments : "");
}

void session_failure(struct session *s, const struct check_test *t, const struct check_options *o,
                     struct check_result *r)
{
    char replay[CHECK_CHOICES + 512];

    if (r->verdict == CHECK_TOO_LONG) {
        too_long_print(t, r, stdout);
        return;
    }
    check_minimise(t, o, r);
    printf("%s: FAILED in execution %llu, %s memory\n\n", t->name,
           (unsigned long long)r->failing, memory_of(o));
    if (!r->choices[0]) {
        printf("%s: %s\n", check_verdict_name(r->verdict), r->text);
        return;
    }
    check_explain(t, o, r, stdout);
    replay_command(s, t, o, r->choices, replay, sizeof replay);
    printf("\nreplay with: %s\n", replay);
    keep_page(s, t, o, r, replay);
}

/* ---- what was tried ---- */

struct tried {
    uint64_t executions, steps, races;
    double seconds;
    struct covered covered;
    enum check_verdict verdict;
    bool failed, interrupted;
    bool stopped; /* by most_seconds */
};

/* Without any step it was not compiled for the checker. */
static int nothing_seen(const struct check_test *t)
{
    fprintf(stderr, "%s: its threads make no step that the checker sees; is the code under "
            "test compiled\nwith -fsanitize=thread -include bench/machine/redirect.h?\n", t->name);
    return 2;
}

static bool can_run(const struct check_test *t)
{
    unsigned threads = t->body ? t->thread_count : t->threads[0] != NULL;

    if (threads == 0)
        fprintf(stderr, "%s: has no threads\n", t->name);
    else if (threads > CHECK_MAX_THREADS)
        fprintf(stderr, "%s: has %u threads; %d can run\n", t->name, threads, CHECK_MAX_THREADS);
    return threads > 0 && threads <= CHECK_MAX_THREADS;
}

static bool came(const struct session *s)
{
    return s->interrupted && s->interrupted();
}

/* One way of exploring; false if that ends the test. */
static bool explore(struct session *s, const struct check_test *t, struct check_options *o,
                    struct tried *a)
{
    struct check_result r = check_run(t, o);

    a->executions += r.executions;
    a->steps += r.steps;
    a->seconds += r.seconds;
    a->races += r.races;
    a->interrupted = came(s);
    a->stopped |= r.out_of_time && s->most_seconds > 0;
    covered_learn(&a->covered, o, &r);
    a->verdict = r.verdict;
    a->failed = r.verdict != CHECK_PASSED;
    if (a->failed)
        session_failure(s, t, o, &r);
    return !a->failed && !a->interrupted;
}

/* Each way once; `round` counts from 0, and a bound that was covered grows with it. */
static bool one_round(struct session *s, const struct check_test *t, unsigned round,
                      uint64_t executions, struct tried *a)
{
    double left = s->seconds - a->seconds;

    for (unsigned w = 0; w < SESSION_WAYS; w++) {
        struct check_options o = session_ways[w];
        if (s->mode >= 0 && s->mode != (int)o.mode)
            continue;
        if (o.bound && a->covered.exhausted[o.mode])
            continue;
        o.shallow = s->bound != 0;
        if (s->bound && o.bound)
            o.bound = s->bound;
        else if (o.bound && a->covered.within[o.mode])
            o.bound = a->covered.within[o.mode] + 1;
        o.executions = executions;
        o.seconds = s->seconds > 0 ? left / SESSION_WAYS : session_share(s, a->seconds, SESSION_WAYS - w);
        o.seed = s->seed + round;
        o.past_races = s->past_races;
        o.malloc_fails = s->malloc_fails;
        o.steps = s->steps;
        o.interrupted = s->interrupted;
        if (!explore(s, t, &o, a))
            return false;
    }
    return true;
}

static void explore_all(struct session *s, const struct check_test *t, struct tried *a)
{
    uint64_t executions = s->seconds > 0 ? FIRST_ROUND : s->budget;

    for (unsigned round = 0; one_round(s, t, round, executions, a) && a->seconds < s->seconds; round++)
        executions *= 4;
}

/* The exit status. */
static int run_test(struct session *s, const struct check_test *t)
{
    struct tried a = { .executions = 0 };

    if (!can_run(t))
        return 2;
    outcomes_reset();
    alive_begin(t->name);
    explore_all(s, t, &a);
    alive_begin(NULL);
    if (a.failed)
        return too_long_status(a.verdict);
    if (a.races) { /* nothing that they lead to: then they are the failure themselves */
        struct session races = *s;
        races.past_races = false;
        printf("%s: nothing but data races in %llu executions; the first one:\n", t->name,
               (unsigned long long)a.executions);
        int status = run_test(&races, t);
        s->paged = races.paged;
        return status;
    }
    if (a.steps == 0 && !a.interrupted)
        return nothing_seen(t);
    printf("%s: nothing found in %llu executions, %.0f/s%s", t->name,
           (unsigned long long)a.executions,
           a.seconds > 0 ? (double)a.executions / a.seconds : 0,
           a.interrupted ? "; interrupted" : "");
    session_print_stopped(a.stopped && !a.interrupted, a.seconds);
    putchar('\n');
    covered_print(&a.covered, s->mode);
    outcomes_print(t, stdout);
    return a.interrupted ? 130 : 0;
}

void session_caveat(void)
{
    puts("Not modelled, so never found: a load that returns a store which is executed only later\n"
         "(load buffering); see docs/checker.md.");
}

int session_run(const struct check_test *const *tests, struct session *s)
{
    int worst = 0;

    for (; *tests && !came(s); tests++) {
        worst = too_long_worse(run_test(s, *tests), worst);
    }
    if (worst == 0)
        session_caveat();
    if (s->page && !s->paged && worst != 2)
        puts("No page was written: there is no execution to show.");
    return came(s) ? 130 : worst;
}

/* ---- replaying ---- */

/* The test whose name stands before the three last '@'; or NULL, and *how is not set. */
static const struct check_test *test_of(const struct check_test *const *tests, const char *text,
                                        const char **how)
{
    for (; *tests; tests++) {
        size_t length = strlen((*tests)->name);
        if (strncmp(text, (*tests)->name, length) == 0 && text[length] == '@') {
            *how = text + length + 1;
            if (strncmp(*how, "sc", 2) == 0 || strncmp(*how, "weak", 4) == 0)
                return *tests;
        }
    }
    return NULL;
}

int session_replay(const struct check_test *const *tests, const char *text, struct session *s)
{
    char choices[CHECK_CHOICES];
    struct check_options o;
    const char *how;
    const struct check_test *t = test_of(tests, text, &how);

    if (!t || !replay_parse(how, &o, choices) || !choices_parse(choices)) {
        fprintf(stderr, "--replay=%s: TEST@MODE@REUSE@CHOICES of a test of this program\n", text);
        return 2;
    }
    o.steps = s->steps ? s->steps : o.steps;
    struct check_result r = check_run(t, &o);
    char why[256];
    if (replay_misfits(r.verdict, why, sizeof why)) {
        fprintf(stderr, "--replay=%s: %s\n", text, why);
        return 2;
    }
    memcpy(r.choices, choices, sizeof choices);
    check_explain(t, &o, &r, stdout);
    if (s->page) {
        char replay[CHECK_CHOICES + 512];
        replay_command(s, t, &o, choices, replay, sizeof replay);
        keep_page(s, t, &o, &r, replay);
    }
    return r.verdict != CHECK_PASSED || (s->page && !s->paged);
}

/* ---- the budget ---- */

enum { MOST_SECONDS = 10, LEAST_SECONDS = 1 /* that each way has */ };

void session_budget_default(struct session *s, uint64_t executions)
{
    if (s->budget || s->seconds > 0)
        return;
    s->budget = executions;
    s->most_seconds = MOST_SECONDS;
}

double session_share(const struct session *s, double used, unsigned ways_left)
{
    double share = s->most_seconds - used - (ways_left - 1) * LEAST_SECONDS;

    return s->most_seconds == 0 ? 0 : share > LEAST_SECONDS ? share : LEAST_SECONDS;
}

void session_print_stopped(bool stopped, double seconds)
{
    if (stopped)
        printf("; stopped after %.0f s, --budget=60s goes on", seconds);
}

bool session_budget(struct session *s, const char *text)
{
    char *end;

    errno = 0;
    unsigned long long n = strtoull(text, &end, 10);
    bool seconds = strcmp(end, "s") == 0;
    if (*text < '0' || *text > '9' || errno || n == 0 || n > 1000000000 || (*end && !seconds)) {
        fprintf(stderr, "--budget=%s: a whole number of executions, or of seconds: 10s\n", text);
        return false;
    }
    s->budget = seconds ? 0 : n;
    s->seconds = seconds ? (double)n : 0;
    return true;
}
