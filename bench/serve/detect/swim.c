/* swim.c - SWIM message by message, each member by its own clock. */
#include "bench/serve/detect/swim.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/serve/detect/parts/agenda.h"

enum { ALIVE, SUSPECT, DEAD };
enum { PERIOD, AFTER_PAUSE, TIMEOUT, EXPIRY, LETTER }; /* what happens: kinds of entries of the agenda */
enum { PING, ANSWER, ASK };                            /* kinds of letters */

/* What a member says of another one. */
struct view {
    uint32_t incarnation;
    uint32_t state;
};

/* What a member knows of another one, and since when. */
struct knowledge {
    struct view view;
    unsigned timer; /* of the suspicion that stands: an expiry of another one means nothing */
    uint64_t suspect_us, dead_us;
};

struct member {
    uint64_t period_us, awake_us; /* by the clock of all; it stands still until then */
    unsigned target, round;       /* whom it has pinged in this period, and a number of it */
    bool pinged, answered, crashed;
};

struct letter {
    unsigned kind, from, to;
    unsigned asker, target, round; /* who wants to know of whom, and in which of its rounds */
    bool used;
    struct view views[]; /* of all members, when it was sent */
};

struct swim {
    const struct swim_config *config;
    struct random random;
    struct agenda agenda;
    struct member members[SWIM_MEMBERS];
    struct knowledge known[SWIM_MEMBERS][SWIM_MEMBERS];
    char *letters; /* on their way, or unused: `letter_count` of them, each of `stride` bytes */
    unsigned letter_count, unused_from;
    size_t stride;
    uint64_t now, messages, crash_us;
    unsigned buried; /* how many count the crashed one as dead */
    bool calm, failed;
    struct swim_result *out;
};

enum { CRASHED = 0 }; /* who will */

static bool chance(struct swim *s, double p)
{
    return p > 0 && random_unit(&s->random) < p;
}

static void enter(struct swim *s, uint64_t at, unsigned kind, unsigned member, unsigned about, unsigned number)
{
    if (!agenda_enter(&s->agenda, (struct agenda_entry){ .at_us = at, .kind = kind, .member = member,
                                                         .about = about, .number = number }))
        s->failed = true;
}

/* ---- what is known, and how good it is ---- */

static void see(struct swim_quality *q, bool was, bool is, uint64_t *since, uint64_t now, bool counts)
{
    if (was == is)
        return;
    if (counts && is)
        q->mistakes++;
    if (counts && was)
        q->wrong_us += (double)(now - *since);
    *since = now;
}

/* A member takes another view of another one. */
static void take(struct swim *s, unsigned member, unsigned about, struct view view)
{
    struct knowledge *k = &s->known[member][about];
    unsigned was = k->view.state;
    bool dies = about == CRASHED && !s->calm;

    see(&s->out->suspected, was >= SUSPECT, view.state >= SUSPECT, &k->suspect_us, s->now, s->calm);
    see(&s->out->dead, was == DEAD, view.state == DEAD, &k->dead_us, s->now, s->calm);
    k->view = view;
    k->timer++;
    if (view.state == SUSPECT)
        enter(s, s->now + (uint64_t)(s->config->suspicion * (double)s->members[member].period_us), EXPIRY,
              member, about, k->timer);
    if (about == CRASHED)
        s->buried = s->buried + (view.state == DEAD) - (was == DEAD);
    if (dies && view.state >= SUSPECT && isnan(s->out->first))
        s->out->first = (double)(s->now - s->crash_us) / (double)s->config->period_us;
}

static void suspect(struct swim *s, unsigned member, unsigned about)
{
    struct view view = s->known[member][about].view;

    s->out->suspicions += s->calm;
    view.state = s->config->suspicion > 0 ? SUSPECT : DEAD;
    take(s, member, about, view);
}

/* Of one incarnation the worse news count; a later one overrules all of an earlier one. */
static bool is_news(const struct view *mine, const struct view *theirs)
{
    if (theirs->incarnation != mine->incarnation)
        return theirs->incarnation > mine->incarnation;
    return theirs->state > mine->state;
}

static void learn(struct swim *s, unsigned member, unsigned about, const struct view *news)
{
    struct view *mine = &s->known[member][about].view;

    if (!is_news(mine, news))
        return;
    if (about == member) /* it refutes what is said of itself */
        mine->incarnation = news->incarnation + 1;
    else
        take(s, member, about, *news);
}

