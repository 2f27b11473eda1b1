/* map_history.c - see map_history.h; the sequential rules are those of tests/model.h. */
#include "tests/check/map_history.h"

#include "tests/model.h"

struct map_argument map_arguments[MAP_ARGUMENTS];

static uint64_t granularity;

uint64_t map_time(char letter, uint64_t g)
{
    uint64_t first_offline = EPOCH + TTL + g;

    switch (letter) {
    case 'a': return EPOCH;
    case 'b': return first_offline - 2;
    case 'c': return first_offline - 1;
    case 'd': return first_offline;
    default: return first_offline - first_offline % g + TTL + g;
    }
}

/*
 * The state: four bits a user (0 absent, else 1 + the letter of its stamp), and five a
 * shared operation (how many users it has passed, and how many it counted).
 */
enum { USER_BITS = 4, SHARED_BITS = 5, SHARED_AT = USER_BITS * SCENARIO_USERS, MAX_SHARED = 10 };

static int64_t field(int64_t state, unsigned at, unsigned bits)
{
    return state >> at & (((int64_t)1 << bits) - 1);
}

static void set_field(int64_t *state, unsigned at, unsigned bits, int64_t value)
{
    int64_t mask = ((int64_t)1 << bits) - 1;

    *state = (*state & ~(mask << at)) | value << at;
}

/* A model of one user, filled from the state. */
static struct model user_model(int64_t state, unsigned user)
{
    struct model m = { .count = 1, .ttl = TTL, .g = granularity };
    int64_t stamp = field(state, user * USER_BITS, USER_BITS);

    m.present[0] = stamp != 0;
    if (stamp) {
        uint64_t time = map_time((char)('a' + stamp - 1), granularity);
        m.last[0] = time - time % granularity;
    }
    return m;
}

static void set_user(int64_t *state, unsigned user, char letter)
{
    set_field(state, user * USER_BITS, USER_BITS, letter ? letter - 'a' + 1 : 0);
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
static unsigned removes[MAX_SHARED]; /* budgeted sweeps: whom this one is taken to remove */

static bool share_fits(const struct share *s, int64_t *state)
{
    const struct map_argument *a = &map_arguments[s->whole->argument];
    uint64_t now = map_time(a->time, granularity);
    struct model m = user_model(*state, s->user);
    unsigned at = SHARED_AT + s->number * SHARED_BITS;
    int64_t done = field(*state, at, 2) + 1, count = field(*state, at + 2, 3);
    bool online = model_online_at(&m, 0, now), expired = m.present[0] && !online;

    switch (s->whole->kind) {
    case 's':
        count += expired;
        if (expired)
            set_user(state, s->user, 0);
        break;
    case 'b':
        if (removes[s->number] == s->user) {
            if (!expired)
                return false;
            count++;
            set_user(state, s->user, 0);
        }
        break;
    case 'c':
        count += online;
        break;
    default:
        if ((a->met[s->user] != 0) != online || (online && a->met[s->user] != m.last[0]))
            return false;
        count += online;
    }
    set_field(state, at, 2, done);
    set_field(state, at + 2, 3, count);
    return done < SCENARIO_USERS || s->whole->kind == 'w' || count == s->whole->result;
}

static bool specification(const struct linear_op *op, int64_t *state)
{
    if (op->kind == 0)
        return share_fits(&shares[op->argument], state);
    const struct map_argument *a = &map_arguments[op->argument];
    uint64_t now = map_time(a->time, granularity);
    struct model m = user_model(*state, a->user);
    int result;

    switch (op->kind) {
    case 'h':
        result = model_heartbeat(&m, 0, now);
        if (result != PRESENCE_STALE)
            set_user(state, a->user, a->time);
        return op->result == result;
    case 'o':
        return op->result == model_online_at(&m, 0, now);
    case 'n':
        return op->result == model_last_seen(&m, 0);
    default:
        result = model_leave(&m, 0, now);
        if (result)
            set_user(state, a->user, 0);
        return op->result == result;
    }
}

static bool is_shared(int kind)
{
    return kind == 's' || kind == 'b' || kind == 'c' || kind == 'w';
}

/* Splits the shared operations, then asks the exhaustive check. */
static bool try_assignment(void)
{
    struct linear_op ops[LINEAR_MAX];
    size_t count = 0;
    unsigned number = 0, share = 0;

    for (size_t i = 0; i < history.count; i++) {
        const struct linear_op *op = &history.ops[i];
        if (!is_shared(op->kind)) {
            ops[count++] = *op;
            continue;
        }
        for (unsigned u = 0; u < SCENARIO_USERS; u++) {
            shares[share] = (struct share){ op, u, number };
            ops[count] = *op;
            ops[count].kind = 0;
            ops[count++].argument = share++;
        }
        number++;
    }
    return linear_check(ops, count, 0, specification);
}

/* Whom each budgeted sweep that removed somebody removed: every assignment is tried. */
static bool assign(size_t from, unsigned number)
{
    for (size_t i = from; i < history.count; i++) {
        const struct linear_op *op = &history.ops[i];
        if (!is_shared(op->kind))
            continue;
        removes[number] = SCENARIO_USERS;
        for (unsigned u = 0; op->kind == 'b' && op->result == 1 && u < SCENARIO_USERS; u++) {
            removes[number] = u;
            if (assign(i + 1, number + 1))
                return true;
        }
        if (op->kind == 'b' && op->result == 1)
            return false;
        number++;
    }
    return try_assignment();
}

bool map_history_possible(uint64_t g)
{
    size_t shared = 0;

    granularity = g;
    for (size_t i = 0; i < history.count; i++)
        shared += is_shared(history.ops[i].kind);
    if (shared > MAX_SHARED || history.count + 2 * shared > LINEAR_MAX)
        return true; /* too long for the exhaustive check; scenarios are not */
    return assign(0, 0);
}
