/*
 * linearizable.h - checks a structure of one's own against a sequential model of it.
 *
 * Operations, and the same operations on a model that one thread uses alone: from these the
 * checker makes up scenarios, runs them under the schedules that it can try, and judges
 * whether one order of the operations, one after the other, explains what they returned.  It
 * also stops threads in the middle of operations, to see which of them can hold others up.
 *
 * M. Herlihy and J. Wing, "Linearizability: A Correctness Condition for Concurrent Objects",
 * 1990; generated scenarios as in N. Koval et al., "Lincheck", 2023.  docs/linearizability.md
 * has a queue, a stack and a map.
 */
#ifndef CONTEND_BENCH_CHECK_LINEARIZABLE_H
#define CONTEND_BENCH_CHECK_LINEARIZABLE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What an operation promises to others and to itself.  WAIT_FREE: it ends whatever others do.
 * LOCK_FREE: a thread that is stopped in the middle of it holds nobody up.  BLOCKING: it may.
 */
enum check_progress {
    CHECK_PROGRESS_UNDECLARED, /* what was observed is printed, and is no failure */
    CHECK_WAIT_FREE,
    CHECK_LOCK_FREE,
    CHECK_BLOCKING
};

struct check_operation {
    const char *name; /* NULL ends a list */
    /* On the structure: called by several threads at once.  Returns its result. */
    int64_t (*call)(void *object, int64_t argument);
    /* The same on the model: called by nobody else meanwhile. */
    int64_t (*model)(void *state, int64_t argument);
    int64_t least, most; /* the arguments to try; both 0: it takes none */
    enum check_progress progress;
};

enum { CHECK_STRUCTURE_THREADS = 3, CHECK_STRUCTURE_LENGTH = 4, CHECK_MODEL_SIZE = 4096 };

struct check_structure {
    const char *name;
    void *(*make)(void);           /* a new object, which the operations get */
    void (*destroy)(void *object); /* or NULL; what it leaves behind is a leak */
    const struct check_operation *operations; /* at most 16 */
    /*
     * The model's state is a block of so many bytes, all zero at first.  It is copied and compared as
     * bytes, so it holds no pointers.  At most CHECK_MODEL_SIZE.
     */
    size_t model_size;
    unsigned threads; /* at most so many at once, 2 or 3; 0 = 3 */
    unsigned length;  /* at most so many operations of each thread, up to 4; 0 = 3 */
};

/*
 * Ready-made main() for structures, a list that ends in NULL; the options of check_main(), and
 * --scenario=TEXT.  Returns the exit status: 0 nothing found, 1 a failure, 2 wrong usage.
 */
int check_structures_main(const struct check_structure *const *structures, int argc, char **argv);

#ifdef __cplusplus
}
#endif

#endif
