/* search.c - which choice is taken: at random, by priorities, exhaustively, or as told. */
#include <string.h>

#include "bench/check/replays.h"
#include "bench/check/state.h"

/* ---- sticky random: stays with a thread three times out of four ---- */

static unsigned one_of_the_others(unsigned count)
{
    return 1 + (unsigned)random_below(&run.random, count - 1);
}

static unsigned random_value(enum choice_kind kind, unsigned count)
{
    uint64_t odds = kind == CHOICE_STALE ? 2 : kind == CHOICE_SPURIOUS || kind == CHOICE_AGAIN ? 16 : 4;

    if (kind == CHOICE_NEXT || kind == CHOICE_TURN || kind == CHOICE_WAKE)
        return (unsigned)random_below(&run.random, count);
    return random_below(&run.random, odds) == 0 ? one_of_the_others(count) : 0;
}

static void random_begin(void)
{
}

static bool random_advance(void)
{
    return true;
}

const struct strategy strategy_random = { random_value, random_begin, random_advance, NULL };

/*
 * ---- PCT: S. Burckhardt et al., "A Randomized Scheduler with Probabilistic Guarantees
 * of Finding Bugs", 2010.  The ready thread of the highest priority runs; at depth - 1
 * steps, chosen beforehand, the running one falls below all others.  It is not fair:
 * two pollers wake each other and starve the thread that they wait for.  So a long
 * execution goes on at random. ----
 */

enum { PCT_DEPTH = 16, PCT_LONG = 1000 };

static struct {
    unsigned points[PCT_DEPTH], count;
    unsigned longest; /* steps of the longest execution so far that is not a long one */
} pct;

static void pct_begin(void)
{
    unsigned order[STATE_THREADS], depth = run.options->depth ? run.options->depth : 3;

    if (run.result->executions == 0)
        pct.longest = 64;
    for (unsigned t = 0; t < STATE_THREADS; t++)
        order[t] = t;
    for (unsigned t = STATE_THREADS - 1; t > 0; t--) {
        unsigned other = (unsigned)random_below(&run.random, t + 1), kept = order[t];
        order[t] = order[other];
        order[other] = kept;
    }
    for (unsigned t = 0; t < STATE_THREADS; t++)
        run.threads[t].priority = (int)order[t] + 1;
    pct.count = depth - 1 < PCT_DEPTH ? depth - 1 : PCT_DEPTH;
    for (unsigned i = 0; i < pct.count; i++)
        pct.points[i] = 1 + (unsigned)random_below(&run.random, pct.longest);
}

static unsigned pct_choose(enum choice_kind kind, unsigned count)
{
    unsigned best = 0;

    if (kind == CHOICE_STALE || kind == CHOICE_SPURIOUS || kind == CHOICE_AGAIN || kind == CHOICE_MACHINE ||
        run.steps > PCT_LONG)
        return random_value(kind, count);
    for (unsigned i = 0; i < pct.count; i++)
        if (kind == CHOICE_SWITCH && pct.points[i] == run.steps)
            self()->priority = -(int)i;
    for (unsigned i = 1; i < count; i++)
        if (run.threads[run.candidates[i]].priority > run.threads[run.candidates[best]].priority)
            best = i;
    return best;
}

static bool pct_advance(void)
{
    if (run.steps > pct.longest && run.steps <= PCT_LONG)
        pct.longest = run.steps;
    return true;
}

const struct strategy strategy_pct = { pct_choose, pct_begin, pct_advance, NULL };

/*
 * ---- depth first, with a bound on what is not forced: switches away from a thread that
 * could go on, stale reads, spurious failures, what the machine chooses (M. Musuvathi and S. Qadeer, "Iterative
 * Context Bounding for Systematic Testing of Multithreaded Programs", 2007).  After a
 * spinner the next thread runs; another choice counts as well, or two pollers could
 * alternate for ever. ----
 */

static struct {
    struct choice path[STATE_MAX_CHOICES];
    unsigned length, at;
} depth_first;

static void depth_first_begin(void)
{
    if (run.result->executions == 0)
        depth_first.length = 0;
    depth_first.at = 0;
}

static unsigned depth_first_choose(enum choice_kind kind, unsigned count)
{
    unsigned at = depth_first.at++;

    if (at == depth_first.length) {
        depth_first.path[at] = (struct choice){ (uint8_t)kind, (uint8_t)count, 0 };
        depth_first.length++;
    }
    return depth_first.path[at].taken;
}

