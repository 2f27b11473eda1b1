/*
 * shared.c - every way to keep a text and to wait for news is held to its contract among threads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "bench/serve/posts/date.h"
#include "bench/serve/posts/text/text.h"
#include "bench/serve/wait/wait.h"
#include "locks/parts/platform.h"

enum { THREADS = 3, ROUNDS = 1500, NEWS = 3000 };

/* ---- texts ---- */

struct shelf {
    const struct text_ops *ops;
    void *text;
    size_t words;
    _Atomic uint64_t torn, next;
};

static void whole(void *ctx, const uint64_t *words, size_t count)
{
    struct shelf *s = ctx;

    for (size_t i = 0; i < count; i++)
        atomic_fetch_add(&s->torn, words[i] != words[0]);
    atomic_fetch_add(&s->torn, count != s->words);
}

static void *share(void *arg)
{
    struct shelf *s = arg;
    void *handle = contend_alloc(CONTEND_CACHE_LINE, s->ops->handle_size);
    uint64_t words[TEXT_LARGEST / 8];

    if (!handle || s->ops->attach(s->text, handle) != 0)
        abort();
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint64_t mine = atomic_fetch_add(&s->next, 1);
        for (size_t k = 0; k < s->words; k++)
            words[k] = mine;
        if (i % 3 == 0 && s->ops->write(s->text, handle, words) != 0)
            abort();
        s->ops->read(s->text, handle, whole, s);
    }
    s->ops->detach(s->text, handle);
    free(handle);
    return NULL;
}

static void texts_are_whole(void **state)
{
    static const size_t sizes[] = { 8, 16, 24, 1024, TEXT_LARGEST };

    (void)state;
    for (const struct text_ops *const *ops = contend_text_registry; *ops; ops++) {
        struct shelf s = { .ops = *ops, .text = contend_alloc(CONTEND_CACHE_LINE, (*ops)->size) };
        pthread_t threads[THREADS];
#ifdef __SANITIZE_THREAD__
        if ((*ops)->traits->id.flags & CONTEND_TSAN_UNSOUND ||
            strcmp((*ops)->traits->id.name, "inline_seqlock") == 0)
            goto next; /* it relies on fences */
#endif
        assert_non_null(s.text);
        assert_int_equal((*ops)->init(s.text, 0), -ERANGE);
        assert_int_equal((*ops)->init(s.text, 12), -ERANGE);
        assert_int_equal((*ops)->init(s.text, (*ops)->traits->greatest + 8), -ERANGE);
        for (unsigned k = 0; k < 5; k++) {
            if (sizes[k] > (*ops)->traits->greatest)
                continue;
            s.words = sizes[k] / 8;
            assert_int_equal((*ops)->init(s.text, sizes[k]), 0);
            for (unsigned i = 0; i < THREADS; i++)
                assert_int_equal(pthread_create(&threads[i], NULL, share, &s), 0);
            for (unsigned i = 0; i < THREADS; i++)
                pthread_join(threads[i], NULL);
            (*ops)->fini(s.text);
            assert_int_equal(atomic_load(&s.torn), 0);
        }
#ifdef __SANITIZE_THREAD__
next:
#endif
        free(s.text);
    }
}

/* ---- news ---- */

struct news {
    const struct wait_ops *ops;
    void *wait;
    uint64_t letters[NEWS + 1]; /* written before each announcement, plain */
    _Atomic uint64_t trouble;
};

static void *follow(void *arg)
{
    struct news *n = arg;

    for (uint32_t seen = 0; seen < NEWS;) {
        uint32_t now = n->ops->await(n->wait, seen);
        atomic_fetch_add(&n->trouble, now <= seen || now > NEWS || n->letters[now] != now);
        seen = now;
    }
    return NULL;
}

static void news_reach_every_waiter(void **state)
{
    (void)state;
    for (const struct wait_ops *const *ops = contend_wait_registry; *ops; ops++) {
        struct news *n = calloc(1, sizeof *n);
        pthread_t threads[THREADS];
#ifdef __SANITIZE_THREAD__
        if ((*ops)->traits->id.flags & CONTEND_TSAN_UNSOUND) {
            free(n);
            continue;
        }
#endif
        assert_non_null(n);
        n->ops = *ops;
        n->wait = contend_alloc(CONTEND_CACHE_LINE, (*ops)->size);
        (*ops)->init(n->wait);
        for (unsigned i = 0; i < THREADS; i++)
            assert_int_equal(pthread_create(&threads[i], NULL, follow, n), 0);
        for (uint64_t i = 1; i <= NEWS; i++) {
            n->letters[i] = i;
            (*ops)->announce(n->wait);
            if (i % 64 == 0) /* so that waiters fall asleep in between */
                nanosleep(&(struct timespec){ 0, 50000 }, NULL);
        }
        for (unsigned i = 0; i < THREADS; i++)
            pthread_join(threads[i], NULL);
        assert_int_equal((*ops)->current(n->wait), NEWS);
        assert_int_equal(atomic_load(&n->trouble), 0);
        (*ops)->loops.announce(n->wait, 10);
        assert_int_equal((*ops)->current(n->wait), NEWS + 10);
        free(n->wait);
        free(n);
    }
}

/* ---- dates ---- */

static void dates_have_their_forms(void **state)
{
    const uint64_t ms = UINT64_C(1796041445678); /* 2026-11-30 12:24:05.678 */
    uint64_t words[DATE_WORDS];
    struct tm tm;

    (void)state;
    date_encode(DATE_ISO, ms, words);
    assert_memory_equal(words, "2026-11-30T12:24:05.678Z", 24);
    date_encode(DATE_EPOCH, ms, words);
    assert_true(words[0] == ms && date_words(DATE_EPOCH) == 1);
    date_encode(DATE_DAY, ms, words);
    assert_true(words[0] == 20261130 && date_words(DATE_DAY) == 1);
    date_encode(DATE_TM, ms, words);
    memcpy(&tm, words, sizeof tm);
    assert_true(tm.tm_year == 126 && tm.tm_mon == 10 && tm.tm_mday == 30 && tm.tm_hour == 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_whole),
        cmocka_unit_test(news_reach_every_waiter),
        cmocka_unit_test(dates_have_their_forms),
    };

    return cmocka_run_group_tests_name("shared", tests, NULL, NULL);
}
