/*
 * bodies.h - short ways to write the threads of the small programs, and what is said of them.
 */
#ifndef CONTEND_TESTS_BENCH_CHECK_BODIES_H
#define CONTEND_TESTS_BENCH_CHECK_BODIES_H

#define THREAD(name) static void name(void *unused)
#define BODY(name, ...)                                                                       \
    THREAD(name)                                                                              \
    {                                                                                         \
        (void)unused;                                                                         \
        __VA_ARGS__;                                                                          \
    }
#define relaxed(v) atomic_load_explicit(&v, memory_order_relaxed)
#define acquired(v) atomic_load_explicit(&v, memory_order_acquire)
#define publish(v, n) atomic_store_explicit(&v, n, memory_order_release)

#define CASE(title, says, m, r, start, end, ...)                                              \
    { { .name = title, .setup = start, .threads = { __VA_ARGS__ }, .finally = end }, says, m, r }
#define SC(title, says, ...) CASE(title, says, CHECK_SC, CHECK_QUARANTINE, set_up, NULL, __VA_ARGS__)
#define WEAK(title, says, ...)                                                                \
    CASE(title, says, CHECK_WEAK, CHECK_QUARANTINE, set_up, NULL, __VA_ARGS__)

#endif
