/* wire.c - see wire.h. */
#include "bench/serve/labs/wire.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

enum { SEND_MS = 20000 };

/* What follows the header's name and colon, if this line is that header; or NULL. */
static const char *header(const char *line, const char *name)
{
    size_t length = strlen(name);

    if (strncasecmp(line, name, length) != 0 || line[length] != ':')
        return NULL;
    line += length + 1;
    return line + strspn(line, " ");
}

/* The digits at the beginning of a header's value, which ends at `end`: no more than WIRE_MOST + 1. */
static size_t number(const char *value, const char *end)
{
    size_t n = 0;

    for (; value < end && *value >= '0' && *value <= '9'; value++)
        n = n > WIRE_MOST ? n : n * 10 + (size_t)(*value - '0');
    return n > WIRE_MOST ? WIRE_MOST + 1 : n;
}

ssize_t wire_read_answer(const char *bytes, size_t n, struct wire_answer *out)
{
    const char *end = memmem(bytes, n, "\r\n\r\n", 4), *line = bytes;
    size_t length = 0;

    if (n >= 9 && memcmp(bytes, "HTTP/1.1 ", 9) != 0)
        return -EPROTO;
    if (!end || n < 9)
        return 0;
    out->status = (int)number(bytes + 9, end);
    out->etag[0] = '\0';
    while (line < end) {
        const char *next = memmem(line, (size_t)(end + 2 - line), "\r\n", 2), *value;
        if ((value = header(line, "Content-Length")))
            length = number(value, next);
        else if ((value = header(line, "ETag")) && (size_t)(next - value) < sizeof out->etag) {
            memcpy(out->etag, value, (size_t)(next - value));
            out->etag[next - value] = '\0';
        }
        line = next + 2;
    }
    out->body = end + 4;
    out->length = length;
    if (length > WIRE_MOST)
        return -EPROTO;
    if (length > n - (size_t)(out->body - bytes))
        return 0;
    return out->body + length - bytes;
}

bool wire_find_number(const char *text, size_t n, const char *name, int64_t *out)
{
    const char *end = text + n, *at = n ? memmem(text, n, name, strlen(name)) : NULL, *first;
    int64_t sum = 0;

    if (!at)
        return false;
    at += strlen(name);
    for (first = at; at < end && *at >= '0' && *at <= '9'; at++) {
        if (sum > WIRE_MOST_TOTAL / 10)
            return false;
        sum = sum * 10 + (*at - '0');
    }
    *out = sum;
    return at > first;
}

ssize_t wire_read_frame(const char *bytes, size_t n, struct wire_frame *out)
{
    const unsigned char *b = (const unsigned char *)bytes;
    size_t head = 2;

    if (n < 2)
        return 0;
    out->kind = b[0] & 15;
    out->length = b[1];
    if (out->length == 126) {
        head = 4;
        if (n < head)
            return 0;
        out->length = (size_t)b[2] << 8 | b[3];
    } else if (out->length > 126) { /* masked, or longer than anything that is pushed */
        return -EPROTO;
    }
    out->payload = bytes + head;
    return n < head + out->length ? 0 : (ssize_t)(head + out->length);
}

size_t wire_write_frame(char *out, unsigned kind, const void *payload, size_t length)
{
    out[0] = (char)(128 | kind);
    out[1] = (char)(128 | length);
    memset(out + 2, 0, 4); /* a mask of zero is a mask */
    memcpy(out + 6, payload, length);
    return 6 + length;
}

int wire_send(int fd, const void *bytes, size_t n)
{
    const char *at = bytes;

    while (n) {
        ssize_t sent = send(fd, at, n, MSG_NOSIGNAL);
        if (sent >= 0) {
            at += sent;
            n -= (size_t)sent;
        } else if (errno == EAGAIN) {
            struct pollfd p = { fd, POLLOUT, 0 };
            if (poll(&p, 1, SEND_MS) == 0)
                return -ETIMEDOUT;
        } else if (errno != EINTR) {
            return -errno;
        }
    }
    return 0;
}
