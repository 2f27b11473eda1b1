/*
 * locked.h - posts in a hash table under one lock: what everybody writes first.
 *
 * Idea: one lock guards the table and everything in it.  A reader holds it, shared where the lock
 *   can, until its visit returns.
 * Invariant: whatever a post consists of is changed by the exclusive holder alone.
 * Linearisation points: inside the section of each operation; a purge has one section a chain.
 * Progress: blocking.  A reader that takes long holds up every writer.
 * Read guarantee: the post at one instant.
 * Cost: a lock's pair for each operation.  About 250 bytes a post, and the body.
 * Breaks when: many threads, a slow visit, a preempted holder.
 * Use when: the service has a few requests at a time: at most rates it is not what takes the time.
 * Reference: E. Dijkstra, "Solution of a Problem in Concurrent Programming Control", 1965.
 */
#include "locks/parts/chosen.h" /* before the guard: see there */

#ifndef CONTEND_BENCH_SERVE_POSTS_LOCKED_H
#define CONTEND_BENCH_SERVE_POSTS_LOCKED_H

#include "bench/serve/posts/posts.h"
#include "locks/parts/hash.h"
#include "locks/parts/platform.h"

struct posts_locked_post {
    struct posts_locked_post *next;
    uint64_t id, blog, author, published_at, deleted_at;
    _Atomic uint64_t views; /* counted by readers that share the lock */
    bool deleted;
    uint32_t title_size, body_size, bio_size;
    char *body;
    char title[POSTS_TITLE], bio[POSTS_BIO];
};

struct posts_locked {
    struct chosen_lock lock;
    const struct contend_allocator *allocator;
    struct posts_locked_post **heads;
    uint64_t mask, retention_ms; /* constant after init */
    uint64_t next_id, cursor;
    size_t bytes, attached;
};

struct posts_locked_handle {
    struct chosen_lock_handle lock;
};

static inline int posts_locked_init(struct posts_locked *l, const struct posts_config *config)
{
    struct posts_config c = { 0 };

    if (config)
        c = *config;
    memset(l, 0, sizeof *l);
    l->allocator = c.allocator;
    l->mask = contend_round_up_pow2(c.expected ? c.expected : POSTS_DEFAULT_EXPECTED) - 1;
    l->retention_ms = c.retention_ms;
    l->next_id = 1;
    l->bytes = (l->mask + 1) * sizeof *l->heads;
    l->heads = contend_allocate(l->allocator, CONTEND_CACHE_LINE, l->bytes);
    if (!l->heads)
        return -ENOMEM;
    memset(l->heads, 0, l->bytes);
    int error = chosen_lock_init(&l->lock, NULL);
    if (error)
        contend_release(l->allocator, l->heads, l->bytes);
    return error;
}

static inline void posts_locked_free(struct posts_locked *l, struct posts_locked_post *p)
{
    l->bytes -= p->body_size + sizeof *p;
    contend_release(l->allocator, p->body, p->body_size);
    contend_release(l->allocator, p, sizeof *p);
}

static inline int posts_locked_fini(struct posts_locked *l)
{
    if (l->attached)
        return -EBUSY;
    for (uint64_t i = 0; i <= l->mask; i++)
        while (l->heads[i]) {
            struct posts_locked_post *p = l->heads[i];
            l->heads[i] = p->next;
            posts_locked_free(l, p);
        }
    contend_release(l->allocator, l->heads, (l->mask + 1) * sizeof *l->heads);
    return chosen_lock_fini(&l->lock);
}

/* A section for the caller alone, or one that it shares; a lock that refuses is asked again. */
static inline void posts_locked_enter(struct posts_locked *l, struct posts_locked_handle *h)
{
    while (!lock_is_held(chosen_lock_acquire(&l->lock, &h->lock)))
        contend_cpu_relax();
}

static inline int posts_locked_attach(struct posts_locked *l, struct posts_locked_handle *h)
{
    int error = chosen_lock_attach(&l->lock, &h->lock);

    if (error)
        return error;
    posts_locked_enter(l, h);
    l->attached++;
    chosen_lock_release(&l->lock, &h->lock);
    return 0;
}

static inline void posts_locked_detach(struct posts_locked *l, struct posts_locked_handle *h)
{
    posts_locked_enter(l, h);
    l->attached--;
    chosen_lock_release(&l->lock, &h->lock);
    chosen_lock_detach(&l->lock, &h->lock);
}

/* The link that leads to the post, or to nothing. */
static inline struct posts_locked_post **posts_locked_find(struct posts_locked *l, uint64_t id)
{
    struct posts_locked_post **at = &l->heads[presence_hash(id, 0) & l->mask];

    while (*at && (*at)->id != id)
        at = &(*at)->next;
    return at;
}

