/* subject_posts.c - many posts, a clap counter each, as the subject of a window. */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>

#include "bench/engine/posts.h"
#include "bench/engine/subject.h"

_Static_assert((int)COUNTER_OP_CLAP == (int)TAPE_WRITE && (int)COUNTER_OP_READ == (int)TAPE_READ,
               "a tape's steps are the loop's operations");

/* The counters, and what they must hold at the end. */
struct many {
    struct posts posts;
    pthread_mutex_t mutex;
    uint64_t *expected; /* claps for each post; guarded by the mutex */
};

static int create(struct subject *s)
{
    struct many *m = calloc(1, sizeof *m);
    const struct posts_request limits = { .settings = contestant_settings(s->who) };
    int error;

    if (!m)
        return -ENOMEM;
    error = posts_create(&m->posts, s->who->ops, s->cell->posts, s->cell->threads, &limits);
    if (!error) {
        m->expected = calloc(s->cell->posts, sizeof *m->expected);
        if (m->expected) {
            s->object = m;
            return -pthread_mutex_init(&m->mutex, NULL);
        }
        posts_destroy(&m->posts);
        error = -ENOMEM;
    }
    snprintf(s->why, sizeof s->why, "%s", m->posts.why);
    free(m);
    return error;
}

static bool excuse(const struct subject *s, char *why, size_t size)
{
    const struct many *m = s->object;
    const char *reason = m ? m->posts.why : s->why;

    snprintf(why, size, "%s", reason);
    return reason[0] != '\0';
}

static void destroy(struct subject *s)
{
    struct many *m = s->object;

    if (posts_destroy(&m->posts) != 0)
        return;
    pthread_mutex_destroy(&m->mutex);
    free(m->expected);
    free(m);
}

static int attach(struct subject *s, struct subject_worker *w, uint64_t seed, unsigned number)
{
    struct many *m = s->object;
    int error;

    w->tape.keys = tape_borrow(s->cell, seed, number);
    if (!w->tape.keys)
        return -ENOMEM;
    error = posts_attach(&m->posts, &w->handle);
    if (error)
        tape_return(w->tape.keys);
    return error;
}

/* Adds a worker's claps for each post, which follow from its tape and the steps it has played. */
static void expect(struct many *m, const struct subject_worker *w)
{
    const struct key_tape *tape = w->tape.keys;
    uint64_t turns = w->steps / tape->length, rest = w->steps % tape->length;

    pthread_mutex_lock(&m->mutex);
    for (size_t i = 0; i < (turns ? tape->length : rest); i++)
        if (tape->op[i] == COUNTER_OP_CLAP)
            m->expected[tape->key[i]] += turns + (i < rest);
    pthread_mutex_unlock(&m->mutex);
}

static void detach(struct subject *s, struct subject_worker *w)
{
    struct many *m = s->object;

    posts_detach(&m->posts, w->handle);
    expect(m, w);
    tape_return(w->tape.keys);
}

static void prefill(struct subject *s, struct subject_worker *w, unsigned part, unsigned parts)
{
    (void)s, (void)w, (void)part, (void)parts; /* counters start at 0 */
}

static void run(struct subject *s, struct subject_worker *w, size_t n, uint64_t now)
{
    struct posts *p = &((struct many *)s->object)->posts;

    (void)now;
    w->steps += n;
    while (n > 0) {
        size_t left = w->tape.keys->length - w->at, chunk = left < n ? left : n;
        w->failed += p->ops->loops.posts(p->counters, w->handle, w->tape.keys->op + w->at,
                                         w->tape.keys->key + w->at, chunk, &w->sink);
        w->at = chunk == left ? 0 : w->at + chunk;
        n -= chunk;
    }
}

static void sweep(struct subject *s, struct subject_worker *w, uint64_t now)
{
    (void)s, (void)w, (void)now; /* no counter workload has a sweeper */
}

/* Compares each post with the claps that it must have. */
static void verify_sums(struct many *m, struct window_result *out)
{
    uint64_t claps = 0, wrong = 0;
    struct counter_traits own; /* an option may change what they promise */
    int64_t off = 0;

    m->posts.ops->traits_of(m->posts.counters, &own);
    for (uint64_t i = 0; i < m->posts.count; i++) {
        int64_t sum = 0;
        out->error = posts_sum(&m->posts, i, &sum);
        if (out->error) {
            snprintf(out->why, sizeof out->why, "the final read could not attach");
            return;
        }
        claps += m->expected[i];
        off += (int64_t)m->expected[i] - sum;
        wrong += !counter_sum_fits(&own.unit, (int64_t)m->expected[i], sum);
    }
    if (wrong) {
        out->error = -EILSEQ;
        snprintf(out->why, sizeof out->why, "%s %" PRId64 " of %" PRIu64 " claps; %" PRIu64
                 " of %" PRIu64 " posts are wrong", off < 0 ? "invented" : "lost",
                 off < 0 ? -off : off, claps, wrong, m->posts.count);
    }
}

static void verify(struct subject *s, const struct subject_worker *workers, unsigned count,
                   struct window_result *out)
{
    struct many *m = s->object;
    const struct counter_traits *t = ((const struct counter_ops *)s->who->ops)->traits;
    uint64_t failed = 0;

    for (unsigned i = 0; i < count; i++)
        failed += workers[i].failed;
    out->bytes = posts_bytes(&m->posts) + m->posts.count * count * t->bytes_per_thread;
    out->bytes_per_item = (double)out->bytes / (double)m->posts.count;
    if (t->id.flags & CONTEND_FLOOR)
        return;
    if (failed) {
        out->error = -EIO;
        snprintf(out->why, sizeof out->why, "%" PRIu64 " claps were refused", failed);
        return;
    }
    verify_sums(m, out);
}

const struct subject_kind subject_posts = {
    .create = create, .destroy = destroy, .attach = attach, .excuse = excuse, .detach = detach,
    .prefill = prefill, .run = run, .sweep = sweep, .verify = verify,
};
