/*
 * kinds.h - how each kind of server is started, for server.c.
 */
#ifndef CONTEND_BENCH_STORES_SERVERS_KINDS_H
#define CONTEND_BENCH_STORES_SERVERS_KINDS_H

#include "bench/stores/servers/folder.h"
#include "bench/stores/servers/process.h"
#include "bench/stores/servers/server.h"

enum { KIND_ADDRESS = SERVER_FOLDER_PATH + 24, KIND_ARGUMENTS = 64 };

struct member {
    pid_t pid;                   /* 0: it does not run */
    char address[KIND_ADDRESS];
    int port, bus_port;          /* of a cluster's member */
    int announced;               /* the port that it tells clients; 0: its own */
};

struct server {
    enum server_kind kind;
    struct server_options options;
    char password[64];           /* a copy, which options.password points to */
    struct server_folder folder;
    struct member members[SERVER_MEMBERS];
    int count;
    bool introduced;             /* a cluster's members to each other */
    struct server *next;         /* in the list of those that run */
};

/* The command line of one member: arguments that point into `text`, or to constants. */
struct command {
    const char *argv[KIND_ARGUMENTS];
    char text[2048];
    size_t count, used;
    struct process_plan plan;
};

/* Appends one argument, formatted; one that does not fit is cut, and the server will complain. */
void command_add(struct command *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The last line of what a member wrote, for a sentence; "" without one. */
void server_last_words(const struct server *s, int member, char *line, size_t size);

struct kind {
    const char *name;
    int members;
    int signal; /* that ends a member, and is sent when this process dies */
    /* The programs' paths, or false with a sentence in `why`. */
    bool (*installed)(char *why, size_t size);
    /* Before the first start: addresses, files.  0, or a negative errno and a sentence. */
    int (*prepare)(struct server *s, char *error, size_t size);
    /* The command line of a member. */
    void (*command)(const struct server *s, int member, struct command *c);
    /* Whether the member answers: 1, 0 = not yet. */
    int (*ready)(const struct server *s, int member);
    /* After all members have answered: 1 = it is of use, 0 = not yet; NULL = it is at once. */
    int (*complete)(struct server *s, bool first);
};

extern const struct kind kind_redis, kind_redis_cluster, kind_postgres, kind_dynamo;

/* Of redis-server, for both of its kinds. */
bool redis_is_installed(char *why, size_t size);
void redis_command(const struct server *s, int member, struct command *c);
int redis_ready(const struct server *s, int member);

#endif
