/*
 * client.h - which part of a line is a client's address.  By one thread at a time.
 */
#ifndef CONTEND_BENCH_LOG_CLIENT_H
#define CONTEND_BENCH_LOG_CLIENT_H

#include <stdbool.h>

#include "bench/log/bytes.h"

/*
 * Leaves the client in *s: "198.51.100.5:4711" and "[2001:db8::5]:80" without the port,
 * "access.log:12:198.51.100.5" and "access.log-12-198.51.100.5" (grep's) without the file,
 * "198.51.100.5," without the comma.
 * What holds no address stays as it is.  Whether it is an address then.
 */
bool client_trim(struct span *s);

enum { CLIENT_FIELDS = 32, CLIENT_ADDRESS = 64 };

/* An address in the one way that all its spellings share; one of IPv4 within IPv6 is of IPv4. */
size_t client_spell(struct span address, char out[CLIENT_ADDRESS]);

/*
 * Cuts a line at blanks, where "a b" and [a b] are one field; the brackets and quotes are
 * left out.  How many fields there are, at most `most`; the last ones are in fields[], the n-th,
 * from 0 on, at n % CLIENT_FIELDS.
 */
size_t client_fields(struct span line, size_t most, struct span fields[CLIENT_FIELDS]);

/* What the first lines say about the fields in front of the time stamp. */
struct client_columns {
    struct {
        unsigned addresses; /* lines in which it is one */
        bool varies;
        bool listed; /* a comma follows: the client, and the proxies that it came by */
        struct span first;
    } of[CLIENT_FIELDS];
    size_t with[CLIENT_FIELDS + 1], lines; /* lines with so many fields, and all */
};

/* One more line: what stands in front of its time stamp. */
void client_look(struct client_columns *c, struct span head);

/* The field of the client, from 1 on. */
size_t client_choose(const struct client_columns *c);

enum { CLIENT_FRONTS = 41 };

/*
 * Cuts off one of the fronts that all lines of a file may have: up to nine fields, and none to three
 * words that end in colons, as grep's do.  A line without it stays as it is.
 */
struct span client_cut_front(struct span line, unsigned front);

#endif
