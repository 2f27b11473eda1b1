/*
 * interrupt.h - Ctrl-C: the first one asks to come to an end, the second ends at once.
 */
#ifndef CONTEND_BENCH_BASE_INTERRUPT_H
#define CONTEND_BENCH_BASE_INTERRUPT_H

#include <stdbool.h>

/*
 * Catches SIGINT and SIGTERM from here on; earlier ones no longer count.  It may be called again
 * before interrupt_release(); one thread calls the two.
 */
void interrupt_catch(void);
/* Restores the actions from before the first call; does nothing if there was none. */
void interrupt_release(void);
/* Whether one of them has arrived.  Any thread may call this. */
bool interrupt_came(void);

#endif
