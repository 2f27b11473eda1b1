/*
 * blogs.c - the service without sockets: threads that write, edit, delete, restore, purge, clap and save
 * at once, over every way to keep posts and every cache.
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
#include <unistd.h>

#include "bench/base/family.h"
#include "bench/serve/service.h"
#include "bench/serve/state.h"

enum { WORKERS = 3, POSTS = 40, READERS = 8, FIRST = 6, ROUNDS = 400, BODY = 200 };

static void make(struct service *s, const struct posts_ops *posts, const struct cache_ops *cache)
{
    static const char *const names[PARTS] = { "presence", "claps", "counter" };
    struct service_plan plan = { .posts_ops = posts, .cache_ops = cache, .most_users = 64,
                                 .posts = POSTS, .readers = READERS, .retention_ms = 60000,
                                 .workers = WORKERS, .speed = 10000 };
    const char *culprit;

    for (int part = 0; part < PARTS; part++) {
        const struct family *f = family_named(names[part]);
        plan.parts[part].strategy = family_find(f, family_reference(f));
    }
    assert_int_equal(service_make(s, &plan, &culprit), 0);
    assert_int_equal(service_attach(s, WORKERS), 0);
}

static void end(struct service *s)
{
    service_detach(s, WORKERS);
    service_end(s);
}

/* ---- at once ---- */

struct worker_of {
    struct service *s;
    unsigned side;
    int64_t granted;
    _Atomic uint64_t *wrong;
};

/* Title and body of one letter each, and of the same; a bio of one letter. */
static int look(void *ctx, const struct posts_post *p)
{
    _Atomic uint64_t *wrong = ctx;
    bool good = p->title_size > 0 && p->body_size == BODY && p->bio_size > 0 && !p->deleted;

    for (uint32_t i = 0; good && i < p->body_size; i++)
        good = p->body[i] == p->title[0];
    for (uint32_t i = 0; good && i < p->bio_size; i++)
        good = p->bio[i] == p->bio[0];
    if (!good)
        atomic_fetch_add(wrong, 1);
    return 0;
}

static struct posts_draft draft_of(char *text, char letter)
{
    memset(text, letter, BODY);
    return (struct posts_draft){ .blog = 1, .title = text, .title_size = 20, .body = text,
                                 .body_size = BODY };
}

static void set_bio(struct service *s, unsigned side, char letter)
{
    struct directory_person p = { .id = 1, .name_size = 1, .bio_size = 40, .name = "x" };

    memset(p.bio, letter, 40);
    if (service_set_person(s, side, &p) < 0)
        abort();
}

static void act(struct worker_of *w, unsigned draw)
{
    struct service *s = w->s;
    uint64_t post = 1 + draw / 16 % FIRST;
    char text[BODY], letter = (char)('a' + draw / 128 % 26);
    struct posts_draft d = draft_of(text, letter);
    struct service_claps done = { .granted = 0 };

    switch (draw % 12) {
    case 0: service_edit_post(s, w->side, post, &d); break;
    case 1: service_remove_post(s, w->side, post); break;
    case 2: case 3: service_restore_post(s, w->side, post); break;
    case 4: set_bio(s, w->side, letter); break;
    case 5: service_write_post(s, w->side, &d); break;
    case 6: service_tend(s, w->side); break;
    case 7: case 8:
        if (service_clap(s, w->side, post, draw / 4096 % READERS, draw % 2 ? 3 : -2, &done) == 0)
            w->granted += done.granted;
        break;
    case 9: service_cached_total(s, w->side, post); break;
    default: service_read_post(s, w->side, post, look, w->wrong);
    }
}

static void *work(void *arg)
{
    struct worker_of *w = arg;
    uint64_t state = 88172645463325252u + w->side;

    if (service_attach(w->s, w->side) != 0)
        abort();
    for (unsigned i = 0; i < ROUNDS; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        act(w, (unsigned)(state >> 20));
    }
    service_detach(w->s, w->side);
    return NULL;
}

