/*
 * push_reader.h - what a subscriber reads, cut into what the service says: answers, messages, pings.
 *
 * It knows no sockets.  Bytes are added in whatever pieces they come; what is whole is taken out in turn.  It
 * trusts the service with nothing: a total is a number from 0 to WIRE_MOST_TOTAL, or there is none.
 */
#ifndef CONTEND_BENCH_SERVE_LABS_PUSH_READER_H
#define CONTEND_BENCH_SERVE_LABS_PUSH_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/serve/labs/wire.h"

enum push_way { PUSH_POLL, PUSH_CONDITIONAL, PUSH_LONG_POLL, PUSH_STREAM, PUSH_SOCKET, PUSH_WAYS };

/* PUSH_HEAD comes before the messages of a stream or a socket; PUSH_OTHER needs no reaction. */
enum push_kind { PUSH_HEAD, PUSH_ANSWER, PUSH_MESSAGE, PUSH_PING, PUSH_OTHER };

struct push_unit {
    enum push_kind kind;
    int status; /* of a head or an answer */
    char etag[WIRE_ETAG];
    bool has_total; /* of the post: of an answer, or in a message */
    int64_t total;
    const char *payload; /* of a ping, at most 125 bytes; valid until the next call */
    size_t length;
};

enum { PUSH_BUFFER = 1024 };

struct push_reader {
    enum push_way way;
    bool begun; /* the head has come */
    size_t got, taken;
    char in[PUSH_BUFFER];
};

void push_reader_begin(struct push_reader *r, enum push_way way);

/* Where the next bytes go, *most of them at most and at least 1; then says how many came. */
char *push_reader_space(struct push_reader *r, size_t *most);
void push_reader_add(struct push_reader *r, size_t count);

/*
 * The next that is whole: 1.  0: there is none yet, and there is space for more.  -EPROTO: what came is nothing that
 * the service may say, or is longer than the buffer.
 */
int push_reader_next(struct push_reader *r, struct push_unit *out);

#endif
