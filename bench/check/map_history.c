/* map_history.c - see map_history.h; the sequential rules are those of bench/check/map_model.h. */
#include "bench/check/map_history.h"

#include <stdlib.h>

#include "bench/check/map_model.h"

struct map_argument map_arguments[MAP_ARGUMENTS];

static struct map_rules rules;
static unsigned user_count;
static unsigned overlaps[LINEAR_MAX]; /* by argument: number of overlapping operations */

uint64_t map_time(char letter, uint64_t g)
{
    uint64_t first_offline = EPOCH + TTL + g;

    switch (letter) {
    case 'a': return EPOCH;
    case 'b': return first_offline - 2;
    case 'c': return first_offline - 1;
    case 'd': return first_offline;
    case 'f': return EPOCH + 3 * TTL;
    default: return first_offline - first_offline % g + TTL + g;
    }
}

/*
 * The state: four bits a user (0 never seen, 1 + the letter of its stamp, or GONE), and
 * six a shared operation (how many users it has passed, and how many it counted).
 */
enum { USER_BITS = 4, GONE = 15, COUNT_BITS = 3, SHARED_BITS = 2 * COUNT_BITS,
       SHARED_AT = USER_BITS * SCENARIO_USERS };
enum { SHARED_MOST = SCENARIO_SHARED + 2 /* for second looks */ };
_Static_assert(SHARED_AT + SHARED_BITS * SHARED_MOST <= 128, "the state is one integer");
__extension__ typedef unsigned __int128 state_bits;

static int64_t field(linear_state state, unsigned at, unsigned bits)
{
    return (int64_t)((uint64_t)((state_bits)state >> at) & (((uint64_t)1 << bits) - 1));
}

static void set_field(linear_state *state, unsigned at, unsigned bits, int64_t value)
{
    state_bits mask = (((state_bits)1 << bits) - 1) << at;

    *state = (linear_state)(((state_bits)*state & ~mask) | (state_bits)value << at);
}

/* A model of one user, filled from the state. */
static struct model user_model(linear_state state, unsigned user)
{
    struct model m = { .count = 1, .ttl = TTL, .g = rules.granularity,
                       .mute = rules.mute };
    int64_t stamp = field(state, user * USER_BITS, USER_BITS);

    m.present[0] = stamp != 0 && stamp != GONE;
    if (m.present[0]) {
        uint64_t time = map_time((char)('a' + stamp - 1), rules.granularity);
        m.last[0] = time - time % rules.granularity;
    }
    return m;
}

static void set_user(linear_state *state, unsigned user, char letter)
{
    set_field(state, user * USER_BITS, USER_BITS, letter - 'a' + 1);
}

static void remove_user(linear_state *state, unsigned user)
{
    set_field(state, user * USER_BITS, USER_BITS, rules.keeps_ids ? GONE : 0);
}

/* Whether there is or may be a place for this heartbeat's user; see map_rules. */
static bool place_fits(const struct linear_op *op, unsigned user, int64_t result, linear_state state)
{
    unsigned taken = 0;

    if (rules.capacity == 0 || rules.dense || field(state, user * USER_BITS, USER_BITS) != 0)
        return result != -ENOSPC;
    for (unsigned u = 0; u < SCENARIO_USERS; u++)
        taken += field(state, u * USER_BITS, USER_BITS) != 0;
    return result == -ENOSPC ? taken >= rules.capacity
                             : taken < rules.capacity + overlaps[op->argument];
}

/* The step of an operation for one user: of this kind, or a part of `op`. */
static bool user_fits(int kind, const struct linear_op *op, unsigned user, int64_t result,
                      linear_state *state)
{
    const struct map_argument *a = &map_arguments[op->argument];
    uint64_t now = map_time(a->time, rules.granularity);
    struct model m = user_model(*state, user);
    int answer;

    if (rules.dense && rules.capacity && user >= rules.capacity && !(rules.mute && kind == 'n'))
        return result == -ERANGE;
    switch (kind) {
    case 'h':
        if (!place_fits(op, user, result, *state))
            return false;
        if (result == -ENOSPC)
            return true;
        answer = model_heartbeat(&m, 0, now);
        /* P20: the store is a step of its own. */
        if (answer != PRESENCE_STALE && !(rules.stores && answer == PRESENCE_REFRESHED))
            set_user(state, user, a->time);
        return result == answer;
    case 'o':
        return result == model_online_at(&m, 0, now);
    case 'n':
        return result == model_last_seen(&m, 0);
    default:
        answer = model_leave(&m, 0, now);
        if (answer)
            remove_user(state, user);
        return result == answer;
    }
}

