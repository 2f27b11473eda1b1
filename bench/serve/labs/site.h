/*
 * site.h - a `contend serve` in a process of its own, for experiments that look at it from outside.
 *
 * It listens on a port of loopback that was free, and keeps nothing: its output goes to memory.  It ends
 * with site_stop(), or when the thread that started it does (bench/stores/servers/process.h), and the
 * stores that it started end with it.
 */
#ifndef CONTEND_BENCH_SERVE_LABS_SITE_H
#define CONTEND_BENCH_SERVE_LABS_SITE_H

#include <jansson.h>
#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { SITE_OPTIONS = 24, SITE_SAID = 400 };

struct site {
    pid_t pid; /* 0: none */
    unsigned port;
    int log;              /* what it says */
    char said[SITE_SAID]; /* after a failure: its last words */
};

/* Whether this reason of a start that failed is a build without the service, and no failure. */
bool site_left_out(const char *why);

/*
 * Starts it with these options besides --port and --quiet, ended by NULL, at most SITE_OPTIONS - 4, and waits
 * until it has an address, at most half a minute.  0; -ENOENT if it ended by itself: site->said has
 * its last words; -ETIMEDOUT, -EINTR after a Ctrl-C, or another negative errno value.
 */
int site_start(struct site *s, const char *const *options);
/* Asks it to end, waits, and ends it if it does not.  Does nothing if there is none. */
void site_stop(struct site *s);
/* Ends it at once, as kill -9 does. */
void site_kill(struct site *s);

/*
 * A program of PATH, or with a path, run for at most `patience_ms`.  What it printed, ended by a zero byte, to
 * free(); or NULL if it could not be run, did not end in time, or Ctrl-C came.
 */
char *site_run_program(const char *const *argv, unsigned patience_ms);

/* The answer of /stats; NULL if there is none.  json_decref() it. */
json_t *site_stats(const struct site *s);
/* A whole number of such an answer; 0 if it has none. */
uint64_t site_number(const json_t *stats, const char *name);

/* Processor time in ns that it has used, and the bytes that it holds in memory; 0 if unknown. */
uint64_t site_cpu_ns(const struct site *s);
uint64_t site_bytes(const struct site *s);

/* A connection to a port of loopback, without delay; below 0: a negative errno value. */
int site_connect(unsigned port);
/*
 * A request over a connection of its own; the answer's body, ended by a zero byte, to free(), and its status
 * through *status if it is not NULL.  NULL without an answer.
 */
char *site_ask(unsigned port, const char *method, const char *path, const char *body, int *status);

/* Lets this process have as many descriptors as it may; how many that are. */
uint64_t site_descriptors(void);

#endif
