/* costs_cases.c - the cases of the price list, and the objects that they work on. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/entries.h"
#include "bench/base/random.h"
#include "bench/tool/costs.h"
#include "locks/parts/platform.h"

enum {
    READ_STEPS = 1024,
    EPOCH_MS = 1000000000,
    BEATS_PER_MS = COST_USERS / 10000, /* every user beats once in 10 s of virtual time */
    USERS_TWICE = 2 * COST_USERS       /* the second half never comes */
};

/* The object of the last case, kept while the next case works on it as well. */
struct cost_bench {
    const struct cost *owner;
    void *object, *handle;
    CONTEND_ALIGNED uint64_t word; /* for primitives */
    uint64_t sink, failed, beats;
    struct presence_outcome outcome;
    uint64_t asked; /* is_online calls since begin */
    /* Where in the round beats and looks stand.  A new case goes on: else the end would expire. */
    size_t beat_at, look_at;
    int8_t reads[READ_STEPS]; /* all 0: a read each */
    uint64_t *steps;          /* a shuffled round of all users; for each operation as needed */
};

const char *cost_operation_name(enum cost_operation o)
{
    static const char *const names[] = { "run", "call", "pair", "add", "add_table", "read",
                                         "heartbeat", "is_online", "is_online_miss" };

    return names[o];
}

static int add_case(struct costs *c, enum cost_group group, enum cost_operation operation,
                    const char *strategy, const void *what)
{
    static const char *const groups[] = { "primitive", "lock", "counter", "presence" };
    struct cost *more = realloc(c->costs, (c->count + 1) * sizeof *more);

    if (!more)
        return -ENOMEM;
    c->costs = more;
    struct cost *one = &c->costs[c->count++];
    *one = (struct cost){ .group = group, .operation = operation, .strategy = strategy,
                          .what = what, .median = NAN };
    snprintf(one->name, sizeof one->name, "%s/%s%s%s", groups[group], strategy,
             group == COST_PRIMITIVE ? "" : "/",
             group == COST_PRIMITIVE ? "" : cost_operation_name(operation));
    return 0;
}

static bool wanted(enum entry_rooms room, const struct contend_identity *id,
                   char *const *strategies, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (entry_means(strategies[i], room, id->name))
            return true;
    return count == 0 && !(id->flags & (CONTEND_FLOOR | CONTEND_EXHIBIT));
}

int costs_list(struct costs *c, char *const *strategies, unsigned count)
{
    int error = add_case(c, COST_PRIMITIVE, COST_DISPATCH, "dispatch", NULL);

    for (const struct primitive *p = primitives; p->name && !error; p++)
        error = add_case(c, COST_PRIMITIVE, COST_RUN, p->name, p);
    for (size_t i = 0; lock_registry[i] && !error; i++)
        if (wanted(ROOM_LOCKS, &lock_registry[i]->traits->id, strategies, count))
            error = add_case(c, COST_LOCK, COST_PAIR, lock_registry[i]->traits->id.name,
                             lock_registry[i]);
    for (size_t i = 0; counter_registry[i] && !error; i++)
        for (int o = COST_ADD; o <= COST_READ && !error; o++)
            if (wanted(ROOM_COUNTERS, &counter_registry[i]->traits->id, strategies, count))
                error = add_case(c, COST_COUNTER, (enum cost_operation)o,
                                 counter_registry[i]->traits->id.name, counter_registry[i]);
    for (size_t i = 0; presence_registry[i] && !error; i++)
        for (int o = COST_HEARTBEAT; o <= COST_MISS && !error; o++)
            if (wanted(ROOM_MAPS, &presence_registry[i]->traits->id, strategies, count))
                error = add_case(c, COST_PRESENCE, (enum cost_operation)o,
                                 presence_registry[i]->traits->id.name, presence_registry[i]);
    c->bench = error ? NULL : contend_alloc_aligned(sizeof *c->bench);
    if (!c->bench)
        return -ENOMEM;
    memset(c->bench, 0, sizeof *c->bench);
    return 0;
}

