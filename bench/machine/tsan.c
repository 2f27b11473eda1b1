/*
 * tsan.c - the functions that the compiler calls for -fsanitize=thread.
 *
 * The interface is the compiler's own (gcc/sanitizer.def, llvm's ThreadSanitizer
 * pass).  A 128-bit atomic ends the program with a message: no strategy uses one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/machine/machine.h"

#define PC __builtin_return_address(0)

/* The stack pointer of the code that called us, which is no leaf, so that nothing of its own lies below. */
#define SP ((uintptr_t)__builtin_dwarf_cfa())

static inline bool is_near_below(volatile void *at, uintptr_t sp)
{
    enum { NEAR = 1 << 19 };

    return __builtin_expect(sp - (uintptr_t)at - 1 < NEAR, 0);
}

static void look_below(volatile void *at, size_t size, uintptr_t sp, const void *pc)
{
    if (is_near_below(at, sp) && machine->below)
        machine->below((void *)at, size, sp, pc);
}

/* The rare cases stand apart, so that the others have no frame: see below. */
#define RARE static __attribute__((noinline, cold))

RARE void plain_near_below(void *at, size_t size, bool write, bool point, uintptr_t sp, const void *pc)
{
    look_below(at, size, sp, pc);
    machine->plain(at, size, write, point, pc);
}

RARE uint64_t rmw_near_below(void *at, unsigned size, enum machine_rmw op, uint64_t operand, int order, uintptr_t sp,
                             const void *pc)
{
    look_below(at, size, sp, pc);
    MACHINE_KEEP_REGISTERS();
    return machine->rmw(at, size, op, operand, order, pc);
}

RARE uint64_t load_near_below(void *at, unsigned size, int order, uintptr_t sp, const void *pc)
{
    look_below(at, size, sp, pc);
    MACHINE_KEEP_REGISTERS();
    return machine->load(at, size, order, pc);
}

uint64_t machine_peek(const void *at, unsigned size)
{
    uint8_t b;
    uint16_t h;
    uint32_t w;
    uint64_t d;

    switch (size) {
    case 1: memcpy(&b, at, 1); return b;
    case 2: memcpy(&h, at, 2); return h;
    case 4: memcpy(&w, at, 4); return w;
    default: memcpy(&d, at, 8); return d;
    }
}

void machine_poke(void *at, unsigned size, uint64_t value)
{
    uint8_t b = (uint8_t)value;
    uint16_t h = (uint16_t)value;
    uint32_t w = (uint32_t)value;

    switch (size) {
    case 1: memcpy(at, &b, 1); break;
    case 2: memcpy(at, &h, 2); break;
    case 4: memcpy(at, &w, 4); break;
    default: memcpy(at, &value, 8);
    }
}

uint64_t machine_combine(enum machine_rmw op, uint64_t old, uint64_t operand)
{
    switch (op) {
    case MACHINE_ADD: return old + operand;
    case MACHINE_SUB: return old - operand;
    case MACHINE_AND: return old & operand;
    case MACHINE_OR: return old | operand;
    case MACHINE_XOR: return old ^ operand;
    case MACHINE_NAND: return ~(old & operand);
    default: return operand;
    }
}

/*
 * One width of the interface.  A failed exchange shows in *expected what was there.  What loads returns 64 bits
 * of which callers take as many as they need: so the driver is called last, and no word of a frame of ours, which has
 * any value, lies below the registers that were kept.
 */
#define RMW(BITS, NAME, OP)                                                                   \
    uint64_t __tsan_atomic##BITS##_##NAME(volatile void *at, uint##BITS##_t v, int order);    \
    uint64_t __tsan_atomic##BITS##_##NAME(volatile void *at, uint##BITS##_t v, int order)     \
    {                                                                                         \
        if (is_near_below(at, SP))                                                            \
            return rmw_near_below((void *)at, BITS / 8, OP, v, order, SP, PC);                \
        MACHINE_KEEP_REGISTERS();                                                             \
        return machine->rmw((void *)at, BITS / 8, OP, v, order, PC);                          \
    }