enum { STORES = 'H' }; /* the second step of a refresh (P20): its result is the user */

static bool is_batch(int kind)
{
    return kind == 'm' || kind == 'p';
}

static bool element_fits(const struct linear_op *op, unsigned user, linear_state *state)
{
    int64_t result = map_arguments[op->argument].results[user];

    return user_fits(op->kind == 'm' ? 'h' : 'o', op, user, result, state);
}

/*
 * One user's part of a shared operation: kind is the letter, argument the index, and
 * result packs the user, the operation's number and its answer.
 */
struct share {
    const struct linear_op *whole;
    unsigned user, number;
};

static struct share shares[LINEAR_MAX];
/* Of sweeps that need not remove all: the users that each is assumed to remove, a bit for each. */
static unsigned removes[SHARED_MOST];
/* Of whole sweeps: how much of the result is assumed to be of a second look at each user. */
static int64_t again[SHARED_MOST];
static int64_t wanted[SHARED_MOST]; /* by number of share: what the answers must add up to */

/* How often the user may have come back, or for the first time, during the operation. */
static unsigned returns(const struct linear_op *during, unsigned user)
{
    unsigned count = 0;

    for (size_t i = 0; i < history.count; i++) {
        const struct linear_op *op = &history.ops[i];
        const struct map_argument *a = &map_arguments[op->argument];
        if (op->begin > during->end || op->end < during->begin)
            continue;
        count += op->kind == 'h' && a->user == user && op->result == PRESENCE_CAME_ONLINE;
        count += op->kind == 'm' && user < MAP_BATCH && a->results[user] == PRESENCE_CAME_ONLINE;
    }
    return rules.may_repeat ? count : 0;
}

/* Whether the users of whom `count` were met explain the result that is wanted. */
static bool total_fits(const struct linear_op *op, int64_t count, int64_t result)
{
    int64_t more = 0;

    for (unsigned u = 0; op->kind == 'c' && u < SCENARIO_USERS; u++)
        more += returns(op, u);
    return count <= result && result <= count + more;
}

/* Whether a sweep may leave what is due: one with a budget, or any if the map declares it. */
static bool may_choose(int kind)
{
    return kind == 'b' || (kind == 's' && rules.may_miss);
}

static bool share_fits(const struct share *s, linear_state *state)
{
    if (is_batch(s->whole->kind))
        return element_fits(s->whole, s->user, state);
    const struct map_argument *a = &map_arguments[s->whole->argument];
    uint64_t now = map_time(a->time, rules.granularity);
    struct model m = user_model(*state, s->user);
    unsigned at = SHARED_AT + s->number * SHARED_BITS;
    int64_t done = field(*state, at, COUNT_BITS) + 1;
    int64_t count = field(*state, at + COUNT_BITS, COUNT_BITS);
    bool online = model_online_at(&m, 0, now), expired = m.present[0] && !online;

    switch (s->whole->kind) {
    case 's':
    case 'b':
        if (may_choose(s->whole->kind)) {
            if (!(removes[s->number] >> s->user & 1))
                break;
            if (!expired)
                return false;
        }
        count += expired;
        if (expired)
            remove_user(state, s->user);
        break;
    case 'c':
        count += online;
        break;
    default:
        if ((a->met[s->user] != 0) != online ||
            (online && a->met[s->user] != (rules.mute ? MET_MUTE : m.last[0])))
            return false;
        if (a->again[s->user] > returns(s->whole, s->user))
            return false;
        count += online;
    }
    set_field(state, at, COUNT_BITS, done);
    set_field(state, at + COUNT_BITS, COUNT_BITS, count);
    return done < (int64_t)user_count || s->whole->kind == 'w' ||
           total_fits(s->whole, count, wanted[s->number]);
}

static bool specification(const struct linear_op *op, linear_state *state)
{
    bool fits = true;

    if (op->kind == STORES) {
        set_user(state, (unsigned)op->result, map_arguments[op->argument].time);
        return true;
    }
    if (op->kind == 0)
        return share_fits(&shares[op->argument], state);
    if (!is_batch(op->kind))
        return user_fits(op->kind, op, map_arguments[op->argument].user, op->result, state);
    for (unsigned u = 0; u < MAP_BATCH; u++)
        fits = fits && element_fits(op, u, state);
    return fits;
}

static bool is_shared(int kind)
{
    return kind == 's' || kind == 'b' || kind == 'c' || kind == 'w' ||
           (is_batch(kind) && !rules.batch_atomic);
}

/* The operations to be ordered. */
struct steps {
    struct linear_op ops[LINEAR_MAX];
    size_t count;
    unsigned share;
};

