/*
 * machine.h - everything that instrumented code does, as events for a driver.
 *
 * Code compiled with -fsanitize=thread calls __tsan_* for every access; code
 * compiled with redirect.h calls check_* instead of pthread_*, malloc() and similar
 * functions.  This layer defines both sets of functions and passes each call to the
 * current driver, which decides what the call does and what it returns.  One driver is
 * the explorer (bench/check/), another executes the events on real threads
 * (tests/soak/threads.h).  Outside a check machine_native is the driver, so that
 * instrumented code behaves as usual.
 *
 * `pc` is the return address into the instrumented code.
 */
#ifndef CONTEND_BENCH_MACHINE_MACHINE_H
#define CONTEND_BENCH_MACHINE_MACHINE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/machine/linkage.h"

enum machine_rmw {
    MACHINE_EXCHANGE,
    MACHINE_ADD,
    MACHINE_SUB,
    MACHINE_AND,
    MACHINE_OR,
    MACHINE_XOR,
    MACHINE_NAND
};

/* A pthread_t modulo this is what self() says, the place of a thread; the rest tells those apart that had it. */
enum { MACHINE_THREADS = 16 };

/* The ways to hold a lock.  Each address is one lock, which is free until a thread takes it. */
enum machine_hold { MACHINE_MUTEX, MACHINE_WRITE, MACHINE_READ };

/* The calls that end a process at once. */
enum machine_end { MACHINE_EXIT, MACHINE_EXIT_NOW, MACHINE_QUICK_EXIT };

/* What becomes of memory that is the system's: it is about to be taken away, was, or can be written no more. */
enum machine_map { MACHINE_MAP_GOES, MACHINE_MAP_GONE, MACHINE_MAP_SEALED };

struct machine_cas {
    uint64_t expected, desired;
    int success, failure; /* memory orders */
    bool weak;
};

/* An access of 16 bytes.  What was there before is left in `old`. */
struct machine_wide {
    enum { MACHINE_WIDE_LOAD, MACHINE_WIDE_STORE, MACHINE_WIDE_EXCHANGE, MACHINE_WIDE_SWAP } what;
    const uint64_t *expected, *desired; /* two words each, as far as they are needed */
    uint64_t *old;
    int success, failure;
};

/* How the model of something made of a lock and a condition is told. */
struct machine_words {
    const char *lock, *unlock, *waits, *wakes;
    const struct machine_words *asleep; /* what is said while it waits */
};

/* Orders are the compiler's: __ATOMIC_RELAXED ... __ATOMIC_SEQ_CST.  Sizes are 1, 2, 4, 8. */
struct machine_driver {
    uint64_t (*load)(void *at, unsigned size, int order, const void *pc);
    void (*store)(void *at, unsigned size, uint64_t value, int order, const void *pc);
    /* Both return the value before the operation. */
    uint64_t (*rmw)(void *at, unsigned size, enum machine_rmw op, uint64_t operand, int order,
                    const void *pc);
    uint64_t (*cas)(void *at, unsigned size, const struct machine_cas *cas, bool *swapped,
                    const void *pc);
    void (*fence)(int order, const void *pc);
    /* Called before a plain access.  `point`: it is volatile, and therefore a scheduling point. */
    void (*plain)(void *at, size_t size, bool write, bool point, const void *pc);

    /*
     * Or NULL.  Called before the access, if that lies not far below `sp`, the stack pointer of the code that makes it:
     * on the same stack that is where functions have been that have returned.
     */
    void (*below)(void *at, size_t size, uintptr_t sp, const void *pc);

    /* A function begins that returns to `back`, and whose frame is above `frame`; or it ends. */
    void (*enter)(const void *back, const void *frame);
    void (*leave)(void);

    void *(*allocate)(size_t size, size_t align, bool zero, const void *pc); /* or NULL */
    void *(*reallocate)(void *block, size_t size, const void *pc);
    void (*release)(void *block, const void *pc);