#define CAS(BITS, NAME, WEAK)                                                                 \
    int __tsan_atomic##BITS##_##NAME(volatile void *at, uint##BITS##_t *expected,             \
                                     uint##BITS##_t v, int success, int failure);             \
    int __tsan_atomic##BITS##_##NAME(volatile void *at, uint##BITS##_t *expected,             \
                                     uint##BITS##_t v, int success, int failure)              \
    {                                                                                         \
        look_below(at, BITS / 8, SP, PC);                                                     \
        struct machine_cas cas = { *expected, v, success, failure, WEAK };                    \
        bool swapped;                                                                         \
        uint64_t old = machine->cas((void *)at, BITS / 8, &cas, &swapped, PC);                \
        if (!swapped)                                                                         \
            *expected = (uint##BITS##_t)old;                                                  \
        return swapped;                                                                       \
    }

#define WIDTH(BITS)                                                                           \
    uint64_t __tsan_atomic##BITS##_load(const volatile void *at, int order);                  \
    uint64_t __tsan_atomic##BITS##_load(const volatile void *at, int order)                   \
    {                                                                                         \
        if (is_near_below((volatile void *)at, SP))                                           \
            return load_near_below((void *)at, BITS / 8, order, SP, PC);                      \
        MACHINE_KEEP_REGISTERS();                                                             \
        return machine->load((void *)at, BITS / 8, order, PC);                                \
    }                                                                                         \
    void __tsan_atomic##BITS##_store(volatile void *at, uint##BITS##_t v, int order);         \
    void __tsan_atomic##BITS##_store(volatile void *at, uint##BITS##_t v, int order)          \
    {                                                                                         \
        look_below(at, BITS / 8, SP, PC);                                                     \
        machine->store((void *)at, BITS / 8, v, order, PC);                                   \
    }                                                                                         \
    RMW(BITS, exchange, MACHINE_EXCHANGE)                                                     \
    RMW(BITS, fetch_add, MACHINE_ADD)                                                         \
    RMW(BITS, fetch_sub, MACHINE_SUB)                                                         \
    RMW(BITS, fetch_and, MACHINE_AND)                                                         \
    RMW(BITS, fetch_or, MACHINE_OR)                                                           \
    RMW(BITS, fetch_xor, MACHINE_XOR)                                                         \
    RMW(BITS, fetch_nand, MACHINE_NAND)                                                       \
    CAS(BITS, compare_exchange_strong, false)                                                 \
    CAS(BITS, compare_exchange_weak, true)                                                    \
    uint##BITS##_t __tsan_atomic##BITS##_compare_exchange_val(                                \
        volatile void *at, uint##BITS##_t expected, uint##BITS##_t v, int success, int failure); \
    uint##BITS##_t __tsan_atomic##BITS##_compare_exchange_val(                                \
        volatile void *at, uint##BITS##_t expected, uint##BITS##_t v, int success, int failure) \
    {                                                                                         \
        look_below(at, BITS / 8, SP, PC);                                                     \
        struct machine_cas cas = { expected, v, success, failure, false };                    \
        bool swapped;                                                                         \
        return (uint##BITS##_t)machine->cas((void *)at, BITS / 8, &cas, &swapped, PC);        \
    }

WIDTH(8)
WIDTH(16)
WIDTH(32)
WIDTH(64)

void __tsan_atomic_thread_fence(int order);
void __tsan_atomic_thread_fence(int order)
{
    machine->fence(order, PC);
}

/* Orders nothing between threads. */
void __tsan_atomic_signal_fence(int order);
void __tsan_atomic_signal_fence(int order)
{
    (void)order;
}

/* Plain accesses of one size; a volatile one is a step that others may precede. */
#define PLAIN(NAME, SIZE, WRITE, POINT)                                                       \
    void __tsan_##NAME(void *at);                                                             \
    void __tsan_##NAME(void *at)                                                              \
    {                                                                                         \
        if (is_near_below(at, SP))                                                            \
            plain_near_below(at, SIZE, WRITE, POINT, SP, PC);                                 \
        else                                                                                  \
            machine->plain(at, SIZE, WRITE, POINT, PC);                                       \
    }
#define PLAINS(SIZE)                                                                          \
    PLAIN(read##SIZE, SIZE, false, false)                                                     \
    PLAIN(write##SIZE, SIZE, true, false)                                                     \
    PLAIN(unaligned_read##SIZE, SIZE, false, false)                                           \
    PLAIN(unaligned_write##SIZE, SIZE, true, false)                                           \
    PLAIN(volatile_read##SIZE, SIZE, false, true)                                             \
    PLAIN(volatile_write##SIZE, SIZE, true, true)                                             \
    PLAIN(unaligned_volatile_read##SIZE, SIZE, false, true)                                   \
    PLAIN(unaligned_volatile_write##SIZE, SIZE, true, true)

PLAINS(1)
PLAINS(2)
PLAINS(4)
PLAINS(8)
PLAINS(16)

void __tsan_read_range(void *at, unsigned long size);
void __tsan_read_range(void *at, unsigned long size)
{
    look_below(at, size, SP, PC);
    machine->plain(at, size, false, false, PC);
}

void __tsan_write_range(void *at, unsigned long size);
void __tsan_write_range(void *at, unsigned long size)
{
    look_below(at, size, SP, PC);
    machine->plain(at, size, true, false, PC);
}

/* Clang replaces the copying of structures by these. */
void *__tsan_memcpy(void *to, const void *from, unsigned long size);
void *__tsan_memcpy(void *to, const void *from, unsigned long size)
{
    look_below((void *)from, size, SP, PC);
    machine->plain((void *)from, size, false, false, PC);
    look_below(to, size, SP, PC);
    machine->plain(to, size, true, false, PC);
    return memcpy(to, from, size);
}

void *__tsan_memmove(void *to, const void *from, unsigned long size);
void *__tsan_memmove(void *to, const void *from, unsigned long size)
{
    look_below((void *)from, size, SP, PC);
    machine->plain((void *)from, size, false, false, PC);
    look_below(to, size, SP, PC);
    machine->plain(to, size, true, false, PC);
    return memmove(to, from, size);
}

void *__tsan_memset(void *to, int byte, unsigned long size);
void *__tsan_memset(void *to, int byte, unsigned long size)
{
    look_below(to, size, SP, PC);
    machine->plain(to, size, true, false, PC);
    return memset(to, byte, size);
}

/* Called by constructors and, without the parameters that leave them out, by every function. */
bool machine_instrumented;

void __tsan_init(void);
void __tsan_init(void)
{
    machine_instrumented = true;
}

void __tsan_func_entry(void *back);
void __tsan_func_entry(void *back)
{
    machine->enter(back, __builtin_frame_address(0));
}

void __tsan_func_exit(void);
void __tsan_func_exit(void)
{
    machine->leave();
}
