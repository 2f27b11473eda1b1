/*
 * posts.c - every way to keep posts is held to its contract, alone and among threads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/serve/posts/posts.h"
#include "locks/parts/platform.h"

enum { THREADS = 4, POSTS = 8, ROUNDS = 3000 };

/* Counts what an object holds, and refuses the allocation after `left` more. */
struct heap {
    _Atomic int64_t bytes;
    _Atomic int64_t left;
};

static void *take(void *ctx, size_t align, size_t size)
{
    struct heap *h = ctx;
    void *block = atomic_fetch_sub(&h->left, 1) == 0 ? NULL : contend_alloc(align, size);

    if (block)
        atomic_fetch_add(&h->bytes, (int64_t)size);
    return block;
}

static void give_back(void *ctx, void *block, size_t size)
{
    struct heap *h = ctx;

    atomic_fetch_sub(&h->bytes, (int64_t)size);
    free(block);
}

struct rig {
    const struct posts_ops *ops;
    void *object, *handle;
    struct heap heap;
    struct contend_allocator allocator;
    struct posts_config config;
};

static void *attached(const struct rig *r)
{
    void *handle = contend_alloc(r->ops->handle_align < 16 ? 16 : r->ops->handle_align,
                                 r->ops->handle_size);

    assert_non_null(handle);
    assert_int_equal(r->ops->attach(r->object, handle), 0);
    return handle;
}

static void rig_up(struct rig *r, const struct posts_ops *ops, uint64_t expected, uint64_t retention)
{
    *r = (struct rig){ .ops = ops };
    atomic_init(&r->heap.left, -1);
    r->allocator = (struct contend_allocator){ take, give_back, &r->heap };
    r->config = (struct posts_config){ expected, retention, &r->allocator };
    r->object = contend_alloc(ops->align, ops->size);
    assert_non_null(r->object);
    assert_int_equal(ops->init(r->object, &r->config), 0);
    r->handle = attached(r);
}

static void rig_down(struct rig *r)
{
    assert_int_equal(r->ops->fini(r->object), -EBUSY);
    r->ops->detach(r->object, r->handle);
    free(r->handle);
    assert_int_equal(r->ops->fini(r->object), 0);
    assert_int_equal(atomic_load(&r->heap.bytes), 0);
    free(r->object);
}

static struct posts_draft draft_of(uint64_t id, const char *title, const char *body, const char *bio)
{
    return (struct posts_draft){
        .id = id, .blog = 7, .author = 9, .published_at = 1234567890123,
        .title = title, .body = body, .bio = bio,
        .title_size = title ? (uint32_t)strlen(title) : 0,
        .body_size = body ? (uint32_t)strlen(body) : 0,
        .bio_size = bio ? (uint32_t)strlen(bio) : 0,
    };
}

/* What a read gave, as "id:blog:author:date:views:title|body|bio". */
static int note(void *ctx, const struct posts_post *p)
{
    snprintf(ctx, 256, "%d:%d:%d:%llu:%d:%.*s|%.*s|%.*s", (int)p->id, (int)p->blog, (int)p->author,
             (unsigned long long)p->published_at, (int)p->views, (int)p->title_size, p->title,
             (int)p->body_size, p->body ? p->body : "", (int)p->bio_size, p->bio);
    return 3;
}

static void reads_as(struct rig *r, uint64_t id, const char *wanted)
{
    char seen[256] = "";

    assert_int_equal(r->ops->read(r->object, r->handle, id, note, seen), wanted ? 3 : -ENOENT);
    assert_string_equal(seen, wanted ? wanted : "");
}

