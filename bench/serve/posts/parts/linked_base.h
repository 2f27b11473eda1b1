/*
 * linked_base.h - the object of linked.h: its memory, its texts, and how it is made and ended.
 *
 * Blocks come from the scheme of reclamation, which gives them back to an allocator of the object's
 * own.  That one frees the body of a text together with its block, and counts all bytes.
 * Invariant: `bytes` is what was requested and not yet given back; a block's kind is set before
 *   anything can release it.
 */
#include "bench/serve/posts/parts/chain.h" /* before the guard: it composes */

#ifndef CONTEND_BENCH_SERVE_POSTS_PARTS_LINKED_BASE_H
#define CONTEND_BENCH_SERVE_POSTS_PARTS_LINKED_BASE_H

#include "locks/parts/hash.h"

struct posts_linked {
    struct chosen_reclaim domain;
    struct contend_allocator memory; /* counts, and frees the body of a text with its block */
    const struct contend_allocator *outer;
    _Atomic uintptr_t *heads;
    uint64_t mask, retention_ms; /* constant after init */
    CONTEND_ALIGNED _Atomic uint64_t next_id;
    _Atomic uint64_t cursor; /* the chain that the next purge begins with */
    _Atomic size_t bytes, attached;
};

struct posts_linked_handle {
    struct chosen_reclaim_handle reclaim;
};

/* ---- memory ---- */

static inline void *posts_linked_take(struct posts_linked *l, size_t align, size_t size)
{
    void *block = contend_allocate(l->outer, align, size);

    if (block)
        /* relaxed, here and below: statistics. */
        atomic_fetch_add_explicit(&l->bytes, size, memory_order_relaxed);
    return block;
}

static inline void posts_linked_give_back(struct posts_linked *l, void *block, size_t size)
{
    if (!block)
        return;
    atomic_fetch_sub_explicit(&l->bytes, size, memory_order_relaxed);
    contend_release(l->outer, block, size);
}

static inline void *posts_linked_allocate(void *ctx, size_t align, size_t size)
{
    return posts_linked_take(ctx, align, size);
}

/* The scheme's own records have whole cache lines; the blocks of posts do not. */
_Static_assert(sizeof(union posts_block) % CONTEND_CACHE_LINE != 0,
               "a block is told from a record of the scheme by its size");

static inline void posts_linked_release(void *ctx, void *ptr, size_t size)
{
    struct posts_head *head = ptr;

    if (size == sizeof(union posts_block) && head->kind == POSTS_TEXT_BLOCK) {
        struct posts_text *t = ptr;
        posts_linked_give_back(ctx, t->body, t->body_size);
    }
    posts_linked_give_back(ctx, ptr, size);
}

static inline void *posts_linked_block(struct posts_linked *l, struct posts_linked_handle *h,
                                       enum posts_block_kind kind)
{
    struct posts_head *head = chosen_reclaim_allocate(&l->domain, &h->reclaim);

    if (head)
        head->kind = kind;
    return head;
}

/* A text of the draft, with what it leaves out from `old`, which may be NULL; or NULL. */
static inline struct posts_text *posts_linked_text(struct posts_linked *l,
                                                   struct posts_linked_handle *h,
                                                   const struct posts_draft *d,
                                                   const struct posts_text *old)
{
    struct posts_text *t = posts_linked_block(l, h, POSTS_TEXT_BLOCK);
    const char *title = d->title ? d->title : old ? old->title : NULL;
    const char *body = d->body ? d->body : old ? old->body : NULL;

    if (!t)
        return NULL;
    t->published_at = old && !d->dated ? old->published_at : d->published_at;
    t->title_size = d->title ? d->title_size : old ? old->title_size : 0;
    t->body_size = d->body ? d->body_size : old ? old->body_size : 0;
    t->body = t->body_size ? posts_linked_take(l, 1, t->body_size) : NULL;
    if (t->body_size && !t->body) {
        t->body_size = 0;
        chosen_reclaim_discard(&l->domain, &h->reclaim, t);
        return NULL;
    }
    if (t->title_size)
        memcpy(t->title, title, t->title_size);
    if (t->body_size)
        memcpy(t->body, body, t->body_size);
    return t;
}

/* ---- the object ---- */

static inline int posts_linked_init(struct posts_linked *l, const struct posts_config *config)
{
    struct posts_config c = { 0 };
    int error;

    if (config)
        c = *config;
    *l = (struct posts_linked){
        .memory = { posts_linked_allocate, posts_linked_release, l },
        .outer = c.allocator,
        .mask = contend_round_up_pow2(c.expected ? c.expected : POSTS_DEFAULT_EXPECTED) - 1,
        .retention_ms = c.retention_ms,
    };
    atomic_init(&l->next_id, 1);
    const struct reclaim_config reclaim = { .align = 16, .size = sizeof(union posts_block),
                                            .allocator = &l->memory };
    l->heads = posts_linked_take(l, CONTEND_CACHE_LINE, (l->mask + 1) * sizeof *l->heads);
    if (!l->heads)
        return -ENOMEM;
    for (uint64_t i = 0; i <= l->mask; i++)
        atomic_init(&l->heads[i], 0);
    error = chosen_reclaim_init(&l->domain, &reclaim);
    if (error)
        posts_linked_give_back(l, l->heads, (l->mask + 1) * sizeof *l->heads);
    return error;
}

static inline int posts_linked_fini(struct posts_linked *l)
{
    /* relaxed, all: no other thread is left. */
    if (atomic_load_explicit(&l->attached, memory_order_relaxed) ||
        !chosen_reclaim_may_end(&l->domain))
        return -EBUSY;
    for (uint64_t i = 0; i <= l->mask; i++) {
        uintptr_t at = atomic_load_explicit(&l->heads[i], memory_order_relaxed);
        struct posts_record *r;
        while ((r = posts_record_of(at)) != NULL) {
            uintptr_t text = atomic_load_explicit(&r->text, memory_order_relaxed);
            at = atomic_load_explicit(&r->next, memory_order_relaxed);
            if (!(text & POSTS_TEXT_CLOSED))
                posts_linked_release(l, (void *)text, sizeof(union posts_block));
            posts_linked_release(l, r, sizeof(union posts_block));
        }
    }
    chosen_reclaim_fini(&l->domain);
    posts_linked_give_back(l, l->heads, (l->mask + 1) * sizeof *l->heads);
    return 0;
}

static inline int posts_linked_attach(struct posts_linked *l, struct posts_linked_handle *h)
{
    int error = chosen_reclaim_attach(&l->domain, &h->reclaim);

    if (!error)
        /* relaxed, here and below: fini comes when nothing is under way. */
        atomic_fetch_add_explicit(&l->attached, 1, memory_order_relaxed);
    return error;
}

static inline void posts_linked_detach(struct posts_linked *l, struct posts_linked_handle *h)
{
    chosen_reclaim_detach(&l->domain, &h->reclaim);
    atomic_fetch_sub_explicit(&l->attached, 1, memory_order_relaxed);
}

static inline _Atomic uintptr_t *posts_linked_head(struct posts_linked *l, uint64_t id)
{
    return &l->heads[presence_hash(id, 0) & l->mask];
}

/* The post's record, or NULL if it is not there; the caller is inside. */
static inline struct posts_record *posts_linked_find(struct posts_linked *l,
                                                     struct posts_linked_handle *h, uint64_t id,
                                                     struct posts_place *p)
{
    if (!posts_chain_find(&l->domain, &h->reclaim, posts_linked_head(l, id), id, p))
        return NULL;
    return posts_state(p->record) == POSTS_DEAD ? NULL : p->record;
}

#endif
