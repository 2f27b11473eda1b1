/*
 * map_scenario.c - scenarios over presence maps, held to the contract.
 *
 * In every execution: the books balance (P14) and agree with the operations' answers, and
 * handles and memory are given back, but not too early (P15).  In
 * sequentially consistent ones also every result, and what is left at the end: sweep
 * safety and completeness are part of that; then budgeted rounds sweep all of it (P8).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "locks/parts/hash.h"
#include "bench/check/map_history.h"
#include "bench/check/map_model.h"
#include "bench/check/map_written.h"
#include "bench/check/scenario_family.h"

static struct {
    const struct subject *subject;
    const struct presence_ops *ops;
    const struct scenario *scenario;
    void *map;
    struct presence_traits traits; /* the map's own: options may change what it promises */
    struct map_rules rules;
    bool weak;
    uint64_t swept, left; /* entries that sweeps and leaves reported as removed */
} now;

static void call_text(const struct linear_op *op, char text[HISTORY_WORDS])
{
    static const char *const names[] = { ['h'] = "heartbeat", ['o'] = "is_online",
                                         ['n'] = "last_seen", ['l'] = "leave", ['s'] = "sweep",
                                         ['b'] = "sweep", ['c'] = "count_online",
                                         ['w'] = "for_each_online", ['m'] = "heartbeat_many",
                                         ['p'] = "is_online_many" };
    const struct map_argument *a = &map_arguments[op->argument];
    char who[16] = "";

    if (strchr("mp", op->kind))
        snprintf(who, sizeof who, "0 and 1, ");
    else if (strchr("honl", op->kind))
        snprintf(who, sizeof who, op->kind == 'n' ? "%u" : "%u, ", a->user);
    if (op->kind == 'n')
        snprintf(text, HISTORY_WORDS, "%s(%s)", names[op->kind], who);
    else
        snprintf(text, HISTORY_WORDS, "%s(%s+%llu ms)", names[op->kind], who,
                 (unsigned long long)(map_time(a->time, now.rules.granularity) - EPOCH));
    size_t used = strlen(text);
    if (op->kind == 'b')
        snprintf(text + used, HISTORY_WORDS - used, " with budget %u", a->budget);
}

static void beat_text(int64_t result, char text[HISTORY_WORDS])
{
    static const char *const beats[] = { [PRESENCE_REFRESHED] = "REFRESHED",
                                         [PRESENCE_CAME_ONLINE] = "CAME_ONLINE",
                                         [PRESENCE_STALE] = "STALE" };

    if (result >= 0 && result <= PRESENCE_STALE)
        snprintf(text, HISTORY_WORDS, "%s", beats[result]);
    else
        history_number(result, text);
}

static void result_text(const struct linear_op *op, char text[HISTORY_WORDS])
{
    const int *each = map_arguments[op->argument].results;

    if (op->kind == 'h') {
        beat_text(op->result, text);
    } else if (op->kind == 'm') {
        char second[HISTORY_WORDS];
        beat_text(each[0], text);
        beat_text(each[1], second);
        size_t used = strlen(text);
        snprintf(text + used, HISTORY_WORDS - used, " and %s", second);
    } else if (op->kind == 'p') {
        snprintf(text, HISTORY_WORDS, "%d and %d", each[0], each[1]);
    } else if (op->kind != 'n' || op->result < 0) {
        history_number(op->result, text);
    } else {
        snprintf(text, HISTORY_WORDS, "%+lld ms", (long long)op->result - EPOCH);
    }
}

static int visit(void *argument, uint64_t user, uint64_t last_seen)
{
    struct map_argument *a = argument;

    if (user >= SCENARIO_USERS || !(now.scenario->users >> user & 1))
        check_fail("the walk meets user %llu, who was never inserted", (unsigned long long)user);
    if (now.rules.mute && last_seen)
        check_fail("the walk tells a time, and last_seen none");
    if (a->met[user] && !now.rules.may_repeat)
        check_fail("the walk meets user %llu twice", (unsigned long long)user);
    if (a->met[user])
        a->again[user]++;
    else
        a->met[user] = now.rules.mute ? MET_MUTE : last_seen;
    return 0;
}

