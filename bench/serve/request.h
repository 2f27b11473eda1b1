/*
 * request.h - what a client asks, as the transport has read it, and how its texts are read.
 */
#ifndef CONTEND_BENCH_SERVE_REQUEST_H
#define CONTEND_BENCH_SERVE_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum serve_method { SERVE_GET, SERVE_HEAD, SERVE_POST, SERVE_PUT, SERVE_DELETE, SERVE_OTHER };

struct serve_request {
    enum serve_method method;
    const char *path;          /* "/users/7", decoded */
    const char *query;         /* "ids=1,2&x=y", decoded but for %26 and %3D; "" without one */
    const char *if_none_match; /* "" without one */
    const char *body;          /* `length` bytes, and no 0 behind them */
    size_t length;
};

/*
 * A whole number as ids are written: digits and nothing else, at most 20 of them, at most 2^64 - 1.
 * 0, or -EINVAL, and *out is left alone.
 */
int request_number(const char *text, size_t length, uint64_t *out);

/*
 * The value of a name in the query, of *length bytes; NULL without it.  Of a name that is there twice it is empty,
 * since nobody can know which of them is meant.
 */
const char *request_query(const struct serve_request *q, const char *name, size_t *length);

/* The number that a name of the query has.  0, -ENOENT without the name, or -EINVAL. */
int request_query_number(const struct serve_request *q, const char *name, uint64_t *out);

/* Whose bytes a request is: its ?meter=, or 0 without one.  -EINVAL for what is no number, or 0. */
int request_meter(const struct serve_request *q, uint64_t *out);

/*
 * The numbers of a list, "1,2,3".  How many there are, at most `most`; or -EINVAL for what is none,
 * an empty list included, or -E2BIG.
 */
int request_list(const char *text, size_t length, uint64_t *out, unsigned most);

/*
 * Whether If-None-Match names the tag, "\"7.0\"": in a list, as a weak one, or by "*", which stands for whatever
 * there is.
 */
bool request_knows(const struct serve_request *q, const char *tag);

enum { REQUEST_IDS = 2 };

/*
 * Whether a path has the form of a pattern, "/posts/{id}/claps", in which each {id} is a number; they
 * are stored in the order in which they stand.  1; 0: it has another form; -EINVAL: it has, but for a
 * number.
 */
int request_matches(const char *path, const char *pattern, uint64_t ids[REQUEST_IDS]);

#endif
