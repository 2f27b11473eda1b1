/*
 * objects.c - the sequential contract of the objects, P14 to P18: size,
 * growth, memory, configuration, several at once; for every map.
 */
#include <dirent.h>
#include <stdlib.h>

#include "bench/check/map_model.h"
#include "tests/presence_map/classes.h"
#include "tests/support/options.h"
#include "tests/support/support.h"

/* How many threads this process has. */
static unsigned threads(void)
{
    DIR *tasks = opendir("/proc/self/task");
    unsigned count = 0;

    assert_non_null(tasks);
    for (struct dirent *entry; (entry = readdir(tasks)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(tasks);
    return count;
}

/*
 * No progress class allows an operation to start a thread, under whatever lock that
 * is done.  init may.  The first check of a map: a library does it once a process.
 */
static void operations_start_no_thread(void **state)
{
    const struct presence_ops *ops = *state;
    struct presence_config config = small();
    struct map_rig r;

    map_rig_up(&r, ops, &config);
    unsigned before = threads();
    for (uint64_t u = 0; u < 40; u++)
        ops->heartbeat(r.object, r.handle, u, EPOCH);
    assert_int_equal(ops->leave(r.object, r.handle, 1, EPOCH), 1);
    assert_true(map_swept(ops, ops->sweep(r.object, r.handle, EPOCH + 2 * TTL, UINT64_MAX, NULL), 39));
    assert_int_equal(threads(), before);
    map_rig_down(&r);
}

/* `capacity`: at least so many fit, then -ENOSPC, which changes nothing. */
static void honours_its_capacity(void **state)
{
    const struct presence_ops *ops = *state;
    struct presence_config config = small();
    struct presence_stats s;
    struct map_rig r;
    uint64_t u;
    int result = 0;

    config.expected = 0;
    config.capacity = 2000;
    map_rig_up(&r, ops, &config);
    for (u = 0; u < 2000; u++)
        assert_int_equal(ops->heartbeat(r.object, r.handle, u, EPOCH), PRESENCE_CAME_ONLINE);
    for (; u < 40000 && result >= 0; u++)
        result = ops->heartbeat(r.object, r.handle, u, EPOCH);
    assert_int_equal(result, dense(ops) ? -ERANGE : -ENOSPC);
    u--;
    if (tells(ops))
        assert_int_equal(ops->last_seen(r.object, r.handle, u), dense(ops) ? -ERANGE : -ENOENT);
    assert_int_equal(ops->heartbeat(r.object, r.handle, 7, EPOCH + 1000), PRESENCE_REFRESHED);
    ops->stats(r.object, &s);
    assert_int_equal(s.entries, u);
    /* A user who leaves frees a place; where ids are kept, for the same id only. */
    assert_int_equal(ops->leave(r.object, r.handle, 9, EPOCH), 1);
    assert_int_equal(ops->heartbeat(r.object, r.handle, 9, EPOCH), PRESENCE_CAME_ONLINE);
    map_rig_assert_balance(&r);
    map_rig_down(&r);
}

/* Growth far beyond what was expected, or the refusal that the traits announce. */
static void grows_as_declared(void **state)
{
    const struct presence_ops *ops = *state;
    struct presence_config config = small();
    uint64_t users = ops->traits->id.flags & CONTEND_REMOTE ? 2000 : 20000; /* each is a request */
    struct map_rig r;

    config.expected = 8;
    map_rig_up(&r, ops, &config);
    if (ops->traits->features & PRESENCE_GROWS) {
        for (uint64_t u = 0; u < users; u++)
            assert_int_equal(ops->heartbeat(r.object, r.handle, u * 3, EPOCH + u % 100), PRESENCE_CAME_ONLINE);
        for (uint64_t u = 0; u < users; u++) {
            assert_int_equal(ops->last_seen(r.object, r.handle, u * 3) >= EPOCH, 1);
            assert_int_equal(ops->last_seen(r.object, r.handle, u * 3 + 1), -ENOENT);
        }
        assert_int_equal(ops->count_online(r.object, r.handle, EPOCH), (int64_t)users);
        int64_t swept = ops->sweep(r.object, r.handle, EPOCH + 10 * TTL, UINT64_MAX, NULL);
        assert_true(map_swept(ops, swept, users));
        assert_int_equal(ops->count_online(r.object, r.handle, EPOCH), (int64_t)users - swept);
    } else {
        int result = 0;
        for (uint64_t u = 0; u < 1000000 && result >= 0; u++)
            result = ops->heartbeat(r.object, r.handle, u, EPOCH);
        assert_true(result == -ENOSPC || result == -ERANGE);
    }
    map_rig_assert_balance(&r);
    map_rig_down(&r);
}

/* Come and go at a constant population: memory must not creep, unless sweeps may miss some. */
static void churn_needs_no_more_memory(void **state)
{
    const struct presence_ops *ops = *state;
    bool may_miss = ops->traits->features & PRESENCE_SWEEP_MAY_MISS;
    struct presence_config config = small();
    unsigned rounds = ops->traits->id.flags & CONTEND_REMOTE ? 40 : 400;
    struct presence_stats early, late;
    struct map_rig r;
    uint64_t now = EPOCH;

    config.expected = 256;
    map_rig_up(&r, ops, &config);
    for (unsigned round = 0; round < rounds; round++) {
        /* New ids all the time, where a dead id does not keep its place for ever. */
        bool kept = ops->traits->features & PRESENCE_KEEPS_IDS || dense(ops);
        uint64_t base = kept ? 0 : (uint64_t)round * 200;
        now += 2 * TTL;
        for (uint64_t u = 0; u < 200; u++)
            assert_int_equal(ops->heartbeat(r.object, r.handle, base + u, now), PRESENCE_CAME_ONLINE);
        for (uint64_t u = 0; u < 100; u++)
            assert_int_equal(ops->leave(r.object, r.handle, base + u, now), 1);
        assert_true(ops->sweep(r.object, r.handle, now + 2 * TTL, UINT64_MAX, NULL) == 100 || may_miss);
        if (round == rounds / 10)
            ops->stats(r.object, &early);
    }
    ops->stats(r.object, &late);
    assert_true(late.entries == 0 || may_miss);
    /* Memory that waits for readers comes and goes; all the rest must stay level. */
    assert_true(may_miss || late.bytes - late.bytes_retired <= 2 * (early.bytes - early.bytes_retired));
    map_rig_assert_balance(&r);
    map_rig_down(&r);
}

/*
 * Every byte comes from the configuration's allocator and goes back, and stats() tells the truth
 * about it.  A library that aborts when it finds no memory has taken it from the C library.
 */
static void accounts_for_its_memory(void **state)
{
    const struct presence_ops *ops = *state;
    bool library = ops->traits->id.flags & CONTEND_LIB_ABORTS;
    struct counting_allocator counting;
    struct presence_config config = small();
    struct presence_stats s;
    struct map_rig r;

    counting_allocator_init(&counting);
    config.allocator = &counting.allocator;
    config.expected = 512;
    map_rig_up(&r, ops, &config);
    for (unsigned round = 0; round < 4; round++) {
        uint64_t now = EPOCH + round * 2 * (uint64_t)TTL;
        uint64_t users = config.expected << (ops->traits->features & PRESENCE_GROWS ? round : 0);
        for (uint64_t u = 0; u < users; u++)
            assert_true(ops->heartbeat(r.object, r.handle, u, now) >= 0);
        ops->stats(r.object, &s);
        size_t held = ops->size + atomic_load(&counting.bytes);
        assert_true(library ? s.bytes >= held : s.bytes == held);
        assert_true(map_swept(ops, ops->sweep(r.object, r.handle, now + 2 * TTL, UINT64_MAX, NULL),
                              s.entries));
    }
    map_rig_down(&r);
    assert_int_equal(atomic_load(&counting.bytes), 0);
}

/* P19: what was reserved is there: no block greater than a node is asked for on the way. */
static void reserves_ahead(void **state)
{
    const struct presence_ops *ops = *state;
    enum { USERS = 20000, NODE = 256 };
    struct counting_allocator counting;
    struct presence_config config = small();
    struct presence_stats before, after;
    struct map_rig r;

    counting_allocator_init(&counting);
    config.allocator = &counting.allocator;
    map_rig_up(&r, ops, &config);
    for (uint64_t u = 0; u < MODEL_USERS; u++)
        assert_int_equal(ops->heartbeat(r.object, r.handle, u, EPOCH), PRESENCE_CAME_ONLINE);
    if (!(ops->traits->features & PRESENCE_RESERVES)) {
        assert_int_equal(ops->reserve(r.object, r.handle, 1), -ENOTSUP);
        assert_int_equal(ops->reserve(r.object, r.handle, USERS), -ENOTSUP);
        map_rig_down(&r);
        return;
    }
    assert_int_equal(ops->reserve(r.object, r.handle, USERS), 0);
    ops->stats(r.object, &before);
    atomic_store(&counting.greatest, 0);
    for (uint64_t u = 0; u < USERS; u++)
        assert_int_equal(ops->heartbeat(r.object, r.handle, u, EPOCH + 1),
                         u < MODEL_USERS ? PRESENCE_REFRESHED : PRESENCE_CAME_ONLINE);
    assert_true(atomic_load(&counting.greatest) <= NODE);
    ops->stats(r.object, &after);
    assert_true(after.bytes <= before.bytes + USERS * (size_t)NODE);
    /* Less than there is changes nothing, and more than any map may have is refused. */
    assert_int_equal(ops->reserve(r.object, r.handle, 0), 0);
    assert_int_equal(ops->reserve(r.object, r.handle, USERS / 2), 0);
    assert_int_equal(ops->reserve(r.object, r.handle, UINT64_MAX), -ERANGE);
    ops->stats(r.object, &before);
    assert_int_equal(before.bytes, after.bytes);
    assert_int_equal(ops->count_online(r.object, r.handle, EPOCH + 1), USERS);
    map_rig_assert_balance(&r);
    map_rig_down(&r);
    assert_int_equal(atomic_load(&counting.bytes), 0);
}

/* P19: a fixed capacity cannot be passed. */
static void reserves_no_more_than_its_capacity(void **state)
{
    const struct presence_ops *ops = *state;
    struct presence_config config = small();
    struct presence_stats before, after;
    struct map_rig r;

    config.capacity = 1000;
    map_rig_up(&r, ops, &config);
    ops->stats(r.object, &before);
    bool reserves = ops->traits->features & PRESENCE_RESERVES;
    assert_int_equal(ops->reserve(r.object, r.handle, 1000), reserves ? 0 : -ENOTSUP);
    assert_int_equal(ops->reserve(r.object, r.handle, 1001), reserves ? -ENOSPC : -ENOTSUP);
    ops->stats(r.object, &after);
    assert_int_equal(before.bytes, after.bytes);
    map_rig_down(&r);
}

/* Traits: bytes at 65,536 users, or a store's 2,000, within 10 %; words that are there. */
static void traits_are_true(void **state)
{
    const struct presence_ops *ops = *state;
    const struct presence_traits *t = ops->traits;
    struct presence_config config = { .expected = t->id.flags & CONTEND_REMOTE ? 2000 : 65536, .origin = EPOCH - 120000 };
    struct presence_stats s;
    struct map_rig r;

    assert_true(t->id.name && t->id.title && t->id.reference && t->expiry && t->granularity_ms >= 1);
    assert_true(t->max_span >= TTL);
    map_rig_up(&r, ops, &config);
    for (uint64_t u = 0; u < config.expected; u++)
        assert_int_equal(ops->heartbeat(r.object, r.handle, u, EPOCH), PRESENCE_CAME_ONLINE);
    ops->stats(r.object, &s);
    assert_int_equal(s.entries, config.expected);
    double said = (double)(t->bytes_fixed + config.expected * t->bytes_per_user);
    if ((double)s.bytes > 1.1 * said || (double)s.bytes < 0.9 * said)
        fail_msg("%zu bytes are held, the traits say %.0f", s.bytes, said);
    map_rig_down(&r);
    for (size_t i = 0; contend_presence_registry[i]; i++)
        if (contend_presence_registry[i] != ops)
            assert_string_not_equal(contend_presence_registry[i]->traits->id.name, t->id.name);
}

/* The weaker classes: those that are declared, and no others. */
static void keeps_to_its_classes(void **state)
{
    const char *flaw = map_class_flaw(*state);

    if (flaw)
        fail_msg("%s", flaw);
}

/* P15: two maps of a kind, a third of another, one thread; fini is refused while attached. */
static void serves_several_maps_per_thread(void **state)
{
    struct presence_config config = small();
    struct map_rig a, b, c;

    map_rig_up(&a, *state, &config);
    map_rig_up(&b, *state, &config);
    map_rig_up(&c, contend_presence_registry[1], &config);
    a.ops->heartbeat(a.object, a.handle, 1, EPOCH);
    b.ops->heartbeat(b.object, b.handle, 2, EPOCH);
    c.ops->heartbeat(c.object, c.handle, 3, EPOCH);
    assert_int_equal(a.ops->is_online(a.object, a.handle, 2, EPOCH), 0);
    assert_int_equal(b.ops->is_online(b.object, b.handle, 1, EPOCH), 0);
    assert_int_equal(a.ops->fini(a.object), -EBUSY);
    assert_int_equal(a.ops->is_online(a.object, a.handle, 1, EPOCH), 1);
    map_rig_down(&a);
    assert_int_equal(b.ops->is_online(b.object, b.handle, 2, EPOCH), 1);
    map_rig_down(&c);
    map_rig_down(&b);
}

static int fini_other(void *ctx, uint64_t user, uint64_t last)
{
    const struct map_rig *other = ctx;

    (void)user, (void)last;
    return other->ops->fini(other->object) == -EBUSY ? 1 : 2;
}

/* P16: a fini that P11 forbids is refused, or it has really ended: the memory may go. */
static void fini_inside_a_walk_is_refused_or_done(void **state)
{
    struct presence_config config = small();
    struct map_rig walked, other;

    map_rig_up(&walked, *state, &config);
    map_rig_up(&other, *state, &config);
    walked.ops->heartbeat(walked.object, walked.handle, 1, EPOCH);
    for (uint64_t u = 0; u < 40; u++)
        other.ops->heartbeat(other.object, other.handle, u, EPOCH);
    other.ops->detach(other.object, other.handle);
    int result = walked.ops->for_each_online(walked.object, walked.handle, EPOCH, fini_other,
                                             &other);
    assert_in_range(result, 1, 2);
    if (result == 1)
        assert_int_equal(other.ops->fini(other.object), 0);
    free(other.object);
    free(other.handle);
    map_rig_down(&walked);
}

/* Configurations at their edges. */
static void honours_its_configuration(void **state)
{
    const struct presence_ops *ops = *state;
    struct presence_config odd = { .ttl_ms = 1000, .expected = 1, .origin = EPOCH, .hash_seed = 99 };
    struct presence_config bad_ttl = { .ttl_ms = PRESENCE_MAX_NOW + 1 };
    struct presence_config huge = { .expected = UINT64_MAX };
    uint64_t g = ops->traits->granularity_ms, coarse = g < 1000 ? 1000 : g;
    struct map_rig r;
    void *object = support_alloc(ops->size);

    assert_int_equal(ops->init(object, &bad_ttl), -EINVAL);
    assert_int_equal(ops->init(object, &huge), -ERANGE);
    free(object);
    map_rig_up(&r, ops, &odd);
    assert_int_equal(ops->heartbeat(r.object, r.handle, 0, EPOCH), PRESENCE_CAME_ONLINE);
    assert_int_equal(ops->is_online(r.object, r.handle, 0, EPOCH + 1000), 1);
    assert_int_equal(ops->is_online(r.object, r.handle, 0, EPOCH + 1000 + coarse), 0);
    map_rig_down(&r);
    map_rig_up(&r, ops, NULL); /* all defaults: 1,024 users, 30 s, from the axis' start */
    assert_int_equal(ops->heartbeat(r.object, r.handle, 1023, 5000), PRESENCE_CAME_ONLINE);
    assert_int_equal(ops->is_online(r.object, r.handle, 1023, 35000), 1);
    assert_int_equal(ops->is_online(r.object, r.handle, 1023, 35000 + coarse), 0);
    map_rig_down(&r);
}

static void beat_with(const void *ops, const struct contend_settings *settings)
{
    struct presence_config config = small();
    struct map_rig r;

    config.settings = *settings;
    map_rig_up(&r, ops, &config);
    for (uint64_t u = 0; u < MODEL_USERS; u++)
        assert_int_equal(r.ops->heartbeat(r.object, r.handle, u, EPOCH), PRESENCE_CAME_ONLINE);
    assert_int_equal(r.ops->count_online(r.object, r.handle, EPOCH), MODEL_USERS);
    assert_int_equal(r.ops->leave(r.object, r.handle, 1, EPOCH), 1);
    uint64_t expired = EPOCH + TTL + r.traits.granularity_ms;
    int64_t swept = r.ops->sweep(r.object, r.handle, expired, UINT64_MAX, &(bool){ false });
    assert_true(map_swept(r.ops, swept, MODEL_USERS - 1));
    map_rig_assert_balance(&r);
    map_rig_down(&r);
}

/* Every option at its edges. */
static void serves_under_every_option(void **state)
{
    const struct presence_ops *ops = *state;

    options_at_their_edges(ops->traits->id.options, ops, beat_with);
}

static int init_map(const void *table, const struct contend_settings *settings)
{
    const struct presence_ops *ops = table;
    struct presence_config config = small();
    void *object = support_alloc(ops->size);

    config.settings = *settings;
    int error = ops->init(object, &config);
    if (error == 0)
        assert_int_equal(ops->fini(object), 0);
    free(object);
    return error;
}

/* P17: settings that nobody declared. */
static void refuses_unknown_settings(void **state)
{
    const struct presence_ops *ops = *state;

    options_are_refused(ops->traits->id.options, ops, init_map);
}

/* The loops that benchmarks call do what the operations do, with ids of all 64 bits. */
static void loops_agree_with_operations(void **state)
{
    const struct presence_ops *ops = *state;
    uint64_t top = dense(ops) ? MODEL_USERS - 1 : ops->traits->max_user;
    static const uint8_t op[] = {
        PRESENCE_OP_HEARTBEAT, PRESENCE_OP_HEARTBEAT, PRESENCE_OP_HEARTBEAT, PRESENCE_OP_IS_ONLINE,
        PRESENCE_OP_IS_ONLINE, PRESENCE_OP_LAST_SEEN, PRESENCE_OP_LAST_SEEN, PRESENCE_OP_COUNT,
        PRESENCE_OP_LEAVE, PRESENCE_OP_LEAVE, PRESENCE_OP_WALK, PRESENCE_OP_SWEEP, 77,
        PRESENCE_OP_HEARTBEAT,
    };
    const uint64_t keys[] = { 1, top, 1, top, 3, top, 3, 0, top, 3, 0, UINT64_MAX, 0,
                              PRESENCE_NO_USER };
    struct presence_config config = small();
    struct presence_outcome outcome = { 0 };
    struct map_rig r;

    map_rig_up(&r, ops, &config);
    ops->heartbeat(r.object, r.handle, 2, EPOCH - 2 * TTL);
    ops->loops.tape(r.object, r.handle, op, keys, sizeof op, EPOCH, &outcome);
    assert_int_equal(outcome.came_online, 2);
    assert_int_equal(outcome.online, 1);
    assert_int_equal(outcome.seen, tells(ops));
    assert_int_equal(outcome.left, 1);
    assert_int_equal(outcome.met, 2 + 1);
    assert_true(map_swept(ops, (int64_t)outcome.swept, 1));
    assert_int_equal(outcome.failed, 2 + (tells(ops) ? 0 : 2));
    assert_int_equal(ops->is_online(r.object, r.handle, 1, EPOCH), 1);
    assert_int_equal(ops->is_online(r.object, r.handle, top, EPOCH), 0);
    map_rig_down(&r);
}

/* Batches of 1, 4 and more than there are, the last one short; each of its first step's kind. */
static void batch_loop_agrees_with_operations(void **state)
{
    const struct presence_ops *ops = *state;
    static const size_t sizes[] = { 1, 4, PRESENCE_LARGEST_BATCH };
    enum { BEAT = PRESENCE_OP_HEARTBEAT, ASK = PRESENCE_OP_IS_ONLINE, GO = PRESENCE_OP_LEAVE };
    static const uint8_t beats[6] = { BEAT, BEAT, BEAT, BEAT, BEAT, BEAT };
    static const uint8_t asks[6] = { ASK, ASK, ASK, ASK, ASK, ASK };
    static const uint8_t gone[4] = { GO, GO, GO, GO }, mixed[6] = { BEAT, ASK, ASK, ASK, ASK, BEAT };
    const uint64_t users[6] = { 5, 6, 5, PRESENCE_NO_USER, 7, 8 };

    for (size_t i = 0; i < 3; i++) {
        struct presence_config config = small();
        struct presence_outcome outcome = { 0 };
        struct map_rig r;
        map_rig_up(&r, ops, &config);
        ops->loops.batch(r.object, r.handle, beats, users, 6, sizes[i], EPOCH, &outcome);
        assert_int_equal(outcome.came_online, 4);
        assert_int_equal(outcome.failed, 1);
        ops->leave(r.object, r.handle, 7, EPOCH);
        ops->loops.batch(r.object, r.handle, asks, users, 6, sizes[i], EPOCH, &outcome);
        assert_int_equal(outcome.online, 4);
        assert_int_equal(outcome.failed, 2);
        assert_int_equal(outcome.came_online, 4);
        ops->loops.batch(r.object, r.handle, gone, users + 2, 4, sizes[i], EPOCH, &outcome);
        assert_true(outcome.left == 2 && outcome.failed == 3); /* 5 and 8; one is no user */
        outcome = (struct presence_outcome){ 0 };
        ops->loops.batch(r.object, r.handle, mixed, users, 3, sizes[i], EPOCH, &outcome);
        assert_int_equal(outcome.came_online, 1);
        assert_int_equal(outcome.online, sizes[i] == 1 ? 2 : 0);
        map_rig_down(&r);
    }
}

/* P1: without a configuration a map takes times since 1970, until 2100 at least. */
static void serves_this_century(void **state)
{
    const struct presence_ops *ops = *state;
    const uint64_t late = UINT64_C(4102444800000); /* 2100-01-01 */
    struct map_rig r;

    map_rig_up(&r, ops, NULL);
    assert_int_equal(ops->heartbeat(r.object, r.handle, 1, late), PRESENCE_CAME_ONLINE);
    assert_int_equal(ops->heartbeat(r.object, r.handle, 1, late + 1000), PRESENCE_REFRESHED);
    map_rig_down(&r);
    /* The word for the ids is that of their range. */
    bool narrow = ops->traits->max_user >> 32 == 0 && !dense(ops);
    assert_int_equal(ops->traits->ids == PRESENCE_IDS_32, narrow);
}

int main(void)
{
    static const struct check checks[] = {
        { "operations start no thread", operations_start_no_thread },
        { "honours its capacity", honours_its_capacity },
        { "grows as declared", grows_as_declared },
        { "churn needs no more memory", churn_needs_no_more_memory },
        { "accounts for its memory", accounts_for_its_memory },
        { "reserves ahead", reserves_ahead },
        { "reserves no more than its capacity", reserves_no_more_than_its_capacity },
        { "traits are true", traits_are_true },
        { "keeps to its classes", keeps_to_its_classes },
        { "serves several maps per thread", serves_several_maps_per_thread },
        { "fini inside a walk is refused or done", fini_inside_a_walk_is_refused_or_done },
        { "honours its configuration", honours_its_configuration },
        { "serves under every option", serves_under_every_option },
        { "refuses unknown settings", refuses_unknown_settings },
        { "loops agree with operations", loops_agree_with_operations },
        { "batch loop agrees with operations", batch_loop_agrees_with_operations },
        { "serves this century", serves_this_century },
    };

    return support_run_maps("map objects", checks, sizeof checks / sizeof *checks, 0);
}
