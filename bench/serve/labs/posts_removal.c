/* posts_removal.c - posts that come and go, deleted in three ways; and restores beside a purge. */
#include <errno.h>
#include <stdlib.h>

#include "bench/base/random.h"
#include "bench/engine/crew.h"
#include "bench/floors/histogram.h"
#include "bench/serve/labs/posts.h"

enum { WORKERS = 2, LIVE = 4096, READS_OF_4 = 3, BATCH = 256, BUDGET = 4 * BATCH, RESTORED = 32 };

static const char body[] = "a body of a post, as long as a short comment is: about a hundred bytes, so "
                           "that it has some weight";

const char *const posts_removal_names[POSTS_REMOVALS] = { "marked", "at once", "in batches" };

struct author {
    CONTEND_ALIGNED _Atomic uint64_t live[LIVE]; /* its posts; others read them */
    struct histogram reads;
    void *handle;
};

struct blog {
    const struct posts_ops *ops;
    void *posts;
    enum posts_removal how;
    uint64_t seed;
    struct author authors[WORKERS];
    _Atomic bool over;
    struct posts_restore_run *restores;
};

static int attach(struct crew_worker *me)
{
    struct blog *b = me->shared;
    struct author *a = &b->authors[me->number];
    const struct posts_draft draft = { .body = body, .body_size = sizeof body - 1 };
    int error = b->ops->attach(b->posts, a->handle);

    for (unsigned i = 0; i < LIVE && !error && !b->restores; i++) {
        int64_t id = b->ops->create(b->posts, a->handle, &draft);
        error = id < 0 ? (int)id : 0;
        /* relaxed, here and below: an id that is gone is read as such. */
        atomic_store_explicit(&a->live[i], (uint64_t)id, memory_order_relaxed);
    }
    return error;
}

static int detach(struct crew_worker *me)
{
    struct blog *b = me->shared;

    b->ops->detach(b->posts, b->authors[me->number].handle);
    return 0;
}

static int look(void *ctx, const struct posts_post *post)
{
    *(uint64_t *)ctx += post->body_size ? (uint64_t)(unsigned char)post->body[0] : 0;
    return 0;
}

/* A post of the author's goes, and another comes in its place. */
static int replace(struct blog *b, struct author *a, unsigned at, uint64_t now, uint64_t *removed)
{
    const struct posts_draft draft = { .body = body, .body_size = sizeof body - 1 };
    /* relaxed: as above. */
    uint64_t id = atomic_load_explicit(&a->live[at], memory_order_relaxed);
    int error = b->how == POSTS_AT_ONCE ? b->ops->erase(b->posts, a->handle, id)
                                        : b->ops->remove(b->posts, a->handle, id, now);

    if (!error && b->how == POSTS_IN_BATCHES && ++*removed % BATCH == 0)
        b->ops->purge(b->posts, a->handle, now, BUDGET);
    int64_t made = b->ops->create(b->posts, a->handle, &draft);
    if (made < 0)
        return (int)made;
    /* relaxed: as above. */
    atomic_store_explicit(&a->live[at], (uint64_t)made, memory_order_relaxed);
    return error;
}

static int work(struct crew_worker *me)
{
    struct blog *b = me->shared;
    struct author *a = &b->authors[me->number];
    struct random random = random_seeded(b->seed, me->number);
    uint64_t sum = 0, removed = 0, now = crew_await_start(me);

    for (; crew_goes_on(me, now); now = contend_clock_ns(), me->stint.ops++) {
        uint64_t draw = random_next(&random);
        unsigned at = (unsigned)(draw >> 32) % LIVE;
        if (draw % 4 < READS_OF_4) {
            struct author *of = &b->authors[draw / 4 % WORKERS];
            /* relaxed: as above. */
            b->ops->read(b->posts, a->handle, atomic_load_explicit(&of->live[at], memory_order_relaxed),
                         look, &sum);
            histogram_add(&a->reads, contend_clock_ns() - now);
            continue;
        }
        int error = replace(b, a, at, now / 1000000, &removed);
        if (error)
            return error;
    }
    me->stint.last_ns = now;
    return sum == 1 ? -EILSEQ : 0; /* so that reads cannot be left out */
}

/* ---- restores beside a purge ---- */