static inline struct posts_locked_post *posts_locked_live(struct posts_locked *l, uint64_t id)
{
    struct posts_locked_post *p = *posts_locked_find(l, id);

    return p && !p->deleted ? p : NULL;
}

/* Writes what the draft has of title, bio and date; the body is the caller's. */
static inline void posts_locked_fill(struct posts_locked_post *p, const struct posts_draft *d)
{
    if (d->title)
        memcpy(p->title, d->title, p->title_size = d->title_size);
    if (d->bio)
        memcpy(p->bio, d->bio, p->bio_size = d->bio_size);
    if (d->dated)
        p->published_at = d->published_at;
}

/* A copy of the draft's body, made outside of the lock; whether there was memory. */
static inline bool posts_locked_body(struct posts_locked *l, const struct posts_draft *d, char **body)
{
    *body = NULL;
    if (!d->body || d->body_size == 0)
        return true;
    *body = contend_allocate(l->allocator, 1, d->body_size);
    if (*body)
        memcpy(*body, d->body, d->body_size);
    return *body != NULL;
}

static inline int64_t posts_locked_create(struct posts_locked *l, struct posts_locked_handle *h,
                                          const struct posts_draft *d)
{
    int error = posts_check_draft(d);
    struct posts_locked_post *p = error ? NULL : contend_allocate(l->allocator, 16, sizeof *p);
    char *body;

    if (!p)
        return error ? error : -ENOMEM;
    if (!posts_locked_body(l, d, &body)) {
        contend_release(l->allocator, p, sizeof *p);
        return -ENOMEM;
    }
    memset(p, 0, sizeof *p);
    posts_locked_fill(p, d);
    p->body = body;
    p->body_size = body ? d->body_size : 0;
    p->blog = d->blog;
    p->author = d->author;
    p->published_at = d->published_at;
    posts_locked_enter(l, h);
    p->id = d->id ? d->id : l->next_id;
    int64_t id = (int64_t)p->id;
    struct posts_locked_post **at = posts_locked_find(l, p->id);
    l->bytes += sizeof *p + p->body_size;
    if (*at) {
        id = -EEXIST;
        posts_locked_free(l, p);
    } else {
        *at = p;
        l->next_id = p->id >= l->next_id ? p->id + 1 : l->next_id;
    }
    chosen_lock_release(&l->lock, &h->lock);
    return id;
}

static inline int posts_locked_show(struct posts_locked_post *p, posts_visit *visit, void *ctx)
{
    const struct posts_post post = {
        .id = p->id, .blog = p->blog, .author = p->author, .published_at = p->published_at,
        /* relaxed: a number that stands for itself. */
        .views = atomic_load_explicit(&p->views, memory_order_relaxed),
        .deleted = p->deleted, .deleted_at = p->deleted ? p->deleted_at : 0,
        .title = p->title, .title_size = p->title_size,
        .body = p->body, .body_size = p->body_size,
        .bio = p->bio, .bio_size = p->bio_size,
    };

    return visit(ctx, &post);
}

static inline int posts_locked_read(struct posts_locked *l, struct posts_locked_handle *h,
                                    uint64_t id, posts_visit *visit, void *ctx)
{
    chosen_lock_insist_shared(&l->lock, &h->lock);
    struct posts_locked_post *p = posts_locked_live(l, id);
    int answer = p ? posts_locked_show(p, visit, ctx) : -ENOENT;
    chosen_lock_release_shared(&l->lock, &h->lock);
    return answer;
}

static inline int posts_locked_edit(struct posts_locked *l, struct posts_locked_handle *h,
                                    uint64_t id, const struct posts_draft *d)
{
    int error = posts_check_draft(d);
    char *body;

    if (error || !posts_locked_body(l, d, &body))
        return error ? error : -ENOMEM;
    posts_locked_enter(l, h);
    struct posts_locked_post *p = posts_locked_live(l, id);
    uint32_t size = body ? d->body_size : 0;
    if (p && d->body) {
        char *old = p->body;
        uint32_t old_size = p->body_size;
        p->body = body;
        p->body_size = size;
        l->bytes += size;
        l->bytes -= old_size;
        body = old;
        size = old_size;
    }
    if (p)
        posts_locked_fill(p, d);
    chosen_lock_release(&l->lock, &h->lock);
    contend_release(l->allocator, body, size);
    return p ? 0 : -ENOENT;
}

