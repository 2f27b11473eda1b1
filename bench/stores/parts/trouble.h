/*
 * trouble.h - what a store said when a call failed.
 *
 * A table's operations answer errno values, which do not say which store it was and what it
 * complained about.  The first complaint is kept as a sentence, for the report of the run.
 */
#ifndef CONTEND_BENCH_STORES_PARTS_TROUBLE_H
#define CONTEND_BENCH_STORES_PARTS_TROUBLE_H

#include <stdbool.h>
#include <stddef.h>

enum { TROUBLE_TEXT = 240 };

/* Keeps "NAME: sentence" unless one is kept already.  Any thread may call it. */
__attribute__((format(printf, 2, 3))) void trouble_note(const char *name, const char *format, ...);

/* Takes the sentence that is kept, so that the next one can be; false if there is none. */
bool trouble_take(char text[TROUBLE_TEXT]);

#endif
