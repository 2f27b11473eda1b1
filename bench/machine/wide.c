/*
 * wide.c - the functions that compilers call for atomics of 16 bytes.
 *
 * GCC leaves these to libatomic, whatever is instrumented; Clang calls the race detector's.
 */
#include "bench/machine/machine.h"

#define PC __builtin_return_address(0)

__extension__ typedef unsigned __int128 wide;

/* A wide number and its two halves, which lie in this order on the machines that have them. */
union halves {
    wide whole;
    uint64_t half[2];
};

#define ACCESS(LOAD, STORE, EXCHANGE)                                                   \
    wide LOAD(const volatile void *at, int order);                                            \
    wide LOAD(const volatile void *at, int order)                                             \
    {                                                                                         \
        union halves old;                                                                     \
        machine->wide((void *)at,                                                             \
                      &(struct machine_wide){ .what = MACHINE_WIDE_LOAD, .old = old.half,     \
                                              .success = order }, PC);                        \
        return old.whole;                                                                     \
    }                                                                                         \
    void STORE(volatile void *at, wide value, int order);                                     \
    void STORE(volatile void *at, wide value, int order)                                      \
    {                                                                                         \
        const union halves desired = { value };                                               \
        machine->wide((void *)at,                                                             \
                      &(struct machine_wide){ .what = MACHINE_WIDE_STORE,                     \
                                              .desired = desired.half, .success = order }, PC); \
    }                                                                                         \
    wide EXCHANGE(volatile void *at, wide value, int order);                                  \
    wide EXCHANGE(volatile void *at, wide value, int order)                                   \
    {                                                                                         \
        const union halves desired = { value };                                               \
        union halves old;                                                                     \
        machine->wide((void *)at,                                                             \
                      &(struct machine_wide){ .what = MACHINE_WIDE_EXCHANGE,                  \
                                              .desired = desired.half, .old = old.half,       \
                                              .success = order }, PC);                        \
        return old.whole;                                                                     \
    }

ACCESS(__tsan_atomic128_load, __tsan_atomic128_store, __tsan_atomic128_exchange)

static bool swap(volatile void *at, wide *expected, wide desired, int success, int failure,
                 const void *pc)
{
    const union halves wanted = { desired }, had = { *expected };
    union halves old;
    bool same = machine->wide((void *)at,
                              &(struct machine_wide){ .what = MACHINE_WIDE_SWAP, .expected = had.half,
                                                      .desired = wanted.half, .old = old.half,
                                                      .success = success, .failure = failure }, pc);

    if (!same)
        *expected = old.whole;
    return same;
}

#define SWAP(NAME)                                                                            \
    int NAME(volatile void *at, wide *expected, wide desired, int success, int failure);      \
    int NAME(volatile void *at, wide *expected, wide desired, int success, int failure)       \
    {                                                                                         \
        return swap(at, expected, desired, success, failure, PC);                             \
    }

SWAP(__tsan_atomic128_compare_exchange_strong)
SWAP(__tsan_atomic128_compare_exchange_weak)

wide __tsan_atomic128_compare_exchange_val(volatile void *at, wide expected, wide desired, int success,
                                           int failure);
wide __tsan_atomic128_compare_exchange_val(volatile void *at, wide expected, wide desired, int success,
                                           int failure)
{
    swap(at, &expected, desired, success, failure, PC);
    return expected;
}

/* What GCC calls: the linker takes these before libatomic's. */
#define GCC(NAME) __asm__("__atomic_" #NAME "_16")

wide gcc_load(const volatile void *at, int order) GCC(load);
void gcc_store(volatile void *at, wide value, int order) GCC(store);
wide gcc_exchange(volatile void *at, wide value, int order) GCC(exchange);
bool gcc_swap(volatile void *at, wide *expected, wide desired, int success, int failure)
    GCC(compare_exchange);

ACCESS(gcc_load, gcc_store, gcc_exchange)

bool gcc_swap(volatile void *at, wide *expected, wide desired, int success, int failure)
{
    return swap(at, expected, desired, success, failure, PC);
}
