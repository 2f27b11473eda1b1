/*
 * ask.h - one line to a server, and one line back: enough to see that it answers.
 */
#ifndef CONTEND_BENCH_STORES_SERVERS_ASK_H
#define CONTEND_BENCH_STORES_SERVERS_ASK_H

#include <stddef.h>

/* Connects to a Unix socket (an address that begins with "/") or to HOST:PORT of the loopback.
   Returns a descriptor whose reads and writes take at most a second, or a negative errno. */
int ask_connect(const char *address);

/*
 * Sends `line` and reads the answer, at most `size` - 1 bytes of it; it ends with a line break or
 * when the server has sent nothing more for 50 ms.  Returns its length, or a negative errno.
 */
int ask(int fd, const char *line, char *answer, size_t size);

/* A TCP port of the loopback that was free a moment ago: the number, or a negative errno. */
int ask_free_port(void);

#endif
