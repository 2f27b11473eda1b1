/*
 * settings.c - a contestant's settings reach the init of every object that is made for it.
 *
 * The strategies are copies of real ones whose init remembers the setting that it was given.
 */
#include "bench/engine/window.h"
#include "tests/support/support.h"

static const struct contend_option options[] = {
    { "knob", 0, 0, 9, "nothing" },
    CONTEND_OPTIONS_END
};

static struct {
    unsigned made, set_to_seven;
} seen;

static void remember(const struct contend_settings *settings)
{
    seen.made++;
    seen.set_to_seven += contend_option_value(settings, options, "knob") == 7;
}

/* A copy of the family's reference, with an init that remembers. */
#define COPY(OBJECT, find)                                                                    \
    static const struct OBJECT##_ops *OBJECT##_original;                                      \
    static int OBJECT##_init(void *object, const struct OBJECT##_config *config)              \
    {                                                                                         \
        struct OBJECT##_config bare = *config;                                                \
        remember(&config->settings);                                                          \
        bare.settings = (struct contend_settings){ .count = 0 };                              \
        return OBJECT##_original->init(object, &bare);                                        \
    }                                                                                         \
    static const void *OBJECT##_copy(void)                                                    \
    {                                                                                         \
        static struct OBJECT##_ops ops;                                                       \
        OBJECT##_original = find(family_reference(&family_##OBJECT));                         \
        ops = *OBJECT##_original;                                                             \
        ops.init = OBJECT##_init;                                                             \
        return &ops;                                                                          \
    }
COPY(lock, contend_lock_find)
COPY(counter, contend_counter_find)
COPY(claps, contend_claps_find)
COPY(distinct, contend_distinct_find)
COPY(presence, contend_presence_find)

static const void *copy_of(const struct family *family)
{
#define ROW(OBJECT) [FAMILY_##OBJECT] = OBJECT##_copy,
    static const void *(*const copies[FAMILY_COUNT])(void) = { FAMILY_EACH(ROW) };
#undef ROW

    return copies[family->index]();
}

static void run_window(const struct workload *w, const struct variant *variant)
{
    struct cell cell = { .workload = w, .users = 10, .posts = 3, .threads = 1 };
    struct contestant who = {
        .family = w->family, .ops = copy_of(w->family), .variant = variant,
    };
    struct window_settings settings = { .length_ns = 1000000, .warmup_ns = 100000 };
    struct window_result result;

    assert_int_equal(sched_getaffinity(0, sizeof settings.allowed, &settings.allowed), 0);
    int error = window_run(NULL, &cell, &who, &settings, &result);
    assert_true(error == 0 || result.starved);
}

static void settings_reach_every_kind_of_subject(void **state)
{
    const struct workload *w;

    (void)state;
    for (size_t i = 0; (w = workload_at(i)) != NULL; i++) {
        struct variant variant = {
            .family = w->family, .ops = copy_of(w->family), .setting = { "knob", 7 },
        };
        assert_int_equal(variant_complete(&variant), 0);
        seen.made = seen.set_to_seven = 0;
        run_window(w, NULL);
        assert_true(seen.made > 0);
        assert_int_equal(seen.set_to_seven, 0);
        seen.made = seen.set_to_seven = 0;
        run_window(w, &variant);
        assert_true(seen.made > 0);
        assert_int_equal(seen.set_to_seven, seen.made);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_reach_every_kind_of_subject),
    };

    return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
