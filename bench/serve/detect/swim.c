/* swim.c - periods of SWIM, member by member. */
#include "bench/serve/detect/swim.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/random.h"

enum { ALIVE, SUSPECT, DEAD };

/* What a member knows of another one. */
struct view {
    uint32_t incarnation;
    uint8_t state;
    uint32_t until; /* a suspicion becomes a death in that period */
};

struct swim {
    const struct swim_config *config;
    struct random random;
    struct view views[SWIM_MEMBERS][SWIM_MEMBERS];
    uint32_t incarnation[SWIM_MEMBERS];
    bool paused[SWIM_MEMBERS], crashed[SWIM_MEMBERS];
    uint32_t period;
    uint64_t messages;
    struct swim_result *out;
};

static bool chance(struct swim *s, double p)
{
    return p > 0 && random_unit(&s->random) < p;
}

/* Whether the receiver's view is older than the sender's. */
static bool is_news(const struct view *mine, const struct view *theirs)
{
    if (theirs->state == DEAD || mine->state == DEAD)
        return theirs->state == DEAD && mine->state != DEAD;
    if (theirs->incarnation != mine->incarnation)
        return theirs->incarnation > mine->incarnation;
    return theirs->state > mine->state;
}

static void learn(struct swim *s, unsigned member, unsigned about, const struct view *news)
{
    struct view *v = &s->views[member][about];

    if (about == member) { /* it refutes a suspicion of itself */
        if (news->state == SUSPECT && news->incarnation >= s->incarnation[member])
            v->incarnation = s->incarnation[member] = news->incarnation + 1;
        return;
    }
    if (!is_news(v, news))
        return;
    *v = *news;
    if (v->state == SUSPECT)
        v->until = s->period + s->config->suspicion;
}

/* A message: whether it arrives, and what its receiver learns from it. */
static bool send(struct swim *s, unsigned from, unsigned to)
{
    s->messages++;
    if (chance(s, s->config->loss) || s->crashed[to] || s->paused[to])
        return false;
    for (unsigned about = 0; about < s->config->members; about++)
        learn(s, to, about, &s->views[from][about]);
    return true;
}

static unsigned another(struct swim *s, unsigned than)
{
    unsigned n = (unsigned)random_below(&s->random, s->config->members - 1);

    return n + (n >= than);
}

/* A ping through a helper: four messages, each of which may be lost. */
static bool ask_helper(struct swim *s, unsigned from, unsigned target)
{
    unsigned helper = another(s, from);

    return helper != target && send(s, from, helper) && send(s, helper, target) &&
           send(s, target, helper) && send(s, helper, from);
}

static void ping(struct swim *s, unsigned from)
{
    unsigned target = another(s, from);
    struct view *v = &s->views[from][target];

    if (v->state == DEAD || (send(s, from, target) && send(s, target, from)))
        return;
    for (unsigned i = 0; i < s->config->helpers; i++)
        if (ask_helper(s, from, target))
            return;
    if (v->state == ALIVE) {
        s->out->suspicions += !s->crashed[target];
        v->state = SUSPECT;
        v->until = s->period + s->config->suspicion;
    }
}

/* Suspicions that have stood for long enough. */
static void bury(struct swim *s, unsigned member)
{
    for (unsigned about = 0; about < s->config->members; about++) {
        struct view *v = &s->views[member][about];
        if (about == member || v->state != SUSPECT || s->period < v->until)
            continue;
        v->state = DEAD;
        if (!s->crashed[about]) {
            s->out->mistakes++;
            v->state = ALIVE; /* it is told so at once, and joins again: the next mistake counts */
            v->incarnation = s->incarnation[about];
        }
    }
}

static void one_period(struct swim *s)
{
    for (unsigned m = 0; m < s->config->members; m++)
        s->paused[m] = chance(s, s->config->pause_chance);
    for (unsigned m = 0; m < s->config->members; m++)
        if (!s->crashed[m] && !s->paused[m])
            ping(s, m);
    for (unsigned m = 0; m < s->config->members; m++)
        if (!s->crashed[m])
            bury(s, m);
    s->period++;
}

/* Whether any other member, or every one, has come to this about the crashed one. */
static bool known(const struct swim *s, unsigned crashed, unsigned state, bool every)
{
    for (unsigned m = 0; m < s->config->members; m++)
        if (m != crashed && (s->views[m][crashed].state >= state) != every)
            return !every;
    return every;
}

static void crash_and_wait(struct swim *s)
{
    const unsigned crashed = 0;

    s->crashed[crashed] = true;
    for (unsigned i = 1; i <= s->config->wait && isnan(s->out->all); i++) {
        one_period(s);
        if (isnan(s->out->first) && known(s, crashed, SUSPECT, false))
            s->out->first = i;
        if (known(s, crashed, DEAD, true))
            s->out->all = i;
    }
}

int swim_run(const struct swim_config *config, struct swim_result *out)
{
    struct swim *s;

    if (config->members < 2 || config->members > SWIM_MEMBERS)
        return -EINVAL;
    s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    *out = (struct swim_result){ .first = NAN, .all = NAN };
    s->config = config;
    s->out = out;
    s->random = random_seeded(config->seed, 17);
    for (unsigned i = 0; i < config->calm; i++)
        one_period(s);
    uint64_t suspicions = out->suspicions, mistakes = out->mistakes;
    out->messages = config->calm ? (double)s->messages / config->calm / config->members : NAN;
    crash_and_wait(s);
    out->suspicions = suspicions; /* those of the calm only */
    out->mistakes = mistakes;
    free(s);
    return 0;
}
