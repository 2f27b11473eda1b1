/* list_lock.c - locks in `contend list`. */
#include <stdio.h>

#include "bench/tool/list_family.h"
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
    return ((const struct lock_ops *)ops)->handle_size;
}

static json_t *json(const void *ops)
{
    unsigned features = traits(ops)->features;

    return json_pack("{s:I, s:I, s:b, s:b, s:b, s:b}", "bytes", (json_int_t)bytes(ops),
                     "bytes_per_thread", (json_int_t)bytes_of_thread(ops), "fifo",
                     !!(features & LOCK_FIFO), "sleeps", !!(features & LOCK_SLEEPS), "shared",
                     !!(features & LOCK_SHARED), "try", !!(features & LOCK_TRY));
}

const struct list_family list_lock = {
    .json_key = "locks", .headings = "features                ",
    .columns = columns, .bytes = bytes, .bytes_of_thread = bytes_of_thread, .json = json,
};