    int (*lock)(void *object, enum machine_hold hold, bool try, const void *pc); /* errno or 0 */
    int (*unlock)(void *object, const void *pc);
    int (*lock_destroy)(void *object, const void *pc);
    /* `mutex` is given up meanwhile; NULL if the thread keeps it. */
    int (*cond_wait)(void *cond, void *mutex, const void *pc);
    void (*cond_wake)(void *cond, bool all, const void *pc);
    void (*sem_init)(void *sem, unsigned value, const void *pc);
    int (*sem_wait)(void *sem, bool try, const void *pc); /* errno or 0 */
    int (*sem_post)(void *sem, const void *pc);
    int (*sem_value)(void *sem, const void *pc);
    int (*sem_destroy)(void *sem, const void *pc);

    void (*relax)(const void *pc);
    /* 0, EAGAIN, or ETIMEDOUT if there is a limit; and how many were woken. */
    int (*futex_wait)(void *word, uint32_t expected, bool limited, const void *pc);
    int (*futex_wake)(void *word, int count, const void *pc);
    /*
     * Or NULL.  If the word is what is expected, where that is not NULL: `wake` sleepers are woken, and up to `move` others
     * sleep on `to` from now on.  How many of both; *woken: of the first.  Or -1: it is another.
     */
    int (*futex_requeue)(void *word, int wake, void *to, int move, const uint32_t *expected, int *woken, const void *pc);
    void (*membarrier)(const void *pc); /* a fence in every thread at once */
    uint64_t (*clock_ns)(const void *pc);
    /*
     * The time of the program, in nanoseconds since it began; and it has passed for the running thread: so many, or `until` they
     * have.  Both NULL: it is the machine's.
     */
    uint64_t (*time)(const void *pc);
    void (*time_passes)(uint64_t ns, bool until);
    unsigned (*choice)(unsigned count, const void *pc); /* one of 0 .. count - 1, as it happens */
    int (*thread_create)(pthread_t *thread, void *(*start)(void *argument), void *argument,
                         const void *pc); /* errno or 0, as of the next */
    int (*thread_join)(pthread_t thread, const void *pc);

    void (*rcu_register)(bool enter, const void *pc);
    void (*rcu_read)(bool enter, const void *pc);
    void (*rcu_synchronize)(const void *pc);
    void (*rcu_defer)(void *head, void (*reclaim)(void *head), const void *pc);
    void (*rcu_barrier)(const void *pc);

    /* The number of the running thread, and of the execution; both have no event. */
    unsigned (*self)(void);
    uint64_t (*execution)(void);
    int (*thread_detach)(pthread_t thread, const void *pc);
    /* Both halves of 16 bytes in one step: returns whether they were what was expected, and swapped. */
    bool (*wide)(void *at, const struct machine_wide *w, const void *pc);
    /* The code does what it must not, told as "calls ..."; never returns. */
    void (*misuse)(const char *what, const void *pc) __attribute__((noreturn));
    /* It does what no driver can follow, told in the same way; never returns. */
    void (*unmodelled)(const char *what, const void *pc) __attribute__((noreturn));
    /* The process would end with this status; never returns. */
    void (*quit)(enum machine_end how, int status, const void *pc) __attribute__((noreturn));
    /* How much of a block of the heap may be used. */
    size_t (*block_size)(void *block);
    /* Whether a thread that was started has ended: then to join it waits for nothing.  A step. */
    bool (*thread_ended)(pthread_t thread, const void *pc);
    /* For explanations: what the steps of a lock are called that this thread makes from now on; NULL = as usual. */
    void (*words)(const struct machine_words *as);
    /* And what else it does, with its object or NULL. */
    void (*note)(const char *what, void *at, const void *pc);
    /* Of these whole pages; one that is about to go is a step. */
    void (*map)(enum machine_map what, void *at, size_t size, const void *pc);
    /* The code sends itself a signal that would end the process; never returns.  NULL: then it does. */
    void (*killed)(int signal_number, const void *pc) __attribute__((noreturn));
};

