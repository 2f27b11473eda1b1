/*
 * frames.h - the frames of a WebSocket (RFC 6455), which wslay reads and writes, without a socket.
 *
 * One thread at a time; nothing is shared between two WebSockets.
 */
#ifndef CONTEND_BENCH_SERVE_FRAMES_H
#define CONTEND_BENCH_SERVE_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wslay/wslay.h>

enum {
    FRAMES_MESSAGE = 128, /* bytes of a message that a client may send */
    FRAMES_CLOSE = 4      /* of the frame that closes, and the least that frames_write() wants for all others */
};

/* A message is whole: WSLAY_TEXT_FRAME with UTF-8, WSLAY_BINARY_FRAME or WSLAY_PONG. */
typedef void frames_hear(void *user, enum wslay_opcode kind, const char *bytes, size_t n);

struct frames {
    wslay_event_context_ptr wslay; /* 9 KB */
    frames_hear *hear;
    void *user;
    const char *in; /* what has come and was not read yet */
    size_t in_length;
    uint64_t whole; /* how many frames have come as a whole */
    unsigned char *out; /* where frames are written, and how many bytes of it are free */
    size_t out_free;
    enum wslay_status_code why; /* what to close with; 0: wslay says itself what, if anything */
    bool closed;                /* the last frame was written, and closes; nothing more is read */
};

/* Begins a WebSocket.  *f stays where it is until frames_end().  0, or -ENOMEM. */
int frames_begin(struct frames *f, frames_hear *hear, void *user);
/* Of one that was not begun there may be zeros. */
void frames_end(struct frames *f);

/* Reads n bytes, and keeps what is a frame in part.  Pings are answered, and so is whatever breaks the protocol. */
void frames_read(struct frames *f, const char *bytes, size_t n);

/* A whole frame of n bytes, which are copied.  0, or -ENOMEM. */
int frames_put(struct frames *f, enum wslay_opcode kind, const unsigned char *bytes, size_t n);
/* Closes, if it is not closed for another reason. */
void frames_close(struct frames *f, enum wslay_status_code why);

/* Writes frames into `size` bytes.  How many bytes they have; 0: there is nothing more to write now. */
size_t frames_write(struct frames *f, unsigned char *out, size_t size);

#endif
