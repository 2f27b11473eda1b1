/*
 * lock_scenario.c - sections under a lock: one holder at a time, ordered, and all end.
 *
 * The section reads and writes two plain words, with a step in between so that an
 * intruder may enter.  Mutual exclusion is then the absence of a race, in either
 * memory mode; a count of the threads inside catches sections that are ordered but overlap.
 *
 * Optimistic readers are no holders, and may meet a writer.  For them a section also stores
 * its number in two words, relaxed: a reader that is not sent back has found them alike.
 */
#include "bench/machine/machine.h"
#include "bench/check/scenario.h"
#include "bench/check/scenario_family.h"
#include "locks/lock.h"

static struct {
    const struct subject *subject;
    const struct lock_ops *ops;
    const struct scenario *scenario;
    void *lock;
    int64_t *value; /* guarded by the lock */
    uint64_t *twins; /* two words that are always equal; NULL without optimistic readers */
    int writers, readers, sections;
} now;

/* The section's own accesses, as an instrumented program would report them. */
static void touch(bool write, bool point)
{
    machine->plain(now.value, sizeof *now.value, write, point, __builtin_return_address(0));
}

static uint64_t twin_load(unsigned i)
{
    return machine->load(&now.twins[i], sizeof *now.twins, __ATOMIC_RELAXED,
                         __builtin_return_address(0));
}

/* The holder knows the last section's number, and publishes its own. */
static void twins_rise(void)
{
    uint64_t last = (uint64_t)*now.value;

    for (unsigned i = 0; i < 2; i++)
        check_that(twin_load(i) == last);
    for (unsigned i = 0; i < 2; i++)
        machine->store(&now.twins[i], sizeof *now.twins, last + 1, __ATOMIC_RELAXED,
                       __builtin_return_address(0));
}

static void exclusive(void)
{
    check_that(now.writers == 0 && now.readers == 0);
    now.writers++;
    touch(false, false);
    int64_t seen = *now.value;
    if (now.twins)
        twins_rise();
    touch(true, true);
    *now.value = seen + 1;
    check_that(now.writers == 1 && now.readers == 0);
    now.writers--;
    now.sections++;
}

static void shared(bool alone)
{
    check_that(now.writers == 0 && (!alone || now.readers == 0));
    now.readers++;
    touch(false, true);
    check_that(now.writers == 0);
    now.readers--;
}

/*
 * What execute is asked to do, maybe by another thread: it reads what the asking thread has
 * written, and writes what that thread reads.
 */
struct request {
    int asked, done;
};

static void serve(void *ctx)
{
    struct request *r = ctx;

    machine->plain(&r->asked, sizeof r->asked, false, false, __builtin_return_address(0));
    check_that(r->asked == 1 && r->done == 0);
    exclusive();
    machine->plain(&r->done, sizeof r->done, true, false, __builtin_return_address(0));
    r->done = 1;
}

static int ask(void *handle)
{
    struct request *r = check_allocate(sizeof *r);

    machine->plain(r, sizeof *r, true, false, __builtin_return_address(0));
    *r = (struct request){ 1, 0 };
    int answer = now.ops->execute(now.lock, handle, serve, r);
    machine->plain(&r->done, sizeof r->done, false, false, __builtin_return_address(0));
    check_that(r->done == 1);
    check_deallocate(r);
    return answer;
}

static void optimistic(void *handle)
{
    uint64_t version, first, second;

    do {
        check_that(lock_is_held(now.ops->read_begin(now.lock, handle, &version)));
        first = twin_load(0);
        second = twin_load(1);
    } while (now.ops->read_retry(now.lock, handle, version));
    check_that(first == second);
}

/* What was read and not changed since still holds in the section. */
static int upgrade(void *handle)
{
    uint64_t version, first, second;

    check_that(lock_is_held(now.ops->read_begin(now.lock, handle, &version)));
    first = twin_load(0);
    second = twin_load(1);
    check_never_waits(true);
    int error = now.ops->try_upgrade(now.lock, handle, version);
    check_never_waits(false);
    if (error)
        return error;
    check_that(first == second && first == (uint64_t)*now.value);
    exclusive();
    now.ops->release(now.lock, handle);
    return 0;
}