static void a_life(const struct posts_ops *ops)
{
    struct posts_draft d = draft_of(0, "one", "first body", "a bio");
    struct posts_stats stats;
    struct rig r;

    rig_up(&r, ops, 4, 100);
    assert_int_equal(ops->create(r.object, r.handle, &d), 1);
    reads_as(&r, 1, "1:7:9:1234567890123:0:one|first body|a bio");
    reads_as(&r, 2, NULL);
    d = draft_of(0, NULL, "second, longer body", NULL);
    assert_int_equal(ops->edit(r.object, r.handle, 1, &d), 0);
    assert_int_equal(ops->view(r.object, r.handle, 1), 1);
    assert_int_equal(ops->view(r.object, r.handle, 1), 2);
    reads_as(&r, 1, "1:7:9:1234567890123:2:one|second, longer body|a bio");
    d = draft_of(0, "two", NULL, "another bio, of more than 16 bytes");
    assert_int_equal(ops->edit(r.object, r.handle, 1, &d), 0);
    reads_as(&r, 1, "1:7:9:1234567890123:2:two|second, longer body|another bio, of more than 16 bytes");
    d = draft_of(0, NULL, "", "");
    assert_int_equal(ops->edit(r.object, r.handle, 1, &d), 0);
    reads_as(&r, 1, "1:7:9:1234567890123:2:two||");
    d = (struct posts_draft){ .dated = true, .published_at = 0 };
    assert_int_equal(ops->edit(r.object, r.handle, 1, &d), 0);
    reads_as(&r, 1, "1:7:9:0:2:two||");
    d = (struct posts_draft){ .dated = true, .published_at = 1234567890123, .title = "two", .title_size = 3 };
    assert_int_equal(ops->edit(r.object, r.handle, 1, &d), 0);
    reads_as(&r, 1, "1:7:9:1234567890123:2:two||");

    assert_int_equal(ops->restore(r.object, r.handle, 1), -EALREADY);
    assert_int_equal(ops->remove(r.object, r.handle, 1, 1000), 0);
    assert_int_equal(ops->remove(r.object, r.handle, 1, 1001), -ENOENT);
    reads_as(&r, 1, NULL);
    assert_int_equal(ops->view(r.object, r.handle, 1), -ENOENT);
    assert_int_equal(ops->edit(r.object, r.handle, 1, &d), -ENOENT);
    d = draft_of(1, "taken", NULL, NULL);
    assert_int_equal(ops->create(r.object, r.handle, &d), -EEXIST);
    ops->stats(r.object, &stats);
    assert_true(stats.live == 0 && stats.deleted == 1 && stats.attached == 1);
    assert_int_equal(ops->restore(r.object, r.handle, 1), 0);
    reads_as(&r, 1, "1:7:9:1234567890123:2:two||");
    assert_int_equal(ops->erase(r.object, r.handle, 1), 0);
    assert_int_equal(ops->erase(r.object, r.handle, 1), -ENOENT);
    assert_int_equal(ops->restore(r.object, r.handle, 1), -ENOENT);
    ops->stats(r.object, &stats);
    assert_true(stats.live == 0 && stats.deleted == 0);
    assert_int_equal(ops->create(r.object, r.handle, &d), 1); /* erased: its id may come again */
    d.id = 0;
    assert_int_equal(ops->create(r.object, r.handle, &d), 2);
    rig_down(&r);
}

/* At exactly the retention it goes, a millisecond before not; and a restored one never. */
static void purges_keep_to_the_retention(const struct posts_ops *ops)
{
    struct posts_draft d = draft_of(0, "t", "b", NULL);
    struct rig r;

    rig_up(&r, ops, 2, 100);
    for (uint64_t id = 1; id <= 20; id++) {
        assert_int_equal(ops->create(r.object, r.handle, &d), id);
        assert_int_equal(ops->remove(r.object, r.handle, id, 1000 + id), 0);
    }
    assert_int_equal(ops->restore(r.object, r.handle, 5), 0);
    assert_int_equal(ops->purge(r.object, r.handle, 1100, 1000), 0);
    assert_int_equal(ops->purge(r.object, r.handle, 1110, 1000), 9);
    assert_int_equal(ops->restore(r.object, r.handle, 10), -ENOENT);
    assert_int_equal(ops->restore(r.object, r.handle, 11), 0);
    assert_int_equal(ops->purge(r.object, r.handle, 500, 1000), 0); /* before the removals */
    int64_t gone = 0;
    for (unsigned i = 0; i < 20; i++) /* a budget of one chain at a time */
        gone += ops->purge(r.object, r.handle, 1120, 1);
    assert_int_equal(gone, 9);
    reads_as(&r, 5, "5:7:9:1234567890123:0:t|b|");
    reads_as(&r, 11, "11:7:9:1234567890123:0:t|b|");
    rig_down(&r);
}

/* Live posts count 1, deleted ones 100 and the time of their removal. */
static int count_visit(void *ctx, const struct posts_post *p)
{
    unsigned *seen = ctx;

    seen[p->id] += p->deleted ? 100 + (unsigned)p->deleted_at : 1;
    return p->id == 99;
}

