/*
 * rseq.h - an addition to a word of the processor that the thread runs on, without a locked
 * instruction.
 *
 * Of the threads on one processor one runs at a time.  So a load and a store need not be one
 * atomic step if nothing comes between them: no other thread on this processor, no move to
 * another one, no signal handler.  A restartable sequence cannot forbid the kernel to
 * interrupt, but it learns of it.  The thread has an area that it shares with the kernel, and
 * stores there the address of a descriptor: where the sequence begins and ends, and where to
 * go on if it is interrupted.  A thread that the kernel has preempted, moved or sent a
 * signal between begin and end does not go on there.  Only the last instruction stores
 * anything, so a sequence that was interrupted has done nothing.
 *
 * glibc registers an area for each thread (2.35 or newer).  Where it has not (an older one,
 * another C library, glibc.pthread.rseq=0 in GLIBC_TUNABLES), and on processors other than
 * x86-64 and aarch64, there is no sequence, and the caller does something else.
 *
 * Memory order: relaxed.  Other threads read the words as relaxed atomics, and both processors
 *   store eight aligned bytes at once.  Of two sequences on one processor the later one
 *   sees the store of the earlier: a processor sees its own stores.  For C11, then, this
 *   is one relaxed addition to some processor's word, or nothing at all, and this is
 *   what a checker has in its place; the assembly is tried on real threads, with
 *   delays inside.
 * Breaks when: the code is unloaded while a thread lives that has run it.  The area names the
 *   last sequence until the kernel looks, which would then be at memory that is gone.
 * Reference: P. Turner and A. Hunter, "Restartable Sequences", Linux Plumbers Conference, 2013;
 *   M. Desnoyers, "The 5-year journey to bring restartable sequences to Linux", 2019.
 */
#ifndef CONTEND_LOCKS_PARTS_RSEQ_H
#define CONTEND_LOCKS_PARTS_RSEQ_H

#include "locks/parts/platform.h"

/* What one processor has: a line of its own. */
struct contend_rseq_word {
    CONTEND_ALIGNED _Atomic int64_t own; /* written by sequences on this processor only */
    _Atomic int64_t beside;              /* for whatever else is to be on this line */
};

/* A thread's area; nobody but this file looks into it. */
struct rseq;

#if !defined(CONTEND_MODELLED) && defined(__LP64__) && \
    (defined(__x86_64__) || defined(__aarch64__)) && __has_include(<sys/rseq.h>)
#include <sys/rseq.h>

/* A test puts a delay here, between the look at the processor's number and the addition. */
#ifndef CONTEND_RSEQ_DELAY
#define CONTEND_RSEQ_DELAY ""
#endif

#define CONTEND_RSEQ 1 /* there is assembly below; whether the kernel knows is another matter */

/* The calling thread's area, or NULL if the kernel does not know of one. */
static inline struct rseq *contend_rseq_area(void)
{
    struct rseq *area = (struct rseq *)(void *)((char *)__builtin_thread_pointer() + __rseq_offset);

    /* The numbers of an area that is not registered are negative. */
    return __rseq_size != 0 && (int32_t)area->cpu_id >= 0 ? area : NULL;
}

/*
 * Adds n to the word of the calling thread's processor, and returns 0.  -ERANGE: there is no
 * word for it among `count`.  -EAGAIN: the sequence was interrupted.  Neither has added
 * anything.  `area` is the calling thread's.
 */
static inline int contend_rseq_add(struct rseq *area, struct contend_rseq_word *words,
                                   uint32_t count, int64_t n)
{
    _Static_assert(sizeof *words == 1 << 7, "both shifts below");
#ifdef __x86_64__
    __asm__ __volatile__ goto(
        ".pushsection __rseq_cs, \"aw\"\n\t"
        ".balign 32\n"
        "3:\n\t"
        ".long 0, 0\n\t"            /* version and flags */
        ".quad 1f, 2f - 1f, 4f\n\t" /* begin, length, where to go on */
        ".popsection\n\t"
        "leaq 3b(%%rip), %%rax\n\t"
        "movq %%rax, %[sequence]\n"
        "1:\n\t"
        "movl %[cpu], %%eax\n\t"
        "cmpl %[count], %%eax\n\t"
        "jae %l[no_word]\n\t"
        "shlq $7, %%rax\n\t"
        CONTEND_RSEQ_DELAY
        "addq %[n], (%[words], %%rax)\n" /* one instruction is not interrupted in its middle */
        "2:\n\t"
        ".pushsection __rseq_failure, \"ax\"\n\t"
        ".byte 0x0f, 0xb9, 0x3d\n\t" /* ud1: makes an instruction of the signature, */
        ".long %c[signature]\n"      /* which the kernel wants in front of this address */
        "4:\n\t"
        "jmp %l[interrupted]\n\t"
        ".popsection"
        :
        : [sequence] "m"(area->rseq_cs), [cpu] "m"(area->cpu_id), [count] "r"(count),
          [words] "r"(words), [n] "re"(n), [signature] "i"(RSEQ_SIG)
        : "memory", "cc", "rax", "rcx"
        : no_word, interrupted);
#else
    __asm__ __volatile__ goto(
        ".pushsection __rseq_cs, \"aw\"\n\t"
        ".balign 32\n"
        "3:\n\t"
        ".long 0, 0\n\t"            /* version and flags */
        ".quad 1f, 2f - 1f, 4f\n\t" /* begin, length, where to go on */
        ".popsection\n\t"
        "adrp x9, 3b\n\t"
        "add x9, x9, :lo12:3b\n\t"
        "str x9, %[sequence]\n"
        "1:\n\t"
        "ldr w9, %[cpu]\n\t"
        "cmp w9, %w[count]\n\t"
        "b.hs %l[no_word]\n\t"
        "add x9, %[words], x9, lsl #7\n\t"
        "ldr x10, [x9]\n\t"
        CONTEND_RSEQ_DELAY
        "add x10, x10, %[n]\n\t"
        "str x10, [x9]\n"
        "2:\n\t"
        "b 5f\n\t"
        ".inst 0xd428bc00\n" /* a brk: the signature, which the kernel wants in front of 4 */
        "4:\n\t"
        "b %l[interrupted]\n"
        "5:"
        :
        : [sequence] "Q"(area->rseq_cs), [cpu] "Q"(area->cpu_id), [count] "r"(count),
          [words] "r"(words), [n] "r"(n)
        : "memory", "cc", "x9", "x10", "x11"
        : no_word, interrupted);
#endif
    return 0;
no_word:
    return -ERANGE;
interrupted:
    return -EAGAIN;
}

#elif defined(CONTEND_MODELLED)

/* Not NULL; nobody looks into it. */
static inline struct rseq *contend_rseq_area(void)
{
    return (struct rseq *)(uintptr_t)1;
}

static inline int contend_rseq_add(struct rseq *area, struct contend_rseq_word *words,
                                   uint32_t count, int64_t n)
{
    unsigned cpu = contend_rseq_outcome(count);

    (void)area;
    if (cpu == count)
        return -EAGAIN;
    /* relaxed: as the head of this file says. */
    atomic_fetch_add_explicit(&words[cpu].own, n, memory_order_relaxed);
    return 0;
}

#else /* there are no sequences */

static inline struct rseq *contend_rseq_area(void)
{
    return NULL;
}

static inline int contend_rseq_add(struct rseq *area, struct contend_rseq_word *words,
                                   uint32_t count, int64_t n)
{
    (void)area, (void)words, (void)count, (void)n;
    return -EAGAIN;
}
#endif

#endif