static int64_t call(char kind, struct map_argument *a, void *h)
{
    static const uint64_t users[MAP_BATCH] = { 0, 1 };
    const struct presence_ops *ops = now.ops;
    uint64_t t = map_time(a->time, now.rules.granularity);

    switch (kind) {
    case 'h': return ops->heartbeat(now.map, h, a->user, t);
    case 'o': return ops->is_online(now.map, h, a->user, t);
    case 'n': return ops->last_seen(now.map, h, a->user);
    case 'l': return ops->leave(now.map, h, a->user, t);
    case 's': return ops->sweep(now.map, h, t, UINT64_MAX, &a->complete);
    case 'b': return ops->sweep(now.map, h, t, a->budget, &a->complete);
    case 'c': return ops->count_online(now.map, h, t);
    case 'm': return ops->heartbeat_many(now.map, h, users, MAP_BATCH, t, a->results);
    case 'p': return ops->is_online_many(now.map, h, users, MAP_BATCH, t, a->results);
    default: return ops->for_each_online(now.map, h, t, visit, a);
    }
}

/* Whether the other users of the scenario are enough to fill the map. */
static bool others_may_fill(unsigned user)
{
    unsigned others = now.scenario->users & ~(1u << user);

    return now.rules.capacity && (unsigned)__builtin_popcount(others) >= now.rules.capacity;
}

/* Whether the contract allows this error for the operation; the history judges when. */
static bool may_fail(char kind, unsigned user, int64_t error)
{
    const struct map_rules *r = &now.rules;

    if (r->mute && kind == 'n')
        return error == -ENOTSUP;
    if (r->dense && r->capacity && strchr("honl", kind))
        return error == (user < r->capacity ? kind == 'n' ? -ENOENT : 0 : -ERANGE);
    return kind == 'n' ? error == -ENOENT
                       : kind == 'h' && error == -ENOSPC && others_may_fill(user);
}

static _Noreturn void refuse_result(const struct linear_op *op, const char *says, int64_t result,
                                    const char *instead)
{
    char call_words[HISTORY_WORDS], number[HISTORY_WORDS];

    call_text(op, call_words);
    check_fail("%s %s%s%s", call_words, says, history_number(result, number), instead);
}

static void operate(const struct operation *o, void *handle)
{
    char kind = o->kind;
    size_t index = history_next();
    struct map_argument *a = &map_arguments[index];

    *a = (struct map_argument){ .user = o->user, .time = o->time, .budget = (unsigned)o->n };
    struct linear_op *op = history_begin(kind, (int64_t)index);
    int64_t result = call(kind, a, handle);
    history_end(op, result);
    if (result < 0 && !may_fail(kind, o->user, result))
        refuse_result(op, "fails: ", result, "");
    for (unsigned u = 0; u < MAP_BATCH; u++) /* all 0 unless it is a batch */
        if (a->results[u] < 0 && !may_fail(kind == 'm' ? 'h' : 'o', u, a->results[u]))
            refuse_result(op, "fails: ", a->results[u], "");
    if (strchr("wmp", kind) && result > 0)
        refuse_result(op, "returns ", result, ", not 0");
    if (kind == 'b' && result > (int64_t)a->budget)
        refuse_result(op, "removes ", result, ", more than it may examine");
    if (kind == 's' && !a->complete)
        check_fail("a sweep without a budget says that it is not complete");
    if (result > 0) {
        now.swept += kind == 's' || kind == 'b' ? (uint64_t)result : 0;
        now.left += kind == 'l';
    }
}

/* The result is a snapshot and not judged; the call must not disturb other operations. */
static void look_at_the_books(void)
{
    struct presence_stats s;

    check_operation_begin("stats", NULL);
    now.ops->stats(now.map, &s);
    check_operation_end("done", NULL, NULL);
}

