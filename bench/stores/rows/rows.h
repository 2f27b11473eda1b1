/*
 * rows.h - tables as a blog's design draws them, in a database that says what they cost.
 *
 * What is asked here is not how fast a database is, but what a design makes it write: pages, log,
 * and the bytes of its tables and indexes.  These are counted, so that a busy machine changes none
 * of them.
 *
 * All systems are given the same text.  It keeps to what they share: INTEGER PRIMARY KEY, recursive
 * WITH, parameters as "$1::bigint", which SQLite reads as one name.  There parameters are numbered in
 * the order in which a text names them first, so name $1 before $2.
 *
 * An object is used by one thread.
 */
#ifndef CONTEND_BENCH_STORES_ROWS_ROWS_H
#define CONTEND_BENCH_STORES_ROWS_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ROWS_STATEMENTS = 16 };

/* The tables of a design, and the statements that are executed on them, known by their index. */
struct rows_plan {
    const char *name, *schema;
    const char *statements[ROWS_STATEMENTS];
};

/* What a part of a run has cost. */
struct rows_cost {
    uint64_t pages;     /* of tables and indexes that were written, see rows_engine */
    uint64_t log_bytes; /* added to the log */
};

/* Bytes that are held now. */
struct rows_size {
    uint64_t tables, indexes;
};

struct rows_object;

struct rows_engine {
    const char *name;  /* "SQLite" */
    const char *pages; /* which pages it counts: a sentence */
    bool rebalances;   /* a table is a tree, which gives pages back as its rows go */
    /* 0, or -ENOENT with the reason in `why`. */
    int (*ready)(char *why, size_t size);
    /* 0, or a negative errno value after a complaint, see bench/stores/parts/trouble.h. */
    int (*make)(struct rows_object **o, const struct rows_plan *plan);
    void (*end)(struct rows_object *o);
    /*
     * Executes a statement, each in a transaction of its own unless one is open.  The first column of
     * its first row goes to *answer, which may be NULL.  0, or a negative errno value after a complaint.
     */
    int (*execute)(struct rows_object *o, unsigned statement, const int64_t *parameters,
                   unsigned count, int64_t *answer);
    /* From here on costs are counted; what it has cost since then. */
    void (*mark)(struct rows_object *o);
    void (*cost)(struct rows_object *o, struct rows_cost *out);
    /* Of the table of that name, or of all if NULL; indexes that a table has by itself count too. */
    void (*size)(struct rows_object *o, const char *table, struct rows_size *out);
    /* Gives back what deleted rows have left. */
    void (*clean)(struct rows_object *o);
    /* Ends the server, if one was started. */
    void (*stop)(void);
};

/* Those of this build, ended by NULL. */
extern const struct rows_engine *const rows_engines[];

#endif
