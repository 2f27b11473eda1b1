/*
 * said.h - what programs that an experiment has started say of themselves, as texts that end with a zero byte.
 */
#ifndef CONTEND_BENCH_SERVE_LABS_SAID_H
#define CONTEND_BENCH_SERVE_LABS_SAID_H

#include <jansson.h>
#include <stddef.h>

/* The port of the first address "http://IPv4:PORT/" in a line that is whole; 0: there is none. */
unsigned said_port(const char *text);

/*
 * The last line that is not empty, with the line that its indented lines continue, in one; without
 * what a carriage return cut off; cut to `size` bytes with their end.
 */
void said_last_line(const char *text, char *out, size_t size);

/* The object of JSON behind the first `mark`, or NULL.  json_decref() it. */
json_t *said_json(const char *text, const char *mark);

#endif