static int remove_and_restore(struct crew_worker *me)
{
    struct blog *b = me->shared;
    struct author *a = &b->authors[me->number];
    struct posts_restore_run *r = b->restores;
    uint64_t sum = 0, now = crew_await_start(me);

    do { /* at least once, however late it comes to its processor */
        const struct posts_draft draft = { .id = 1 + me->stint.ops % RESTORED, .body = body, .body_size = 8 };
        int64_t made = b->ops->create(b->posts, a->handle, &draft);
        int error = made < 0 && made != -EEXIST ? (int)made
                                                : b->ops->remove(b->posts, a->handle, draft.id, 1);
        if (error)
            return error;
        if (b->ops->restore(b->posts, a->handle, draft.id) == 0) {
            r->restored++;
            r->lost += b->ops->read(b->posts, a->handle, draft.id, look, &sum) != 0;
        } else {
            r->refused++;
        }
        me->stint.ops++;
        now = contend_clock_ns();
    } while (crew_goes_on(me, now));
    return 0;
}

static int purge_on(struct crew_worker *me)
{
    struct blog *b = me->shared;

    for (uint64_t now = crew_await_start(me); crew_goes_on(me, now); now = contend_clock_ns())
        b->ops->purge(b->posts, b->authors[me->number].handle, 100, RESTORED);
    return 0;
}

/* ---- both ---- */

static int run_blog(struct posts_lab *l, struct blog *b, const struct crew_phase *phase,
                    struct posts_removal_run *out)
{
    /* One role for each worker, so that a phase can give them different work. */
    const struct crew_plan plan = { .roles = { { .count = 1 }, { .count = 1, .cpu = 1 } },
                                    .allowed = l->e.allowed, .shared = b };
    const struct posts_config config = { .expected = b->restores ? 16 : WORKERS * LIVE };
    struct crew_phase in = { .work = { attach, attach } }, leave = { .work = { detach, detach } };
    struct crew *crew;
    int error = b->ops->init(b->posts, &config);

    if (error)
        return error;
    error = crew_make(&crew, &plan);
    if (!error) {
        error = crew_perform(crew, &in, NULL);
        error = error ? error : crew_perform(crew, phase, NULL);
        for (unsigned i = 0; i < WORKERS && out; i++) {
            const struct stint *s = &crew_worker_at(crew, i)->stint;
            if (s->last_ns > s->first_ns)
                out->ops_per_s += (double)s->ops / (double)(s->last_ns - s->first_ns) * 1e9;
        }
        if (out)
            b->ops->stats(b->posts, &out->stats);
        crew_perform(crew, &leave, NULL);
        crew_end(crew);
    }
    int ended = b->ops->fini(b->posts);
    return error ? error : ended;
}

static struct blog *make_blog(struct posts_lab *l, unsigned entry)
{
    struct blog *b = contend_alloc(CONTEND_CACHE_LINE, sizeof *b);

    if (!b)
        return NULL;
    memset(b, 0, sizeof *b);
    b->ops = l->entries[entry];
    b->seed = l->options->base.seed;
    b->posts = contend_alloc(CONTEND_CACHE_LINE, b->ops->size);
    for (unsigned i = 0; i < WORKERS; i++)
        b->authors[i].handle = contend_alloc(CONTEND_CACHE_LINE, b->ops->handle_size);
    return b;
}

static void free_blog(struct blog *b)
{
    for (unsigned i = 0; i < WORKERS; i++)
        free(b->authors[i].handle);
    free(b->posts);
    free(b);
}

int posts_lab_removal(struct posts_lab *l, unsigned entry, enum posts_removal how)
{
    struct posts_removal_run *out = &l->removals[entry][how];
    struct blog *b = make_blog(l, entry);
    const struct crew_phase phase = { .work = { work, work },
                                      .length_ns = l->options->window_ms * 1000000 };
    struct histogram all = { 0 };
    int error = -ENOMEM;

    if (!b)
        return error;
    if (b->posts && b->authors[0].handle && b->authors[1].handle) {
        b->how = how;
        error = run_blog(l, b, &phase, out);
        for (unsigned i = 0; i < WORKERS; i++)
            histogram_merge(&all, &b->authors[i].reads);
        out->p99_ns = histogram_quantile(&all, 0.99);
        out->done = !error && !experiment_is_over(&l->e);
    }
    free_blog(b);
    return error;
}

int posts_lab_restore(struct posts_lab *l, unsigned entry)
{
    struct posts_restore_run *out = &l->restores[entry];
    struct blog *b = make_blog(l, entry);
    const struct crew_phase phase = { .work = { remove_and_restore, purge_on },
                                      .length_ns = l->options->window_ms * 1000000 };
    int error = -ENOMEM;

    if (!b)
        return error;
    if (b->posts && b->authors[0].handle && b->authors[1].handle) {
        b->restores = out;
        error = run_blog(l, b, &phase, NULL);
        out->done = !error && !experiment_is_over(&l->e);
    }
    free_blog(b);
    return error;
}
