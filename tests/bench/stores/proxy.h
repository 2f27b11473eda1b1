/*
 * proxy.h - stands between a client and a server, and can lose what it carries.
 *
 * A process of its own, so that it runs whatever the test waits for.
 */
#ifndef CONTEND_TESTS_BENCH_STORES_PROXY_H
#define CONTEND_TESTS_BENCH_STORES_PROXY_H

#include <sys/types.h>

struct proxy {
    char folder[64], path[100]; /* of the socket that clients find; "" over TCP */
    int port;                   /* of 127.0.0.1 that clients find; 0 over a Unix socket */
    int tell;                   /* a pipe to the process */
    pid_t pid;
};

/* Listens at `name` in a folder of its own, and carries all to the socket `to`; NULL: answers
   every message by a line that is nobody's protocol. */
void proxy_begin(struct proxy *p, const char *to, const char *name);

/* The same for a server that answers every message by this text, and closes the connection. */
void proxy_pretend(struct proxy *p, const char *answer, const char *name);

/* The same on a port of 127.0.0.1, for a server at a socket's path, or at the port that
   proxy_aim() tells ("": until then it takes no connection). */
void proxy_begin_tcp(struct proxy *p, const char *to);
void proxy_aim(struct proxy *p, int port);

/* From now on all that comes is lost, and nobody is told; proxy_heal() ends it, and cuts the
   connections that have lost something. */
void proxy_drop(struct proxy *p);
void proxy_heal(struct proxy *p);

/* Resets all connections, as a peer does that knows nothing of them. */
void proxy_reset(struct proxy *p);

/* The next message of a client reaches the server, and the connection is cut instead of an answer. */
void proxy_swallow(struct proxy *p);

void proxy_end(struct proxy *p);

#endif