static inline int posts_locked_remove(struct posts_locked *l, struct posts_locked_handle *h,
                                      uint64_t id, uint64_t now)
{
    posts_locked_enter(l, h);
    struct posts_locked_post *p = posts_locked_live(l, id);
    if (p) {
        p->deleted = true;
        p->deleted_at = now;
    }
    chosen_lock_release(&l->lock, &h->lock);
    return p ? 0 : -ENOENT;
}

static inline int posts_locked_restore(struct posts_locked *l, struct posts_locked_handle *h,
                                       uint64_t id)
{
    posts_locked_enter(l, h);
    struct posts_locked_post *p = *posts_locked_find(l, id);
    int answer = !p ? -ENOENT : p->deleted ? 0 : -EALREADY;
    if (p)
        p->deleted = false;
    chosen_lock_release(&l->lock, &h->lock);
    return answer;
}

/* Takes the post to which the link leads out of its chain. */
static inline void posts_locked_take(struct posts_locked *l, struct posts_locked_post **at)
{
    struct posts_locked_post *p = *at;

    *at = p->next;
    posts_locked_free(l, p);
}

static inline int posts_locked_erase(struct posts_locked *l, struct posts_locked_handle *h,
                                     uint64_t id)
{
    posts_locked_enter(l, h);
    struct posts_locked_post **at = posts_locked_find(l, id);
    int answer = *at ? 0 : -ENOENT;
    if (*at)
        posts_locked_take(l, at);
    chosen_lock_release(&l->lock, &h->lock);
    return answer;
}

static inline int64_t posts_locked_purge(struct posts_locked *l, struct posts_locked_handle *h,
                                         uint64_t now, uint64_t budget)
{
    int64_t gone = 0;
    uint64_t seen = 0;

    for (uint64_t chains = 0; chains <= l->mask && seen < budget; chains++) {
        posts_locked_enter(l, h);
        struct posts_locked_post **at = &l->heads[l->cursor++ & l->mask];
        for (; *at; seen++) {
            const struct posts_locked_post *p = *at;
            if (p->deleted && p->deleted_at <= now && now - p->deleted_at >= l->retention_ms) {
                posts_locked_take(l, at);
                gone++;
            } else {
                at = &(*at)->next;
            }
        }
        chosen_lock_release(&l->lock, &h->lock);
    }
    return gone;
}

static inline int64_t posts_locked_view(struct posts_locked *l, struct posts_locked_handle *h,
                                        uint64_t id)
{
    chosen_lock_insist_shared(&l->lock, &h->lock);
    struct posts_locked_post *p = posts_locked_live(l, id);
    /* relaxed: a number that stands for itself. */
    int64_t answer = p ? (int64_t)atomic_fetch_add_explicit(&p->views, 1, memory_order_relaxed) + 1
                       : -ENOENT;
    chosen_lock_release_shared(&l->lock, &h->lock);
    return answer;
}

static inline int posts_locked_each(struct posts_locked *l, struct posts_locked_handle *h,
                                    posts_visit *visit, void *ctx)
{
    int answer = 0;

    for (uint64_t i = 0; i <= l->mask && answer == 0; i++) {
        chosen_lock_insist_shared(&l->lock, &h->lock);
        for (struct posts_locked_post *p = l->heads[i]; p && answer == 0; p = p->next)
            answer = posts_locked_show(p, visit, ctx);
        chosen_lock_release_shared(&l->lock, &h->lock);
    }
    return answer;
}

static inline void posts_locked_stats(struct posts_locked *l, struct posts_stats *out)
{
    uint64_t passed_all = 0;

    *out = (struct posts_stats){ .bytes = l->bytes, .attached = l->attached };
    for (uint64_t i = 0; i <= l->mask; i++) {
        uint64_t passed = 0;
        for (struct posts_locked_post *p = l->heads[i]; p; p = p->next, passed++) {
            out->live += !p->deleted;
            out->deleted += p->deleted;
            passed_all += p->deleted ? 0 : passed + 1;
        }
        out->probes_most = passed > out->probes_most ? passed : out->probes_most;
    }
    out->probes = out->live ? (double)passed_all / (double)out->live : 0;
}

static const struct posts_traits posts_locked_traits = {
    .id = {
        .name = CHOSEN_LOCK_NAME,
        .title = "a hash table under one lock",
        .reference = CONTEND_THE_LOCKS,
        .lock = CHOSEN_LOCK_NAME,
        .flags = chosen_lock_flags,
    },
    .reads = CONTEND_BLOCKING,
    .writes = CONTEND_BLOCKING,
    .bodies = "the lock",
    .bios = "the lock",
};

#endif
