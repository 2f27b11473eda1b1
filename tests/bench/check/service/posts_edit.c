/*
 * posts_edit.c - two edits of one post, and one that takes it away.
 *
 * Whatever text is taken out of the post is given back once, by the thread that took it out.
 */
#define CONTEND_RECLAIM epoch
#include "bench/serve/posts/linked.h"
#include "bench/check/textbook/textbook.h"

static struct posts_linked *posts;
static int answers[2], erased;

static void setup(void *unused)
{
    const struct posts_config config = { .expected = 1 };
    const struct posts_draft draft = { .id = 1, .body = "x", .body_size = 1 };
    struct posts_linked_handle me;

    (void)unused;
    posts = aligned_alloc(CONTEND_CACHE_LINE, sizeof *posts);
    check_that(posts_linked_init(posts, &config) == 0 && posts_linked_attach(posts, &me) == 0);
    check_that(posts_linked_create(posts, &me, &draft) == 1);
    posts_linked_detach(posts, &me);
}

static int edit(const char *body)
{
    const struct posts_draft draft = { .body = body, .body_size = 1 };
    struct posts_linked_handle me;

    check_that(posts_linked_attach(posts, &me) == 0);
    int answer = posts_linked_edit(posts, &me, 1, &draft);
    posts_linked_detach(posts, &me);
    check_that(answer == 0 || answer == -ENOENT);
    return answer;
}

static void edit_a(void *unused)
{
    (void)unused;
    answers[0] = edit("a");
}

static void edit_b(void *unused)
{
    (void)unused;
    answers[1] = edit("b");
}

static void erase(void *unused)
{
    struct posts_linked_handle me;

    (void)unused;
    check_that(posts_linked_attach(posts, &me) == 0);
    erased = posts_linked_erase(posts, &me, 1);
    posts_linked_detach(posts, &me);
}

/* What was requested and not given back is a leak, which the checker reports. */
static void finally(void *unused)
{
    (void)unused;
    check_that(erased == 0);
    check_that(posts_linked_fini(posts) == 0);
    free(posts);
}

const struct check_test textbook = { .name = "posts_edit", .setup = setup,
                                     .threads = { edit_a, edit_b, erase }, .finally = finally };
