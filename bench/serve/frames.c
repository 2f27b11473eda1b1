/* frames.c - see frames.h. */
#include "bench/serve/frames.h"

#include <errno.h>
#include <string.h>

/* ---- what wslay calls ---- */

static ssize_t give(wslay_event_context_ptr wslay, uint8_t *bytes, size_t size, int flags, void *user)
{
    struct frames *f = user;
    size_t n = f->in_length < size ? f->in_length : size;

    (void)flags;
    if (n == 0) {
        wslay_event_set_error(wslay, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    memcpy(bytes, f->in, n);
    f->in += n;
    f->in_length -= n;
    return (ssize_t)n;
}

static ssize_t take(wslay_event_context_ptr wslay, const uint8_t *bytes, size_t length, int flags, void *user)
{
    struct frames *f = user;
    size_t n = length < f->out_free ? length : f->out_free;

    (void)flags;
    if (n == 0) {
        wslay_event_set_error(wslay, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    memcpy(f->out, bytes, n);
    f->out += n;
    f->out_free -= n;
    return (ssize_t)n;
}

static void hear(wslay_event_context_ptr wslay, const struct wslay_event_on_msg_recv_arg *m, void *user)
{
    struct frames *f = user;

    (void)wslay;
    if (m->opcode == WSLAY_CONNECTION_CLOSE) /* wslay takes half a code for none at all, and says what it was told */
        f->why = m->msg_length == 1 ? WSLAY_CODE_PROTOCOL_ERROR : WSLAY_CODE_NORMAL_CLOSURE;
    else if (m->opcode != WSLAY_PING)
        f->hear(f->user, (enum wslay_opcode)m->opcode, (const char *)m->msg, m->msg_length);
}

static void end(wslay_event_context_ptr wslay, void *user)
{
    struct frames *f = user;

    (void)wslay;
    f->whole++;
}

/* ---- what the service calls ---- */

int frames_begin(struct frames *f, frames_hear *heard, void *user)
{
    static const struct wslay_event_callbacks callbacks = {
        .recv_callback = give, .send_callback = take, .on_frame_recv_end_callback = end,
        .on_msg_recv_callback = hear,
    };

    *f = (struct frames){ .hear = heard, .user = user };
    if (wslay_event_context_server_init(&f->wslay, &callbacks, f) != 0)
        return -ENOMEM;
    wslay_event_config_set_max_recv_msg_length(f->wslay, FRAMES_MESSAGE);
    return 0;
}

void frames_end(struct frames *f)
{
    wslay_event_context_free(f->wslay);
    f->wslay = NULL;
}

void frames_read(struct frames *f, const char *bytes, size_t n)
{
    f->in = bytes;
    f->in_length = n;
    int error = wslay_event_recv(f->wslay);
    if (error) /* it tells the caller, and would tell the client no code */
        f->why = error == WSLAY_ERR_NOMEM ? WSLAY_CODE_INTERNAL_SERVER_ERROR : WSLAY_CODE_PROTOCOL_ERROR;
}

int frames_put(struct frames *f, enum wslay_opcode kind, const unsigned char *bytes, size_t n)
{
    const struct wslay_event_msg m = { (uint8_t)kind, bytes, n };

    return wslay_event_queue_msg(f->wslay, &m) == 0 ? 0 : -ENOMEM;
}

void frames_close(struct frames *f, enum wslay_status_code why)
{
    if (!f->why)
        f->why = why;
}

/* Written here, since wslay takes no frame behind a close of its own. */
static size_t write_close(struct frames *f, unsigned char *out)
{
    const unsigned char frame[FRAMES_CLOSE] = { 0x80 | WSLAY_CONNECTION_CLOSE, FRAMES_CLOSE - 2,
                                                (unsigned char)(f->why >> 8), (unsigned char)f->why };

    memcpy(out, frame, sizeof frame);
    f->closed = true;
    return sizeof frame;
}

size_t frames_write(struct frames *f, unsigned char *out, size_t size)
{
    if (f->closed)
        return 0;
    if (f->why)
        return write_close(f, out);
    f->out = out;
    f->out_free = size;
    f->closed = wslay_event_send(f->wslay) != 0 || wslay_event_get_close_sent(f->wslay);
    return size - f->out_free;
}