/* The driver that receives the events now; never NULL. */
extern const struct machine_driver *machine CHECK_PRIVATE(machine);

/* Executes each event on the real machine, in one thread. */
extern const struct machine_driver machine_native CHECK_PRIVATE(machine_native);

/* Whether a file is instrumented, and so has called __tsan_init() before main(). */
extern bool machine_instrumented CHECK_PRIVATE(machine_instrumented);

/*
 * Memory that is asked for before the first execution, where a driver keeps it for all of them.  Absent (NULL)
 * elsewhere.  _allocate() may have no place: NULL.  _has() is also true of what was allocated in an execution,
 * whose size is no longer known and 0.
 */
void *machine_early_allocate(size_t size, size_t align, const void *pc)
    CHECK_PRIVATE(machine_early_allocate) __attribute__((weak));
bool machine_early_has(const void *block, size_t *size) CHECK_PRIVATE(machine_early_has) __attribute__((weak));
void machine_early_release(const void *block) CHECK_PRIVATE(machine_early_release) __attribute__((weak));

/*
 * Destroys the thread-local objects of the running thread, and then what it has for keys; the explorer calls it where the
 * code of a thread has ended.
 */
void machine_thread_ends(void) CHECK_PRIVATE(machine_thread_ends);

/* For drivers without verdicts: prints it and ends the process. */
__attribute__((noreturn)) void machine_misuse(const char *what, const void *pc)
    CHECK_PRIVATE(machine_misuse);

/* And for these: ends the process. */
__attribute__((noreturn)) void machine_quit(enum machine_end how, int status, const void *pc)
    CHECK_PRIVATE(machine_quit);

/*
 * The registers that a call preserves, and last the stack pointer, as they were when checked code
 * called the model that it waits in, or last loaded something.
 */
#if defined(__x86_64__)
#define MACHINE_KEEPS_REGISTERS
enum { MACHINE_REGISTERS = 7 };
#define MACHINE_KEEP_REGISTERS()                                                              \
    __asm__ volatile("movq %%rbx, 0(%0)\n\tmovq %%rbp, 8(%0)\n\tmovq %%r12, 16(%0)\n\t"       \
                     "movq %%r13, 24(%0)\n\tmovq %%r14, 32(%0)\n\tmovq %%r15, 40(%0)\n\t"     \
                     "movq %%rsp, 48(%0)"                                                     \
                     : : "a"(machine_registers) : "memory")
#elif defined(__aarch64__)
#define MACHINE_KEEPS_REGISTERS
enum { MACHINE_REGISTERS = 12 };
#define MACHINE_KEEP_REGISTERS()                                                              \
    __asm__ volatile("stp x19, x20, [%0]\n\tstp x21, x22, [%0, #16]\n\t"                     \
                     "stp x23, x24, [%0, #32]\n\tstp x25, x26, [%0, #48]\n\t"                \
                     "stp x27, x28, [%0, #64]\n\tmov x9, sp\n\tstp x29, x9, [%0, #80]"       \
                     : : "r"(machine_registers) : "x9", "memory")
#else
enum { MACHINE_REGISTERS = 1 };
#define MACHINE_KEEP_REGISTERS() ((void)0)
#endif
extern uintptr_t machine_registers[MACHINE_REGISTERS] CHECK_PRIVATE(machine_registers);

/* Read and write the real memory without an event; _combine() computes a read-modify-write. */
uint64_t machine_peek(const void *at, unsigned size) CHECK_PRIVATE(machine_peek);
void machine_poke(void *at, unsigned size, uint64_t value) CHECK_PRIVATE(machine_poke);
uint64_t machine_combine(enum machine_rmw op, uint64_t old, uint64_t operand)
    CHECK_PRIVATE(machine_combine);

#endif
