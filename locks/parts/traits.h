/*
 * traits.h - the words in which a strategy says what it promises.
 *
 * Locks, counters and presence maps declare their traits in these terms, and
 * the tests hold each of them to exactly what it declares.  No atomics here:
 * the file is valid C11 and C++17.
 */
#ifndef CONTEND_LOCKS_PARTS_TRAITS_H
#define CONTEND_LOCKS_PARTS_TRAITS_H

/*
 * Sizes, capacities and ids are 64-bit numbers here, and tables are as large as they say: with
 * 32-bit sizes a table's would be cut off, and its user would write behind it.
 */
#if defined(__SIZEOF_SIZE_T__) && __SIZEOF_SIZE_T__ < 8
#error "contend needs a 64-bit build: sizes and ids have 64 bits"
#endif

#include <stddef.h>
#include <stdint.h>

#include "locks/parts/options.h"

/*
 * Progress of one operation (Herlihy and Shavit, "The Art of Multiprocessor
 * Programming", 2012, chapter 3), strongest first.  A declared class may carry
 * modifiers: a lock-free insert that calls malloc() is LOCK_FREE only as far as
 * malloc() is.
 *
 * An atomic addition counts as one step.  That is so with x86-64's locked add and
 * aarch64's LSE; where the compiler emits a load-exclusive loop, what is WAIT_FREE
 * by an addition is LOCK_FREE.
 */
enum contend_progress {
    CONTEND_WAIT_FREE = 0,        /* every caller finishes in a bounded number of its own steps */
    CONTEND_LOCK_FREE = 1,        /* some caller always finishes, whichever others stall */
    CONTEND_OBSTRUCTION_FREE = 2, /* a caller that runs alone finishes */
    CONTEND_BLOCKING = 3,         /* a stalled thread can hold the others up */
    CONTEND_PROGRESS_CLASS = 0x0f,
    CONTEND_MODULO_MALLOC = 0x10,  /* ... apart from calls of the allocator */
    CONTEND_MODULO_SYSCALL = 0x20, /* ... apart from system calls */
};

/* What kind of entry this is. */
enum contend_flags {
    CONTEND_EXHIBIT = 1,      /* broken on purpose: the tests must reject it */
    CONTEND_FLOOR = 2,        /* does nothing: shows what the harness itself costs */
    CONTEND_TSAN_UNSOUND = 4, /* ThreadSanitizer cannot follow it (fences, a library's assembly) */
    CONTEND_SPINS = 8,        /* waits by spinning: slow when threads outnumber processors */
    CONTEND_LIB_ABORTS = 16,  /* the library beneath aborts when its own allocation fails */
    /*
     * A signal handler may use the object, through the handle of the thread that it interrupts,
     * inside that thread's own operation too.
     */
    CONTEND_SIGNAL_SAFE = 32,
    /*
     * An object in memory that processes share serves them all; each has handles of its own,
     * in memory of its own, and they share the mapping by fork().
     */
    CONTEND_PROCESS_SHARED = 64,
    CONTEND_RUNS_THREAD = 128, /* owns a thread from init to fini */
    CONTEND_REAL_TIME = 256,   /* goes by a clock of its own: a store behind a socket */
    /*
     * Other threads look into an attached handle, so that its storage must outlive a thread that
     * ends without detaching.  Without this flag the storage may end with the thread.
     */
    CONTEND_LOOKS_INTO_HANDLES = 512,
    /*
     * Lives in a store, behind a file or a connection that may fail.  Its calls may answer -EIO
     * and -ETIMEDOUT, after which it is unknown whether they took effect, and -EAGAIN and -ENOSPC,
     * after which nothing has changed.
     */
    CONTEND_REMOTE = 1024,
};

/* Whether defaults, picks and reports show an entry, or only the course and --all. */
enum contend_shelf { CONTEND_CORE = 0, CONTEND_STUDY };

/* A strategy's name and origin.  Every string is a literal and lives for ever. */
struct contend_identity {
    const char *name;      /* as on the command line: "per_thread" */
    const char *title;     /* the idea in one line */
    const char *reference; /* author, title, year; or CONTEND_THE_LOCKS */
    const char *lock;      /* the lock it was composed with, or NULL */
    unsigned flags;        /* enum contend_flags */
    const struct contend_option *options; /* what a caller can set; NULL: nothing */
};

/* The reference of an entry that adds nothing to the lock it was composed with. */
#define CONTEND_THE_LOCKS "the lock's"

/* A strategy that this build left out, and why. */
struct contend_missing {
    const char *name;
    const char *why;
};

/*
 * What the shared library exports; everything else in it is hidden.  A variable
 * that is to exist once in a process needs it too: a program that includes a
 * strategy header and links the library would have two of it otherwise.
 */
#define CONTEND_API __attribute__((visibility("default")))

/* CONTEND_JOIN3(a, b, c) pastes, CONTEND_STRING(x) quotes, both after expansion. */
#define CONTEND_JOIN3_(a, b, c) a##b##c
#define CONTEND_JOIN3(a, b, c) CONTEND_JOIN3_(a, b, c)
#define CONTEND_STRING_(x) #x
#define CONTEND_STRING(x) CONTEND_STRING_(x)

#endif
