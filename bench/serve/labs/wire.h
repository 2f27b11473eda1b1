/*
 * wire.h - as much of HTTP/1.1 and of WebSockets as a client of our own service needs.
 *
 * A load generator with ten thousand connections shares two processors with what it measures.  A general
 * client library would take most of them; these functions look at each byte about once.  They trust
 * the service no further than its lengths.
 */
#ifndef CONTEND_BENCH_SERVE_LABS_WIRE_H
#define CONTEND_BENCH_SERVE_LABS_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { WIRE_MOST = 64 * 1024, WIRE_ETAG = 48 };
#define WIRE_MOST_TOTAL INT64_C(999999999999999999)

struct wire_answer {
    int status;
    const char *body; /* within the bytes read */
    size_t length;
    char etag[WIRE_ETAG]; /* empty: none */
};

/*
 * Reads an answer at the beginning of n bytes.  How many bytes it has; 0 if it is not whole yet, -EPROTO if
 * it is none.  Without a Content-Length the answer ends with its head.
 */
ssize_t wire_read_answer(const char *bytes, size_t n, struct wire_answer *out);

/*
 * The number of digits behind the first `name` in n bytes of an answer's body or a message.  False if there is
 * no such name, no digit behind it, or more than WIRE_MOST_TOTAL.
 */
bool wire_find_number(const char *text, size_t n, const char *name, int64_t *out);

enum wire_kind { WIRE_TEXT = 1, WIRE_CLOSE = 8, WIRE_PING = 9, WIRE_PONG = 10 };

struct wire_frame {
    unsigned kind;
    const char *payload;
    size_t length;
};

/* The same for a frame from a server: whole and not masked. */
ssize_t wire_read_frame(const char *bytes, size_t n, struct wire_frame *out);
/* Writes a client's frame of at most 125 bytes into `out`, which holds 6 more; its size. */
size_t wire_write_frame(char *out, unsigned kind, const void *payload, size_t length);

/* Sends all of it over a socket, whether or not it blocks.  0, or a negative errno value. */
int wire_send(int fd, const void *bytes, size_t n);

#endif
