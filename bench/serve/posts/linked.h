/*
 * linked.h - posts in a hash table of lock-free chains; texts by reference, marks in one word.
 *
 * Idea: a post's record has one word that says whether it is live, or deleted and since when, or
 *   dead.  Deleting and restoring are one swap of it.  A purge swaps the very word that it judged,
 *   so that a restore that came in between makes it fail; only then is the record unlinked.  Title,
 *   body and date lie in a block of their own that an edit replaces (read, copy, update); the bio lies
 *   in the record, under a sequence.
 * Invariant: see parts/chain.h for the chains.  A record's state goes LIVE <-> DELETED any number of
 *   times and to DEAD once; only a swap from the judged word changes it.  The link to the text is
 *   closed only after DEAD, so whatever is live or deleted has its text.  A text is retired by the
 *   one thread whose swap or exchange took it out of that link.
 * Linearisation points: create at the swap that links the record; remove, restore, erase and the
 *   purge of a post at the swap of its state; read at its load of the text, if the post was live
 *   before and that link is open; otherwise where it found it not live, closed or missing.  Between
 *   a look at the state and the load of the text the post may have been deleted: the read then
 *   counts just before that, which is right, since a deleted post cannot be edited: an edit that
 *   swaps the text of a post that was deleted after its look counts just before the deletion, and
 *   no read has found the post live since.
 * Progress: read, remove, restore and view are lock-free; what allocates is so apart from the
 *   allocator.  The bio is blocking: a writer that is preempted holds up readers of this post.
 * Read guarantee: title, body and date of one version, the bio of one write.
 * Cost: a look-up passes the deleted posts of its chain until a purge has taken them.  About 220
 *   bytes a post, as much for its title, and the body.
 * Breaks when: nothing is purged and everything is deleted: the chains grow.  The table does not.
 * Use when: posts are read far more often than they are changed.
 * Reference: P. McKenney and J. Slingwine, "Read-Copy Update", 1998; M. Michael, SPAA 2002.
 */
#include "bench/serve/posts/parts/linked_base.h" /* before the guard: it composes */

#ifndef CONTEND_BENCH_SERVE_POSTS_LINKED_H
#define CONTEND_BENCH_SERVE_POSTS_LINKED_H

/* Links a record; the caller is inside.  0 or -EEXIST. */
static inline int posts_linked_link(struct posts_linked *l, struct posts_linked_handle *h,
                                    struct posts_record *r)
{
    _Atomic uintptr_t *head = posts_linked_head(l, r->id);
    struct posts_place p;

    for (;;) {
        if (posts_chain_find(&l->domain, &h->reclaim, head, r->id, &p)) {
            if (posts_state(p.record) != POSTS_DEAD)
                return -EEXIST;
            posts_chain_bury(&l->domain, &h->reclaim, &p);
            continue;
        }
        uintptr_t expected = (uintptr_t)p.record;
        /* relaxed: the swap publishes it. */
        atomic_store_explicit(&r->next, expected, memory_order_relaxed);
        CONTEND_STEP("posts: found no post and about to link one");
        /*
         * release: the record's contents come first; pairs with the acquires of links.  relaxed on
         * failure: the search begins again.
         */
        if (atomic_compare_exchange_strong_explicit(p.link, &expected, (uintptr_t)r,
                                                    memory_order_release, memory_order_relaxed))
            return 0;
    }
}

/* An id that no post has had: the draft's, which later ones are above, or the next. */
static inline uint64_t posts_linked_id(struct posts_linked *l, uint64_t wanted)
{
    /* relaxed, all: a number is taken once, and publishes nothing. */
    if (wanted == 0)
        return atomic_fetch_add_explicit(&l->next_id, 1, memory_order_relaxed);
    uint64_t next = atomic_load_explicit(&l->next_id, memory_order_relaxed);
    while (next <= wanted) {
        /* relaxed, both: as above. */
        if (atomic_compare_exchange_strong_explicit(&l->next_id, &next, wanted + 1,
                                                    memory_order_relaxed, memory_order_relaxed))
            break;
    }
    return wanted;
}

