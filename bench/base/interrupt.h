/*
 * interrupt.h - Ctrl-C: the first one asks to come to an end, the second ends at once.
 */
#ifndef CONTEND_BENCH_BASE_INTERRUPT_H
#define CONTEND_BENCH_BASE_INTERRUPT_H

#include <stdbool.h>

/* From here on SIGINT and SIGTERM are caught, and forgotten if there were any before. */
void interrupt_catch(void);
/* They do again what they did before. */
void interrupt_release(void);
/* Whether one has come.  For any thread. */
bool interrupt_came(void);

#endif