static void come_and_go(void *handle)
{
    if (!now.scenario->comes_and_goes || !check_again())
        return;
    now.ops->detach(now.map, handle);
    check_that(now.ops->attach(now.map, handle) == 0);
}

static void run_part(const struct part *p, unsigned thread)
{
    check_aside("attach");
    void *handle = check_allocate(now.ops->handle_size);
    scenario_name(handle, "handle", now.subject, thread);
    check_that(now.ops->attach(now.map, handle) == 0);
    check_ready();
    if (now.scenario->meet)
        check_meet();
    do {
        for (unsigned i = 0; i < p->count; i++)
            if (p->ops[i].kind == 'x')
                look_at_the_books();
            else
                operate(&p->ops[i], handle);
        come_and_go(handle);
    } while (check_again());
    check_done();
    check_aside("detach");
    now.ops->detach(now.map, handle);
    check_deallocate(handle);
}

static bool all_are_last_but_one(uint64_t seed)
{
    bool all = true;

    for (uint64_t user = 0; user < SCENARIO_USERS; user++) {
        uint64_t hash = presence_hash(user, seed);
        all &= (hash & 7) == 6 && hash >> 61 == 6;
    }
    return all;
}

/*
 * Under this seed all users belong to the last place but one of a table of up to eight,
 * whichever end of the hash it looks at: they collide, the second one gets the last
 * place, and the third one's probe wraps around.
 */
static uint64_t colliding_seed(void)
{
    static uint64_t seed = 56527664; /* found by this search from 0; another hash, another seed */

    while (!all_are_last_but_one(seed))
        seed++;
    return seed;
}

static struct map_rules rules_of(const struct presence_traits *t)
{
    return (struct map_rules){
        .granularity = t->granularity_ms,
        .capacity = now.scenario->capacity,
        .users = now.scenario->users,
        .batch_atomic = t->features & PRESENCE_BATCH_ATOMIC,
        .keeps_ids = t->features & PRESENCE_KEEPS_IDS,
        .mute = !(t->features & PRESENCE_LAST_SEEN),
        .may_repeat = t->features & PRESENCE_WALK_MAY_REPEAT,
        .may_miss = t->features & PRESENCE_SWEEP_MAY_MISS,
        .sweeps_again = t->features & PRESENCE_SWEEPS_AGAIN,
        .stores = t->features & PRESENCE_STORES,
        .dense = t->ids == PRESENCE_IDS_DENSE,
    };
}

/*
 * Where lines are homes of users, all users are in one table, and stripes are of a lock alone: four
 * of them tell the four users apart.
 */
static bool one_table(void)
{
    return contend_option_find(now.ops->traits->id.options, "home");
}

static void give_each_a_stripe(struct settings *settings)
{
    for (size_t i = 0; i < settings->count; i++)
        if (strcmp(settings->list[i].name, "stripes") == 0) {
            settings->list[i].value = SCENARIO_USERS;
            return; /* what the user gave comes later */
        }
}

static void setup(void *unused)
{
    bool grows = now.ops->traits->features & PRESENCE_GROWS;
    /* Three users are to meet in one table and four to make it grow; a fixed limit is exact. */
    bool one_part = now.scenario->one_stripe || now.rules.capacity ||
                    (!one_table() && __builtin_popcount(now.scenario->users) > 2);
    struct settings settings = scenario_settings(now.subject, now.scenario, one_part);
    if (!one_part && one_table())
        give_each_a_stripe(&settings);
    struct presence_config config = { .settings = settings_as_given(&settings),
                                      .expected = grows ? 1 : SCENARIO_USERS,
                                      .capacity = now.rules.capacity,
                                      .origin = EPOCH - 120000, .hash_seed = colliding_seed() };

    static const struct history_words words = { call_text, result_text };

    (void)unused;
    history_reset(&words);
    now.swept = now.left = 0;
    now.map = check_allocate(now.ops->size);
    scenario_name(now.map, "map", now.subject, 0);
    check_that(now.ops->init(now.map, &config) == 0);
    scenario_attach_idle(now.scenario, now.map, now.ops->handle_size, now.ops->attach);
    now.ops->traits_of(now.map, &now.traits);
    now.rules = rules_of(&now.traits);
    if (now.scenario->before.count)
        run_part(&now.scenario->before, 0);
}