static inline int64_t posts_linked_create(struct posts_linked *l, struct posts_linked_handle *h,
                                          const struct posts_draft *d)
{
    int error = posts_check_draft(d);
    struct posts_record *r = error ? NULL : posts_linked_block(l, h, POSTS_RECORD);
    struct posts_text *t = r ? posts_linked_text(l, h, d, NULL) : NULL;

    if (error || !t) {
        if (r)
            chosen_reclaim_discard(&l->domain, &h->reclaim, r);
        return error ? error : -ENOMEM;
    }
    uint64_t id = posts_linked_id(l, d->id);
    r->id = id;
    r->blog = d->blog;
    r->author = d->author;
    atomic_init(&r->state, POSTS_LIVE);
    atomic_init(&r->views, 0);
    atomic_init(&r->text, (uintptr_t)t);
    posts_words_init(&r->bio, r->bio_words, POSTS_BIO);
    if (d->bio)
        posts_words_write(&r->bio, d->bio, d->bio_size);
    chosen_reclaim_enter(&l->domain, &h->reclaim);
    error = posts_linked_link(l, h, r);
    chosen_reclaim_leave(&l->domain, &h->reclaim);
    if (error) {
        chosen_reclaim_discard(&l->domain, &h->reclaim, t);
        chosen_reclaim_discard(&l->domain, &h->reclaim, r);
    }
    return error ? error : (int64_t)id;
}

/*
 * Shows the post of a record, protected by the place, to visit; -ENOENT if it is dead, or deleted and
 * only live ones are wanted.
 */
static inline int posts_linked_show(struct posts_linked *l, struct posts_linked_handle *h,
                                    const struct posts_place *p, bool deleted_too,
                                    posts_visit *visit, void *ctx)
{
    struct posts_record *r = p->record;
    uint64_t state = posts_state(r);
    char bio[POSTS_BIO];

    if (POSTS_STATE(state) != POSTS_LIVE && !(deleted_too && POSTS_STATE(state) == POSTS_DELETED))
        return -ENOENT;
    CONTEND_STEP("posts: found live and not yet read");
    uintptr_t text = chosen_reclaim_protect(&l->domain, &h->reclaim, posts_place_free_slot(p),
                                            &r->text);
    if (text & POSTS_TEXT_CLOSED)
        return -ENOENT;
    const struct posts_text *t = (const void *)text;
    const struct posts_post post = {
        .id = r->id, .blog = r->blog, .author = r->author, .published_at = t->published_at,
        /* relaxed: a number that stands for itself. */
        .views = atomic_load_explicit(&r->views, memory_order_relaxed),
        .deleted = POSTS_STATE(state) == POSTS_DELETED, .deleted_at = POSTS_SINCE(state),
        .title = t->title, .title_size = t->title_size,
        .body = t->body, .body_size = t->body_size,
        .bio = bio, .bio_size = posts_words_read(&r->bio, bio),
    };
    return visit(ctx, &post);
}

static inline int posts_linked_read(struct posts_linked *l, struct posts_linked_handle *h,
                                    uint64_t id, posts_visit *visit, void *ctx)
{
    struct posts_place p;

    chosen_reclaim_enter(&l->domain, &h->reclaim);
    int answer = posts_linked_find(l, h, id, &p) ? posts_linked_show(l, h, &p, false, visit, ctx)
                                                 : -ENOENT;
    chosen_reclaim_leave(&l->domain, &h->reclaim);
    return answer;
}

/* Replaces the text of a live record by one made of the draft; the caller is inside. */
static inline int posts_linked_replace(struct posts_linked *l, struct posts_linked_handle *h,
                                       const struct posts_place *p, const struct posts_draft *d)
{
    for (;;) {
        if (POSTS_STATE(posts_state(p->record)) != POSTS_LIVE)
            return -ENOENT;
        uintptr_t old = chosen_reclaim_protect(&l->domain, &h->reclaim, posts_place_free_slot(p),
                                               &p->record->text);
        if (old & POSTS_TEXT_CLOSED)
            return -ENOENT;
        struct posts_text *made = posts_linked_text(l, h, d, (const void *)old);
        if (!made)
            return -ENOMEM;
        CONTEND_STEP("posts: text made and not yet swapped");
        /*
         * release: the text's contents come first; pairs with the acquires of protect.  relaxed on
         * failure: it begins again.  `old` is protected, so that its address is no other text's.
         */
        if (atomic_compare_exchange_strong_explicit(&p->record->text, &old, (uintptr_t)made,
                                                    memory_order_release, memory_order_relaxed)) {
            chosen_reclaim_retire(&l->domain, &h->reclaim, (void *)old);
            return 0;
        }
        chosen_reclaim_discard(&l->domain, &h->reclaim, made);
    }
}

