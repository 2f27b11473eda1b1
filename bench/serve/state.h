/*
 * state.h - what a service remembers, as a file that outlives it.
 *
 * The file is text: a line with its version, one with the time, a line for each user who was online,
 * each person with a name, each blog, each post, each pair of a post and a reader who gave claps, and
 * each post that was viewed, and at the end how many lines that were and their checksum (FNV-1a, 64
 * bits):
 *
 *     contend-state 2
 *     saved 1796000000000
 *     user 7 1200
 *     person 7 416461 -
 *     blog 1 7 4e6f746573
 *     post 1 1 1796000000000 0 0 4869 54657874
 *     last 1
 *     clap 1 7 3
 *     view 1 25
 *     end 7 9ae16a3b2f90404f
 *
 * `saved` is in ms since 1970; a user's number is the age of the last heartbeat in ms.  Texts are
 * hexadecimal, and "-" is an empty one: a person has a name and a bio, a blog its owner and a title, and a
 * post its blog, when it was published, whether it is deleted (1) and for how many ms, title and body.
 * `last` is the highest number that a post has had.  A state is written beside its place and renamed, so
 * that there is always a whole one.
 */
#ifndef CONTEND_BENCH_SERVE_STATE_H
#define CONTEND_BENCH_SERVE_STATE_H

#include <stddef.h>
#include <stdint.h>

#include "bench/serve/service.h"

enum { STATE_VERSION = 2 };

/* The first line of a file. */
static const char state_magic[] = "contend-state 2\n";

/* What is called with each line; not 0 ends the reading, which returns that. */
struct state_taker {
    void (*begin)(void *ctx, uint64_t saved_ms); /* once, before all others */
    int (*user)(void *ctx, uint64_t user, uint64_t age_ms);
    int (*clap)(void *ctx, uint64_t post, uint64_t reader, uint64_t claps);
    int (*view)(void *ctx, uint64_t post, uint64_t views);
    int (*person)(void *ctx, const struct directory_person *p);
    int (*blog)(void *ctx, const struct directory_blog *b);
    int (*post)(void *ctx, const struct posts_draft *draft, bool deleted, uint64_t deleted_for_ms);
    int (*last)(void *ctx, uint64_t post);
    void *ctx;
};

enum { STATE_WHY = 160 };

/*
 * Reads a state's text.  All of it is checked before anything is taken.  0; -EINVAL with the reason in
 * `why`: it is damaged, of another version, or no state at all; or what a taker returned.
 */
int state_read(const char *text, size_t length, const struct state_taker *taker,
               char why[STATE_WHY]);

/* The checksum of a text. */
uint64_t state_hash(const char *text, size_t length);

/*
 * Saves what the service holds, through the leader's side, while the workers go on: each user and each
 * pair is as it was at some instant of the call.  0, or a negative errno value; the old file is then as
 * it was.
 */
int state_save(struct service *s, const char *path);

/*
 * Fills a service to which only the leader's side is attached.  Time that has passed since the state
 * was saved counts.  1; 0: there is no such file; or an error after a message, and what has been taken until
 * then is in the service.
 */
int state_restore(struct service *s, const char *path);

#endif