/* Every user once, in a random order: no user is left out long enough to expire. */
static int draw_steps(struct cost_bench *b)
{
    struct random r = random_seeded(1, 0);

    b->steps = calloc(COST_USERS, sizeof *b->steps);
    if (!b->steps)
        return -ENOMEM;
    for (uint64_t i = 0; i < COST_USERS; i++) {
        uint64_t j = random_below(&r, i + 1);
        b->steps[i] = b->steps[j];
        b->steps[j] = i;
    }
    return 0;
}

static uint64_t virtual_now(const struct cost_bench *b)
{
    return EPOCH_MS + b->beats / BEATS_PER_MS;
}

static int open_map(struct cost_bench *b, const struct presence_ops *ops)
{
    struct presence_config config = { .expected = COST_USERS, .origin = EPOCH_MS - 60000 };
    int error = b->steps ? 0 : draw_steps(b);

    if (ops->traits->features & PRESENCE_DENSE_IDS)
        config.capacity = USERS_TWICE; /* it must know those who never come, too */
    if (!error)
        error = ops->init(b->object, &config);
    if (!error && (error = ops->attach(b->object, b->handle)) != 0)
        ops->fini(b->object);
    b->beats = b->beat_at = b->look_at = 0;
    for (uint64_t user = 0; !error && user < COST_USERS; user++)
        if (ops->heartbeat(b->object, b->handle, user, EPOCH_MS) < 0)
            b->failed++;
    return error;
}

/* Makes and attaches to the object of a case.  0 or a negative errno value. */
static int open_object(struct cost_bench *b, const struct cost *c)
{
    const struct lock_ops *lock = c->what;
    const struct counter_ops *counter = c->what;
    const struct presence_ops *map = c->what;
    size_t sizes[][2] = { { 0, 0 }, { 0, 0 }, { 0, 0 }, { 0, 0 } };
    int error = -ENOMEM;

    if (c->group == COST_LOCK)
        sizes[c->group][0] = lock->size, sizes[c->group][1] = lock->handle_size;
    else if (c->group == COST_COUNTER)
        sizes[c->group][0] = counter->size, sizes[c->group][1] = counter->handle_size;
    else
        sizes[c->group][0] = map->size, sizes[c->group][1] = map->handle_size;
    b->object = contend_alloc_aligned(sizes[c->group][0]);
    b->handle = contend_alloc_aligned(sizes[c->group][1]);
    if (b->object && b->handle) {
        if (c->group == COST_PRESENCE)
            error = open_map(b, map);
        else if (c->group == COST_LOCK && (error = lock->init(b->object, NULL)) == 0)
            error = lock->attach(b->handle);
        else if (c->group == COST_COUNTER && (error = counter->init(b->object, NULL)) == 0)
            error = counter->attach(b->object, b->handle);
    }
    if (!error) {
        b->owner = c;
        return 0;
    }
    free(b->object);
    free(b->handle);
    return error;
}

static void close_object(struct cost_bench *b)
{
    const struct cost *c = b->owner;

    if (!c)
        return;
    if (c->group == COST_LOCK) {
        const struct lock_ops *ops = c->what;
        ops->detach(b->handle);
        ops->fini(b->object);
    } else if (c->group == COST_COUNTER) {
        const struct counter_ops *ops = c->what;
        ops->detach(b->object, b->handle);
        ops->fini(b->object);
    } else {
        const struct presence_ops *ops = c->what;
        ops->detach(b->object, b->handle);
        ops->fini(b->object);
    }
    free(b->object);
    free(b->handle);
    b->owner = NULL;
}

void costs_free(struct costs *c)
{
    if (c->bench) {
        close_object(c->bench);
        free(c->bench->steps);
        free(c->bench);
    }
    for (size_t i = 0; i < c->count; i++)
        free(c->costs[i].ns);
    free(c->costs);
}