static inline int posts_linked_edit(struct posts_linked *l, struct posts_linked_handle *h,
                                    uint64_t id, const struct posts_draft *d)
{
    struct posts_place p;
    int error = posts_check_draft(d);

    if (error)
        return error;
    chosen_reclaim_enter(&l->domain, &h->reclaim);
    if (!posts_linked_find(l, h, id, &p))
        error = -ENOENT;
    else if (d->title || d->body || d->dated)
        error = posts_linked_replace(l, h, &p, d);
    else if (POSTS_STATE(posts_state(p.record)) != POSTS_LIVE)
        error = -ENOENT;
    if (!error && d->bio)
        posts_words_write(&p.record->bio, d->bio, d->bio_size);
    chosen_reclaim_leave(&l->domain, &h->reclaim);
    return error;
}

/* Swaps the state of a post from one of kind `from` to `to`; the kind that it had, or DEAD. */
static inline uint64_t posts_linked_turn(struct posts_linked *l, struct posts_linked_handle *h,
                                         uint64_t id, uint64_t from, uint64_t to)
{
    struct posts_place p;
    uint64_t seen = POSTS_DEAD;

    chosen_reclaim_enter(&l->domain, &h->reclaim);
    if (posts_linked_find(l, h, id, &p)) {
        seen = posts_state(p.record);
        while (POSTS_STATE(seen) == from && !posts_change(p.record, &seen, to))
            ;
    }
    chosen_reclaim_leave(&l->domain, &h->reclaim);
    return POSTS_STATE(seen);
}

static inline int posts_linked_remove(struct posts_linked *l, struct posts_linked_handle *h,
                                      uint64_t id, uint64_t now)
{
    return posts_linked_turn(l, h, id, POSTS_LIVE, now << 2 | POSTS_DELETED) == POSTS_LIVE ? 0
                                                                                           : -ENOENT;
}

static inline int posts_linked_restore(struct posts_linked *l, struct posts_linked_handle *h,
                                       uint64_t id)
{
    uint64_t had = posts_linked_turn(l, h, id, POSTS_DELETED, POSTS_LIVE);

    return had == POSTS_DELETED ? 0 : had == POSTS_LIVE ? -EALREADY : -ENOENT;
}

static inline int posts_linked_erase(struct posts_linked *l, struct posts_linked_handle *h,
                                     uint64_t id)
{
    struct posts_place p;
    int answer = -ENOENT;

    chosen_reclaim_enter(&l->domain, &h->reclaim);
    if (posts_linked_find(l, h, id, &p)) {
        uint64_t seen = posts_state(p.record);
        while (seen != POSTS_DEAD && answer != 0)
            if (posts_change(p.record, &seen, POSTS_DEAD))
                answer = 0;
        if (answer == 0)
            posts_chain_bury(&l->domain, &h->reclaim, &p);
    }
    chosen_reclaim_leave(&l->domain, &h->reclaim);
    return answer;
}

/* Whether a deleted post has been so for as long as the retention says. */
static inline bool posts_linked_is_due(const struct posts_linked *l, uint64_t state, uint64_t now)
{
    return POSTS_STATE(state) == POSTS_DELETED && POSTS_SINCE(state) <= now &&
           now - POSTS_SINCE(state) >= l->retention_ms;
}

/* Purges a chain; how many went, and *seen is increased by how many were looked at. */
static inline int64_t posts_linked_purge_chain(struct posts_linked *l, struct posts_linked_handle *h,
                                               _Atomic uintptr_t *head, uint64_t now, uint64_t *seen)
{
    struct posts_place p;
    int64_t gone = 0;

    chosen_reclaim_enter(&l->domain, &h->reclaim);
    for (uint64_t from = 0;; ++*seen) {
        posts_chain_find(&l->domain, &h->reclaim, head, from, &p);
        if (!p.record)
            break;
        from = p.record->id + 1;
        uint64_t state = posts_state(p.record);
        while (posts_linked_is_due(l, state, now))
            if (posts_change(p.record, &state, POSTS_DEAD)) {
                posts_chain_bury(&l->domain, &h->reclaim, &p);
                gone++;
                break;
            }
    }
    chosen_reclaim_leave(&l->domain, &h->reclaim);
    return gone;
}