/* A step for each user. */
static void split(struct steps *s, const struct linear_op *op, unsigned number, int64_t result)
{
    wanted[number] = result;
    for (unsigned u = 0; u < SCENARIO_USERS; u++) {
        if (!(rules.users >> u & 1) || (is_batch(op->kind) && u >= MAP_BATCH))
            continue;
        shares[s->share] = (struct share){ op, u, number };
        s->ops[s->count] = *op;
        s->ops[s->count].kind = 0;
        s->ops[s->count++].argument = s->share++;
    }
}

/* The user whom this step refreshes, or -1. */
static int refreshes(const struct linear_op *op)
{
    const struct share *s = &shares[op->argument];

    if (op->kind == 'h' && op->result == PRESENCE_REFRESHED)
        return (int)map_arguments[op->argument].user;
    return op->kind == 0 && s->whole->kind == 'm' &&
           map_arguments[s->whole->argument].results[s->user] == PRESENCE_REFRESHED
               ? (int)s->user : -1;
}

/*
 * P20: each refresh has a second step, after the first and within the same call.  One that found
 * its own stamp need not write; to write that at once is the same.
 */
static bool check_with_stores(struct steps *s)
{
    uint64_t before[LINEAR_MAX];
    size_t first[LINEAR_MAX], plain = s->count;

    for (size_t i = 0; i < plain; i++) {
        int user = refreshes(&s->ops[i]);
        if (user < 0)
            continue;
        if (s->count == LINEAR_MAX)
            return false; /* more than can be judged */
        struct linear_op *store = &s->ops[s->count];
        *store = s->ops[i];
        store->argument = s->ops[i].kind ? store->argument
                                         : shares[store->argument].whole->argument;
        store->kind = STORES;
        store->result = user;
        first[s->count++] = i;
    }
    linear_by_time(s->ops, s->count, before);
    for (size_t i = plain; i < s->count; i++)
        before[i] |= (uint64_t)1 << first[i];
    return linear_check_order(s->ops, s->count, before, 0, specification);
}

/* Splits the shared operations, then asks the exhaustive check. */
static bool try_assignment(unsigned shared)
{
    struct steps s = { .count = 0 };
    unsigned number = 0, more = shared; /* numbers for second looks come after all others */

    for (size_t i = 0; i < history.count; i++) {
        const struct linear_op *op = &history.ops[i];
        if (!is_shared(op->kind)) {
            s.ops[s.count++] = *op;
            continue;
        }
        split(&s, op, number, op->result - again[number]);
        if (again[number] > 0) {
            if (more == SHARED_MOST ||
                s.count + user_count * (history.count - i) > LINEAR_MAX)
                return false; /* more than can be judged */
            split(&s, op, more++, again[number]);
        }
        number++;
    }
    return rules.stores ? check_with_stores(&s)
                        : linear_check(s.ops, s.count, 0, specification);
}

/*
 * Tries every choice of removed users for the sweeps that may choose, and of second looks for the
 * others.
 */
static bool assign(size_t from, unsigned number)
{
    for (size_t i = from; i < history.count; i++) {
        const struct linear_op *op = &history.ops[i];
        if (!is_shared(op->kind))
            continue;
        removes[number] = 0;
        again[number] = 0;
        for (int64_t k = 1; rules.sweeps_again && op->kind == 's' && k <= op->result; k++) {
            if (assign(i + 1, number + 1)) /* first without any */
                return true;
            again[number] = k;
        }
        if (may_choose(op->kind) && op->result > 0) {
            for (unsigned set = 1; set < 1u << SCENARIO_USERS; set++) {
                removes[number] = set;
                if (__builtin_popcount(set) == op->result && assign(i + 1, number + 1))
                    return true;
            }
            return false;
        }
        number++;
    }
    return try_assignment(number);
}

static void count_overlaps(void)
{
    for (size_t i = 0; i < history.count; i++) {
        const struct linear_op *a = &history.ops[i];
        unsigned count = 0;
        for (size_t k = 0; k < history.count; k++)
            count += k != i && history.ops[k].begin < a->end && a->begin < history.ops[k].end;
        overlaps[a->argument] = count;
    }
}

bool map_history_possible(const struct map_rules *declared)
{
    size_t shared = 0;

    rules = *declared;
    user_count = (unsigned)__builtin_popcount(rules.users);
    count_overlaps();
    for (size_t i = 0; i < history.count; i++)
        shared += is_shared(history.ops[i].kind);
    if (shared > SCENARIO_SHARED)
        abort(); /* scenario_parse() takes no such scenario */
    return assign(0, 0);
}
