/*
 * rows.h - the recorded events as rows to be printed.
 *
 * Private to the explanations.  Left out are the steps of the setup, accesses to memory
 * that only one thread touches, and steps that check_aside() groups.
 */
#ifndef CONTEND_BENCH_CHECK_ROWS_H
#define CONTEND_BENCH_CHECK_ROWS_H

#include <stdbool.h>

#include "bench/machine/linkage.h"

enum row_look { ROW_PLAIN, ROW_WRITE, ROW_STALE, ROW_WAIT, ROW_CALL, ROW_ASIDE, ROW_FAIL };

struct row {
    unsigned step;   /* as the verdict and the notes count them */
    unsigned thread; /* 0: before the threads or after them */
    enum row_look look;
    bool inside;     /* of an operation */
    char text[256];
    char source[64]; /* "packed.h:120", or "" */
    char note[128];  /* on this row, or "" */
    unsigned from;   /* step of another thread whose value is read, or that it races with; 0 = none */
    unsigned from_thread;
    unsigned line;   /* of the file `path`; 0 = not known */
    char path[256];
};

/*
 * The rows of the execution that was recorded last; valid until the next call.  Of
 * many, some in the middle are left out.
 */
unsigned rows_make(const struct row **rows) CHECK_PRIVATE(rows_make);

#endif
