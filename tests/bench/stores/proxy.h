/*
 * proxy.h - stands between a client and a server on Unix sockets, and can lose what it carries.
 *
 * A process of its own, so that it runs whatever the test waits for.
 */
#ifndef CONTEND_TESTS_BENCH_STORES_PROXY_H
#define CONTEND_TESTS_BENCH_STORES_PROXY_H

#include <sys/types.h>

struct proxy {
    char folder[64], path[100]; /* of the socket that clients find */
    int tell;                   /* a pipe to the process */
    pid_t pid;
};

/* Listens at `name` in a folder of its own, and carries all to the socket `to`; NULL: answers
   every message by a line that is nobody's protocol. */
void proxy_begin(struct proxy *p, const char *to, const char *name);

/* The same for a server that answers every message by this text, and closes the connection. */
void proxy_pretend(struct proxy *p, const char *answer, const char *name);

/* The next message of a client reaches the server, and the connection is cut instead of an answer. */
void proxy_swallow(struct proxy *p);

void proxy_end(struct proxy *p);

#endif
