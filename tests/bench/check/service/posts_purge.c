/*
 * posts_purge.c - a purge, a restore that races with it, and an edit, on one post.
 *
 * The post was removed at 10, and is kept for 50.  A purge at 105 may take it, unless it is restored
 * before; if it then is removed again at 100, it is not due.
 */
#define CONTEND_RECLAIM epoch
#include "bench/serve/posts/linked.h"
#include "bench/check/textbook/textbook.h"

enum { RETENTION = 50, REMOVED = 10, REMOVED_AGAIN = 100, PURGED = 105 };

static struct posts_linked *posts;
static int restored, edited;
static int64_t purged;

static void setup(void *unused)
{
    const struct posts_config config = { .expected = 1, .retention_ms = RETENTION };
    const struct posts_draft draft = { .id = 1, .title = "a", .title_size = 1, .body = "x",
                                       .body_size = 1 };
    struct posts_linked_handle me;

    (void)unused;
    posts = aligned_alloc(CONTEND_CACHE_LINE, sizeof *posts);
    check_that(posts_linked_init(posts, &config) == 0 && posts_linked_attach(posts, &me) == 0);
    check_that(posts_linked_create(posts, &me, &draft) == 1);
    check_that(posts_linked_remove(posts, &me, 1, REMOVED) == 0);
    posts_linked_detach(posts, &me);
    restored = edited = 0;
    purged = 0;
}

static void restore(void *unused)
{
    struct posts_linked_handle me;

    (void)unused;
    check_that(posts_linked_attach(posts, &me) == 0);
    restored = posts_linked_restore(posts, &me, 1);
    if (restored == 0)
        check_that(posts_linked_remove(posts, &me, 1, REMOVED_AGAIN) == 0);
    posts_linked_detach(posts, &me);
}

static void purge(void *unused)
{
    struct posts_linked_handle me;

    (void)unused;
    check_that(posts_linked_attach(posts, &me) == 0);
    purged = posts_linked_purge(posts, &me, PURGED, 10);
    posts_linked_detach(posts, &me);
}

static void edit(void *unused)
{
    const struct posts_draft draft = { .title = "b", .title_size = 1, .body = "y", .body_size = 1 };
    struct posts_linked_handle me;

    (void)unused;
    check_that(posts_linked_attach(posts, &me) == 0);
    edited = posts_linked_edit(posts, &me, 1, &draft);
    posts_linked_detach(posts, &me);
}

static int look(void *unused, const struct posts_post *post)
{
    (void)unused;
    check_that(post->title_size == 1 && post->body_size == 1);
    check_that((post->title[0] == 'b') == (post->body[0] == 'y'));
    check_that(edited == 0 ? post->title[0] == 'b' : post->title[0] == 'a');
    return 0;
}

static void finally(void *unused)
{
    struct posts_linked_handle me;

    (void)unused;
    check_that(edited == 0 || edited == -ENOENT);
    check_that(posts_linked_attach(posts, &me) == 0);
    if (restored == 0) {
        check_that(purged == 0);
        check_that(posts_linked_restore(posts, &me, 1) == 0);
        check_that(posts_linked_read(posts, &me, 1, look, NULL) == 0);
    } else {
        check_that(restored == -ENOENT && purged == 1 && edited == -ENOENT);
        check_that(posts_linked_restore(posts, &me, 1) == -ENOENT);
    }
    posts_linked_detach(posts, &me);
    check_that(posts_linked_fini(posts) == 0);
    free(posts);
}

const struct check_test textbook = { .name = "posts_purge", .setup = setup,
                                     .threads = { restore, purge, edit }, .finally = finally };
