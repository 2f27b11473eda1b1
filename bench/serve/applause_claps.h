/*
 * applause_claps.h - who gave how many claps to which post: bounded claps with a handle for each
 * thread of the service.
 *
 * Posts and readers are numbered from 0, as many as were planned.  Sides are as in
 * users_presence.h.
 */
#ifndef CONTEND_BENCH_SERVE_APPLAUSE_CLAPS_H
#define CONTEND_BENCH_SERVE_APPLAUSE_CLAPS_H

#include <stddef.h>
#include <stdint.h>

#include "locks/parts/options.h"

struct applause;

struct applause_plan {
    const void *strategy; /* an entry of the family's registry */
    struct contend_settings settings;
    uint64_t posts, readers;
    unsigned sides;
};

/* Makes it.  0, -ENOMEM, or what the object's init answered. */
int applause_make(struct applause **out, const struct applause_plan *plan);
/* All sides have detached.  NULL is allowed. */
void applause_end(struct applause *a);

/* To be called by the thread of that side.  0, or what the object answered. */
int applause_attach(struct applause *a, unsigned side);
void applause_detach(struct applause *a, unsigned side);

/*
 * Gives n claps, or takes -n back.  How many were granted, or taken back, which may be fewer; or a
 * negative errno value: -ERANGE for a post or a reader that is not provided for, -ENOENT for a
 * post whose claps are removed, -ENOMEM.
 */
int applause_give(struct applause *a, unsigned side, uint64_t post, uint64_t reader, int n);
/* What the reader has given, what the post has received, or a negative errno value. */
int applause_given(struct applause *a, unsigned side, uint64_t post, uint64_t reader);
int64_t applause_total(struct applause *a, unsigned side, uint64_t post);

/*
 * Calls fn for each pair with claps: those that were there when the call began, each as it is at some instant of
 * the call.  The object is asked once for each pair that ever had claps through applause_give(), and for no
 * other.  0, an error of the object's, or what fn returned, if it was not 0.
 */
typedef int applause_visit(void *ctx, uint64_t post, uint64_t reader, int given);
int applause_each(struct applause *a, unsigned side, applause_visit *fn, void *ctx);

/* The most that a reader gives. */
enum { APPLAUSE_LIMIT = 50 };

uint64_t applause_posts(const struct applause *a);
uint64_t applause_readers(const struct applause *a);
const char *applause_strategy(const struct applause *a);
size_t applause_bytes(struct applause *a);

#endif