/* The steps of a round say what this case does, and with whom. */
static void set_steps(struct cost_bench *b, enum cost_operation o)
{
    for (size_t i = 0; i < COST_USERS; i++) {
        uint64_t user = PRESENCE_STEP_USER(b->steps[i]) % COST_USERS;
        b->steps[i] = o == COST_HEARTBEAT ? PRESENCE_STEP(PRESENCE_OP_HEARTBEAT, user)
                      : o == COST_ONLINE
                          ? PRESENCE_STEP(PRESENCE_OP_IS_ONLINE, user)
                          : PRESENCE_STEP(PRESENCE_OP_IS_ONLINE, user + COST_USERS);
    }
}

const char *cost_begin(struct costs *all, size_t index)
{
    struct cost_bench *b = all->bench;
    const struct cost *c = &all->costs[index];
    const struct primitive *p = c->what;

    if (c->group == COST_PRIMITIVE) {
        if (p && p->begin)
            p->begin();
        b->word = 0;
        return NULL;
    }
    if (!b->owner || b->owner->what != c->what) {
        close_object(b);
        b->failed = 0;
        int error = open_object(b, c);
        if (error)
            return strerror(-error);
    }
    b->outcome = (struct presence_outcome){ 0 };
    b->asked = 0;
    if (c->group == COST_PRESENCE)
        set_steps(b, c->operation);
    return NULL;
}

static void nothing(void)
{
}

/* volatile: the compiler may not know whom it calls. */
static void (*volatile callee)(void) = nothing;

static void run_dispatch(size_t n)
{
    for (size_t i = 0; i < n; i++)
        callee();
}

static void run_counter(struct cost_bench *b, const struct cost *c, size_t n)
{
    const struct counter_ops *ops = c->what;

    if (c->operation == COST_ADD)
        b->failed += ops->loops.add(b->object, b->handle, n);
    else if (c->operation == COST_ADD_TABLE)
        for (size_t i = 0; i < n; i++)
            b->failed += ops->add(b->object, b->handle, 1) != 0;
    else
        for (size_t left = n, some; left > 0; left -= some) {
            some = left < READ_STEPS ? left : READ_STEPS;
            b->failed += ops->loops.mixed(b->object, b->handle, b->reads, some, &b->sink);
        }
}

static void run_map(struct cost_bench *b, const struct cost *c, size_t n)
{
    const struct presence_ops *ops = c->what;
    size_t *at = c->operation == COST_HEARTBEAT ? &b->beat_at : &b->look_at;

    while (n > 0) {
        size_t left = COST_USERS - *at, some = left < n ? left : n;
        ops->loops.tape(b->object, b->handle, b->steps + *at, some, virtual_now(b), &b->outcome);
        *at = some == left ? 0 : *at + some;
        if (c->operation == COST_HEARTBEAT)
            b->beats += some;
        else
            b->asked += some;
        n -= some;
    }
}

void cost_run(struct costs *all, size_t index, size_t n)
{
    const struct cost *c = &all->costs[index];

    if (c->operation == COST_DISPATCH)
        run_dispatch(n);
    else if (c->group == COST_PRIMITIVE)
        ((const struct primitive *)c->what)->run(n, &all->bench->word);
    else if (c->group == COST_LOCK)
        ((const struct lock_ops *)c->what)->loops.pair(all->bench->object, all->bench->handle, n);
    else if (c->group == COST_COUNTER)
        run_counter(all->bench, c, n);
    else
        run_map(all->bench, c, n);
}

/* A price of something else than was asked for is worse than none. */
const char *cost_end(struct costs *all, size_t index)
{
    struct cost_bench *b = all->bench;
    const struct cost *c = &all->costs[index];
    const struct primitive *p = c->what;

    if (c->group == COST_PRIMITIVE) {
        if (p && p->end)
            p->end();
        return NULL;
    }
    if (b->failed || b->outcome.failed)
        return "an operation failed";
    if (c->group != COST_PRESENCE ||
        (((const struct presence_ops *)c->what)->traits->id.flags & CONTEND_FLOOR))
        return NULL;
    if (b->outcome.came_online)
        return "a user had expired who should be online";
    return b->outcome.online == (c->operation == COST_ONLINE ? b->asked : 0)
               ? NULL
               : "is_online answered otherwise than it must";
}
