/* options.c - see options.h. */
#include "tests/support/options.h"

#include <stdio.h>

#include "locks/parts/platform.h"
#include "tests/support/support.h"

static void check_option(const struct contend_option *options, const struct contend_option *o)
{
    assert_true(o->name[0] && o->meaning && o->meaning[0]);
    assert_true(o->least <= o->preset && o->preset <= o->greatest);
    assert_ptr_equal(contend_option_find(options, o->name), o); /* no name appears twice */
}

void options_at_their_edges(const struct contend_option *options, const void *ops,
                            void (*run)(const void *ops, const struct contend_settings *settings))
{
    for (const struct contend_option *o = options; o && o->name; o++) {
        /* A least value of 0 often leaves the choice to the strategy: 1 is then the smallest. */
        const int64_t values[] = { o->least, o->least < o->greatest ? o->least + 1 : o->greatest,
                                   o->greatest, o->preset };
        check_option(options, o);
        for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
            const struct contend_setting one = { o->name, values[i] };
            const struct contend_settings settings = { .list = &one, .count = 1 };
            assert_int_equal(contend_option_value(&settings, options, o->name), values[i]);
            run(ops, &settings);
        }
    }
}

static int init_with(const char *name, int64_t value, const void *ops,
                     int (*init)(const void *ops, const struct contend_settings *settings))
{
    const struct contend_setting one = { name, value };
    const struct contend_settings settings = { .list = &one, .count = 1 };

    return init(ops, &settings);
}

void options_are_refused(const struct contend_option *options, const void *ops,
                         int (*init)(const void *ops, const struct contend_settings *settings))
{
    char longer[64];

    assert_int_equal(init_with("no such option", 0, ops, init), -EINVAL);
    assert_int_equal(init_with("", 0, ops, init), -EINVAL);
    assert_int_equal(init_with("lock", 0, ops, init), -EINVAL);
    assert_int_equal(init_with("lock.", 0, ops, init), -EINVAL);
    assert_int_equal(init_with("lock.no such option", 0, ops, init), -EINVAL);
    for (const struct contend_option *o = options; o && o->name; o++) {
        assert_int_equal(init_with(o->name, o->preset, ops, init), 0);
        if (o->least > INT64_MIN)
            assert_int_equal(init_with(o->name, o->least - 1, ops, init), -ERANGE);
        if (o->greatest < INT64_MAX)
            assert_int_equal(init_with(o->name, o->greatest + 1, ops, init), -ERANGE);
        snprintf(longer, sizeof longer, "%sx", o->name);
        if (!contend_option_find(options, longer))
            assert_int_equal(init_with(longer, o->preset, ops, init), -EINVAL);
    }
}

/* In front of each block: a line, so that any alignment up to a line's is kept. */
struct block {
    CONTEND_ALIGNED size_t size;
};

static void *counted_allocate(void *ctx, size_t align, size_t size)
{
    struct counting_allocator *a = ctx;
    struct block *b = contend_alloc_aligned(sizeof *b + size);

    assert_true(align > 0 && (align & (align - 1)) == 0 && align <= CONTEND_CACHE_LINE);
    if (!b)
        return NULL;
    b->size = size;
    memset(b + 1, 0xa5, size); /* nobody may rely on zeros */
    atomic_fetch_add(&a->bytes, size);
    if (size > atomic_load(&a->greatest))
        atomic_store(&a->greatest, size);
    return b + 1;
}

static void counted_release(void *ctx, void *ptr, size_t size)
{
    struct counting_allocator *a = ctx;
    struct block *b = (struct block *)ptr - 1;

    assert_int_equal(b->size, size);
    atomic_fetch_sub(&a->bytes, size);
    free(b);
}

void counting_allocator_init(struct counting_allocator *a)
{
    a->allocator = (struct contend_allocator){ counted_allocate, counted_release, a };
    atomic_init(&a->bytes, 0);
    atomic_init(&a->greatest, 0);
}