static void body(void *unused, unsigned thread)
{
    (void)unused;
    run_part(&now.scenario->threads[thread - 1], thread);
}

static void check_balance(void)
{
    struct presence_stats s;

    now.ops->stats(now.map, &s);
    /* P20: a refresh may bring back what a sweep or a leave removed. */
    if (s.entries != s.inserts - s.swept - s.left && !now.rules.stores)
        check_fail("the books do not balance: %llu entries, %llu inserts, %llu swept, %llu left",
                   (unsigned long long)s.entries, (unsigned long long)s.inserts,
                   (unsigned long long)s.swept, (unsigned long long)s.left);
    if (s.swept != now.swept || s.left != now.left)
        check_fail("the books say that %llu were swept and %llu left, the operations %llu and %llu",
                   (unsigned long long)s.swept, (unsigned long long)s.left,
                   (unsigned long long)now.swept, (unsigned long long)now.left);
}

/* Sweeps in budgets of one until a round has ended. */
static void sweep_a_round(void *handle, uint64_t late)
{
    enum { ENOUGH = 1000 };
    bool complete = false;

    for (unsigned calls = 0; !complete; calls++) {
        if (calls == ENOUGH)
            check_fail("%u sweeps with a budget of one do not end a round", calls);
        int64_t removed = now.ops->sweep(now.map, handle, late, 1, &complete);
        check_that(removed >= 0 && removed <= 1);
        now.swept += (uint64_t)removed;
    }
}

/*
 * All other threads have ended, so that from now on one thread sweeps (P8).  It sees out the round
 * that others may have begun.  The next round is all its own, and removes every user that has
 * expired, wherever the others have left their marks: each comes once more to be removed by it.
 */
static void sweep_in_rounds(void *handle)
{
    const uint64_t late = EPOCH + 10 * (uint64_t)TTL;
    struct presence_stats s;

    sweep_a_round(handle, late);
    for (unsigned user = 0; user < SCENARIO_USERS; user++)
        if (now.scenario->users >> user & 1) {
            int error = now.ops->heartbeat(now.map, handle, user, late);
            if (error < 0 && !(error == -ENOSPC && now.rules.capacity) &&
                !may_fail('h', user, error))
                check_fail("after all others have ended, heartbeat(%u) fails", user);
        }
    sweep_a_round(handle, late + 10 * (uint64_t)TTL);
    now.ops->stats(now.map, &s);
    if (s.entries != 0 && !now.rules.may_miss)
        check_fail("after a whole round of one thread with budgets %llu expired entries are left",
                   (unsigned long long)s.entries);
    if (now.traits.max_retain != UINT64_MAX)
        now.swept = s.swept; /* a heartbeat may remove a user older than a stamp can be, too (P22) */
}

/* A hash of what the walks reported and the batches answered. */
static uint64_t more_results(void)
{
    const uint64_t mix = UINT64_C(0x9e3779b97f4a7c15);
    uint64_t hash = 0;

    for (size_t i = 0; i < history.count; i++) {
        for (unsigned user = 0; user < SCENARIO_USERS; user++)
            hash = (hash ^ map_arguments[i].met[user] ^ map_arguments[i].again[user]) * mix;
        for (unsigned user = 0; user < MAP_BATCH; user++)
            hash = (hash ^ (unsigned)map_arguments[i].results[user]) * mix;
    }
    return hash;
}

static bool is_possible(void)
{
    return map_history_possible(&now.rules);
}

static void judge_history(void *handle)
{
    if (now.weak || history_known(more_results()))
        return;
    if (!is_possible())
        history_refuse("no order of the operations explains the results", is_possible, "oncwp",
                       "hlsbm");
    check_balance();
    sweep_in_rounds(handle);
    check_balance();
    history_remember(more_results());
}

