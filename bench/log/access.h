/*
 * access.h - lines in the manner of the common and the combined format of Apache and nginx,
 * for parse.c.
 *
 *     HOST IDENT USER [17/May/2015:10:05:03 +0000] "GET /path HTTP/1.1" 200 512 ...
 *
 * Anything may stand in front of the host (a virtual host, the header of syslog or of a
 * container, a file's name) and between the time and the request.  Which of the fields in front
 * of the time is the client is found out from the first lines.
 */
#ifndef CONTEND_BENCH_LOG_ACCESS_H
#define CONTEND_BENCH_LOG_ACCESS_H

#include "bench/log/client.h"
#include "bench/log/parse.h"

struct log_access {
    long client;  /* which field is the client: the first is 1, the last -1; 0 as 1 */
    bool address; /* most of the clients that were looked at are addresses */
};

/* Chooses the client's field.  How many of the lines have this format. */
size_t log_access_look(struct log_access *a, const struct span *lines, size_t count);

/* What log_parse() returns. */
int log_access_line(const struct log_access *a, const char *text, size_t length,
                    struct log_fields *fields);

/* "GET /path HTTP/1.1": the middle becomes the post; without a method there is none. */
void log_access_post(const char *request, size_t length, struct log_fields *fields);

#endif
