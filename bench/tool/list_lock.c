/* list_lock.c - locks in `contend list`. */
#include <stdio.h>

#include "bench/tool/list_family.h"
#include "bench/tool/list_page.h"
#include "locks/lock.h"

static const struct lock_traits *traits(const void *ops)
{
    return ((const struct lock_ops *)ops)->traits;
}

static void columns(const struct contestant *c, char text[LIST_COLUMNS])
{
    unsigned features = traits(c->ops)->features;
    char words[PROMISE_WORDS];

    snprintf(words, sizeof words, "%s%s%s%s", features & LOCK_FIFO ? "fifo " : "",
             features & LOCK_SLEEPS ? "sleeps " : "spins ", features & LOCK_SHARED ? "shared " : "",
             features & LOCK_TRY ? "try" : "");
    snprintf(text, LIST_COLUMNS, "%-24s", words);
}

static size_t bytes(const void *ops)
{
    return traits(ops)->bytes;
}

static size_t bytes_of_thread(const void *ops)
{
    return ((const struct lock_ops *)ops)->handle_size + traits(ops)->handle_heap;
}

/* Beside those that the table shows. */
static const struct {
    unsigned feature;
    const char *name, *word;
} more[] = {
    { LOCK_KNOWS_HOLDER, "knows_holder", "fini refuses a held lock" },
    { LOCK_TRY_SHARED, "try_shared", "try_acquire_shared" },
    { LOCK_ANY_HANDLE, "any_handle", "a handle serves any lock of its kind" },
    { LOCK_RECOVERS, "recovers", "survives the end of a holder's thread" },
    { LOCK_MAY_REFUSE, "may_refuse", "acquire may refuse or time out" },
    { LOCK_OPTIMISTIC, "optimistic", "readers that hold up nobody" },
    { LOCK_DELEGATES, "delegates", "execute may be done by another thread" },
};
enum { MORE = sizeof more / sizeof *more };

static json_t *json(const void *ops)
{
    unsigned features = traits(ops)->features;
    json_t *o = json_pack("{s:I, s:I, s:b, s:b, s:b, s:b}", "bytes", (json_int_t)bytes(ops),
                          "bytes_per_thread", (json_int_t)bytes_of_thread(ops), "fifo",
                          !!(features & LOCK_FIFO), "sleeps", !!(features & LOCK_SLEEPS), "shared",
                          !!(features & LOCK_SHARED), "try", !!(features & LOCK_TRY));

    for (size_t i = 0; i < MORE; i++)
        json_object_set_new(o, more[i].name, json_boolean(features & more[i].feature));
    return o;
}

static void page(const void *ops)
{
    struct list_word words[MORE + 2] = { { LOCK_SHARED, "shared" }, { LOCK_TRY, "try_acquire" } };
    unsigned features = traits(ops)->features;
    char buffer[LIST_WORDS];

    for (size_t i = 0; i < MORE; i++)
        words[i + 2] = (struct list_word){ more[i].feature, more[i].word };
    list_field_progress("progress", CONTEND_BLOCKING);
    list_field("waiters", "%s, and they %s",
               features & LOCK_FIFO ? "first come, first served" : "in no order",
               features & LOCK_SLEEPS ? "sleep" : "spin");
    list_field("memory", "%zu bytes, and %zu for each handle", bytes(ops), bytes_of_thread(ops));
    list_field_fork(traits(ops)->id.flags, NULL, 0);
    list_field("features", "%s", list_words(features, words, MORE + 2, buffer));
}

const struct list_family list_lock = {
    .json_key = "locks", .headings = "features                ",
    .narrow = 24, .columns = columns, .bytes = bytes, .bytes_of_thread = bytes_of_thread, .json = json,
    .page = page,
};