static unsigned cost_of(const struct choice *c)
{
    return c->taken != 0 && c->kind != CHOICE_NEXT && c->kind != CHOICE_WAKE;
}

static bool depth_first_advance(void)
{
    unsigned spent = 0;

    depth_first.length = depth_first.at; /* an execution that failed early leaves less */
    for (unsigned i = 0; i < depth_first.length; i++)
        spent += cost_of(&depth_first.path[i]);
    while (depth_first.length > 0) {
        struct choice *last = &depth_first.path[depth_first.length - 1];
        spent -= cost_of(last);
        bool more = last->taken + 1u < last->count;
        if (more && (last->kind == CHOICE_NEXT || last->kind == CHOICE_WAKE || spent + 1 <= run.bound)) {
            last->taken++;
            return true;
        }
        run.left_out |= more;
        depth_first.length--;
    }
    return false;
}

const struct strategy strategy_depth_first = { depth_first_choose, depth_first_begin,
                                               depth_first_advance, NULL };

/* ---- replay: a list of "place:choice", and 0 everywhere else ---- */

static struct {
    unsigned place[STATE_MAX_CHOICES];
    uint8_t taken[STATE_MAX_CHOICES];
    unsigned count, at, next;
    struct {
        unsigned entry, count, thread; /* the entry of the list that asks for too much; there are so many */
        const void *pc;
    } misfit; /* count = 0: none */
} replay;

/* Digits, below `end`.  strtoul() would take a sign as well, and wrap. */
static bool take_number(const char **text, unsigned end, unsigned *n)
{
    const char *from = *text;

    for (*n = 0; **text >= '0' && **text <= '9' && *n < end; ++*text)
        *n = *n * 10 + (unsigned)(**text - '0');
    return *text != from && *n < end;
}

bool choices_parse(const char *text)
{
    unsigned least = 0, place, taken;

    replay.count = 0;
    if (strcmp(text, "-") == 0)
        return true;
    for (;;) {
        if (!take_number(&text, STATE_MAX_CHOICES, &place) || place < least || *text++ != ':' ||
            !take_number(&text, UINT8_MAX + 1, &taken))
            return false;
        replay.place[replay.count] = place;
        replay.taken[replay.count++] = (uint8_t)taken;
        least = place + 1;
        if (*text == '\0')
            return true;
        if (*text++ != ',')
            return false;
    }
}

void choices_print(char *text, size_t size)
{
    size_t used = 0;

    snprintf(text, size, "-"); /* nothing but first choices */
    for (unsigned i = 0; i < run.choice_count; i++) {
        if (run.choices[i].taken == 0)
            continue;
        int n = snprintf(text + used, size - used, "%s%u:%u", used ? "," : "", i,
                         run.choices[i].taken);
        if (n < 0 || used + (size_t)n >= size) {
            text[0] = '\0'; /* does not fit: half of it would replay something else */
            return;
        }
        used += (size_t)n;
    }
}

static void replay_begin(void)
{
    replay.at = replay.next = replay.misfit.count = 0;
}

static unsigned replay_choose(enum choice_kind kind, unsigned count)
{
    unsigned at = replay.at++;

    (void)kind;
    if (replay.next == replay.count || replay.place[replay.next] != at)
        return 0;
    if (replay.taken[replay.next] >= count && replay.misfit.count == 0) {
        replay.misfit.entry = replay.next;
        replay.misfit.count = count;
        replay.misfit.thread = run.me;
        replay.misfit.pc = self()->pc;
    }
    return replay.taken[replay.next++];
}

bool replay_misfits(enum check_verdict verdict, char *why, size_t size)
{
    unsigned i = replay.misfit.count ? replay.misfit.entry : replay.next;
    char line[128] = "its begin", who[WHO];

    if (replay.misfit.count == 0 && (replay.next == replay.count || verdict != CHECK_PASSED))
        return false;
    if (replay.misfit.pc)
        source_line(replay.misfit.pc, line, sizeof line);
    if (replay.misfit.count)
        snprintf(why, size, "'%u:%u' is of another program: the last number is below %u here, where %s is at %s",
                 replay.place[i], replay.taken[i], replay.misfit.count, who_did(replay.misfit.thread, who), line);
    else
        snprintf(why, size, "'%u:%u' is of another program: the execution passes with %u choices", replay.place[i],
                 replay.taken[i], replay.at);
    return true;
}

static bool replay_advance(void)
{
    return false;
}

const struct strategy strategy_replay = { replay_choose, replay_begin, replay_advance, NULL };