static void walks_meet_the_live_and_the_deleted(const struct posts_ops *ops)
{
    struct posts_draft d = draft_of(0, "t", NULL, NULL);
    unsigned seen[100] = { 0 };
    struct rig r;

    rig_up(&r, ops, 4, 0);
    for (d.id = 1; d.id <= 50; d.id++)
        assert_int_equal(ops->create(r.object, r.handle, &d), d.id);
    for (uint64_t id = 10; id < 20; id++)
        assert_int_equal(ops->remove(r.object, r.handle, id, id), 0);
    assert_int_equal(ops->restore(r.object, r.handle, 15), 0);
    assert_int_equal(ops->erase(r.object, r.handle, 16), 0);
    assert_int_equal(ops->each(r.object, r.handle, count_visit, seen), 0);
    for (unsigned id = 1; id <= 50; id++)
        assert_int_equal(seen[id], id == 16 ? 0 : id >= 10 && id < 20 && id != 15 ? 100 + id : 1);
    d.id = 99;
    assert_int_equal(ops->create(r.object, r.handle, &d), 99);
    assert_int_equal(ops->each(r.object, r.handle, count_visit, seen), 1);
    struct posts_stats s;
    ops->stats(r.object, &s);
    assert_true(s.live == 42 && s.deleted == 8 && s.probes > 5 && s.probes_most > 8);
    rig_down(&r);
}

static void limits_are_told(const struct posts_ops *ops)
{
    char title[POSTS_TITLE + 1];
    struct posts_draft d = draft_of(0, NULL, NULL, NULL);
    struct rig r;

    memset(title, 'x', sizeof title);
    rig_up(&r, ops, 4, 0);
    d.title = title;
    d.title_size = sizeof title;
    assert_int_equal(ops->create(r.object, r.handle, &d), -EINVAL);
    d.title_size = POSTS_TITLE;
    assert_int_equal(ops->create(r.object, r.handle, &d), 1);
    d.bio = title;
    d.bio_size = POSTS_BIO + 1;
    assert_int_equal(ops->edit(r.object, r.handle, 1, &d), -EINVAL);
    d.bio_size = POSTS_BIO;
    assert_int_equal(ops->edit(r.object, r.handle, 1, &d), 0);
    d.id = UINT64_MAX;
    assert_int_equal(ops->create(r.object, r.handle, &d), -EINVAL);
    rig_down(&r);
}

/* Each allocation fails once: the call says so, and nothing has changed. */
static void a_failing_allocation_changes_nothing(const struct posts_ops *ops)
{
    struct posts_draft d = draft_of(5, "one", "first body", NULL);
    struct rig r;
    int n;

    rig_up(&r, ops, 4, 0);
    for (n = 0; n < 10; n++) {
        atomic_store(&r.heap.left, n);
        int64_t id = ops->create(r.object, r.handle, &d);
        atomic_store(&r.heap.left, -1);
        if (id == 5)
            break;
        assert_int_equal(id, -ENOMEM);
        reads_as(&r, 5, NULL);
    }
    assert_in_range(n, 2, 9);
    d = draft_of(0, NULL, "second", NULL);
    for (n = 0; n < 10; n++) {
        atomic_store(&r.heap.left, n);
        int error = ops->edit(r.object, r.handle, 5, &d);
        atomic_store(&r.heap.left, -1);
        if (error == 0)
            break;
        assert_int_equal(error, -ENOMEM);
        reads_as(&r, 5, "5:7:9:1234567890123:0:one|first body|");
    }
    assert_in_range(n, 1, 9);
    rig_down(&r);
}

/* ---- among threads ---- */

struct arena {
    struct rig rig;
    _Atomic uint64_t trouble, views[POSTS + 1], purged;
    _Atomic uint64_t now;
};

struct player {
    struct arena *arena;
    unsigned number;
    pthread_t thread;
};

/* Every letter of a version's title, body and bio is the same. */
static int whole(void *ctx, const struct posts_post *p)
{
    struct arena *a = ctx;
    bool good = p->title_size == 16 && p->body_size == 300 && p->title[0] == p->body[0];

    for (uint32_t i = 0; good && i < p->title_size; i++)
        good = p->title[i] == p->title[0];
    for (uint32_t i = 0; good && i < p->body_size; i++)
        good = p->body[i] == p->body[0];
    for (uint32_t i = 0; good && i < p->bio_size; i++)
        good = p->bio[i] == p->bio[0];
    if (!good)
        atomic_fetch_add(&a->trouble, 1);
    return 0;
}

static struct posts_draft draft_of_letter(uint64_t id, char letter, char text[300])
{
    memset(text, letter, 300);
    return (struct posts_draft){ .id = id, .title = text, .title_size = 16, .body = text,
                                 .body_size = 300, .bio = text, .bio_size = 48 };
}

