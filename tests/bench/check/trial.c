/*
 * trial.c - a program around one textbook algorithm, or around one mutant of a strategy.
 *
 * trial EXECUTIONS SEEDS FIRST [SUBJECT]: explores with each of so many seeds, from
 * FIRST on, until something fails, and prints one line: how often it did, after how
 * many executions, and the first verdict.  Linked with the object under trial in front
 * of the library that has the original.
 */
#include <stdlib.h>
#include <string.h>

#include "bench/check/suite.h"

enum { VERDICT = 2 * CHECK_TEXT };

#ifdef TRIAL_TEXTBOOK
extern const struct check_test textbook;

/* Every way of exploring in turn; the executions until one fails, or 0. */
static uint64_t kill_once(uint64_t executions, uint64_t seed, uint64_t *made, char *verdict)
{
    static const struct check_options ways[] = {
        { .mode = CHECK_WEAK, .strategy = CHECK_RANDOM },
        { .mode = CHECK_SC, .strategy = CHECK_PCT },
        { .mode = CHECK_SC, .strategy = CHECK_RANDOM, .reuse = CHECK_LIFO },
        { .mode = CHECK_SC, .strategy = CHECK_DEPTH_FIRST },
        { .mode = CHECK_WEAK, .strategy = CHECK_DEPTH_FIRST, .bound = 3 },
    };
    uint64_t before = *made;

    for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
        struct check_options o = ways[w];
        o.executions = executions;
        o.seed = seed;
        struct check_result r = check_run(&textbook, &o);
        *made += r.executions;
        if (r.verdict != CHECK_PASSED) {
            snprintf(verdict, VERDICT, "%s: %s", check_verdict_name(r.verdict), r.text);
            return *made - before;
        }
    }
    return 0;
}

static bool choose_subject(const char *name)
{
    return name == NULL;
}
#else
static struct subject subject;

static void take(void *context, const struct subject *s)
{
    (void)context;
    subject = *s;
}

static bool choose_subject(const char *name)
{
    return name && suite_subjects(check_copies, name, take, NULL) == 1;
}

/* Whether it fails again in the same way, and again. */
static bool replays(const struct suite_failure *f)
{
    struct check_options o = f->options;
    struct check_test test = scenario_test(&f->subject, &f->scenario, o.mode == CHECK_WEAK);
    bool same = true;

    o.strategy = CHECK_REPLAY;
    o.choices = f->result.choices;
    for (int i = 0; i < 2 && o.choices[0]; i++)
        same &= check_run(&test, &o).verdict == f->result.verdict;
    return same;
}

/* Whether what is printed for a failure is read as the same execution, which fails again. */
static bool string_replays(const struct suite_failure *f)
{
    static struct suite_failure again;
    char text[CHECK_CHOICES + 512], why[CHECK_TEXT];

    suite_replay_print(f, text, sizeof text);
    if (!suite_replay_parse(&again, text, why, sizeof why))
        return false;
    struct check_test test = suite_test_of(&again);
    return check_run(&test, &again.options).verdict == f->result.verdict;
}

static uint64_t kill_once(uint64_t executions, uint64_t seed, uint64_t *made, char *verdict)
{
    struct suite_options o = { .seed = seed, .executions = executions, .mode = -1 };
    struct suite_result r = suite_check(&subject, &o);
    struct progress_verdict p[PROGRESS_MOST];

    *made += r.executions;
    if (r.failed) {
        snprintf(verdict, VERDICT, "%s: %s", check_verdict_name(r.failure.result.verdict),
                 r.failure.result.text);
        return replays(&r.failure) ? r.executions : 0;
    }
    for (unsigned i = 0, count = progress_observe(&subject, p); i < count; i++)
        if (p[i].wrong) {
            snprintf(verdict, VERDICT, "progress: %s %s", p[i].operation, p[i].text);
            return !p[i].has_steps || string_replays(&p[i].failure) ? r.executions : 0;
        }
    return 0;
}
#endif

static int by_size(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    enum { MOST = 1000 };
    static uint64_t kills[MOST];
    char verdict[VERDICT] = "", first[VERDICT] = "";
    uint64_t executions = argc > 3 ? strtoull(argv[1], NULL, 10) : 0, made = 0;
    uint64_t first_seed = argc > 3 ? strtoull(argv[3], NULL, 10) : 0;
    unsigned seeds = argc > 3 ? (unsigned)strtoul(argv[2], NULL, 10) : 0, killed = 0;

    if (executions == 0 || seeds == 0 || seeds > MOST ||
        !choose_subject(argc > 4 ? argv[4] : NULL)) {
        fputs("usage: trial EXECUTIONS SEEDS FIRST [SUBJECT]\n", stderr);
        return 2;
    }
    for (unsigned i = 0; i < seeds; i++) {
        uint64_t n = kill_once(executions, first_seed + i, &made, verdict);
        if (n)
            kills[killed++] = n;
        if (n && !first[0])
            memcpy(first, verdict, sizeof first);
    }
    qsort(kills, killed, sizeof *kills, by_size);
    printf("killed %u of %u, median %llu, most %llu, executions %llu, verdict %s\n", killed, seeds,
           (unsigned long long)(killed ? kills[killed / 2] : 0),
           (unsigned long long)(killed ? kills[killed - 1] : 0), (unsigned long long)made,
           first[0] ? first : "none");
    return 0;
}
