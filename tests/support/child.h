/*
 * child.h - a case in a process of its own: what it breaks, or hangs in, is gone with it.
 */
#ifndef CONTEND_TESTS_SUPPORT_CHILD_H
#define CONTEND_TESTS_SUPPORT_CHILD_H

enum { CHILD_SECONDS = 20 };

/*
 * Calls fn(arg) in a child, which ends with its answer, 0 .. 126, without the parent's exit
 * handlers.  Returns the answer, 128 + the number of the signal that ended the child, or -1
 * if it did not end within CHILD_SECONDS.
 */
int child_run(int (*fn)(void *arg), void *arg);

/* In fn: the number of the case that does not hold. */
#define CHILD_EXPECT(number, condition)                                                       \
    do {                                                                                      \
        if (!(condition))                                                                     \
            return number;                                                                    \
    } while (0)

#endif
