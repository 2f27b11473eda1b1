/*
 * litmus.h - small programs whose every outcome is known.
 *
 * An outcome is a string of digits: what the registers a, b, c, d hold at the end.
 */
#ifndef CONTEND_TESTS_CHECK_LITMUS_H
#define CONTEND_TESTS_CHECK_LITMUS_H

enum { LITMUS_THREADS = 4, LITMUS_REGISTERS = 4 };

struct litmus {
    const char *name;
    const char *exactly; /* these outcomes and no others, or NULL ... */
    const char *must, *never; /* ... then these are found, and those are not */
    void (*threads[LITMUS_THREADS])(void);
    void (*last)(void); /* reads what is final, or NULL */
    unsigned registers;
};

extern const struct litmus litmus_tests[]; /* ended by a NULL name */
extern int litmus_register[LITMUS_REGISTERS];
void litmus_reset(void);

#endif
