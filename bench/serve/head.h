/*
 * head.h - where a request of HTTP/1.1 ends in the bytes of a connection, and what its head says.
 *
 * The bytes are read here and not by libwebsockets: version 4.1 loses count of bodies when a client sends
 * several requests at once (docs/service.md).  Nothing here knows a socket; a request is read as a
 * whole, so that it makes no difference how the network has cut it.
 *
 * Whatever two readers could understand differently is refused (RFC 9112): lines that end without a
 * carriage return, folded fields, blanks before a colon, two lengths, two hosts or one that is none.
 */
#ifndef CONTEND_BENCH_SERVE_HEAD_H
#define CONTEND_BENCH_SERVE_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/serve/request.h"

/* Bytes of a request that belong to others; NULL where a head has no such field. */
struct head_text {
    const char *at;
    size_t length;
};

struct head {
    enum serve_method method;
    struct head_text target;   /* "/users/7?x=y", still encoded */
    bool keeps;                /* another request may follow over the connection */
    bool chunked;
    bool expects;              /* the client waits for "100 Continue" before it sends the body */
    bool upgrades;             /* to what `upgrade` says */
    uint64_t body_length;
    const char *wrong;         /* of a head that is refused: a sentence */
    struct head_text if_none_match, upgrade, socket_key, socket_version;
};

/*
 * Where the head ends that begins at `bytes`, behind its empty line: its length; 0 if it goes on behind the
 * n bytes; or -400 as soon as it cannot be one.  *looked is 0 for the first look, and says how far
 * an earlier one came, so that bytes that come one by one are looked at once.
 */
int64_t head_end(const char *bytes, size_t n, size_t *looked);

/* Reads a whole head of n bytes.  0, or the status of the refusal, below 0: -400 or -505. */
int head_read(const char *bytes, size_t n, struct head *out);

/*
 * Takes a target apart, and decodes it: "/users/7" and "x=y", each into `size` bytes with a 0 behind them.
 * In the query "%26" and "%3D" stay as they are, since a & and a = there would separate what they do not.
 * 0, -400 or -414.
 */
int head_target(const struct head *h, char *path, char *query, size_t size);

#endif
