/* scene_presence.c - the map, its allocator that counts, and the thread that beats. */
#include "bench/engine/scene_presence.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bench/base/memory.h"

/* ---- the allocator ---- */

static void *count_allocate(void *ctx, size_t align, size_t size)
{
    struct scene *s = ctx;
    void *p = contend_alloc(align, size);

    if (p) {
        /* relaxed: sums, ordered by the end of the phase. */
        size_t held = atomic_fetch_add_explicit(&s->held, size, memory_order_relaxed) + size;
        size_t peak = atomic_load_explicit(&s->peak, memory_order_relaxed);
        /* relaxed: as above. */
        while (held > peak)
            if (atomic_compare_exchange_weak_explicit(&s->peak, &peak, held, memory_order_relaxed,
                                                      memory_order_relaxed))
                break;
    }
    return p;
}

static void count_release(void *ctx, void *ptr, size_t size)
{
    struct scene *s = ctx;

    /* relaxed: as above. */
    atomic_fetch_sub_explicit(&s->held, size, memory_order_relaxed);
    free(ptr);
}

/* ---- the threads ---- */

static int attach(struct crew_worker *me)
{
    struct scene *s = scene_of(me);
    int error = s->ops->attach(s->map, s->handles[me->number]);

    s->attached[me->number] = error == 0;
    return error;
}

static int detach(struct crew_worker *me)
{
    struct scene *s = scene_of(me);

    if (s->attached[me->number])
        s->ops->detach(s->map, s->handles[me->number]);
    return 0;
}

static int beat_once(struct crew_worker *me)
{
    struct scene *s = scene_of(me);
    int error = 0;

    for (uint64_t user = 0; user < SCENE_OTHERS && error >= 0; user++)
        error = s->ops->heartbeat(s->map, s->handles[me->number], user, s->now_ms);
    return error < 0 ? error : 0;
}

/* In an open loop: what was due and is late counts from when it was due. */
static int beat(struct crew_worker *me)
{
    struct scene *s = scene_of(me);
    uint64_t now = crew_await_start(me), due = me->start_ns, failed = 0;

    for (uint64_t i = 0; crew_goes_on(me, now); i++, due += SCENE_INTERVAL_NS) {
        if (due > now)
            now = crew_await(me, due);
        if (now < due)
            break;
        failed += s->ops->heartbeat(s->map, s->handles[me->number], i % SCENE_OTHERS,
                                    scene_now(s, me, now)) < 0;
        now = contend_clock_ns();
        histogram_add(s->others, now - due);
    }
    me->stint.last_ns = now;
    /* relaxed: ordered by the end of the phase. */
    atomic_fetch_add_explicit(&s->failed, failed, memory_order_relaxed);
    return 0;
}

/* ---- making ---- */

static int make_map(struct scene *s, const struct contestant *who, uint64_t expected,
                    char why[DISTURB_WHY])
{
    struct presence_config config = {
        .expected = expected, .origin = SCENE_EPOCH_MS - 60000, .allocator = &s->allocator,
        .settings = contestant_settings(who),
    };
    const struct presence_traits *t = s->ops->traits;
    char what[48];
    int error;

    snprintf(what, sizeof what, "%" PRIu64 " users", expected);
    error = memory_check((double)t->bytes_fixed + (double)expected * (double)t->bytes_per_user, 0, what,
                         why);
    if (error)
        return error;
    s->map = contend_alloc(s->ops->align, s->ops->size);
    for (int i = 0; i < 2; i++)
        s->handles[i] = contend_alloc(s->ops->handle_align, s->ops->handle_size);
    if (!s->map || !s->handles[0] || !s->handles[1])
        error = -ENOMEM;
    if (!error)
        error = s->ops->init(s->map, &config);
    if (error) {
        free(s->map);
        s->map = NULL;
    }
    return error;
}

int scene_make(struct scene **made, const struct contestant *who, const cpu_set_t *allowed,
               uint64_t expected, char why[DISTURB_WHY])
{
    struct crew_phase attaching = { .work = { attach, attach } };
    struct crew_plan plan = {
        .roles = { [SCENE_BEATS] = { .count = 1 }, [SCENE_ACTS] = { .count = 1, .cpu = 1 } },
        .allowed = *allowed,
    };
    struct scene *s = contend_alloc_aligned(sizeof *s);
    int error;

    *made = NULL;
    if (!s)
        return -ENOMEM;
    memset(s, 0, sizeof *s);
    s->ops = who->ops;
    s->now_ms = SCENE_EPOCH_MS;
    s->allocator = (struct contend_allocator){ count_allocate, count_release, s };
    plan.shared = s;
    error = make_map(s, who, expected, why);
    if (!error)
        error = crew_make(&s->crew, &plan);
    if (!error)
        error = crew_perform(s->crew, &attaching, NULL);
    if (!error)
        error = scene_refresh(s);
    if (error) {
        scene_end(s);
        return error;
    }
    *made = s;
    return 0;
}

void scene_end(struct scene *s)
{
    struct crew_phase detaching = { .work = { detach, detach } };

    if (s->crew) {
        crew_perform(s->crew, &detaching, NULL);
        crew_end(s->crew);
    }
    if (s->map && s->ops->fini(s->map) == 0)
        free(s->map);
    free(s->handles[0]);
    free(s->handles[1]);
    free(s);
}

int scene_refresh(struct scene *s)
{
    struct crew_phase phase = { .work = { [SCENE_BEATS] = beat_once } };

    return crew_perform(s->crew, &phase, NULL);
}

int scene_perform(struct scene *s, crew_work *act, uint64_t length_ns, struct histogram *others)
{
    struct crew_phase phase = { .work = { [SCENE_BEATS] = beat, [SCENE_ACTS] = act },
                                .length_ns = length_ns };
    uint64_t last;

    s->others = others;
    s->error = crew_perform(s->crew, &phase, NULL);
    crew_take_back_stop(s->crew);
    last = crew_worker_at(s->crew, 0)->stint.last_ns;
    s->now_ms += (last - crew_start_ns(s->crew)) * SCENE_SPEED / 1000000 + 1;
    /* relaxed: the phase is over. */
    if (!s->error && atomic_load_explicit(&s->failed, memory_order_relaxed))
        s->error = -EIO;
    return s->error ? s->error : interrupt_came() ? -EINTR : 0;
}