/* ---- letters ---- */

static struct letter *letter_at(const struct swim *s, unsigned i)
{
    return (struct letter *)(void *)(s->letters + i * s->stride);
}

/* The number of a letter that is not on its way; more are made where all are. */
static unsigned unused_letter(struct swim *s)
{
    while (s->unused_from < s->letter_count && letter_at(s, s->unused_from)->used)
        s->unused_from++;
    if (s->unused_from == s->letter_count) {
        unsigned count = s->letter_count ? 2 * s->letter_count : 64;
        char *grown = realloc(s->letters, count * s->stride);
        if (!grown) {
            s->failed = true;
            return 0;
        }
        memset(grown + s->letter_count * s->stride, 0, (count - s->letter_count) * s->stride);
        s->letters = grown;
        s->letter_count = count;
    }
    return s->unused_from;
}

static void send(struct swim *s, const struct letter *what)
{
    const struct beats_network *n = &s->config->network;
    double delay = n->delay_us;

    s->messages++;
    if (chance(s, n->loss))
        return;
    if (n->jitter_us > 0)
        delay -= n->jitter_us * log(1 - random_unit(&s->random));
    unsigned i = unused_letter(s);
    if (s->failed)
        return;
    struct letter *l = letter_at(s, i);
    *l = *what;
    l->used = true;
    for (unsigned about = 0; about < s->config->members; about++)
        l->views[about] = s->known[what->from][about].view;
    enter(s, s->now + (uint64_t)delay, LETTER, what->to, 0, i);
}

static void read_letter(struct swim *s, unsigned number)
{
    struct letter *l = letter_at(s, number);
    struct letter next = { .kind = ANSWER, .from = l->to, .to = l->from, .asker = l->asker,
                           .target = l->target, .round = l->round };
    struct member *me = &s->members[l->to];

    for (unsigned about = 0; about < s->config->members; about++)
        learn(s, l->to, about, &l->views[about]);
    if (l->kind == ANSWER && l->asker == l->to) {
        me->answered = me->answered || l->round == me->round;
        return;
    }
    if (l->kind == ASK) {
        next.kind = PING;
        next.to = l->target;
    } else if (l->kind == ANSWER) {
        next.to = l->asker;
    }
    send(s, &next);
}

/* ---- what a member does ---- */

static unsigned another(struct swim *s, unsigned than)
{
    unsigned n = (unsigned)random_below(&s->random, s->config->members - 1);

    return n + (n >= than);
}

static void ping(struct swim *s, unsigned from)
{
    struct member *me = &s->members[from];

    me->target = another(s, from);
    me->round++;
    me->answered = false;
    me->pinged = s->known[from][me->target].view.state != DEAD;
    if (!me->pinged)
        return;
    send(s, &(struct letter){ .kind = PING, .from = from, .to = me->target, .asker = from,
                              .target = me->target, .round = me->round });
    enter(s, s->now + me->period_us / 3, TIMEOUT, from, 0, me->round);
}

static void ask_helpers(struct swim *s, unsigned from)
{
    const struct member *me = &s->members[from];

    for (unsigned i = 0; i < s->config->helpers; i++) {
        unsigned helper = another(s, from);
        if (helper != me->target)
            send(s, &(struct letter){ .kind = ASK, .from = from, .to = helper, .asker = from,
                                      .target = me->target, .round = me->round });
    }
}

static void begin_period(struct swim *s, unsigned member)
{
    struct member *me = &s->members[member];

    if (me->pinged && !me->answered && s->known[member][me->target].view.state == ALIVE)
        suspect(s, member, me->target);
    ping(s, member);
    enter(s, s->now + me->period_us, PERIOD, member, 0, 0);
}

static void happen(struct swim *s, const struct agenda_entry *e)
{
    struct member *me = &s->members[e->member];
    const struct knowledge *k = &s->known[e->member][e->about];

    if (e->kind == LETTER) {
        read_letter(s, e->number);
    } else if (e->kind == PERIOD && chance(s, s->config->network.pause_chance)) {
        me->awake_us = s->now + (uint64_t)s->config->network.pause_us;
        enter(s, me->awake_us, AFTER_PAUSE, e->member, 0, 0);
    } else if (e->kind == PERIOD || e->kind == AFTER_PAUSE) {
        begin_period(s, e->member);
    } else if (e->kind == TIMEOUT && e->number == me->round && !me->answered) {
        ask_helpers(s, e->member);
    } else if (e->kind == EXPIRY && e->number == k->timer) {
        take(s, e->member, e->about, (struct view){ k->view.incarnation, DEAD });
    }
}

