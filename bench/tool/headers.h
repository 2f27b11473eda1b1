/*
 * headers.h - which files a strategy's header needs, and where they are.
 *
 * The headers are read as text: their own includes are "folder/name.h", and their
 * includes from a library tell which package the compiler needs.
 */
#ifndef CONTEND_BENCH_TOOL_HEADERS_H
#define CONTEND_BENCH_TOOL_HEADERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { HEADERS_MAX = 64, HEADERS_NAME = 96 };

struct headers {
    const char *root;         /* the folder that holds the families' folders */
    const char *choices;      /* what a template is composed with: "CONTEND_LOCK=mcs", or "" */
    char defaults[256];       /* what they are where nothing is chosen */
    char *names[HEADERS_MAX]; /* "counters/locked.h", the strategy's own first */
    bool chosen[HEADERS_MAX]; /* the template is composed with it: a lock, an expiry policy */
    unsigned count;
    unsigned packages; /* bit i: needs headers_packages[i] */
};

/* The packages that strategies are built on, as pkg-config knows them, ended by NULL. */
extern const char *const headers_packages[];

/*
 * Finds what `header` under the folder `root` needs, composed with `choices`.  Returns 0, or -1
 * after a message that names the file that could not be read.
 */
int headers_needed(struct headers *h, const char *root, const char *header, const char *choices);
void headers_free(struct headers *h);

/*
 * Writes all of them to `out` as one file: each in the place where it is first included.  0, or -1
 * after a message.
 */
int headers_join(const struct headers *h, FILE *out);

/*
 * The folder that holds the families' folders: `from`, or if that is NULL the source of
 * the build that this program lies in, or the headers that were installed with it.  free() it.
 * NULL after it has printed why there is none.
 */
char *headers_root(const char *from);

/* DIR/NAME; free() it.  Ends the program without memory. */
char *headers_path(const char *dir, const char *name);

#endif
