/* costs_presence.c - the prices of a presence map, with 100,000 users in random order. */
#include <stdlib.h>

#include "bench/base/random.h"
#include "bench/tool/costs_family.h"

enum operation {
    HEARTBEAT, /* of a user who is online */
    ONLINE,    /* is_online of a user who is */
    MISS       /* is_online of a user who never came */
};
static const char *const operations[] = { "heartbeat", "is_online", "is_online_miss", NULL };

enum {
    EPOCH_MS = 1000000000,
    BEATS_PER_MS = COST_USERS / 10000, /* every user beats once in 10 s of virtual time */
    USERS_TWICE = 2 * COST_USERS       /* the second half never comes */
};

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

static int set_up(struct cost_bench *b, const void *table)
{
    const struct presence_ops *ops = table;
    struct presence_config config = { .expected = COST_USERS, .origin = EPOCH_MS - 60000 };
    int error = cost_allocate(b, ops->size, ops->handle_size);

    if (!error && !b->steps)
        error = draw_steps(b);
    if (ops->traits->ids == PRESENCE_IDS_DENSE)
        config.capacity = USERS_TWICE; /* ids of users who never come must be valid, too */
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

static void tear_down(struct cost_bench *b, const void *table)
{
    const struct presence_ops *ops = table;

    ops->detach(b->object, b->handle);
    ops->fini(b->object);
}

/* The operation of all steps of a round. */
static uint8_t op_of_all[COST_USERS];

/* Fills a round with the users of this case. */
static void begin(struct cost_bench *b, unsigned operation)
{
    b->outcome = (struct presence_outcome){ 0 };
    b->asked = 0;
    for (size_t i = 0; i < COST_USERS; i++) {
        uint64_t user = b->steps[i] % COST_USERS;
        bool miss = operation != HEARTBEAT && operation != ONLINE;
        b->steps[i] = miss ? user + COST_USERS : user;
        op_of_all[i] = operation == HEARTBEAT ? PRESENCE_OP_HEARTBEAT : PRESENCE_OP_IS_ONLINE;
    }
}

static uint64_t virtual_now(const struct cost_bench *b)
{
    return EPOCH_MS + b->beats / BEATS_PER_MS;
}

static void run(struct cost_bench *b, const void *table, unsigned operation, size_t n)
{
    const struct presence_ops *ops = table;
    size_t *at = operation == HEARTBEAT ? &b->beat_at : &b->look_at;

    while (n > 0) {
        size_t left = COST_USERS - *at, some = left < n ? left : n;
        ops->loops.tape(b->object, b->handle, op_of_all, b->steps + *at, some, virtual_now(b),
                        &b->outcome);
        *at = some == left ? 0 : *at + some;
        if (operation == HEARTBEAT)
            b->beats += some;
        else
            b->asked += some;
        n -= some;
    }
}

/* A price of another operation than the intended one is worse than none. */
static const char *end(struct cost_bench *b, const void *table, unsigned operation)
{
    const struct presence_ops *ops = table;

    if (b->outcome.failed)
        return "an operation failed";
    if (ops->traits->id.flags & CONTEND_FLOOR)
        return NULL;
    if (b->outcome.came_online)
        return "a user had expired who should be online";
    return b->outcome.online == (operation == ONLINE ? b->asked : 0)
               ? NULL
               : "is_online answered otherwise than it must";
}

const struct cost_family costs_presence = {
    .heading = "\nPRESENCE MAPS            heartbeat is_online    a miss   heartbeat/locked\n",
    .operations = operations,
    .open = set_up, .close = tear_down, .begin = begin, .run = run, .end = end,
};