static inline int64_t posts_linked_purge(struct posts_linked *l, struct posts_linked_handle *h,
                                         uint64_t now, uint64_t budget)
{
    uint64_t seen = 0;
    int64_t gone = 0;

    for (uint64_t chains = 0; chains <= l->mask && seen < budget; chains++) {
        /* relaxed: two purges may take the same chain or leave one out; the next comes there. */
        uint64_t at = atomic_fetch_add_explicit(&l->cursor, 1, memory_order_relaxed);
        gone += posts_linked_purge_chain(l, h, &l->heads[at & l->mask], now, &seen);
    }
    return gone;
}

static inline int64_t posts_linked_view(struct posts_linked *l, struct posts_linked_handle *h,
                                        uint64_t id)
{
    struct posts_place p;
    int64_t answer = -ENOENT;

    chosen_reclaim_enter(&l->domain, &h->reclaim);
    if (posts_linked_find(l, h, id, &p) && POSTS_STATE(posts_state(p.record)) == POSTS_LIVE)
        /* relaxed: a number that stands for itself. */
        answer = (int64_t)atomic_fetch_add_explicit(&p.record->views, 1, memory_order_relaxed) + 1;
    chosen_reclaim_leave(&l->domain, &h->reclaim);
    return answer;
}

static inline int posts_linked_each(struct posts_linked *l, struct posts_linked_handle *h,
                                    posts_visit *visit, void *ctx)
{
    struct posts_place p;
    int answer = 0;

    for (uint64_t i = 0; i <= l->mask && answer == 0; i++) {
        chosen_reclaim_enter(&l->domain, &h->reclaim);
        for (uint64_t from = 0; answer == 0; from = p.record->id + 1) {
            posts_chain_find(&l->domain, &h->reclaim, &l->heads[i], from, &p);
            if (!p.record)
                break;
            answer = posts_linked_show(l, h, &p, true, visit, ctx);
            answer = answer == -ENOENT ? 0 : answer;
        }
        chosen_reclaim_leave(&l->domain, &h->reclaim);
    }
    return answer;
}

/* Walks the chains unprotected: while nothing is changed. */
static inline void posts_linked_stats(struct posts_linked *l, struct posts_stats *out)
{
    uint64_t passed_all = 0;

    /* relaxed, all: statistics, while nothing is changed. */
    *out = (struct posts_stats){ .bytes = atomic_load_explicit(&l->bytes, memory_order_relaxed),
                                 .attached = atomic_load_explicit(&l->attached,
                                                                  memory_order_relaxed) };
    for (uint64_t i = 0; i <= l->mask; i++) {
        uint64_t passed = 0;
        uintptr_t at = atomic_load_explicit(&l->heads[i], memory_order_relaxed);
        for (struct posts_record *r; (r = posts_record_of(at)) != NULL; passed++) {
            uint64_t state = atomic_load_explicit(&r->state, memory_order_relaxed);
            out->live += POSTS_STATE(state) == POSTS_LIVE;
            out->deleted += POSTS_STATE(state) == POSTS_DELETED;
            passed_all += POSTS_STATE(state) == POSTS_LIVE ? passed + 1 : 0;
            at = atomic_load_explicit(&r->next, memory_order_relaxed);
        }
        out->probes_most = passed > out->probes_most ? passed : out->probes_most;
    }
    out->probes = out->live ? (double)passed_all / (double)out->live : 0;
}

static const struct posts_traits posts_linked_traits = {
    .id = {
        .name = "linked_" CHOSEN_RECLAIM_NAME,
        .title = "lock-free chains, texts by reference: " CHOSEN_RECLAIM_TITLE,
        .reference = CHOSEN_RECLAIM_PAPER,
        .flags = chosen_reclaim_flags,
    },
    .reads = CONTEND_BLOCKING,
    .writes = CONTEND_LOCK_FREE | chosen_reclaim_modulo,
    .bodies = "read, copy, update",
    .bios = "sequence",
};

#endif
