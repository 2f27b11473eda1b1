/*
 * frame.h - the frames of a WebSocket (RFC 6455) in the bytes that a client sends, without a socket.
 */
#ifndef CONTEND_BENCH_SERVE_FRAME_H
#define CONTEND_BENCH_SERVE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum frame_kind {
    FRAME_MORE, FRAME_TEXT, FRAME_BINARY, FRAME_CLOSE = 8, FRAME_PING, FRAME_PONG
};

/* Why a WebSocket is closed (RFC 6455, 7.4.1). */
enum frame_close {
    CLOSE_NORMAL = 1000, CLOSE_GOING_AWAY, CLOSE_PROTOCOL, CLOSE_NOT_UTF8 = 1007, CLOSE_TOO_LONG = 1009
};

enum {
    FRAME_MESSAGE = 128,     /* bytes of a message that a client may send */
    FRAME_CONTROL = 125,     /* and of what is in a ping, a pong or a close */
    FRAME_HEAD = 4           /* of a frame that the service sends, at most */
};

struct frame {
    enum frame_kind kind;
    bool final;
    unsigned char *data; /* unmasked, where it came */
    size_t length;
};

/* A message that has come in part. */
struct frame_message {
    enum frame_kind kind; /* FRAME_MORE: none has begun */
    unsigned length;
    char text[FRAME_MESSAGE];
};

/*
 * Reads the frame that begins at `bytes`, and takes its mask off.  How many bytes it has; 0 if it goes
 * on behind the n bytes, and they are left as they are; or what the WebSocket is to be closed with, below 0.
 */
int frame_read(unsigned char *bytes, size_t n, struct frame *out);

/*
 * Adds a frame of text or bytes to its message.  1: that is whole now, and the next frame begins another; 0:
 * it goes on; or what to close with, below 0.
 */
int frame_join(struct frame_message *m, const struct frame *f);

/* Whether a client may close with these bytes: nothing, or a code that is allowed and UTF-8. */
bool frame_may_close(const struct frame *f, enum frame_close *answer);

/* Whether the bytes are UTF-8 (RFC 3629). */
bool frame_is_utf8(const unsigned char *bytes, size_t n);

/* Writes the head of a whole frame of n bytes, which a server does not mask; the length of the head. */
size_t frame_put_head(unsigned char *out, enum frame_kind kind, size_t n);

#endif
