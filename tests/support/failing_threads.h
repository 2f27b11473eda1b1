/*
 * failing_threads.h - lets the making of threads fail from some point on.
 *
 * The linker sends the calls of pthread_create of the test program, and of what is linked
 * into it, here (--wrap): what is tested is what users get.
 */
#ifndef CONTEND_TESTS_SUPPORT_FAILING_THREADS_H
#define CONTEND_TESTS_SUPPORT_FAILING_THREADS_H

/* `n` threads can be made, no more until the next call; negative: as many as wanted. */
void threads_fail_after(int n);

/* Waits until the process has so many threads; asserts that it has them soon. */
void threads_come_to(unsigned wanted);
unsigned threads_counted(void);

#endif