/* What is due before `end_us`, or until all others have buried the crashed one. */
static void go_on(struct swim *s, uint64_t end_us)
{
    while (!s->failed && s->agenda.count && s->agenda.entries[0].at_us < end_us &&
           (s->calm || s->buried + 1 < s->config->members)) {
        struct agenda_entry e = agenda_take(&s->agenda);
        const struct member *who = &s->members[e.member];
        s->now = e.at_us;
        if (!who->crashed && e.at_us < who->awake_us) {
            enter(s, who->awake_us, e.kind, e.member, e.about, e.number);
            continue;
        }
        if (!who->crashed)
            happen(s, &e);
        if (e.kind == LETTER && !s->failed) {
            letter_at(s, e.number)->used = false;
            s->unused_from = e.number < s->unused_from ? e.number : s->unused_from;
        }
    }
}

/* ---- the calm, and the crash ---- */

static void begin(struct swim *s)
{
    const struct swim_config *c = s->config;

    s->calm = true;
    for (unsigned m = 0; m < c->members; m++) {
        double slow = m % 2 ? 1 + c->network.drift_ppm / 1e6 : 1;
        s->members[m].period_us = (uint64_t)((double)c->period_us * slow);
        enter(s, c->together ? 0 : (uint64_t)(random_unit(&s->random) * (double)c->period_us), PERIOD, m, 0, 0);
    }
}

/* Mistakes that have not been refuted end with the calm; of those about the crashed one its detection begins. */
static void crash(struct swim *s)
{
    const unsigned members = s->config->members;
    double periods = (double)s->crash_us / (double)s->config->period_us;

    for (unsigned m = 0; m < members; m++)
        for (unsigned about = 0; about < members; about++) {
            const struct knowledge *k = &s->known[m][about];
            if (k->view.state >= SUSPECT)
                s->out->suspected.wrong_us += (double)(s->crash_us - k->suspect_us);
            if (k->view.state == DEAD)
                s->out->dead.wrong_us += (double)(s->crash_us - k->dead_us);
            if (k->view.state >= SUSPECT && about == CRASHED)
                s->out->first = 0;
        }
    s->out->lived_us = (double)s->crash_us * members * (members - 1);
    s->out->messages = periods > 0 ? (double)s->messages / periods / members : NAN;
    s->members[CRASHED].crashed = true;
    s->calm = false;
}

static void look_back(const struct swim *s, struct swim_quality *q, unsigned state)
{
    double sum = 0;

    for (unsigned m = 0; m < s->config->members; m++) {
        const struct knowledge *k = &s->known[m][CRASHED];
        uint64_t since = state == DEAD ? k->dead_us : k->suspect_us;
        double late = since > s->crash_us ? (double)(since - s->crash_us) : 0;
        if (m == CRASHED)
            continue;
        sum += k->view.state >= state ? late : NAN;
        q->detection_worst_us = fmax(q->detection_worst_us, late);
    }
    q->detection_us = sum / (s->config->members - 1);
}

static void simulate(struct swim *s)
{
    const struct swim_config *c = s->config;

    begin(s);
    s->crash_us = c->calm * c->period_us;
    if (!c->together)
        s->crash_us += (uint64_t)(random_unit(&s->random) * (double)c->period_us);
    go_on(s, s->crash_us);
    crash(s);
    go_on(s, s->crash_us + c->wait * c->period_us + 1);
    if (s->buried + 1 == c->members)
        s->out->all = fmax((double)s->now - (double)s->crash_us, 0) / (double)c->period_us;
    look_back(s, &s->out->suspected, SUSPECT);
    look_back(s, &s->out->dead, DEAD);
}

int swim_run(const struct swim_config *config, struct swim_result *out)
{
    struct swim *s;
    bool failed;

    if (config->members < 2 || config->members > SWIM_MEMBERS || config->period_us < 3)
        return -EINVAL;
    s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    *out = (struct swim_result){ .first = NAN, .all = NAN };
    s->config = config;
    s->out = out;
    s->random = random_seeded(config->seed, 17);
    s->stride = sizeof(struct letter) + config->members * sizeof(struct view);
    simulate(s);
    failed = s->failed;
    free(s->agenda.entries);
    free(s->letters);
    free(s);
    return failed ? -ENOMEM : 0;
}
