/*
 * client.h - which part of a text is a client's address.
 */
#ifndef CONTEND_BENCH_LOG_CLIENT_H
#define CONTEND_BENCH_LOG_CLIENT_H

#include <stdbool.h>

#include "bench/log/bytes.h"

/* The first blank or tab, or NULL. */
const char *client_blank(const char *text, size_t length);

/* Whether it is an IPv4 or IPv6 address and nothing else. */
bool client_is_address(struct span s);

/*
 * Leaves the client in *s: "198.51.100.5:4711" and "[2001:db8::5]:80" without the port,
 * "access.log:12:198.51.100.5" (grep's) without the file, "198.51.100.5," without the comma.
 * What holds no address stays as it is.  Whether it is an address then.
 */
bool client_trim(struct span *s);

enum { CLIENT_FIELDS = 32 };

/*
 * Cuts a line at blanks, where "a b" and [a b] are one field; the brackets and quotes are
 * left out.  How many fields there are; the first CLIENT_FIELDS are in fields[], and the
 * last is in *last.
 */
size_t client_fields(const char *text, size_t length, struct span fields[CLIENT_FIELDS],
                     struct span *last);

/* What the first lines say about one field. */
struct client_column {
    unsigned addresses; /* lines in which it is one */
    bool varies;
    bool listed;        /* a comma follows: the client, and the proxies that it came by */
    struct span first;
};

/*
 * The field of a client, from those in front of the time stamp of `lines` lines.  `usual` is
 * how many fields most lines have there: HOST IDENT USER is three.
 */
size_t client_choose(const struct client_column columns[CLIENT_FIELDS], size_t lines,
                     size_t usual);

#endif