static int64_t all_totals(struct service *s)
{
    int64_t sum = 0;

    for (uint64_t post = 0; post < POSTS; post++)
        sum += service_total(s, WORKERS, post);
    return sum;
}

/* Each post as a line, by its number. */
static int note(void *ctx, const struct posts_post *p)
{
    char (*lines)[64] = ctx;

    snprintf(lines[p->id], sizeof lines[0], "%d %.*s %.*s %d", p->deleted, 3, p->title, 3, p->body,
             p->deleted ? 0 : p->bio[0]);
    return 0;
}

/* What a state brings back is what was saved. */
static void is_restored(struct service *s, const struct posts_ops *posts, const char *path)
{
    static char before[POSTS][64], after[POSTS][64];
    struct service other;

    memset(before, 0, sizeof before);
    memset(after, 0, sizeof after);
    assert_int_equal(blogs_each_post(s->blogs, WORKERS, note, before), 0);
    assert_int_equal(state_save(s, path), 0);
    make(&other, posts, NULL);
    assert_int_equal(state_restore(&other, path), 1);
    assert_int_equal(blogs_each_post(other.blogs, WORKERS, note, after), 0);
    for (unsigned post = 0; post < POSTS; post++)
        assert_string_equal(before[post], after[post]);
    assert_int_equal(all_totals(s), all_totals(&other));
    assert_int_equal(blogs_last(s->blogs), blogs_last(other.blogs));
    end(&other);
}

static void all_at_once(const struct posts_ops *posts, const struct cache_ops *cache)
{
    struct worker_of workers[WORKERS];
    pthread_t threads[WORKERS];
    _Atomic uint64_t wrong = 0;
    char path[] = "/tmp/contend-blogs-XXXXXX", text[BODY];
    struct directory_blog blog = { .owner = 1, .title_size = 1, .title = "b" };
    int64_t granted = 0;
    int fd = mkstemp(path);
    struct service s;

    assert_true(fd >= 0);
    close(fd);
    make(&s, posts, cache);
    set_bio(&s, WORKERS, 'z');
    assert_int_equal(directory_open(blogs_directory(s.blogs), &blog), 0);
    for (unsigned i = 0; i < FIRST; i++) {
        struct posts_draft d = draft_of(text, 'z');
        assert_int_equal(service_write_post(&s, WORKERS, &d), i + 1);
    }
    for (unsigned i = 0; i < WORKERS; i++) {
        workers[i] = (struct worker_of){ &s, i, 0, &wrong };
        assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    }
    for (int i = 0; i < 3; i++)
        assert_int_equal(state_save(&s, path), 0);
    for (unsigned i = 0; i < WORKERS; i++) {
        pthread_join(threads[i], NULL);
        granted += workers[i].granted;
    }
    assert_int_equal(wrong, 0);
    assert_int_equal(all_totals(&s), granted);
    is_restored(&s, posts, path);
    end(&s);
    unlink(path);
}

/* ThreadSanitizer cannot follow some. */
static bool can_run(const struct contend_identity *id)
{
#ifdef __SANITIZE_THREAD__
    return !(id->flags & CONTEND_TSAN_UNSOUND);
#else
    return id != NULL;
#endif
}

static void every_means_of_posts(void **state)
{
    (void)state;
    for (size_t i = 0; contend_posts_registry[i]; i++)
        if (can_run(&contend_posts_registry[i]->traits->id))
            all_at_once(contend_posts_registry[i], NULL);
}

static void every_cache(void **state)
{
    (void)state;
    for (size_t i = 0; contend_cache_registry[i]; i++)
        if (can_run(&contend_cache_registry[i]->traits->id))
            all_at_once(contend_posts_registry[0], contend_cache_registry[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_means_of_posts),
        cmocka_unit_test(every_cache),
    };

    return cmocka_run_group_tests_name("blogs", tests, NULL, NULL);
}
