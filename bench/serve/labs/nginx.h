/*
 * nginx.h - an nginx of a run's own as a cache before a service: on a port of loopback that was free, with its
 * configuration and its cache in a folder that goes with it (bench/stores/servers/folder.h).
 */
#ifndef CONTEND_BENCH_SERVE_LABS_NGINX_H
#define CONTEND_BENCH_SERVE_LABS_NGINX_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "bench/stores/servers/folder.h"

struct nginx {
    pid_t pid; /* 0: none */
    unsigned port;
    struct server_folder folder;
};

/* Its path: true; or false if it is not installed. */
bool nginx_find(char *path, size_t size);

/*
 * Starts it before the service on that port, and waits until it answers; `rules` are lines of its
 * configuration that say what is cached.  Concurrent requests for one page become one.  0; -ENOENT: it is
 * not installed; -EIO: it ended by itself; -ETIMEDOUT, or another negative errno value.
 */
int nginx_start(struct nginx *n, unsigned service_port, const char *rules);
void nginx_stop(struct nginx *n);

#endif
