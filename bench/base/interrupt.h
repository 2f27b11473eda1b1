/*
 * interrupt.h - Ctrl-C: the first one asks to come to an end, the second ends at once.
 */
#ifndef CONTEND_BENCH_BASE_INTERRUPT_H
#define CONTEND_BENCH_BASE_INTERRUPT_H

#include <stdbool.h>

/*
 * From here on SIGINT and SIGTERM are caught, and forgotten if there were any before.  It may be
 * called again before they are released: one thread calls this function and the next.
 */
void interrupt_catch(void);
/* They do again what they did before the first call; nothing, if they were not caught. */
void interrupt_release(void);
/* Whether one of them has arrived.  Any thread may call this. */
bool interrupt_came(void);

#endif