static void operate(const struct operation *op, void *handle)
{
    bool shares = now.ops->traits->features & LOCK_SHARED;
    int error = 0;

    switch (op->kind) {
    case 'l':
        check_operation_begin("acquire, release", NULL);
        check_that(lock_is_held(now.ops->acquire(now.lock, handle)));
        exclusive();
        now.ops->release(now.lock, handle);
        break;
    case 't':
        check_operation_begin("try_acquire", NULL);
        check_never_waits(true);
        error = now.ops->try_acquire(now.lock, handle);
        check_never_waits(false);
        check_that(error == 0 || error == -EBUSY);
        if (error == 0) {
            exclusive();
            now.ops->release(now.lock, handle);
        }
        break;
    case 'e':
        check_operation_begin("execute", NULL);
        check_that(lock_is_held(ask(handle)));
        break;
    case 'u':
        check_operation_begin("read_begin, try_upgrade", NULL);
        error = upgrade(handle);
        check_that(error == 0 || error == -EBUSY);
        break;
    case 'o':
        check_operation_begin("read_begin, read_retry", NULL);
        optimistic(handle);
        break;
    default:
        check_operation_begin("acquire_shared, release_shared", NULL);
        check_that(lock_is_held(now.ops->acquire_shared(now.lock, handle)));
        shared(!shares);
        now.ops->release_shared(now.lock, handle);
    }
    check_operation_end(error ? "-EBUSY" : "done", NULL, NULL);
}

static void run_part(const struct part *p, unsigned thread)
{
    check_aside("attach");
    void *handle = check_allocate(now.ops->handle_size);
    scenario_name(handle, "handle", now.subject, thread);
    check_that(now.ops->attach(now.lock, handle) == 0);
    if (now.scenario->meet)
        check_meet();
    for (unsigned i = 0; i < p->count; i++)
        operate(&p->ops[i], handle);
    check_aside("detach");
    now.ops->detach(now.lock, handle);
    check_deallocate(handle);
}

static void setup(void *unused)
{
    const struct settings settings = scenario_settings(now.subject, now.scenario, false);
    const struct lock_config config = { .settings = settings_as_given(&settings) };

    (void)unused;
    now.writers = now.readers = now.sections = 0;
    now.value = check_allocate(sizeof *now.value);
    check_name(now.value, "guarded", NULL, NULL);
    touch(true, false);
    *now.value = 0;
    now.twins = NULL;
    if (now.ops->traits->features & LOCK_OPTIMISTIC) {
        now.twins = check_allocate(2 * sizeof *now.twins);
        check_name(now.twins, "twins", NULL, NULL);
        for (unsigned i = 0; i < 2; i++)
            machine->store(&now.twins[i], sizeof *now.twins, 0, __ATOMIC_RELAXED,
                           __builtin_return_address(0));
    }
    now.lock = check_allocate(now.ops->size);
    scenario_name(now.lock, "lock", now.subject, 0);
    check_that(now.ops->init(now.lock, &config) == 0);
    scenario_attach_idle(now.scenario, now.lock, now.ops->handle_size, now.ops->attach);
    if (now.scenario->before.count)
        run_part(&now.scenario->before, 0);
}

static void body(void *unused, unsigned thread)
{
    (void)unused;
    run_part(&now.scenario->threads[thread - 1], thread);
}

static void finally(void *unused)
{
    (void)unused;
    check_that(*now.value == now.sections);
    scenario_detach_idle(now.scenario, now.lock, now.ops->detach);
    scenario_ended(now.ops->fini(now.lock));
    check_deallocate(now.lock);
}

static struct check_test test(const struct subject *s, const struct scenario *p, bool weak)
{
    (void)weak;
    now.subject = s;
    now.ops = s->ops;
    now.scenario = p;
    return (struct check_test){ .name = p->text, .setup = setup, .body = body,
                                .thread_count = p->thread_count, .finally = finally,
                                .semaphores_balance = true };
}

/* ---- the family ---- */

static const char *const written[] = { "l+l", "l,l+l", "t+l", "l+l+l", "s+s+l", "t,l+l,t",
                                         "s,l+l,s", "l+t+s", "s+l,l", "s,s+t,l", "l,t,l+s",
                                         "s/s+s+l", "e+e", "e,e+e", "e+l", "e,l+l,e",
                                         "e+e+e", "=e,e+e+e", "e+l+e", "e,t+e", "e,s+e",
                                         "e/e+e,l", "o+l", "o+l,l", "l,o+l,o", "o+l+l",
                                         "o+t,l", "o,o+l,s", "u+l", "u+u", "l,u+u,o",
                                         "u+u+l", "u+t,l", "16*l+s", NULL };

/* Where nothing is delegated, execute is acquire, the call and release. */
static bool supports(const void *ops, const struct operation *op)
{
    unsigned features = ((const struct lock_ops *)ops)->traits->features;

    switch (op->kind) {
    case 't':
        return features & LOCK_TRY;
    case 'e':
        return features & LOCK_DELEGATES;
    case 'o':
    case 'u':
        return features & LOCK_OPTIMISTIC;
    default:
        return true;
    }
}

SCENARIO_ACCESS(lock)

const struct scenario_family scenarios_lock = {
    .object = "lock", .folder = "locks",
    .letters = "ltseou", .follows = { "", "", "", "", "", "" }, .rare = 3, .written = written,
    .identity = identity, .header = header, .choices = choices, .code = code,
    .test = test,
    .supports = supports,
    /* Locks block by definition: no progress is observed. */
};