static void play_once(struct arena *a, void *handle, uint64_t draw)
{
    const struct posts_ops *ops = a->rig.ops;
    uint64_t id = 1 + draw % POSTS, now = atomic_fetch_add(&a->now, 1);
    char text[300];
    struct posts_draft d = draft_of_letter(id, (char)('a' + draw / 64 % 26), text);
    int64_t gone;

    switch (draw / 8 % 8) {
    case 0: ops->edit(a->rig.object, handle, id, &d); break;
    case 1: ops->remove(a->rig.object, handle, id, now); break;
    case 2:
        ops->restore(a->rig.object, handle, id);
        break;
    case 3:
        if (ops->view(a->rig.object, handle, id) > 0)
            atomic_fetch_add(&a->views[id], 1);
        break;
    case 4: ops->create(a->rig.object, handle, &d); break;
    case 5:
        gone = ops->purge(a->rig.object, handle, now, 4);
        atomic_fetch_add(&a->purged, (uint64_t)gone);
        break;
    case 6: ops->each(a->rig.object, handle, whole, a); break;
    default: ops->read(a->rig.object, handle, id, whole, a);
    }
}

static void *play(void *arg)
{
    struct player *p = arg;
    struct arena *a = p->arena;
    void *handle = contend_alloc(CONTEND_CACHE_LINE, a->rig.ops->handle_size);
    uint64_t state = p->number + 1;

    if (!handle || a->rig.ops->attach(a->rig.object, handle) != 0)
        abort();
    for (unsigned i = 0; i < ROUNDS; i++) {
        state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        play_once(a, handle, state >> 33);
    }
    a->rig.ops->detach(a->rig.object, handle);
    free(handle);
    return NULL;
}

static void texts_stay_whole_among_threads(const struct posts_ops *ops)
{
    static struct arena a;
    struct player players[THREADS];
    char text[300];

    memset(&a, 0, sizeof a);
    rig_up(&a.rig, ops, 4, 5);
    for (uint64_t id = 1; id <= POSTS; id++) {
        struct posts_draft d = draft_of_letter(id, 'a', text);
        assert_int_equal(ops->create(a.rig.object, a.rig.handle, &d), id);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        players[i] = (struct player){ .arena = &a, .number = i };
        assert_int_equal(pthread_create(&players[i].thread, NULL, play, &players[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(players[i].thread, NULL);
    assert_int_equal(atomic_load(&a.trouble), 0);
    assert_true(atomic_load(&a.purged) > 0);
    struct posts_stats s;
    ops->stats(a.rig.object, &s);
    assert_true(s.live + s.deleted <= POSTS);
    rig_down(&a.rig);
}

/* ---- each of this build ---- */

static void (*const cases[])(const struct posts_ops *) = {
    a_life, purges_keep_to_the_retention, walks_meet_the_live_and_the_deleted, limits_are_told,
    a_failing_allocation_changes_nothing, texts_stay_whole_among_threads,
};

static bool can_run(const struct posts_ops *ops)
{
#ifdef __SANITIZE_THREAD__
    return !(ops->traits->id.flags & CONTEND_TSAN_UNSOUND);
#else
    return ops != NULL;
#endif
}

static void run(void **state)
{
    void (*const *one)(const struct posts_ops *) = *state;

    for (const struct posts_ops *const *ops = contend_posts_registry; *ops; ops++)
        if (can_run(*ops)) {
            print_message("# %s\n", (*ops)->traits->id.name);
            (*one)(*ops);
        }
}

static void names_are_found(void **state)
{
    (void)state;
    assert_ptr_equal(contend_posts_find("mutex"), contend_posts_registry[0]);
    assert_null(contend_posts_find("nonsense"));
}

int main(void)
{
    struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(run, (void *)&cases[0]),
        cmocka_unit_test_prestate(run, (void *)&cases[1]),
        cmocka_unit_test_prestate(run, (void *)&cases[2]),
        cmocka_unit_test_prestate(run, (void *)&cases[3]),
        cmocka_unit_test_prestate(run, (void *)&cases[4]),
        cmocka_unit_test_prestate(run, (void *)&cases[5]),
        cmocka_unit_test(names_are_found),
    };
    static const char *const names[] = {
        "a life", "purges keep to the retention", "walks meet the live and the deleted", "limits are told",
        "a failing allocation changes nothing", "texts stay whole among threads",
    };

    for (unsigned i = 0; i < 6; i++)
        tests[i].name = names[i];
    return cmocka_run_group_tests_name("posts", tests, NULL, NULL);
}