static void finally(void *unused)
{
    void *handle = check_allocate(now.ops->handle_size);

    (void)unused;
    check_that(now.ops->attach(now.map, handle) == 0);
    for (unsigned user = 0; user < SCENARIO_USERS; user++)
        if (now.scenario->users >> user & 1)
            /* online then: has an entry */
            operate(&(struct operation){ .kind = now.rules.mute ? 'o' : 'n', .user = user,
                                         .time = 'a' }, handle);
    judge_history(handle);
    check_balance();
    if (now.ops->fini(now.map) != -EBUSY)
        check_fail("fini does not mind that a thread is attached");
    now.ops->detach(now.map, handle);
    check_deallocate(handle);
    scenario_detach_idle(now.scenario, now.map, now.ops->detach);
    scenario_ended(now.ops->fini(now.map));
    check_deallocate(now.map);
}

static struct check_test test(const struct subject *s, const struct scenario *p, bool weak)
{
    now.subject = s;
    now.ops = s->ops;
    now.scenario = p;
    now.weak = weak;
    now.rules = rules_of(now.ops->traits);
    history_forget();
    return (struct check_test){ .name = p->text, .setup = setup, .body = body,
                                .thread_count = p->thread_count, .finally = finally,
                                .semaphores_balance = true };
}

/* ---- the family ---- */

/*
 * Of user 1, whose place user 0 takes where rows move.  Insertions are of user 2, of whom there is nothing
 * yet, and of user 0, whom the stopped thread may be just about to insert.
 */
static const struct scenario_trial trials[] = {
    { "heartbeat", "h1c", offsetof(struct presence_traits, heartbeat) },
    { "heartbeat that inserts", "h2a,h0a", offsetof(struct presence_traits, insert) },
    { "is_online", "o1a", offsetof(struct presence_traits, is_online) },
    { "last_seen", "n1", offsetof(struct presence_traits, last_seen) },
    { "leave", "l1e", offsetof(struct presence_traits, leave) },
    { "sweep", "bd,se", offsetof(struct presence_traits, sweep) },
    { "walk", "wa,ca", offsetof(struct presence_traits, walk) },
    { NULL, NULL, 0 },
};

static const struct scenario_disturbance disturbances[] = {
    { "l1e,h1a", 1, false }, { "l1e,h1a,l1e,h1c,l1e,h1d", 2, false },
    { "l2e,h2a", 1, false }, { "l2e,h2a,l2e,h2c,l2e,h2d", 2, false },
    { "l1e,h1a", 1, true },  { NULL, 0, false },
};

static const void *traits(const void *ops)
{
    return ((const struct presence_ops *)ops)->traits;
}

static void note(const void *ops, char *text, size_t size)
{
    uint64_t granularity = ((const struct presence_ops *)ops)->traits->granularity_ms;

    snprintf(text, size, "a user with a heartbeat at +0 ms is online up to +%llu ms",
             (unsigned long long)(map_time('c', granularity) - map_time('a', 1)));
}

/* Other maps have nothing to do at that time that they have not at any other. */
static bool supports(const void *ops, const struct operation *op)
{
    const struct presence_ops *o = ops;

    return op->time != 'f' || contend_option_find(o->traits->id.options, "old");
}

SCENARIO_ACCESS(presence)

const struct scenario_family scenarios_presence = {
    .object = "presence", .folder = "presence_map",
    .letters = "honlsbcwmpx",
    .follows = { "ut", "ut", "u", "ut", "t", "bt", "t", "t", "t", "t", "" },
    .capacity = true, .about_users = true, .prepared = true,
    .written = written,
    .identity = identity, .header = header, .choices = choices, .code = code,
    .test = test, .supports = supports,
    .note = note,
    .trials = trials, .disturbances = disturbances, .everything = "h1a/h1c,o1a,h0a,l0a,sd,bd,wa,ca",
    .before = "h1a/", .traits = traits,
};
